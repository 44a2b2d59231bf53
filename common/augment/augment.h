/*
 * augment - change images at random, as a list of operations says.
 *
 *	flip chance 0.5, shift -2:2 -2:2, erase 0.02:0.33 chance 0.5
 *
 * img-augment(1) is the manual of the language.  An error in the text ends the program through
 * die(), with a message "NAME:LINE:COLUMN: what".
 *
 * The result for an image is a function of the text, the seed, the epoch, the number of the image
 * and its pixels.  Other images and the number of threads do not change it.
 *
 * Draws.  An image has a key, rng_u64() of (seed, stream "augment" + epoch, image).  Operation k,
 * counted from 0, draws from (key, stream k): at index 0 whether it is applied, at 1 and 2 its
 * values, from 4 on its other single numbers, and from 1024 on blocks of words for pixels.  Each
 * value is uniform in its range.
 *
 * Geometry.  Consecutive operations that move pixels are combined into one map from places in the
 * result to places in the image.  If the map takes pixels to pixels, they are copied; otherwise
 * each pixel is interpolated between the four pixels around its place, once for all operations.
 */
#ifndef AUGMENT_H
#define AUGMENT_H

#include <stddef.h>
#include <stdint.h>

#include "npy/npy.h"
#include "spec/spec.h"

/* ---- the text ---- */

struct augment;

/* The operations of a text; messages call the text `name`. */
struct augment *augment_parse(const char *name, const char *text);
void augment_free(struct augment *a);

/* The operations as one line that parses to the same operations: without comments, with every
 * default.  To be freed. */
char *augment_text(const struct augment *a);

/* ---- images ---- */

/* An image to change: its pixels, and memory for the result, which must not overlap any other
 * pixels. */
struct augment_item {
	uint64_t epoch, number;
	const void *from;
	void *to;
};

/* An augmenter for images of this shape and type, NPY_U1 or NPY_F4; `a` must outlive it.  Dies if
 * an image is too large to interpolate. */
struct augmenter *augmenter_new(const struct augment *a, uint64_t seed, struct shape image,
                                enum npy_type type);
void augmenter_free(struct augmenter *w);

/* Change n images, on all threads. */
void augmenter_run(struct augmenter *w, const struct augment_item *items, size_t n);

#endif
