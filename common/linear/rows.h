/*
 * rows - the rows of numbers that a method is fitted to, from a stream of arrays.
 */
#ifndef LINEAR_ROWS_H
#define LINEAR_ROWS_H

#include "npy/npy.h"

/*
 * The next array of a stream as N rows of D numbers: shape (N,D), more axes flattened, the type as
 * it came; free with npy_free().  Death with a message unless N and D are at least 1 and at most
 * LINEAR_MOST and every number is finite and at most 1e140, so that squares have a sum.
 */
struct npy rows_load(struct npy_in *in);

/* Rows first ... first + n - 1 as doubles (n,D), from each of which `mean` (D), where it is not
 * null, is subtracted. */
void rows_centered(const struct npy *rows, size_t first, size_t n, const double *mean, double *to);

#endif
