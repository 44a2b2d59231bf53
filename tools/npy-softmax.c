/* npy-softmax - turn scores along an axis into probabilities */
#include <stdlib.h>

#include "base/base.h"
#include "npy/npy.h"
#include "num/num.h"

/* The n elements from element `first` on that lie `step` apart; line has room for them. */
static void soften_line(struct npy *a, size_t first, size_t n, size_t step, double *line)
{
	for (size_t i = 0; i < n; i++)
		line[i] = npy_get(a, first + i * step);
	num_softmax_double(line, n);
	for (size_t i = 0; i < n; i++)
		if (a->type == NPY_F4)
			a->f4[first + i * step] = (float)line[i];
		else
			a->f8[first + i * step] = line[i];
}

/* In place, in lines along the axis; integers become doubles. */
static void soften(struct npy *a, int axis)
{
	size_t n = a->dim[axis], step = 1, count = npy_count(a);

	for (int i = axis + 1; i < a->ndim; i++)
		step *= a->dim[i];
	if (npy_is_whole(a->type))
		npy_convert(a, NPY_F8);
	double *line = xcalloc(n, sizeof *line);
	for (size_t block = 0; block < count; block += n * step)
		for (size_t i = 0; i < step; i++)
			soften_line(a, block + i, n, step, line);
	free(line);
}

int main(int argc, char *argv[])
{
	int64_t axis = -1;
	const struct cli_option options[] = {
		OPTION_INTEGER('a', "axis", "AXIS", &axis, -NPY_MAXDIM, NPY_MAXDIM - 1,
	                       "sum to 1 along this axis; negative counts from the end"),
		OPTION_END};
	const struct cli cli = {"[FILE]", 0, 1, "Turn scores along an axis into probabilities.",
	                        options};
	char **operands = cli_parse(argc, argv, &cli);
	struct npy_in *in = npy_open(cli_operand(&operands));
	struct npy a;

	while (npy_next(in, &a)) {
		int along = npy_axis(&a, npy_name(in), axis);
		npy_load(in, &a);
		soften(&a, along);
		npy_write(&a);
		npy_free(&a);
	}
	npy_close(in);
	return cli_close();
}
