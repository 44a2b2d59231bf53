/*
 * level - the vector instructions that loops use.
 *
 * each_level.h compiles each file NAME_loops.h once for each level; the names of its functions end
 * with the name of the level.  ONEDNN_MAX_CPU_ISA limits the level as it limits oneDNN: with AVX2,
 * programs run as on a processor without AVX-512.
 */
#ifndef VECTOR_LEVEL_H
#define VECTOR_LEVEL_H

#include <stddef.h>
#include <stdint.h>

#ifdef __x86_64__
#include <immintrin.h>
#endif

enum level { LEVEL_BASE, LEVEL_AVX2, LEVEL_AVX512, LEVELS };

/* The highest level that this processor has and ONEDNN_MAX_CPU_ISA allows. */
enum level level_best(void);

/* The number of floats in a vector; as many channels lie next to each other in an activation. */
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

/* for (size_t i = 0; i < n; i++), unrolled: an array stays in registers only if its indices are
 * constants. */
#ifdef __clang__
#define UNROLLED(i, n) _Pragma("clang loop unroll(full)") for (size_t i = 0; i < (n); i++)
#else
#define UNROLLED(i, n) _Pragma("GCC unroll 32") for (size_t i = 0; i < (n); i++)
#endif

#endif
