#include "linear/rows.h"

#include <math.h>

#include "base/base.h"
#include "linear/linear.h"

static const double largest = 1e140;

static void check_numbers(const struct npy *a, const char *name)
{
	size_t d = npy_row(a), n = npy_is_whole(a->type) ? 0 : npy_count(a);

	for (size_t i = 0; i < n; i++) {
		double x = npy_get(a, i);
		if (!(fabs(x) <= largest))
			die("%s: number %zu of row %zu is %s", name, i % d, i / d,
			    isfinite(x) ? "too large to be squared" : "not finite");
	}
}

struct npy rows_load(struct npy_in *in)
{
	struct npy a;

	if (!npy_next(in, &a))
		die("%s: expected rows (N,D) of numbers, found the end", npy_name(in));
	size_t d = npy_row(&a);
	if (a.ndim < 2 || !a.dim[0] || !d)
		die("%s: expected rows (N,D) of numbers, found %s", npy_name(in), npy_shape(&a));
	if (a.dim[0] > LINEAR_MOST || d > LINEAR_MOST)
		die("%s: %s is too large", npy_name(in), npy_shape(&a));
	npy_load(in, &a);
	check_numbers(&a, npy_name(in));
	a.ndim = 2;
	a.dim[1] = d;
	return a;
}

struct centered {
	const struct npy *rows;
	size_t first;
	const double *mean;
	double *to;
};

static void center_row(void *context, size_t row, int thread)
{
	const struct centered *c = context;
	size_t d = c->rows->dim[1];
	double *to = c->to + row * d;
	const char *from = c->rows->data;

	(void)thread;
	npy_convert_elements(NPY_F8, to, c->rows->type,
	                     from + (c->first + row) * d * npy_size(c->rows->type), d);
	for (size_t j = 0; c->mean && j < d; j++)
		to[j] -= c->mean[j];
}

void rows_centered(const struct npy *rows, size_t first, size_t n, const double *mean, double *to)
{
	struct centered c = {rows, first, mean, to};

	threads_run(n, center_row, &c);
}
