#include "spec/text.h"

#include <ctype.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"

noreturn void bad(const struct reader *r, const char *format, ...)
{
	char what[512];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(what, sizeof what, format, arguments);
	va_end(arguments);
	die("%s:%d:%d: %s%s%s", r->name, r->number, r->column, r->kind, *r->kind ? ": " : "", what);
}

noreturn void expected(const struct reader *r, const char *what)
{
	if (*r->word)
		bad(r, "expected %s, found '%s'", what, r->word);
	bad(r, "expected %s, found the end of the line", what);
}

static bool ends_word(char c)
{
	return !c || c == '#' || isspace((unsigned char)c);
}

void next_word(struct reader *r)
{
	size_t n = 0;

	while (*r->at != '\n' && isspace((unsigned char)*r->at))
		r->at++;
	r->column = (int)(r->at - r->line) + 1;
	for (; !ends_word(*r->at); r->at++) {
		if (!isgraph((unsigned char)*r->at)) {
			r->column = (int)(r->at - r->line) + 1;
			bad(r, "unexpected byte 0x%02x", (unsigned char)*r->at);
		}
		if (n == WORD - 1)
			bad(r, "a word of more than %d letters", WORD - 1);
		r->word[n++] = *r->at;
	}
	r->word[n] = '\0';
}

bool next_line(struct reader *r)
{
	*r->kind = '\0';
	do {
		if (r->line) {
			r->at += strcspn(r->at, "\n");
			if (!*r->at)
				return false;
			r->at++;
		}
		r->line = r->at;
		r->number++;
		next_word(r);
	} while (!*r->word);
	r->first = r->column;
	memcpy(r->kind, r->word, WORD);
	return true;
}

bool sizes(const struct reader *r, int n, size_t size[])
{
	const char *p = r->word;

	for (int i = 0; i < n; i++) {
		if (i && *p++ != 'x')
			return false;
		if (!isdigit((unsigned char)*p))
			return false;
		for (size[i] = 0; isdigit((unsigned char)*p); p++) {
			size[i] = 10 * size[i] + (size_t)(*p - '0');
			if (size[i] > SPEC_MOST)
				bad(r, "%s is too large (the limit is %zu)", r->word, SPEC_MOST);
		}
	}
	return !*p;
}

void take_sizes(struct reader *r, int n, size_t size[], const char *what)
{
	if (!sizes(r, n, size))
		expected(r, what);
	for (int i = 0; i < n; i++)
		if (!size[i])
			expected(r, what);
	next_word(r);
}

double take_real(struct reader *r, const char *what)
{
	char *end;
	double x = strtod(r->word, &end);

	if (!*r->word || *end || !isfinite(x))
		expected(r, what);
	return x;
}

size_t product(struct reader *r, int n, const size_t size[], const char *what)
{
	size_t all = 1;

	for (int i = 0; i < n; i++)
		if (!size_multiply(all, size[i], &all) || all > SPEC_MOST) {
			r->column = r->first;
			bad(r, "more than %zu elements in %s", SPEC_MOST, what);
		}
	return all;
}
