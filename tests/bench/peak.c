/*
 * peak - multiply-adds a second when all operands stay in registers, in GFLOP/s (2 a multiply-add),
 * and the instruction set that does them: what each speed that is measured beside it is a share of.
 *
 * The set is the widest that the processor has and ONEDNN_MAX_CPU_ISA allows, as oneDNN's is.
 */
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <time.h>

/* A few milliseconds a try, and the best of them: one that nothing else disturbed. */
enum { TRIES = 100, FLOATS = 1 << 28 };

/*
 * How many chains?  Enough to hide the latency of a multiply-add, which is 5 cycles at 2 a cycle
 * for Haswell and 4 at 4 for the widest cores of ARM, and so few that they and the two factors stay
 * in registers, of which SSE and AVX2 have 16, AVX-512 and ARM 32.
 *
 * IN_REGISTER() is an operand of an assembler statement; in memory it can be anywhere.
 */
#if defined(__x86_64__)
#define PLAIN_CHAINS   12
#define IN_REGISTER(x) "+v"(x)
#elif defined(__aarch64__)
#define PLAIN_CHAINS   16
#define IN_REGISTER(x) "+w"(x)
#else
#define PLAIN_CHAINS   12
#define IN_REGISTER(x) "+m"(x)
#endif

#define WIDTH  4
#define CHAINS PLAIN_CHAINS
#define TARGET
#define NAME(word) word##_4
#include "chains.h"
#undef WIDTH
#undef CHAINS
#undef TARGET
#undef NAME
#if defined(__x86_64__)
#define WIDTH      8
#define CHAINS     12
#define TARGET     __attribute__((target("avx2,fma")))
#define NAME(word) word##_8
#include "chains.h"
#undef WIDTH
#undef CHAINS
#undef TARGET
#undef NAME
#define WIDTH      16
#define CHAINS     16
#define TARGET     __attribute__((target("avx512f,avx512vl")))
#define NAME(word) word##_16
#include "chains.h"
#endif

struct set {
	const char *name;
	int floats; /* in all chains */
	float (*chains)(int rounds);
};

#if defined(__x86_64__)
/* The longest vectors that ONEDNN_MAX_CPU_ISA allows, in floats. */
static int allowed(void)
{
	const char *isa = getenv("ONEDNN_MAX_CPU_ISA");

	if (!isa)
		return 16;
	if (!strcasecmp(isa, "sse41") || !strcasecmp(isa, "avx"))
		return 4;
	return strncasecmp(isa, "avx2", 4) ? 16 : 8;
}

static struct set widest(void)
{
	int avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
	int avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl");

	if (avx512 && allowed() >= 16)
		return (struct set){"avx512", floats_16, chains_16};
	if (avx2 && allowed() >= 8)
		return (struct set){"avx2", floats_8, chains_8};
	return (struct set){"plain", floats_4, chains_4};
}
#else
static struct set widest(void)
{
	return (struct set){"plain", floats_4, chains_4};
}
#endif

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Multiply-adds a second, of all threads; *sink keeps the compiler from leaving them out. */
static double try(const struct set *set, float *sink)
{
	int rounds = FLOATS / set->floats;
	float sum = 0;
	double begun = now();

#pragma omp parallel reduction(+ : sum)
	sum += set->chains(rounds);
	double seconds = now() - begun;
	*sink += sum;
	return (double)set->floats * rounds * omp_get_max_threads() / seconds;
}

int main(void)
{
	struct set set = widest();
	double best = 0;
	float sink = 0;

	for (int i = 0; i < TRIES; i++) {
		double speed = try(&set, &sink);
		best = speed > best ? speed : best;
	}
	printf("%.1f %s\n", sink > 0 ? 2e-9 * best : 0, set.name);
	return 0;
}
