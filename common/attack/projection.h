/*
 * projection - how far an image may go: back to the nearest point of what is allowed.
 *
 *	linf	|v[k] - center[k]| <= linf for every k: a cube
 *	l2	the square root of the sum of (v[k] - center[k])^2 <= l2: a ball
 *	box	0 <= v[k] + fixed[k] <= 255: what the network sees are pixels
 *
 * They are applied in this order.  Where the center is in the box, each keeps to those before: to
 * shrink a difference, or to clip it towards the center, leaves no cube and no ball.
 *
 * Cube and ball hold exactly: a coordinate that is no float is rounded towards the center, so that
 * no distance, computed in double from the floats that are left, is larger than its limit.
 */
#ifndef ATTACK_PROJECTION_H
#define ATTACK_PROJECTION_H

#include <stdbool.h>
#include <stddef.h>

struct projection {
	double linf, l2; /* INFINITY: no limit */
	bool box;
};

/* n numbers in place.  A null center or fixed is all zeros. */
void projection_apply(const struct projection *p, float *v, const float *center, const float *fixed,
                      size_t n);

/* The distances that linf and l2 limit.  A null center is all zeros. */
double distance_linf(const float *v, const float *center, size_t n);
double distance_l2(const float *v, const float *center, size_t n);

#endif
