/*
 * intrinsics - what peak measures, by another hand: fused multiply-adds that are written as such,
 * on one thread.  tests/bench.bats compares the two.
 *	intrinsics avx2|avx512
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#if defined(__x86_64__)
#include <immintrin.h>

enum { TRIES = 100, CHAINS = 10, ROUNDS = 1 << 20 };

__attribute__((target("avx2,fma"))) static float avx2(float factor, float term)
{
	__m256 a = _mm256_set1_ps(factor), b = _mm256_set1_ps(term), x[CHAINS];

	for (int k = 0; k < CHAINS; k++)
		x[k] = _mm256_set1_ps((float)k);
	for (int i = 0; i < ROUNDS; i++)
		for (int k = 0; k < CHAINS; k++)
			x[k] = _mm256_fmadd_ps(x[k], a, b);
	for (int k = 1; k < CHAINS; k++)
		x[0] = _mm256_add_ps(x[0], x[k]);
	return _mm256_cvtss_f32(x[0]);
}

__attribute__((target("avx512f,avx512vl"))) static float avx512(float factor, float term)
{
	__m512 a = _mm512_set1_ps(factor), b = _mm512_set1_ps(term), x[CHAINS];

	for (int k = 0; k < CHAINS; k++)
		x[k] = _mm512_set1_ps((float)k);
	for (int i = 0; i < ROUNDS; i++)
		for (int k = 0; k < CHAINS; k++)
			x[k] = _mm512_fmadd_ps(x[k], a, b);
	for (int k = 1; k < CHAINS; k++)
		x[0] = _mm512_add_ps(x[0], x[k]);
	return _mm512_cvtss_f32(x[0]);
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

int main(int argc, char *argv[])
{
	/* Volatile, or the compiler would leave out a chain that it knows never changes. */
	volatile float factor = 0.5F, term = 1;
	float sink = 0;
	double best = 0;

	if (argc < 2)
		return 2;
	int wide = !strcmp(argv[1], "avx512");
	for (int i = 0; i < TRIES; i++) {
		double begun = now();
		sink += wide ? avx512(factor, term) : avx2(factor, term);
		double speed = 2e-9 * (wide ? 16 : 8) * CHAINS * ROUNDS / (now() - begun);
		best = speed > best ? speed : best;
	}
	printf("%.1f\n", sink > 0 ? best : 0);
	return 0;
}
#else
int main(void)
{
	fputs("intrinsics: for x86-64 only\n", stderr);
	return 2;
}
#endif
