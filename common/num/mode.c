#include <stdlib.h>

#include "num/num.h"

typedef int ordering(const void *a, const void *b);

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static int by_size_whole(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* Sort n numbers of 8 bytes; where the longest run of equals begins, the first of several. */
static size_t sort_to_runs(void *numbers, size_t n, ordering *order)
{
	const char *x = numbers;
	size_t begin = 0, longest = 0, at = 0;

	qsort(numbers, n, 8, order);
	for (size_t i = 0; i < n; i++) {
		if (order(x + i * 8, x + begin * 8))
			begin = i;
		if (i - begin >= longest) {
			longest = i - begin + 1;
			at = begin;
		}
	}
	return at;
}

double num_mode(double *x, size_t n)
{
	return x[sort_to_runs(x, n, by_size)];
}

int64_t num_mode_whole(int64_t *x, size_t n)
{
	return x[sort_to_runs(x, n, by_size_whole)];
}
