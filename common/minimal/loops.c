#include "minimal/loops.h"

#include "base/base.h"

/* Sums that do not wait for one another. */
enum { CHAINS = 16 };

static double total_of(const double *sums)
{
	double total = 0;

	for (size_t k = 0; k < CHAINS; k++)
		total += sums[k];
	return total;
}

MULTIVERSION static double dot(const float *a, const float *b, size_t n)
{
	double sums[CHAINS] = {0};
	size_t i = 0;

	for (; i + CHAINS <= n; i += CHAINS)
		for (size_t k = 0; k < CHAINS; k++)
			sums[k] += (double)a[i + k] * (double)b[i + k];
	for (; i < n; i++)
		sums[0] += (double)a[i] * (double)b[i];
	return total_of(sums);
}

MULTIVERSION static double distance(const float *a, const float *b, size_t n)
{
	double sums[CHAINS] = {0};
	size_t i = 0;

	for (; i + CHAINS <= n; i += CHAINS)
		for (size_t k = 0; k < CHAINS; k++) {
			double d = (double)a[i + k] - (double)b[i + k];
			sums[k] += d * d;
		}
	for (; i < n; i++) {
		double d = (double)a[i] - (double)b[i];
		sums[0] += d * d;
	}
	return total_of(sums);
}

MULTIVERSION static void add_scaled(float *restrict v, float factor, const float *restrict u,
                                    size_t n)
{
	for (size_t k = 0; k < n; k++)
		v[k] += factor * u[k];
}

MULTIVERSION static void scale(float *v, float factor, const float *u, size_t n)
{
	for (size_t k = 0; k < n; k++)
		v[k] = factor * u[k];
}

MULTIVERSION static void subtract(float *restrict v, const float *restrict a,
                                  const float *restrict b, size_t n)
{
	for (size_t k = 0; k < n; k++)
		v[k] = a[k] - b[k];
}

MULTIVERSION static void free_only(float *to, const float *v, const float *x, const float *along,
                                   size_t n)
{
	for (size_t k = 0; k < n; k++) {
		bool low = (x[k] <= 0) & (along[k] < 0), high = (x[k] >= 255) & (along[k] > 0);
		to[k] = (low | high) ? 0 : v[k];
	}
}

MULTIVERSION static void into_box(float *x, const float *start, float factor, const float *v,
                                  size_t n)
{
	for (size_t k = 0; k < n; k++) {
		float y = start[k] + factor * v[k];
		y = y > 255 ? 255 : y;
		x[k] = y < 0 ? 0 : y;
	}
}

/* ---- what others see: MULTIVERSION is for static functions ---- */

double loops_dot(const float *a, const float *b, size_t n)
{
	return dot(a, b, n);
}

double loops_distance(const float *a, const float *b, size_t n)
{
	return distance(a, b, n);
}

void loops_add(float *v, float factor, const float *u, size_t n)
{
	add_scaled(v, factor, u, n);
}

void loops_scale(float *v, float factor, const float *u, size_t n)
{
	scale(v, factor, u, n);
}

void loops_subtract(float *v, const float *a, const float *b, size_t n)
{
	subtract(v, a, b, n);
}

void loops_free(float *to, const float *v, const float *x, const float *along, size_t n)
{
	free_only(to, v, x, along, n);
}

void loops_to_box(float *x, const float *start, float factor, const float *v, size_t n)
{
	into_box(x, start, factor, v, n);
}
