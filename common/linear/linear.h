/*
 * linear - linear algebra: products of matrices; least squares and eigenvalues, by LAPACK.
 *
 * Matrices are doubles in C order: (N,D) has N rows of D.  Results are the same for any number of
 * threads: products have a fixed order, and LAPACK, if it is OpenBLAS's, is told to use one.  The
 * last bits of a product are the same everywhere, those of what LAPACK finds depend on which BLAS
 * and LAPACK are installed.
 */
#ifndef LINEAR_H
#define LINEAR_H

#include <stdbool.h>
#include <stddef.h>

/* Sizes that LAPACK can count. */
#define LINEAR_MOST ((size_t)1 << 30)

/* ---- products ---- */

/* A matrix in memory: the element in row i and column j is x[i * down + j * right]. */
struct matrix {
	const double *x;
	size_t rows, columns, down, right;
};

/* A matrix in C order, and the transpose of one. */
struct matrix linear_matrix(const double *x, size_t rows, size_t columns);
struct matrix linear_transposed(struct matrix m);

/*
 * C += A B for A (N,K), B (K,M) and C (N,M), or at least the upper half of C with its diagonal.  An
 * element is the sum over k in the order 0, 1, 2 ..., 256 products at a time, without fused
 * multiplication and addition.
 */
enum linear_part { LINEAR_ALL, LINEAR_UPPER };
void linear_multiply(struct matrix a, struct matrix b, double *c, enum linear_part part);

/* ---- least squares ---- */

/*
 * Ridge regression (Hoerl and Kennard 1970): the V (K,D) with the least
 *
 *	sum over rows n of |y_n - V x_n|^2  +  penalty |V|^2
 *
 * for X (N,D) and Y (N,K), none of them of size 0.  With a penalty, by Cholesky's decomposition of
 * X'X + penalty I or, where N < D, of XX' + penalty I; without one, by the singular values of X,
 * those below the largest times max(N,D) times the machine's epsilon taken for 0 (as
 * numpy.linalg.lstsq does), so that V is the shortest of those that fit equally well.
 *
 * X is overwritten.  False where the penalty is too small, so that rounding leaves the matrix
 * without a decomposition.
 */
bool linear_ridge(double *x, const double *y, size_t n, size_t d, size_t k, double penalty,
                  double *v);

/* ---- eigenvalues ---- */

/*
 * The k largest eigenvalues of a symmetric A (n,n), 0 < k <= n, the largest first, and their
 * eigenvectors (k,n), rows of length 1 that are orthogonal to each other; a vector may be turned
 * around.  Only the upper half of A is read; A is overwritten.  False where LAPACK finds none.
 */
bool linear_eigen(double *a, size_t n, size_t k, double *values, double *vectors);

/* Make the k <= n rows of X (k,n) orthogonal and of length 1, each a sum of those up to it
 * (Householder's decomposition).  False where LAPACK fails. */
bool linear_orthogonal(double *x, size_t k, size_t n);

/* The spectral radius of W (n,n), the largest absolute value of its eigenvalues, or NAN where these
 * are not found; W is overwritten. */
double linear_radius(double *w, size_t n);

#endif
