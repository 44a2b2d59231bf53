#include "linear/linear.h"

#include <dlfcn.h>
#include <float.h>
#include <lapacke.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"

/* For the same bits on any number of processors, if the library is one that can be told so. */
static void use_one_thread(void)
{
	void *program = dlopen(NULL, RTLD_LAZY);
	void *found = program ? dlsym(program, "openblas_set_num_threads") : NULL;
	void (*set_threads)(int);

	if (!found)
		return;
	memcpy(&set_threads, &found, sizeof set_threads);
	set_threads(1);
}

/* Solve (G + penalty I) V = B for m unknowns: G (m,m) symmetric, its upper half given in C order,
 * and K right sides, B (K,m), which V replaces. */
static bool solve(double *g, size_t m, size_t k, double penalty, double *b)
{
	use_one_thread();
	for (size_t i = 0; i < m; i++)
		g[i * m + i] += penalty;
	/* In columns the half above is the half below, and rows of B are columns. */
	return !LAPACKE_dposv(LAPACK_COL_MAJOR, 'L', (int)m, (int)k, g, (int)m, b, (int)m);
}

/* (X'X + penalty I) V' = X'Y */
static bool primal(const double *x, const double *y, size_t n, size_t d, size_t k, double penalty,
                   double *v)
{
	double *gram = xcalloc(d, d * sizeof *gram);
	struct matrix rows = linear_matrix(x, n, d);

	linear_multiply(linear_transposed(rows), rows, gram, LINEAR_UPPER);
	memset(v, 0, k * d * sizeof *v);
	linear_multiply(linear_transposed(linear_matrix(y, n, k)), rows, v, LINEAR_ALL);
	bool solved = solve(gram, d, k, penalty, v);
	free(gram);
	return solved;
}

/* V' = X'A, (XX' + penalty I) A = Y */
static bool dual(const double *x, const double *y, size_t n, size_t d, size_t k, double penalty,
                 double *v)
{
	double *gram = xcalloc(n, n * sizeof *gram), *a = xcalloc(k, n * sizeof *a);

	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < k; j++)
			a[j * n + i] = y[i * k + j];
	struct matrix rows = linear_matrix(x, n, d);
	linear_multiply(rows, linear_transposed(rows), gram, LINEAR_UPPER);
	bool solved = solve(gram, n, k, penalty, a);
	memset(v, 0, k * d * sizeof *v);
	linear_multiply(linear_matrix(a, k, n), rows, v, LINEAR_ALL);
	free(gram);
	free(a);
	return solved;
}

static bool least_squares(double *x, const double *y, size_t n, size_t d, size_t k, double *v)
{
	size_t longer = n > d ? n : d;
	/* Y, in whose place the solution comes. */
	double *b = xcalloc(longer, k * sizeof *b);
	double *singular = xcalloc(n < d ? n : d, sizeof *singular);
	int rank;

	use_one_thread();
	for (size_t i = 0; i < n * k; i++)
		b[i] = y[i];
	int info = LAPACKE_dgelsd(LAPACK_ROW_MAJOR, (int)n, (int)d, (int)k, x, (int)d, b, (int)k,
	                          singular, DBL_EPSILON * (double)longer, &rank);
	for (size_t i = 0; i < d; i++)
		for (size_t j = 0; j < k; j++)
			v[j * d + i] = b[i * k + j];
	free(singular);
	free(b);
	return !info;
}

bool linear_ridge(double *x, const double *y, size_t n, size_t d, size_t k, double penalty,
                  double *v)
{
	if (!penalty)
		return least_squares(x, y, n, d, k, v);
	return (n < d ? dual : primal)(x, y, n, d, k, penalty, v);
}

bool linear_eigen(double *a, size_t n, size_t k, double *values, double *vectors)
{
	double *ascending = xcalloc(n, sizeof *ascending), *rows = xcalloc(k, n * sizeof *rows);
	int *support = xcalloc(2 * k, sizeof *support), found = 0;

	use_one_thread();
	/* In columns the upper half is the lower one, and an eigenvector is a row. */
	int info = LAPACKE_dsyevr(LAPACK_COL_MAJOR, 'V', 'I', 'L', (int)n, a, (int)n, 0, 0,
	                          (int)(n - k + 1), (int)n, 0, &found, ascending, rows, (int)n,
	                          support);

	for (size_t i = 0; i < k; i++) {
		values[i] = ascending[k - 1 - i];
		memcpy(vectors + i * n, rows + (k - 1 - i) * n, n * sizeof *vectors);
	}
	free(support);
	free(rows);
	free(ascending);
	return !info && (size_t)found == k;
}

bool linear_orthogonal(double *x, size_t k, size_t n)
{
	double *factors = xcalloc(k, sizeof *factors);

	use_one_thread();
	bool done = !LAPACKE_dgeqrf(LAPACK_COL_MAJOR, (int)n, (int)k, x, (int)n, factors) &&
	            !LAPACKE_dorgqr(LAPACK_COL_MAJOR, (int)n, (int)k, (int)k, x, (int)n, factors);

	free(factors);
	return done;
}

double linear_radius(double *w, size_t n)
{
	double *real = xcalloc(n, sizeof *real), *imaginary = xcalloc(n, sizeof *imaginary);
	double radius = 0;

	use_one_thread();
	int info = LAPACKE_dgeev(LAPACK_ROW_MAJOR, 'N', 'N', (int)n, w, (int)n, real, imaginary,
	                         NULL, (int)n, NULL, (int)n);

	for (size_t i = 0; i < n; i++)
		radius = fmax(radius, hypot(real[i], imaginary[i]));
	free(real);
	free(imaginary);
	return info ? NAN : radius;
}
