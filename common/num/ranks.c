#include <stdlib.h>

#include "base/base.h"
#include "num/num.h"

struct entry {
	double value;
	size_t index;
};

static int compare(const void *a, const void *b)
{
	double x = ((const struct entry *)a)->value, y = ((const struct entry *)b)->value;

	return (x > y) - (x < y);
}

void num_ranks(const double *x, size_t n, double *ranks)
{
	struct entry *entry = xcalloc(n, sizeof *entry);

	for (size_t i = 0; i < n; i++)
		entry[i] = (struct entry){x[i], i};
	qsort(entry, n, sizeof *entry, compare);
	for (size_t i = 0, end; i < n; i = end) {
		for (end = i + 1; end < n && entry[end].value == entry[i].value; end++)
			continue;
		for (size_t k = i; k < end; k++)
			ranks[entry[k].index] = (double)(i + 1 + end) / 2;
	}
	free(entry);
}
