#include "linear/pca.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "base/base.h"
#include "linear/linear.h"
#include "linear/rows.h"
#include "num/num.h"
#include "rng/rng.h"

/* Rows that are centered at a time, PANEL numbers if they are long. */
enum { PANEL_ROWS = 256, PANEL_LEAST = 8, PANEL = 1 << 21 };

/* PCA_AUTO; and random directions beyond two for each axis. */
enum { EXACT_MOST = 2000, QUARTER = 4, SPARE = 10 };

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* ---- passes over the rows ---- */

/* The rows, some at a time: rows `first` on, n of them, as doubles minus the mean. */
struct panels {
	const struct npy *rows;
	const double *mean;
	size_t most, first, n;
	double *x; /* (n,d) */
	struct progress progress;
	double done;
};

static struct panels panels_new(const struct npy *rows, size_t passes, const struct pca_options *o)
{
	size_t d = rows->dim[1], most = PANEL / d;
	struct panels p = {.rows = rows};

	p.most = most < PANEL_LEAST ? PANEL_LEAST : least(most, PANEL_ROWS);
	p.most = least(p.most, rows->dim[0]);
	p.x = xcalloc(p.most, d * sizeof *p.x);
	p.progress = progress_begin("rows", 0, (double)passes * (double)rows->dim[0], o->quiet,
	                            o->verbose);
	return p;
}

/* The next rows; false after the last, and the pass after that begins again. */
static bool panels_next(struct panels *p)
{
	p->first += p->n;
	p->done += (double)p->n;
	p->n = least(p->most, p->rows->dim[0] - p->first);
	progress_show(&p->progress, p->done, NULL);
	if (p->n)
		rows_centered(p->rows, p->first, p->n, p->mean, p->x);
	else
		p->first = 0;
	return p->n;
}

static void panels_free(struct panels *p)
{
	progress_end(&p->progress);
	free(p->x);
}

/* Sums of differences from the first row: where all rows agree the mean is exact. */
static void find_mean(struct panels *p, double *mean)
{
	size_t d = p->rows->dim[1];
	double *first = xcalloc(d, sizeof *first);

	rows_centered(p->rows, 0, 1, NULL, first);
	p->mean = first;
	while (panels_next(p))
		for (size_t i = 0; i < p->n; i++)
			for (size_t j = 0; j < d; j++)
				mean[j] += p->x[i * d + j];
	for (size_t j = 0; j < d; j++)
		mean[j] = first[j] + mean[j] / (double)p->rows->dim[0];
	free(first);
	p->mean = mean;
}

/* ---- the methods: axes, and sums of squares along them ---- */

static void eigen(double *matrix, size_t n, size_t k, double *values, double *vectors)
{
	if (!linear_eigen(matrix, n, k, values, vectors))
		die("LAPACK found no eigenvalues");
}

/* X'X */
static void fit_columns(struct pca *f, struct panels *p)
{
	double *squares = xcalloc(f->d, f->d * sizeof *squares);

	while (panels_next(p)) {
		struct matrix x = linear_matrix(p->x, p->n, f->d);
		linear_multiply(linear_transposed(x), x, squares, LINEAR_UPPER);
	}
	eigen(squares, f->d, f->k, f->variances, f->axes);
	free(squares);
}

static void normalize(double *axis, size_t d)
{
	double squares = 0;

	for (size_t j = 0; j < d; j++)
		squares += axis[j] * axis[j];
	for (size_t j = 0; j < d && squares > 0; j++)
		axis[j] /= sqrt(squares);
}

/* XX' has the eigenvalues of X'X, and an eigenvector u of the one is X'u of the other. */
static void fit_rows(struct pca *f, struct panels *p)
{
	size_t n = p->rows->dim[0];
	double *x = xcalloc(n, f->d * sizeof *x), *pairs = xcalloc(n, n * sizeof *pairs);
	double *u = xcalloc(f->k, n * sizeof *u);
	struct matrix rows = linear_matrix(x, n, f->d);

	rows_centered(p->rows, 0, n, p->mean, x);
	linear_multiply(rows, linear_transposed(rows), pairs, LINEAR_UPPER);
	eigen(pairs, n, f->k, f->variances, u);
	linear_multiply(linear_matrix(u, f->k, n), rows, f->axes, LINEAR_ALL);
	for (size_t i = 0; i < f->k; i++)
		normalize(f->axes + i * f->d, f->d);
	free(u);
	free(pairs);
	free(x);
}

/* For directions Q (l,d): Q X'X, or Q X'X Q' where `within`. */
static void pass_squares(struct panels *p, const double *q, size_t l, bool within, double *to)
{
	size_t d = p->rows->dim[1];
	struct matrix across = linear_transposed(linear_matrix(q, l, d));

	while (panels_next(p)) {
		double *z = xcalloc(p->n, l * sizeof *z);
		struct matrix x = linear_matrix(p->x, p->n, d), y = linear_matrix(z, p->n, l);
		linear_multiply(x, across, z, LINEAR_ALL);
		linear_multiply(linear_transposed(y), within ? y : x, to, LINEAR_ALL);
		free(z);
	}
}

static size_t directions(size_t n, size_t d, size_t k)
{
	return least(2 * k + SPARE, least(n, d));
}

