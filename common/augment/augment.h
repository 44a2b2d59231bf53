/*
 * augment - images changed at random, as a text of operations says.
 *
 *	flip chance 0.5, shift -2:2 -2:2, erase 0.02:0.33 chance 0.5
 *
 * img-augment(1) is the language's manual.  Whatever is wrong with a text ends the program through
 * die(), with a message "NAME:LINE:COLUMN: what".
 *
 * What happens to an image is a function of the text, the seed, the epoch, the image's number and
 * its pixels, and of nothing else: not of its neighbors, nor of the number of threads.
 *
 * Draws.  An image has a key, rng_u64() of (seed, stream "augment" + epoch, image).  Operation k,
 * counted from 0, draws from (key, stream k): at index 0 whether it happens, at 1 and 2 its values,
 * from 4 on what else is one number, and from 1024 on blocks of words for pixels.  Each value is
 * uniform in its range.
 *
 * Geometry.  Operations that move pixels, next to each other in the text, are one map from places
 * of the result to places of the image.  Where it takes pixels to pixels they are copied; otherwise
 * each pixel is interpolated between the four around its place, once, however many operations there
 * are.
 */
#ifndef AUGMENT_H
#define AUGMENT_H

#include <stddef.h>
#include <stdint.h>

#include "npy/npy.h"
#include "spec/spec.h"

/* ---- the text ---- */

struct augment;

/* The operations of a text, which messages call `name`. */
struct augment *augment_parse(const char *name, const char *text);
void augment_free(struct augment *a);

/* The operations on one line that parses to the same, however they were written: without comments,
 * with every default.  To be freed. */
char *augment_text(const struct augment *a);

/* ---- images ---- */

/* An image to change: where its pixels are, and where those of the result go, which must not
 * overlap others'. */
struct augment_item {
	uint64_t epoch, number;
	const void *from;
	void *to;
};

/* What changes images of this shape and type, NPY_U1 or NPY_F4; `a` must outlive it.  Dies where
 * an image is too large to interpolate in. */
struct augmenter *augmenter_new(const struct augment *a, uint64_t seed, struct shape image,
                                enum npy_type type);
void augmenter_free(struct augmenter *w);

/* Change n images, on all threads. */
void augmenter_run(struct augmenter *w, const struct augment_item *items, size_t n);

#endif
