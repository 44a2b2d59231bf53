/*
 * bounded - steps of equal size that increase a function of images, each image staying within a
 * bound around a center of its own: what FGSM, BIM, PGD and adversarial training have in common.
 *
 *	x <- P(x + step * direction(g))
 *
 * where g is the derivative of the function with respect to the pixels and P is the projection
 * (projection.h).  The direction is the steepest for the norm: sign(g) for the maximum norm
 * (Goodfellow, Shlens, Szegedy: "Explaining and harnessing adversarial examples", ICLR 2015), g/|g|
 * for Euclid's (Madry et al.: "Towards deep learning models resistant to adversarial attacks", ICLR
 * 2018).  All lengths are in pixels, 0 ... 255.
 *
 *	FGSM		1 step of epsilon from the center
 *	BIM, PGD	many steps; PGD with START_UNIFORM
 *	FGSM-RS		spread epsilon, start_free, 1 step of 1.25 epsilon (Wong, Rice, Kolter:
 *			"Fast is better than free", ICLR 2020)
 *	TRADES		START_NORMAL with spread .255 (Zhang et al., ICML 2019)
 *
 * Images do not depend on one another: an image alone, in any batch and with any number of threads
 * comes out the same, as far as the engine's gradient does.
 */
#ifndef ATTACK_BOUNDED_H
#define ATTACK_BOUNDED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "attack/gradient.h"
#include "attack/projection.h"
#include "rng/rng.h"

enum norm { NORM_LINF, NORM_L2 };

/* "linf", "l2": for OPTION_CHOICE. */
extern const char *const norm_names[];

enum start {
	START_CENTER,
	START_UNIFORM, /* in the norm's cube or ball of radius `spread` around the center */
	START_NORMAL,  /* the center plus normal numbers, `spread` being their deviation */
};

struct bounded {
	enum norm norm;
	int64_t steps;
	double step;
	enum start start;
	double spread;
	bool start_free; /* the start is not projected */
	struct projection projection;
};

/* The bound epsilon of this norm, and pixels within 0 ... 255. */
struct projection bounded_within(enum norm norm, double epsilon);

/* The random numbers of an image's start, which depend on this alone: `round` is a restart or an
 * epoch, `image` the image's place in its data set. */
struct rng bounded_key(uint64_t seed, uint64_t round, uint64_t image);

/* ---- an image ---- */

/* Where an image begins: x, n pixels, from the center. */
void bounded_start(const struct bounded *b, struct rng key, const float *center, float *x,
                   size_t n);

/* A step of an image.  A pixel whose derivative is zero or NaN stays; so does, for Euclid's norm,
 * an image for which the length of the derivative is zero or not finite. */
void bounded_step(const struct bounded *b, const float *center, const float *gradient, float *x,
                  size_t n);

/* ---- a batch ---- */

/*
 * All steps of n images, `g->pixels` floats each: from the centers to x.  keys, one for each image,
 * may be null for START_CENTER.  The goal is asked once a step; where it has
 * no use for the derivative, that is the end.
 *
 *	struct gradient g = gradient_new(engine, &spec, batch);
 *	for each batch:
 *		keys[j] = bounded_key(seed, epoch, index of image j)
 *		bounded_run(&b, &g, centers, keys, n, goal, context, x);
 */
void bounded_run(const struct bounded *b, struct gradient *g, const float *centers,
                 const struct rng *keys, size_t n, gradient_goal *goal, void *context, float *x);

#endif
