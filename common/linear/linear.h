/*
 * linear - linear algebra: least squares and eigenvalues, by LAPACK.
 *
 * Matrices are doubles in C order: (N,D) has N rows of D.  The last bits of what is found depend on
 * which BLAS and LAPACK are installed, and on the number of their threads if they have several.
 */
#ifndef LINEAR_H
#define LINEAR_H

#include <stdbool.h>
#include <stddef.h>

/* Sizes that LAPACK can count. */
#define LINEAR_MOST ((size_t)1 << 30)

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

/* The spectral radius of W (n,n), the largest absolute value of its eigenvalues, or NAN where these
 * are not found; W is overwritten. */
double linear_radius(double *w, size_t n);

#endif
