#include "spec/sizes.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>

#include "base/base.h"

bool sizes(const struct text *t, int n, size_t size[])
{
	const char *p = t->word;

	for (int i = 0; i < n; i++) {
		if (i && *p++ != 'x')
			return false;
		if (!isdigit((unsigned char)*p))
			return false;
		for (size[i] = 0; isdigit((unsigned char)*p); p++) {
			size[i] = 10 * size[i] + (size_t)(*p - '0');
			if (size[i] > SPEC_MOST)
				text_bad(t, "%s is too large (the limit is %zu)", t->word,
				         SPEC_MOST);
		}
	}
	return !*p;
}

void take_sizes(struct text *t, int n, size_t size[], const char *what)
{
	if (!sizes(t, n, size))
		text_expected(t, what);
	for (int i = 0; i < n; i++)
		if (!size[i])
			text_expected(t, what);
	text_word(t);
}

bool is_real(const struct text *t)
{
	char *end;

	strtod(t->word, &end);
	return *t->word && !*end;
}

double take_real(struct text *t, const char *what)
{
	double x = strtod(t->word, NULL);

	if (!is_real(t) || !isfinite(x))
		text_expected(t, what);
	return x;
}

size_t product(struct text *t, int n, const size_t size[], const char *what)
{
	size_t all = 1;

	for (int i = 0; i < n; i++)
		if (!size_multiply(all, size[i], &all) || all > SPEC_MOST) {
			t->column = t->first;
			text_bad(t, "more than %zu elements in %s", SPEC_MOST, what);
		}
	return all;
}
