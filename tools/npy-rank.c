/* npy-rank - replace numbers by their ranks */
#include <math.h>
#include <stdlib.h>

#include "base/base.h"
#include "npy/npy.h"
#include "num/num.h"

/* The n elements of the array from `first` on; values has room for them. */
static void rank_row(const struct npy *a, const char *name, size_t first, size_t n, double *values,
                     double *ranks)
{
	for (size_t i = 0; i < n; i++) {
		values[i] = npy_get(a, first + i);
		if (isnan(values[i]))
			die("%s: element %zu of shape %s is NaN, which has no rank", name,
			    first + i, npy_shape(a));
	}
	num_ranks(values, n, ranks);
}

static void rank_array(const struct npy *a, const char *name, bool rows)
{
	size_t count = npy_count(a), n = rows && a->ndim ? npy_row(a) : count;
	struct npy out = npy_new(NPY_F8, a->ndim, a->dim);
	double *values = xcalloc(n, sizeof *values);

	for (size_t first = 0; first < count; first += n)
		rank_row(a, name, first, n, values, out.f8 + first);
	npy_write(&out);
	npy_free(&out);
	free(values);
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
