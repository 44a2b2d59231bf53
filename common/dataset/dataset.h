/*
 * dataset - images with labels or target images: a whole data set in memory, or images as they
 * stream past.
 *
 * A data set is a stream of two arrays, images and their labels; or images and the images that a
 * network is to make of them, their targets.  One rule says what an array of images is,
 * for every program; the number of axes alone decides:
 *
 *	(N,H,W)		N gray images
 *	(N,C,H,W)	N images of C channels
 *	(H,W)		one gray image
 *
 * So (3,32,32) is three gray images everywhere, and one image of three channels is (1,3,32,32).
 * Where a network takes vectors, its input being Cx1x1, images may be (N,C) too.
 *
 * Labels are whole numbers (N); the label of one image may be a scalar.  Soft labels are (N,C), for
 * each image the probabilities of C classes, of any type: none is below 0, and their sum is 1
 * within LABELS_TOLERANCE.  They are used as they are, not divided by their sum.  Programs that
 * only pass labels on, or go past them, take both kinds and look at neither.
 *
 * A picture, which is what Netpbm's programs read, is not an array of images and has no N: (H,W),
 * or (C,H,W) in color.
 *
 * Any other shape, a label that is no class or no distribution, and a pixel that is not finite end
 * the program through die(), with what was expected and what was found.  Images for a network that
 * divides pixels by more than 1, none of which has a pixel outside -1 ... 1, though one that is not
 * 0, are probably not in pixels: at their end, a line on stderr says so, which changes nothing.
 */
#ifndef DATASET_H
#define DATASET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "digest/digest.h"
#include "npy/npy.h"
#include "num/num.h"
#include "spec/spec.h"

/* The rule: how many images an array holds, and the shape of each; false where it holds none. */
bool images_shape(const struct npy *a, size_t *n, struct shape *image);

/* ---- a data set in memory ---- */

struct dataset {
	size_t n, pixels;   /* images, numbers in one of them */
	enum npy_type type; /* NPY_U1 or NPY_F4 */
	void *images;
	/* Either labels, of so many classes, */
	struct labels labels;
	size_t classes;
	/* or targets: images of this shape and of target_type, as `type`. */
	void *targets;
	struct shape target;
	enum npy_type target_type;
	char digest[DIGEST_HEX]; /* of the stream's bytes as read */
};

/* Read a data set for this network, whose labels, hard or soft, are of `classes` classes; "-" is
 * stdin. */
struct dataset dataset_read(const char *path, const struct spec *spec, size_t classes);

/* The same with target images, in the shape of the network's output. */
struct dataset dataset_read_targets(const char *path, const struct spec *spec);

void dataset_free(struct dataset *d);

/* The pixels of image i, of d's type, and those of its target. */
const void *dataset_image(const struct dataset *d, size_t i);
const void *dataset_target(const struct dataset *d, size_t i);

/* ---- labels ---- */

/* The sum of probabilities may be off by the rounding of half floats, up to 2^-11 = 0.0005, or of
 * four decimals of twenty classes, 0.001. */
#define LABELS_TOLERANCE 0.001

void labels_free(struct labels *l);

/* ---- images in a stream ---- */

/*
 * The images of a stream, some at a time, and the labels behind them:
 *
 *	struct images s = images_open("-", NULL, 1);
 *	while ((image = images_next(&s, &n)))
 *		...
 *	images_close(&s);
 */
struct images {
	struct npy_in *in;  /* null once closed */
	struct npy head;    /* of the array, as it came */
	struct shape shape; /* of an image */
	size_t n, pixels;   /* images; numbers in one */
	size_t batch, done; /* at a time; taken so far */
	double scale;       /* by which the network divides pixels; 0: there is none */
	float reach;        /* the largest absolute pixel so far, or one above 1 */
	enum npy_type type; /* of images_pixels(): NPY_U1 or NPY_F4 */
	char *held;         /* all of them, as they came, or null */
	char *buffer;       /* a batch, as it came */
	bool fetched;       /* the buffer has the next batch already */
	float *converted;   /* a batch as pixels, where that differs */
	bool labeled;       /* the labels have been read */
	struct npy labels;  /* as they came, but for their numbers */
};

/* The first array of the stream; where spec is not null the images must be those its network takes.
 * They come `batch` at a time, or all at once where there are fewer. */
struct images images_open(const char *path, const struct spec *spec, size_t batch);

/* The same of a stream that is open. */
struct images images_of(struct npy_in *in, const struct spec *spec, size_t batch);

/* Before the first is taken: have them come as many at a time as these bytes hold, at least one.
 * Returns how many. */
size_t images_block(struct images *s, size_t bytes);

/* Read the first images now, to be taken later: after this they are known to be there. */
void images_fetch(struct images *s);

/* The next images, of the type they came in, and how many; null at the end.  They are the reader's,
 * until the next call.  Images without a pixel are none. */
const void *images_next(struct images *s, size_t *n);

/* The same as finite pixels, of s->type. */
const void *images_pixels(struct images *s, size_t *n);

/* In place of these: all of them at once, as finite pixels, NPY_F4 or s->type; free with free(3).
 */
void *images_load(struct images *s, enum npy_type type);

/* The same as floats within 0 ... 255, where attacks look for images: death names the image that
 * has another pixel. */
float *images_load_box(struct images *s);

/* Have the labels, below `classes`, before the first image is taken: all images go to memory. */
int32_t *images_labels(struct images *s, size_t classes);

/* Labels that were had are written to stdout, of the type and shape they came in. */
void images_put_labels(const struct images *s, const int32_t *labels);

/* After the last image: have those of the stream's next array, which are no labels; false at its
 * end. */
bool images_again(struct images *s, const struct spec *spec, size_t batch);

/* After the last image: go past the labels that may follow, and die unless the stream ends there.
 */
void images_close(struct images *s);

/* The same, where labels below `classes` must follow; returns them. */
int32_t *images_close_labels(struct images *s, size_t classes);

/* The same, where labels, hard or soft, of `classes` classes must follow. */
struct labels images_close_any_labels(struct images *s, size_t classes);

/* The same, where labels that follow are written to stdout, each `copies` times.  n * copies is
 * known to fit. */
void images_close_copying(struct images *s, size_t copies);

/* After the last image: the target images that must follow, as many, in the shape of the network's
 * output; they come as images do, and no labels follow.  s is closed, images_close() ends these. */
struct images images_targets(struct images *s, const struct spec *spec);

#endif
