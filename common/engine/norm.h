/*
 * norm - batch normalization's loops, compiled for each level: over the channels of one block, of
 * some images.
 *
 * Sums are exact to about 1e-7 of their terms' size: of a few dozen floats at a time in floats, of
 * those sums in doubles; in a fixed order.
 */
#ifndef ENGINE_NORM_H
#define ENGINE_NORM_H

#include <stdbool.h>

#include "vector/level.h"

/* The block in n images: `pixels` times as many floats as a vector has, the images `step` apart. */
struct block {
	size_t n, pixels, step;
};

/* Sums over x and over the squares of x - mean, or of its difference to another mean; `lanes` each.
 */
typedef void norm_sum(const struct block *b, const float *x, double *sum);
typedef void norm_squares(const struct block *b, const float *x, const float *mean, double *sum);

/* y = x * scale + shift, 0 for what is negative where relu. */
typedef void norm_map(const struct block *b, const float *x, const float *scale, const float *shift,
                      bool relu, float *y);

/*
 * Backward.  Where relu, d counts only where x * scale + shift > 0.
 *	norm_backward_sums	sum[0] = sum of d, sum[1] = sum of d * (x - mean), `lanes` each
 *	norm_backward		d = scale * d - offset - slope * (x - mean)
 */
struct norm_block {
	struct block b;
	const float *x, *scale, *shift, *mean;
	bool relu;
};
typedef void norm_sums_of(const struct norm_block *m, const float *d, double *sum[2]);
typedef void norm_gradient(const struct norm_block *m, const float *d, const float *offset,
                           const float *slope, float *to);

/*
 * With max pooling behind it, of windows next to each other.  What y = x * scale + shift is largest
 * for is the largest x of a window where scale > 0, and the smallest where scale < 0: so x can be
 * pooled instead of y, before the scale is known, by its sign alone, 1, 0 or -1; for 0 all y are
 * equal, and the first x is as good as any.  The ReLU between changes no maximum.
 *
 *	norm_pick	the x of each window that its maximum is made of
 *	norm_spread	as norm_backward, for d of the pool's outputs, which counts for the first
 *			x of the window that equals the one picked, to the bit
 *
 * Where several x of a window are rounded to the same largest y, the first of them would get the
 * gradient if y were pooled; here the one that is largest before rounding does.
 */
struct norm_windows {
	size_t in[2], out[2], size[2];
	size_t step; /* floats from an image's outputs to the next one's */
};
typedef void norm_pick(const struct block *b, const struct norm_windows *w, const float *x,
                       const float *sign, float *picked);
typedef void norm_spread(const struct norm_block *m, const struct norm_windows *w,
                         const float *picked, const float *d, const float *offset,
                         const float *slope, float *to);

#endif