static void fit_random(struct pca *f, struct panels *p, const struct pca_options *o)
{
	size_t l = directions(p->rows->dim[0], f->d, f->k), count = l * f->d;
	double *q = xcalloc(count, sizeof *q), *squares = xcalloc(l, l * sizeof *squares);
	double *v = xcalloc(f->k, l * sizeof *v);
	struct rng r = {o->seed, rng_stream("pca")};

	for (size_t i = 0; i < count; i++)
		q[i] = rng_normal(r, i);
	for (size_t i = 0; i <= o->iterations; i++) {
		double *next = xcalloc(count, sizeof *next);
		pass_squares(p, q, l, false, next);
		free(q);
		q = next;
		if (!linear_orthogonal(q, l, f->d))
			die("LAPACK found no orthogonal directions");
	}
	pass_squares(p, q, l, true, squares);
	eigen(squares, l, f->k, f->variances, v);
	linear_multiply(linear_matrix(v, f->k, l), linear_matrix(q, l, f->d), f->axes, LINEAR_ALL);
	free(v);
	free(squares);
	free(q);
}

/* ---- axes as promised ---- */

static void fix_sign(double *axis, size_t d)
{
	double most = 0;
	size_t at = 0;

	for (size_t j = 0; j < d; j++)
		most = fmax(most, fabs(axis[j]));
	while (fabs(axis[at]) < most * (1 - 1e-6))
		at++;
	bool turned = axis[at] < 0;
	for (size_t j = 0; turned && j < d; j++)
		axis[j] = -axis[j];
}

/* Sums of squares become variances. */
static void finish(struct pca *f, size_t n)
{
	double rounding = (double)least(n, f->d) * DBL_EPSILON * f->variances[0];

	for (size_t i = 0; i < f->k; i++) {
		double *axis = f->axes + i * f->d;
		bool none = f->variances[i] <= rounding;
		f->variances[i] = none ? 0 : f->variances[i] / (double)(n - 1);
		for (size_t j = 0; none && j < f->d; j++)
			axis[j] = 0;
		fix_sign(axis, f->d);
	}
}

static enum pca_method choose(enum pca_method wanted, size_t n, size_t d, size_t k)
{
	if (wanted != PCA_AUTO)
		return wanted;
	size_t few = least(n, d);
	return few > EXACT_MOST && directions(n, d, k) <= few / QUARTER ? PCA_RANDOMIZED
	                                                                : PCA_EXACT;
}

struct pca pca_fit(const struct npy *rows, size_t k, const struct pca_options *o)
{
	size_t n = rows->dim[0], d = rows->dim[1];
	struct pca f = {.d = d, .k = k};
	bool random = choose(o->method, n, d, k) == PCA_RANDOMIZED;
	/* One for the mean, one for squares, and one for each iteration. */
	struct panels p = panels_new(rows, random ? 3 + o->iterations : 2, o);

	f.mean = xcalloc(d, sizeof *f.mean);
	f.axes = xcalloc(k, d * sizeof *f.axes);
	f.variances = xcalloc(k, sizeof *f.variances);
	find_mean(&p, f.mean);
	if (random)
		fit_random(&f, &p, o);
	else
		(n < d ? fit_rows : fit_columns)(&f, &p);
	panels_free(&p);
	finish(&f, n);
	return f;
}

struct npy pca_project(const struct pca *p, const struct npy *rows)
{
	const struct pca_options silent = {.quiet = true};
	struct npy scores = npy_new(NPY_F8, 2, (size_t[]){rows->dim[0], p->k});
	struct panels panels = panels_new(rows, 1, &silent);
	struct matrix across = linear_transposed(linear_matrix(p->axes, p->k, p->d));

	panels.mean = p->mean;
	while (panels_next(&panels))
		linear_multiply(linear_matrix(panels.x, panels.n, p->d), across,
		                scores.f8 + panels.first * p->k, LINEAR_ALL);
	panels_free(&panels);
	return scores;
}

/* ---- the stream ---- */

void pca_write(const struct pca *p)
{
	const struct npy parts[] = {
		{.type = NPY_F8, .ndim = 1, .dim = {p->d}, .f8 = p->mean},
		{.type = NPY_F8, .ndim = 2, .dim = {p->k, p->d}, .f8 = p->axes},
		{.type = NPY_F8, .ndim = 1, .dim = {p->k}, .f8 = p->variances},
	};

	for (int i = 0; i < 3; i++)
		npy_write(&parts[i]);
}

/* The next array as doubles, in the given shape or, where a size is 0, in one that has any. */
static struct npy load_part(struct npy_in *in, const char *what, int ndim, size_t first,
                            size_t second)
{
	const size_t wanted[] = {first, second};
	struct npy a;

	if (!npy_next(in, &a))
		die("%s: expected a basis, mean, axes and variances, but the %s are missing",
		    npy_name(in), what);
	bool fits = a.ndim == ndim;
	for (int i = 0; fits && i < ndim; i++)
		fits = a.dim[i] && (!wanted[i] || a.dim[i] == wanted[i]);
	if (!fits)
		die("%s: the %s of a basis have shape %s, which does not fit", npy_name(in), what,
		    npy_shape(&a));
	npy_load(in, &a);
	npy_convert(&a, NPY_F8);
	if (!num_finite_double(a.f8, npy_count(&a)))
		die("%s: the %s of a basis are not all finite", npy_name(in), what);
	return a;
}

struct pca pca_load(struct npy_in *in)
{
	struct npy mean = load_part(in, "means", 1, 0, 0);
	struct npy axes = load_part(in, "axes", 2, 0, mean.dim[0]);
	struct npy variances = load_part(in, "variances", 1, axes.dim[0], 0);

	return (struct pca){mean.dim[0], axes.dim[0], mean.f8, axes.f8, variances.f8};
}

void pca_free(struct pca *p)
{
	free(p->mean);
	free(p->axes);
	free(p->variances);
}
