#include "attack/projection.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "base/base.h"

/* ---- distances ---- */

static inline double sum_squares(const float *v, const float *center, size_t n)
{
	enum { CHAINS = 8 }; /* sums that do not wait for one another */
	double sum[CHAINS] = {0};
	size_t k = 0;

	for (; k + CHAINS <= n; k += CHAINS)
		for (size_t i = 0; i < CHAINS; i++) {
			double d = (double)v[k + i] - (center ? (double)center[k + i] : 0);
			sum[i] += d * d;
		}
	for (; k < n; k++) {
		double d = (double)v[k] - (center ? (double)center[k] : 0);
		sum[0] += d * d;
	}
	for (size_t i = 1; i < CHAINS; i++)
		sum[0] += sum[i];
	return sum[0];
}

/* A loop for each, so that none decides as it goes. */
MULTIVERSION static double squares(const float *v, const float *center, size_t n)
{
	return center ? sum_squares(v, center, n) : sum_squares(v, NULL, n);
}

double distance_l2(const float *v, const float *center, size_t n)
{
	return sqrt(squares(v, center, n));
}

double distance_linf(const float *v, const float *center, size_t n)
{
	double most = 0;

	for (size_t k = 0; k < n; k++)
		most = fmax(most, fabs((double)v[k] - (center ? (double)center[k] : 0)));
	return most;
}

/* ---- rounding towards the center ---- */

/* The float next to y towards c, where y is on the side of c that t points to.  c + t rounds to 0
 * only if it is smaller than any float. */
static inline float nearer(float y, double c, double t)
{
	uint32_t bits;
	float next;

	memcpy(&bits, &y, sizeof bits);
	bits = (y > 0) == (t > 0) ? bits - 1 : bits + 1;
	memcpy(&next, &bits, sizeof next);
	return y == 0 ? (float)c : next;
}

/* c + t as a float, c being one, that is no farther from c than t says. */
static inline float reach(double c, double t)
{
	float y = (float)(c + t);

	return fabs((double)y - c) > fabs(t) ? nearer(y, c, t) : y;
}

/* ---- projections ---- */

MULTIVERSION static void to_cube(float *v, const float *center, size_t n, double radius)
{
	for (size_t k = 0; k < n; k++) {
		double c = center ? (double)center[k] : 0, t = (double)v[k] - c;
		t = t > radius ? radius : t;
		v[k] = reach(c, t < -radius ? -radius : t);
	}
}

MULTIVERSION static void shrink(float *v, const float *center, size_t n, double factor)
{
	for (size_t k = 0; k < n; k++) {
		double c = center ? (double)center[k] : 0;
		v[k] = reach(c, ((double)v[k] - c) * factor);
	}
}

/* A sum of n squares has a relative error of at most n 2^-53; a length that is so much shorter than
 * the radius stays within it, whoever adds up and in whatever order. */
static void to_ball(float *v, const float *center, size_t n, double radius)
{
	double length = distance_l2(v, center, n), most = radius * (1 - 0x1p-40);

	if (length > most)
		shrink(v, center, n, most / length);
}

MULTIVERSION static void to_box(float *v, const float *fixed, size_t n)
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
		to_cube(v, center, n, p->linf);
	if (isfinite(p->l2))
		to_ball(v, center, n, p->l2);
	if (p->box)
		to_box(v, fixed, n);
}
