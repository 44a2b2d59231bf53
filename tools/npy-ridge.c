/* npy-ridge - fit a linear read-out of rows to their labels, by ridge regression */
#include <inttypes.h>
#include <stdlib.h>

#include "base/base.h"
#include "linear/linear.h"
#include "linear/rows.h"
#include "npy/npy.h"

enum { MOST_CLASSES = 1 << 16 };

/* The labels that follow, one for each of n rows; returns how many classes there are, the largest
 * label + 1. */
static size_t load_labels(struct npy_in *in, size_t n, struct npy *labels)
{
	int64_t most = 0;

	if (!npy_next(in, labels))
		die("%s: expected rows and then their labels, found rows only", npy_name(in));
	if (labels->ndim != 1 || labels->dim[0] != n || !npy_is_whole(labels->type))
		die("%s: expected %zu labels, whole numbers, found %s %s", npy_name(in), n,
		    npy_type_name(labels->type), npy_shape(labels));
	npy_load(in, labels);
	npy_convert(labels, NPY_I8);
	for (size_t i = 0; i < n; i++) {
		int64_t label = labels->i8[i];
		if (label < 0 || label >= MOST_CLASSES)
			die("%s: label %" PRId64 " of row %zu is not within 0 ... %d", npy_name(in),
			    label, i, MOST_CLASSES - 1);
		most = label > most ? label : most;
	}
	return (size_t)most + 1;
}

/* Subtract the mean of each of d columns. */
static void center(double *x, size_t n, size_t d, double *mean)
{
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < d; j++)
			mean[j] += x[i * d + j] / (double)n;
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < d; j++)
			x[i * d + j] -= mean[j];
}

/* V (k,d) and c (k) so that V x + c is 1 for the row's class and 0 for the others, as nearly as the
 * penalty on V lets it.  Centered columns need no c, and leave it out of the penalty. */
static void fit(struct npy *rows, const int64_t *labels, size_t k, double penalty, double *v,
                double *c, const char *name)
{
	size_t n = rows->dim[0], d = rows->dim[1];
	double *y = xcalloc(n, k * sizeof *y), *mean = xcalloc(d, sizeof *mean);

	for (size_t i = 0; i < n; i++)
		y[i * k + (size_t)labels[i]] = 1;
	center(rows->f8, n, d, mean);
	center(y, n, k, c);
	if (!linear_ridge(rows->f8, y, n, d, k, penalty, v))
		die("%s: --penalty: %g is lost in rounding: use 0 or a larger number", name,
		    penalty);
	for (size_t i = 0; i < k; i++)
		for (size_t j = 0; j < d; j++)
			c[i] -= v[i * d + j] * mean[j];
	free(y);
	free(mean);
}

int main(int argc, char *argv[])
{
	double penalty = 1;
	const struct cli_option options[] = {
		OPTION_REAL('p', "penalty", "LAMBDA", &penalty, 0, 1e300,
	                    "weight of the penalty on the squares of V"),
		OPTION_END};
	const struct cli cli = {"[FILE]", 0, 1,
	                        "Fit a linear read-out of rows to their labels: V, then c.",
	                        options};
	char **operands = cli_parse(argc, argv, &cli);

	out_binary();
	const char *path = cli_operand(&operands);
	struct npy_in *in = npy_open(path);
	struct npy rows = rows_load(in);
	struct npy labels;
	size_t k = load_labels(in, rows.dim[0], &labels);
	npy_close(in);
	struct npy v = npy_new(NPY_F8, 2, (size_t[]){k, rows.dim[1]});
	struct npy c = npy_new(NPY_F8, 1, &k);

	npy_convert(&rows, NPY_F8);
	fit(&rows, labels.i8, k, penalty, v.f8, c.f8, file_name(path));
	npy_write(&v);
	npy_write(&c);
	npy_free(&rows);
	npy_free(&labels);
	npy_free(&v);
	npy_free(&c);
	return cli_close();
}
