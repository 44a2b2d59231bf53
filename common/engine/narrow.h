/*
 * narrow - a convolution with few channels on both sides, on tensors in C order.
 *
 * A block of channels would be mostly zeros here, so vectors run along the pixels.  A plane with
 * its zeros around, row after row, is one long row; so is the plane of outputs, where each row has
 * as many numbers as one of the padded plane, of which the last ones mean nothing.  With a stride
 * of 1 a tap of the kernel is then a distance, the same for all outputs:
 *
 *	y[q] = sum over taps of weight[tap] * x[at[tap] + q]
 *
 * There are no borders, and no rest of a row narrower than a vector.  The gradient to the input is
 * such a sum, too, of outputs' gradients with zeros around, and to a weight it is a product of two
 * long rows.
 */
#ifndef ENGINE_NARROW_H
#define ENGINE_NARROW_H

#include <stdbool.h>

#include "vector/level.h"

/* Vectors at any level are at most so long; so many of them are computed at a time, at most. */
enum { NARROW_LANES = 16, NARROW_TILE = 8 * NARROW_LANES };

/* Taps whose products are summed at a time. */
enum { NARROW_TAPS = 3 };

/* Long rows y from long rows x. */
struct narrow_sums {
	size_t taps;
	const size_t *at;     /* distances in x */
	const float *weights; /* tap x row of y */
	const float *bias;    /* one for each row of y; null: 0 */
	bool relu;
	size_t n, step; /* numbers of a row; from a row of y to the next */
};

/* Writes whole tiles: up to NARROW_TILE - 1 numbers behind the n. */
typedef void narrow_rows(const struct narrow_sums *s, size_t outputs, const float *x, float *y);

/*
 * The gradients with respect to the weights and to the bias, from long rows x and the gradients d
 * of as many outputs, the rows of which are `step` apart, and zero behind their n numbers for a
 * vector. Adds to sums, of one vector each: tap x output, then one for each output, for the bias.
 * The taps are a multiple of NARROW_TAPS.
 */
struct narrow_products {
	size_t taps;
	const size_t *at;
	size_t n, step;
};
typedef void narrow_add(const struct narrow_products *p, size_t outputs, const float *x,
                        const float *d, float *sums);

#endif
