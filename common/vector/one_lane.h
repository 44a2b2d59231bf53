/*
 * Compiles the file LOOPS once more, for tensors in C order: a block is one channel, a vector one
 * number, and names end with _one.  Stands before each_level.h, which needs LOOPS, too.
 */
#define VECTOR     NAME(vector)
#define INTEGERS   NAME(integers)
#define INLINE     TARGET static inline __attribute__((always_inline))
#define NAME(word) word##_one
#define LANES      1
#define TARGET
#define FMA(a, b, c) ((a) * (b) + (c))
#include "vector/vectors.h"
#include LOOPS
#undef NAME
#undef LANES
#undef TARGET
#undef FMA
#undef VECTOR
#undef INTEGERS
#undef INLINE
