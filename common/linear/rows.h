/*
 * rows - the rows of numbers that a method is fitted to, from a stream of arrays.
 */
#ifndef LINEAR_ROWS_H
#define LINEAR_ROWS_H

#include "npy/npy.h"

/*
 * The next array of a stream as N rows of D numbers: shape (N,D), more axes flattened, of the type
 * in the stream; free with npy_free().  Dies unless N and D are 1 to LINEAR_MOST and every number
 * is finite and at most 1e140, so that sums of squares do not overflow.
 */
struct npy rows_load(struct npy_in *in);

/* Rows first ... first + n - 1 as doubles (n,D), minus `mean` (D) if it is not
 * null. */
void rows_centered(const struct npy *rows, size_t first, size_t n, const double *mean, double *to);

#endif
