/*
 * data - images and labels for a network: whole data sets, and images that stream past.
 *
 * A data set is a stream of two arrays, images (N,H,W) or (N,C,H,W) of pixels 0..255 and labels (N)
 * of integers.  Where a network takes vectors (its input is Cx1x1), images may be (N,C).  One image
 * alone, (H,W) or (C,H,W) for C > 1, is N = 1.  Whatever does not fit the network, or is not
 * finite, ends the program through die() with both shapes in the message.
 */
#ifndef DATA_H
#define DATA_H

#include <stddef.h>
#include <stdint.h>

#include "digest/digest.h"
#include "engine/engine.h"
#include "npy/npy.h"
#include "spec/spec.h"

/* ---- a data set in memory ---- */

struct data {
	size_t n, pixels;   /* images, numbers in one of them */
	enum npy_type type; /* NPY_U1 or NPY_F4 */
	void *images;
	int32_t *labels;
	char digest[DIGEST_HEX]; /* of the stream's bytes as read */
};

/* Read a data set for this network, whose labels are below `classes`; "-" is stdin. */
struct data data_read(const char *path, const struct spec *spec, size_t classes);
void data_free(struct data *d);

/* The last n images of d, which shares their memory, and d without them. */
struct data data_holdout(struct data *d, size_t n);

/* Image i as the j-th of the engine's coming pass. */
void data_feed(const struct data *d, size_t i, struct engine *e, size_t j);

/* The shape of a layer's output for n images: (n,C,H,W), or (n,C) after a dense layer. */
struct npy output_head(const struct layer *l, size_t n);

/* ---- images in a stream ---- */

struct images {
	struct npy_in *in;
	struct npy head;
	size_t n, pixels;   /* all of them, numbers in one */
	size_t batch, done; /* computed at a time, so far */
	char *buffer;       /* of a batch, as it came */
	char *held;         /* all of them, as they came, or null */
	float *converted;   /* null where that will do */
};

/* The first array of the stream, which must be images for this network; `batch` of them at a time,
 * or all where there are fewer. */
struct images images_begin(const char *path, const struct spec *spec, size_t batch);

/* Take the next images through the engine, which has room for s->batch; returns how many there
 * were, 0 at the end. */
size_t images_forward(struct images *s, struct engine *e);

/* Have the labels, below `classes`, before the first image is taken: all images go to memory. */
int32_t *images_labels(struct images *s, size_t classes);

/* In place of images_forward(): all of them in memory, as floats. */
float *images_pixels(struct images *s);

/* After the last of them: go past the labels that may follow, and on to the stream's end. */
void images_end(struct images *s);

/* The same, where labels below `classes` must follow; returns them. */
int32_t *images_end_labels(struct images *s, size_t classes);

#endif
