/* npy-rank - replace numbers by their ranks */
#include <math.h>
#include <stdlib.h>

#include "base/base.h"
#include "npy/npy.h"

struct entry {
	double value;
	size_t index;
};

static int compare(const void *a, const void *b)
{
	double x = ((const struct entry *)a)->value, y = ((const struct entry *)b)->value;

	return (x > y) - (x < y);
}

/* The ranks of n numbers, from 1 on; equal ones share the mean of theirs. */
static void rank(struct entry *entry, size_t n, double *ranks)
{
	qsort(entry, n, sizeof *entry, compare);
	for (size_t i = 0, end; i < n; i = end) {
		for (end = i + 1; end < n && entry[end].value == entry[i].value; end++)
			continue;
		for (size_t k = i; k < end; k++)
			ranks[entry[k].index] = (double)(i + 1 + end) / 2;
	}
}

/* The n elements of the array from `first` on. */
static void rank_row(const struct npy *a, const char *name, size_t first, size_t n,
                     struct entry *entry, double *ranks)
{
	for (size_t i = 0; i < n; i++) {
		entry[i] = (struct entry){npy_get(a, first + i), i};
		if (isnan(entry[i].value))
			die("%s: element %zu of shape %s is NaN, which has no rank", name,
			    first + i, npy_shape(a));
	}
	rank(entry, n, ranks);
}

static void rank_array(const struct npy *a, const char *name, bool rows)
{
	size_t count = npy_count(a), n = rows && a->ndim ? npy_row(a) : count;
	struct npy out = npy_new(NPY_F8, a->ndim, a->dim);
	struct entry *entry = xcalloc(n, sizeof *entry);

	for (size_t first = 0; first < count; first += n)
		rank_row(a, name, first, n, entry, out.f8 + first);
	npy_write(&out);
	npy_free(&out);
	free(entry);
}

int main(int argc, char *argv[])
{
	bool rows = false;
	const struct cli_option options[] = {
		OPTION_FLAG('r', "rows", &rows,
	                    "rank each row, one index of the first axis, by itself"),
		OPTION_END};
	const struct cli cli = {"[FILE]", 0, 1,
	                        "Replace numbers by their ranks; the smallest has rank 1.",
	                        options};
	char **operands = cli_parse(argc, argv, &cli);
	struct npy_in *in = npy_open(cli_operand(&operands));
	struct npy a;

	while (npy_next(in, &a)) {
		npy_load(in, &a);
		rank_array(&a, npy_name(in), rows);
		npy_free(&a);
	}
	npy_close(in);
	return cli_close();
}
