/* npy-ridge - fit a linear read-out of rows to their labels, by ridge regression */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "base/base.h"
#include "linear/linear.h"
#include "npy/npy.h"

enum { MOST_CLASSES = 1 << 16 };

/* The squares of as many as there may be have a sum. */
static const double largest = 1e140;

struct rows {
	size_t n, d; /* rows, numbers in each */
	double *x;
};

/* The first array of the stream, as rows of finite numbers. */
static struct rows load_rows(struct npy_in *in)
{
	struct npy a;

	npy_next(in, &a);
	struct rows r = {.n = a.ndim ? a.dim[0] : 0, .d = npy_row(&a)};
	if (a.ndim < 2 || !r.n || !r.d)
		die("%s: expected rows (N,D) of numbers, found %s", npy_name(in), npy_shape(&a));
	if (r.n > LINEAR_MOST || r.d > LINEAR_MOST)
		die("%s: %s is too large", npy_name(in), npy_shape(&a));
	npy_load(in, &a);
	npy_convert(&a, NPY_F8);
	for (size_t i = 0; i < npy_count(&a); i++)
		if (!(fabs(a.f8[i]) <= largest))
			die("%s: number %zu of row %zu is %s", npy_name(in), i % r.d, i / r.d,
			    isfinite(a.f8[i]) ? "too large to be squared" : "not finite");
	r.x = a.f8;
	return r;
}

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
static void fit(struct rows *r, const int64_t *labels, size_t k, double penalty, double *v,
                double *c)
{
	double *y = xcalloc(r->n, k * sizeof *y), *mean = xcalloc(r->d, sizeof *mean);

	for (size_t i = 0; i < r->n; i++)
		y[i * k + (size_t)labels[i]] = 1;
	center(r->x, r->n, r->d, mean);
	center(y, r->n, k, c);
	if (!linear_ridge(r->x, y, r->n, r->d, k, penalty, v))
		die("--penalty: %g is lost in rounding: use 0 or a larger number", penalty);
	for (size_t i = 0; i < k; i++)
		for (size_t j = 0; j < r->d; j++)
			c[i] -= v[i * r->d + j] * mean[j];
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
	struct npy_in *in = npy_open(cli_operand(&operands));
	struct rows r = load_rows(in);
	struct npy labels;
	size_t k = load_labels(in, r.n, &labels);
	npy_close(in);
	struct npy v = npy_new(NPY_F8, 2, (size_t[]){k, r.d});
	struct npy c = npy_new(NPY_F8, 1, &k);

	fit(&r, labels.i8, k, penalty, v.f8, c.f8);
	npy_write(&v);
	npy_write(&c);
	free(r.x);
	npy_free(&labels);
	npy_free(&v);
	npy_free(&c);
	return cli_close();
}
