/*
 * projection - how far an image may go: back to the nearest point of what is allowed.
 *
 *	linf	|v[k] - center[k]| <= linf for every k: a cube
 *	l2	the square root of the sum of (v[k] - center[k])^2 <= l2: a ball
 *	box	0 <= v[k] + fixed[k] <= 255: what the network sees are pixels
 *
 * They are applied in this order.  Where the center is in the box, each keeps to those before: to
 * shrink a difference, or to clip it towards the center, leaves no cube and no ball.
 */
#ifndef ATTACK_PROJECTION_H
#define ATTACK_PROJECTION_H

#include <stdbool.h>
#include <stddef.h>

struct projection {
	double linf, l2; /* INFINITY: no limit */
	bool box;
};

/* n numbers in place, up to the rounding of floats.  A null center or fixed is all zeros. */
void projection_apply(const struct projection *p, float *v, const float *center, const float *fixed,
                      size_t n);

#endif
