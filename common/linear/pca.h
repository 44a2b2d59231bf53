/*
 * pca - principal components: the orthogonal directions in which rows vary most (Pearson 1901,
 * Hotelling 1933).
 *
 * The results are the same for any number of threads.
 */
#ifndef LINEAR_PCA_H
#define LINEAR_PCA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "npy/npy.h"

/*
 * The mean of the rows, and k axes: the eigenvectors of the rows' covariance (divisor N - 1) that
 * have the largest eigenvalues, which are the variances along them, the largest first.
 *
 * An axis has length 1, and the sign that makes its largest coefficient positive.  Largest means
 * regardless of sign; if several differ by less than a millionth, the first counts.  A variance
 * less than the smaller of N and D times 2^-52 of the largest is within rounding: it is 0, and its
 * axis is all zeros.
 */
struct pca {
	size_t d, k;
	double *mean;      /* (d) */
	double *axes;      /* (k,d) */
	double *variances; /* (k) */
};

/*
 * PCA_EXACT: the eigenvectors, by LAPACK, of the covariance (D,D) or, if N < D, of the inner
 * products of all pairs of rows (N,N).
 *
 * PCA_RANDOMIZED: approximate axes by subspace iteration from random directions (Halko, Martinsson
 * and Tropp 2011, algorithm 4.4, on the covariance): 2k + 10 directions are multiplied by the
 * covariance iterations + 1 times and made orthogonal each time; the axes are the best within their
 * span.  Each iteration takes 2 N D (2k + 10) multiplications; no matrix (D,D) is in memory.
 *
 * PCA_AUTO: randomized if N and D are above 2,000 and the directions at most a quarter of both.
 */
enum pca_method { PCA_AUTO, PCA_EXACT, PCA_RANDOMIZED };

struct pca_options {
	enum pca_method method;
	uint64_t seed;
	size_t iterations;
	bool quiet, verbose; /* progress */
};

/* The first k components of rows_load()'s rows (N,D), 0 < k <= min(N,D). */
struct pca pca_fit(const struct npy *rows, size_t k, const struct pca_options *o);

/* The coordinates (N,k) of rows (N,d) on the axes: the products of row - mean and the axes. */
struct npy pca_project(const struct pca *p, const struct npy *rows);

/* To stdout as a stream of three arrays: mean, axes and variances, in doubles. */
void pca_write(const struct pca *p);

/* Such a stream, of any type of numbers.  Dies unless the shapes fit each other. */
struct pca pca_load(struct npy_in *in);

void pca_free(struct pca *p);

#endif
