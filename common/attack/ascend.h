/*
 * ascend - gradient ascent on images: X <- X + step dC/dX, the weights being what they are.
 *
 *	C = z[c] - beta MSE(X, T)
 *
 * where z[c] is the logit of the class meant for the image, and MSE the mean over the pixels, in
 * their units of 0..255, of the squared difference from an image T; without T, C is the logit.
 * With `noise`, X is fixed and N, from zero on, is what changes: C is that of X + N, and N <- N +
 * step dC/dN.  All images go side by side, and each on its own: none depends on the others.
 */
#ifndef ATTACK_ASCEND_H
#define ATTACK_ASCEND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "attack/attack.h"
#include "engine/engine.h"
#include "image/image.h"

struct ascend_options {
	int64_t steps;
	double step;
	double beta;  /* with a T only */
	bool noise;   /* N changes, not X */
	double until; /* an image stops where the class has this probability; NAN: never */
	/* What is done after each step, in this order.  Decay and blur are those of Yosinski et
	 * al., "Understanding neural networks through deep visualization", 2015, section 3. */
	double decay;       /* the share lost of X, as a difference from the network's zero, or N */
	double blur;        /* standard deviation in pixels; 0: none */
	int64_t blur_every; /* steps */
	double bound;       /* no pixel is farther from where it began; INFINITY: none */
	bool box;           /* X, or X + N, is within 0..255; at the start, too */
	int64_t log_every;  /* steps */
};

struct ascent {
	const struct ascend_options *o;
	size_t n, pixels, classes; /* images, numbers in one, logits */
	struct shape shape;
	float zero;              /* the pixel that is 0 to the network, or the noise that is none */
	float *start;            /* X at the start */
	float *v, *seen;         /* X or N; what the network sees: X, which is v, or X + N */
	size_t *active, actives; /* images that have not stopped */
	size_t batch;            /* of them at a time */
	float *gradient, *softmax;
	bool *goes_on; /* for each of a batch */
	struct image_blur *blur;

	/* The caller's, to be set before the first step. */
	const struct targets *targets;
	const float *like; /* T, or one for each image; null: there is none */
	size_t likes;
	FILE *log; /* null: none */
};

/* n images of pixels for the network, which become the ascent's; `batch` of them go through it at a
 * time. */
struct ascent ascent_new(const struct ascend_options *o, const struct spec *spec, float *images,
                         size_t n, size_t batch);
void ascent_free(struct ascent *a);

/* The names of the log's columns. */
void ascent_log_head(FILE *log);

/*
 * The next step, from 0 on; false if there was nothing left to do.  The engine has input_gradient
 * and room for `batch` images.  The result is a->v.
 *
 * The log has a row for each image at step 0, every log_every steps, and where the image ends: what
 * the network says before that step changes it, and the mean square of its difference from T, or
 * from where it began.
 */
bool ascent_step(struct ascent *a, struct engine *e, int64_t step);

#endif
