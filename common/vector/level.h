/*
 * level - which of a processor's vector instructions loops use.
 *
 * Each file NAME_loops.h is compiled once for each level, by each_level.h; its functions carry the
 * level's name at their end.  ONEDNN_MAX_CPU_ISA limits the level as it limits oneDNN: whoever sets
 * it to AVX2 sees what a processor without AVX-512 would do.
 */
#ifndef VECTOR_LEVEL_H
#define VECTOR_LEVEL_H

#include <stddef.h>
#include <stdint.h>

#ifdef __x86_64__
#include <immintrin.h>
#endif

enum level { LEVEL_BASE, LEVEL_AVX2, LEVEL_AVX512, LEVELS };

/* What this processor has, and ONEDNN_MAX_CPU_ISA allows. */
enum level level_best(void);

/* Floats of a vector, which is also how many channels lie next to each other in an activation. */
static inline size_t level_lanes(enum level level)
{
	return level == LEVEL_AVX512 ? 16 : 8;
}

static inline const char *level_name(enum level level)
{
	return level == LEVEL_AVX512 ? "avx512" : level == LEVEL_AVX2 ? "avx2" : "portable";
}

/* The three versions of a function, by level. */
#ifdef __x86_64__
#define EACH_LEVEL(function)                                        \
	{                                                           \
		function##_base, function##_avx2, function##_avx512 \
	}
#else
#define EACH_LEVEL(function)                                      \
	{                                                         \
		function##_base, function##_base, function##_base \
	}
#endif

/* for (size_t i = 0; i < n; i++), unrolled: an array is one of registers only where its indices are
 * constants. */
#ifdef __clang__
#define UNROLLED(i, n) _Pragma("clang loop unroll(full)") for (size_t i = 0; i < (n); i++)
#else
#define UNROLLED(i, n) _Pragma("GCC unroll 32") for (size_t i = 0; i < (n); i++)
#endif

#endif
