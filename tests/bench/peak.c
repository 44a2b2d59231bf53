/*
 * peak - multiply-adds a second when all operands stay in registers, in GFLOP/s (2 a multiply-add):
 * the floor under every time that is measured beside it.
 */
#include <omp.h>
#include <stdio.h>
#include <time.h>

enum { CHAINS = 16, ROUNDS = 2000000, TRIES = 7 };

typedef float vector __attribute__((vector_size(64)));

/* Sixteen chains hide the latency of a fused multiply-add.  Compile with -march=native and
 * -ffp-contract=fast, so that it is one. */
static float chains(float x, float y)
{
	vector a = x - (vector){0}, b = y - (vector){0}, c[CHAINS];

	/* All different, or the compiler would compute one. */
	for (int k = 0; k < CHAINS; k++)
		c[k] = (float)k - (vector){0};

	for (int i = 0; i < ROUNDS; i++)
		for (int k = 0; k < CHAINS; k++)
			c[k] = c[k] * a + b;
	for (int k = 1; k < CHAINS; k++)
		c[0] += c[k];
	return c[0][0];
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

int main(void)
{
	double best = 0;
	float sink = 0;

	for (int i = 0; i < TRIES; i++) {
		double t = now();
#pragma omp parallel reduction(+ : sink)
		sink += chains(0.5F, 1);
		t = now() - t;
		double flop = 2.0 * 16 * CHAINS * ROUNDS * omp_get_max_threads();
		best = flop / t > best ? flop / t : best;
	}
	printf("%.1f\n", sink > 0 ? best * 1e-9 : 0);
	return 0;
}
