/*
 * tanh - pixels as Carlini and Wagner write them, x = 255 (tanh w + 1) / 2, so that any w is within
 * the box, and Adam's steps on w.
 */
#ifndef MINIMAL_TANH_H
#define MINIMAL_TANH_H

#include <stddef.h>
#include <stdint.h>

/* The w of pixels; those at 0 and 255, whose w is infinite, are moved inward: by .000001 of 127.5,
 * as in the authors' code. */
void tanh_from(float *w, const float *pixels, size_t n);

/* x, and the slope dx/dw, which keeps its digits where x is near 0 or 255. */
void tanh_to(const float *w, float *x, float *slope, size_t n);

/* Adam (Kingma, Ba 2015, algorithm 1) in step number t, from 1 on. */
struct adam {
	float first, second; /* 1 - beta1, 1 - beta2 */
	float beta2, epsilon;
	float rate, correction; /* of this step */
};
struct adam adam_of(double rate, uint64_t t);

/* One step of w down, by the derivative of
 *
 *	|x - start|^2 / 255^2 + F(x),  where g is dF/dx times the factor
 *
 * m and v are Adam's; x and the slope are those of w before, and then those of w after. */
void tanh_step(const struct adam *a, float factor, const float *g, const float *start, float *w,
               float *m, float *v, float *x, float *slope, size_t n);

#endif
