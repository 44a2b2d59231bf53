/*
 * loops - what the methods do with all pixels of an image.  Sums are double, in an order that
 * depends on n alone.
 */
#ifndef MINIMAL_LOOPS_H
#define MINIMAL_LOOPS_H

#include <stddef.h>

/* The sum of a[k] b[k], and of (a[k] - b[k])^2. */
double loops_dot(const float *a, const float *b, size_t n);
double loops_distance(const float *a, const float *b, size_t n);

/* v += factor u; v = factor u */
void loops_add(float *v, float factor, const float *u, size_t n);
void loops_scale(float *v, float factor, const float *u, size_t n);

/* v = a - b */
void loops_subtract(float *v, const float *a, const float *b, size_t n);

/* to = v, but 0 for pixels x at a bound which `along` leads out of; to may be v. */
void loops_free(float *to, const float *v, const float *x, const float *along, size_t n);

/* x = start + factor v, clamped to 0 ... 255; x may be start. */
void loops_to_box(float *x, const float *start, float factor, const float *v, size_t n);

#endif
