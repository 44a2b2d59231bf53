#include <math.h>
#include <stdlib.h>

#include "base/base.h"
#include "embed/embed.h"
#include "rng/rng.h"

bool start_scale(float *map, size_t n, double deviation)
{
	double mean[2] = {0}, squares = 0;

	for (size_t i = 0; i < 2 * n; i++)
		mean[i % 2] += (double)map[i] / (double)n;
	for (size_t i = 0; i < n; i++)
		squares += pow((double)map[2 * i] - mean[0], 2) / (double)n;
	/* What rounding leaves of a constant is none. */
	if (!(sqrt(squares) > 1e-7 * fabs(mean[0])))
		return false;
	for (size_t i = 0; i < 2 * n; i++)
		map[i] = (float)(((double)map[i] - mean[i % 2]) * (deviation / sqrt(squares)));
	return true;
}

void start_random(float *map, size_t n, double deviation, int64_t seed)
{
	struct rng r = {(uint64_t)seed, rng_stream("embed.start")};

	for (size_t i = 0; i < 2 * n; i++)
		map[i] = (float)(deviation * rng_normal(r, i));
}

static int compare(const void *a, const void *b)
{
	float x = *(const float *)a, y = *(const float *)b;

	return (x > y) - (x < y);
}

void start_median(float *map, const struct nearest *near, const float *fixed)
{
	enum { MOST = 25 };
	size_t k = near->k < MOST ? near->k : MOST;
	float at[MOST];

	for (size_t i = 0; i < 2 * near->n; i++) {
		for (size_t j = 0; j < k; j++)
			at[j] = fixed[2 * near->to[i / 2 * near->k + j] + (int64_t)(i % 2)];
		qsort(at, k, sizeof *at, compare);
		map[i] = (at[(k - 1) / 2] + at[k / 2]) / 2;
	}
}
