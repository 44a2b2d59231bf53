/*
 * pixels - what the loops over images of few channels, compiled for each level, have in common.
 *
 * Weights, and their gradient, lie as taps x filters: a tap is (channel, kernel row, kernel
 * column), and zeros fill the last block of filters.
 */
#ifndef ENGINE_PIXELS_H
#define ENGINE_PIXELS_H

#include "vector/level.h"

/* The outputs that an input row (or column) is seen by: o, o - 1 ... through the kernel's rows k, k
 * + stride ... */
struct reach {
	size_t k, o, count;
};

struct pixels {
	size_t channels, in[2], out[2], kernel[2], stride[2], before[2];
	size_t padded[2];       /* rows and columns of an image with its zeros around */
	size_t filters, blocks; /* padded; the output is blocks x out x lanes */
	size_t taps, *at;       /* where a tap's pixel is in a padded image */
	struct reach *reach[2]; /* for each input row; for each column */
};

/* Add an image's part of the gradients with respect to the weights and the bias, which may be null;
 * the image is padded. */
typedef void pixels_weights(const struct pixels *p, const float *image, const float *d,
                            float *gradient, float *bias);

/* The gradient with respect to channel c of an image. */
typedef void pixels_channel(const struct pixels *p, size_t c, const float *weights, const float *d,
                            float *gradient);

#endif
