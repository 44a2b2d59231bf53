/*
 * gradient - the derivative of a function of a network's logits, or of a layer's outputs, with
 * respect to the pixels, of a batch of images: once forward, then backward.
 */
#ifndef ATTACK_GRADIENT_H
#define ATTACK_GRADIENT_H

#include <stdbool.h>
#include <stddef.h>

#include "engine/engine.h"

struct gradient {
	struct engine *engine; /* with input_gradient; the caller's */
	size_t pixels, classes;
	float *by_logit; /* a batch's */
};

/* Of the network that the engine computes, for at most `batch` images at a time. */
struct gradient gradient_new(struct engine *e, const struct spec *spec, size_t batch);

/* The same where the last layer that the engine computes has so many outputs, which take the place
 * of the logits of as many classes. */
struct gradient gradient_new_of(struct engine *e, const struct spec *spec, size_t outputs,
                                size_t batch);

void gradient_free(struct gradient *g);

/*
 * The function: from n rows of logits to as many of its derivatives with respect to them, all of
 * which are to be written.  Returns whether there is use for the derivative with respect to the
 * pixels; if not, the way back is saved.
 */
typedef bool gradient_goal(void *context, size_t n, const float *logits, float *by_logit);

/*
 * Image j of n is the `pixels` floats from x + at[j] * pixels on; a null `at` is 0, 1, 2 ...
 * Returns n rows of derivatives, which are the engine's until its next pass, or null where the goal
 * had no use for them.
 */
const float *gradient_pass(struct gradient *g, const float *x, const size_t *at, size_t n,
                           gradient_goal *goal, void *context);

#endif
