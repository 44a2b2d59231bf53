/*
 * attack - change images step by step so that a network's cost of them grows: X <- X + ..., the
 * weights being what they are.
 *
 *	C = cost(z, c) - beta MSE(X, T)
 *
 * where z are the logits, c is the class meant for the image (targets.h), the cost is one of those
 * in cost.h, and MSE is the mean over the pixels, in units of 0..255, of the squared difference
 * from an image T, if there is one.  A sum of a layer's units (units.h) may take the place of the
 * cost, and then the layer's outputs that of the logits.  With `noise`, X is fixed and N, from zero
 * on, changes: C is that of X + N.  All images go side by side, and each on its own: none depends
 * on the others.
 *
 * A step of an image is the method's, which is given dC/dX, and then the projection's
 * (projection.h).  A method is a file of its own, its function declared below, and a row of
 * attack_methods.
 */
#ifndef ATTACK_H
#define ATTACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "attack/cost.h"
#include "attack/gradient.h"
#include "attack/projection.h"
#include "attack/targets.h"
#include "attack/units.h"
#include "image/image.h"

struct attack;

/* Move v, the X or N of an image, given the derivative of its C with respect to each pixel; `step`
 * counts from 0. */
typedef void attack_move(const struct attack *a, int64_t step, const float *gradient, float *v);

/* ascend.c: X <- X + step dC/dX, then decay and blur. */
attack_move attack_ascend;

struct attack_method {
	const char *name;
	attack_move *move;
};

/* Ended by a null name. */
extern const struct attack_method attack_methods[];

struct attack_options {
	const struct attack_method *method;
	enum cost cost;
	const struct units *units; /* in place of the cost; null: none */
	int64_t steps;
	double step;  /* of ascend: what the derivative is multiplied by */
	double beta;  /* with a T only */
	bool noise;   /* N changes, not X */
	double until; /* an image stops where the class has this probability; NAN: never, which it
	                 is with units */
	struct projection projection; /* around where X began, or 0 for N; at the start, too */
	/* Of ascend, after its step and in this order: those of Yosinski et al., "Understanding
	 * neural networks through deep visualization", 2015, section 3. */
	double decay;       /* the share lost of X, as a difference from the network's zero, or N */
	double blur;        /* standard deviation in pixels; 0: none */
	int64_t blur_every; /* steps */
	int64_t log_every;  /* steps */
};

struct attack {
	const struct attack_options *o;
	size_t n, pixels, outputs; /* images, numbers in one, logits or what is in their place */
	struct shape shape;
	const struct mapping *mapping; /* of the network */
	float *start;                  /* X at the start */
	float *v, *seen;               /* X or N; what the network sees: X, which is v, or X + N */
	size_t *active, actives;       /* images that have not stopped */
	size_t batch;                  /* of them at a time */
	float *by_pixel;               /* the derivative of an image's C */
	float *softmax;
	bool *goes_on; /* for each of a batch */
	struct image_blur *blur;

	/* The caller's, to be set before the first step. */
	const struct targets *targets; /* without units */
	const float *like;             /* T, or one for each image; null: there is none */
	size_t likes;
	FILE *log; /* null: none */
};

/* n images of pixels for the network, which become the attack's; `batch` of them go through it at a
 * time. */
struct attack attack_new(const struct attack_options *o, const struct spec *spec, float *images,
                         size_t n, size_t batch);
void attack_free(struct attack *a);

/* The names of the log's columns. */
void attack_log_head(const struct attack_options *o, FILE *log);

/*
 * The next step, from 0 on; false if there was nothing left to do.  g is that of the
 * network up to the logits, or the layer of the units, for `batch` images.  The result is a->v.
 *
 * The log has a row for each image at step 0, every log_every steps, and where the image ends: what
 * the network says before that step changes it, and the mean square of its difference from T, or
 * from where it began.
 */
bool attack_step(struct attack *a, struct gradient *g, int64_t step);

#endif
