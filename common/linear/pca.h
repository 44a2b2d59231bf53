/*
 * pca - principal components: the orthogonal directions along which rows differ most (Pearson 1901,
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
 * An axis has length 1.  Its sign is such that its largest coefficient, regardless of sign, is
 * positive; the first of several that differ by less than a millionth.  A variance that cannot be
 * told from rounding, being less than the smaller of N and D times 2^-52 of the largest, is 0, and
 * its axis is all zeros.
 */
struct pca {
	size_t d, k;
	double *mean;      /* (d) */
	double *axes;      /* (k,d) */
	double *variances; /* (k) */
};

/*
 * PCA_EXACT: the eigenvectors, by LAPACK, of the covariance (D,D) or, where N < D, of the products
 * of all pairs of rows (N,N).
 *
 * PCA_RANDOMIZED: those that subspace iteration finds from random directions (Halko, Martinsson and
 * Tropp 2011, algorithm 4.4, on the covariance): 2k + 10 directions go through the covariance
 * iterations + 1 times and are made orthogonal each time; the axes are the best within their span.
 * A time takes 2 N D (2k + 10) multiplications, and memory for no matrix but the directions.
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

/* Such a stream, of any type of numbers.  Death with a message unless the shapes fit each other. */
struct pca pca_load(struct npy_in *in);

void pca_free(struct pca *p);

#endif
