#include "spec/mapping.h"

#include <math.h>
#include <stdlib.h>

#include "base/base.h"

static double at(size_t n, const double list[], size_t channel)
{
	return list[n == 1 ? 0 : channel];
}

static bool all_alike(size_t n, const double list[])
{
	for (size_t i = 1; i < n; i++)
		if (list[i] != list[0])
			return false;
	return true;
}

struct mapping mapping_new(size_t means, const double mean[], size_t scales, const double scale[])
{
	bool one = all_alike(means, mean) && all_alike(scales, scale);
	struct mapping m = {.n = one ? 1 : means > scales ? means : scales};

	m.mean = xcalloc(m.n, sizeof *m.mean);
	m.scale = xcalloc(m.n, sizeof *m.scale);
	for (size_t c = 0; c < m.n; c++) {
		m.mean[c] = at(means, mean, c);
		m.scale[c] = at(scales, scale, c);
	}
	return m;
}

void mapping_free(struct mapping *m)
{
	free(m->mean);
	free(m->scale);
	*m = (struct mapping){0};
}

double mapping_mean(const struct mapping *m, size_t channel)
{
	return at(m->n, m->mean, channel);
}

double mapping_scale(const struct mapping *m, size_t channel)
{
	return at(m->n, m->scale, channel);
}

double mapping_least_scale(const struct mapping *m)
{
	double least = m->scale[0];

	for (size_t i = 1; i < m->n; i++)
		least = fmin(least, m->scale[i]);
	return least;
}

bool mapping_same(const struct mapping *a, const struct mapping *b)
{
	for (size_t c = 0; c < a->n && a->n == b->n; c++)
		if (a->mean[c] != b->mean[c] || a->scale[c] != b->scale[c])
			return false;
	return a->n == b->n;
}

static void write_list(FILE *text, size_t n, const double list[])
{
	char digits[NUMBER_TEXT];

	for (size_t i = 0; i < (all_alike(n, list) ? 1 : n); i++)
		fprintf(text, " %s", number_text(list[i], false, digits));
}

char *mapping_text(const struct mapping *m)
{
	char *written = NULL;
	size_t size = 0;
	FILE *text = memory_open(&written, &size);

	fputs("mean", text);
	write_list(text, m->n, m->mean);
	fputs(" scale", text);
	write_list(text, m->n, m->scale);
	memory_close(text, &written);
	return written;
}
