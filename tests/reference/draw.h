/*
 * draw - random networks, and random numbers to put in them.
 */
#ifndef DRAW_H
#define DRAW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/model.h"
#include "rng/rng.h"

/* A random number generator that remembers how far it is. */
struct draw {
	struct rng rng;
	uint64_t index;
};

size_t draw_below(struct draw *r, size_t n);
double draw_normal(struct draw *r);

/*
 * Whole numbers.  Where a network's pixels and weights are small whole numbers, convolution, dense
 * layers, ReLU and max pooling make whole numbers of them, and floats add and multiply those
 * exactly, in any order, up to 2^24.  So two correct implementations agree to the last bit; and
 * equals are frequent.
 */

/*
 * The text of a network of these kinds of layers ("conv relu maxpool"), with sizes of every sort:
 * odd ones, windows that leave a rest, channels that fill a vector and that do not.  "add" adds an
 * earlier output of the same shape, or is a relu where there is none; "branch" is a layer on some
 * earlier output of the same shape, and then the sum of the two.
 */
char *draw_network(struct draw *r, const char *kinds, bool whole);

/* A model of it. */
struct model draw_model(struct draw *r, const char *text, bool whole);

/* n pixels for it. */
uint8_t *draw_pixels(struct draw *r, size_t n, bool whole);

/* n of the numbers that come back as a gradient; below 0 as often as above. */
float *draw_gradient(struct draw *r, size_t n, bool whole);

#endif
