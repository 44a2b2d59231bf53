#include "attack/projection.h"

#include <math.h>

static void to_cube(float *v, const float *center, size_t n, float radius)
{
	for (size_t k = 0; k < n; k++) {
		float c = center ? center[k] : 0, x = v[k];
		x = x > c + radius ? c + radius : x;
		v[k] = x < c - radius ? c - radius : x;
	}
}

static void to_ball(float *v, const float *center, size_t n, double radius)
{
	double squares = 0;

	for (size_t k = 0; k < n; k++) {
		double d = (double)v[k] - (center ? (double)center[k] : 0);
		squares += d * d;
	}
	double length = sqrt(squares);
	if (!(length > radius))
		return;
	for (size_t k = 0; k < n; k++) {
		double c = center ? (double)center[k] : 0;
		v[k] = (float)(c + ((double)v[k] - c) * (radius / length));
	}
}

static void to_box(float *v, const float *fixed, size_t n)
{
	for (size_t k = 0; k < n; k++) {
		float f = fixed ? fixed[k] : 0, x = v[k];
		x = x > 255 - f ? 255 - f : x;
		v[k] = x < 0 - f ? 0 - f : x;
	}
}

void projection_apply(const struct projection *p, float *v, const float *center, const float *fixed,
                      size_t n)
{
	if (isfinite(p->linf))
		to_cube(v, center, n, (float)p->linf);
	if (isfinite(p->l2))
		to_ball(v, center, n, p->l2);
	if (p->box)
		to_box(v, fixed, n);
}
