/*
 * Compiles the file LOOPS once for each level, with
 *
 *	NAME(word)	the word with the level's name at its end
 *	LANES		number of floats in a vector
 *	VECTOR		the type of such a vector, an extension of GCC and Clang
 *	FMA(a, b, c)	a * b + c; rounded once if the level has such an instruction
 *	RECTIFY(y, by)	y where `by` is positive, else 0
 *	TARGET		stands before a function that is called from outside LOOPS
 *	INLINE		stands before a function that is inlined into others
 *
 * With ONE_LANE, which stands before, once more for vectors of one number, for tensors in C order:
 * its names end with _one.
 */
#define VECTOR   NAME(vector)
#define INTEGERS NAME(integers)
#define INLINE   TARGET static inline __attribute__((always_inline))

#ifdef ONE_LANE
#define NAME(word) word##_one
#define LANES      1
#define TARGET
#define FMA(a, b, c) ((a) * (b) + (c))
#include "vector/one_level.h"
#undef ONE_LANE
#endif

#define NAME(word) word##_base
#define LANES      8
#define TARGET
#define FMA(a, b, c) ((a) * (b) + (c))
#include "vector/one_level.h"

#ifdef __x86_64__
#define NAME(word)   word##_avx2
#define LANES        8
#define TARGET       __attribute__((target("avx2,fma")))
#define FMA(a, b, c) ((VECTOR)_mm256_fmadd_ps((__m256)(a), (__m256)(b), (__m256)(c)))
#include "vector/one_level.h"

#define NAME(word)   word##_avx512
#define LANES        16
#define TARGET       __attribute__((target("avx2,fma,avx512f,avx512vl,avx512bw,avx512dq")))
#define FMA(a, b, c) ((VECTOR)_mm512_fmadd_ps((__m512)(a), (__m512)(b), (__m512)(c)))
#include "vector/one_level.h"
#endif

#undef VECTOR
#undef INTEGERS
#undef INLINE
#undef LOOPS
