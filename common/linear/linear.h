/*
 * linear - linear algebra: matrix products; least squares and eigenvalues, by LAPACK.
 *
 * Matrices are doubles in C order: (N,D) has N rows of D numbers.  Results are the same for any
 * number of threads: sums have a fixed order, and OpenBLAS's LAPACK is limited to one thread.
 * Products are the same bytes everywhere; the last digits of LAPACK's results depend on the
 * installed BLAS and LAPACK.
 */
#ifndef LINEAR_H
#define LINEAR_H

#include <stdbool.h>
#include <stddef.h>

/* Sizes that LAPACK can count. */
#define LINEAR_MOST ((size_t)1 << 30)

/* ---- products ---- */

/* A matrix in memory; the element in row i and column j is x[i * down + j * right]. */
struct matrix {
	const double *x;
	size_t rows, columns, down, right;
};

/* A matrix in C order; the transpose of a matrix. */
struct matrix linear_matrix(const double *x, size_t rows, size_t columns);
struct matrix linear_transposed(struct matrix m);

/*
 * C += A B for A (N,K), B (K,M) and C (N,M); with LINEAR_UPPER, at least the diagonal and the upper
 * half of C.  An element is the sum over k in the order 0, 1, 2 ..., 256 products at a time,
 * without fused multiplication and addition.
 */
enum linear_part { LINEAR_ALL, LINEAR_UPPER };
void linear_multiply(struct matrix a, struct matrix b, double *c, enum linear_part part);

/* ---- least squares ---- */

/*
 * Ridge regression (Hoerl and Kennard 1970): the V (K,D) with the least
 *
 *	sum over rows n of |y_n - V x_n|^2  +  penalty |V|^2
 *
 * for X (N,D) and Y (N,K), with N, D and K at least 1.  With a penalty, V comes from the Cholesky
 * decomposition of X'X + penalty I or, if N < D, of XX' + penalty I.  Without one, V comes from the
 * singular value decomposition of X; singular values below the largest times max(N,D) times the
 * machine's epsilon count as 0 (as in numpy.linalg.lstsq), and V has the smallest norm of all that
 * fit equally well.
 *
 * X is overwritten.  False if the penalty is so small that the rounded matrix has no decomposition.
 */
bool linear_ridge(double *x, const double *y, size_t n, size_t d, size_t k, double penalty,
                  double *v);

/* ---- eigenvalues ---- */

/*
 * The k largest eigenvalues of a symmetric A (n,n), 0 < k <= n, the largest first, and their
 * eigenvectors (k,n), rows of length 1 that are orthogonal to each other; the sign of a vector is
 * arbitrary.  Only the upper half of A is read; A is overwritten.  False if LAPACK fails.
 */
bool linear_eigen(double *a, size_t n, size_t k, double *values, double *vectors);

/* Make the k <= n rows of X (k,n) orthogonal and of length 1; row i becomes a linear combination of
 * rows 0 ... i (QR decomposition by Householder's reflections).  False if LAPACK fails. */
bool linear_orthogonal(double *x, size_t k, size_t n);

/* The spectral radius of W (n,n), the largest absolute value of its eigenvalues, or NAN if LAPACK
 * fails; W is overwritten. */
double linear_radius(double *w, size_t n);

#endif
