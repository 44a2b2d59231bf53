/* The vectors of one level, for each_level.h.  They need no alignment and may alias other types. */
typedef float NAME(vector) __attribute__((vector_size(4 * LANES), aligned(4), may_alias));
typedef int32_t NAME(integers) __attribute__((vector_size(4 * LANES), aligned(4), may_alias));

/* y where `by` is positive, else 0. */
#ifndef RECTIFY
#define RECTIFY(y, by) ((VECTOR)((INTEGERS)(y) & ((by) > 0)))
#endif

/* The lanes from n on, then those before. */
#undef ROTATED
#undef FOUR_FROM
#define FOUR_FROM(n) (n) % LANES, ((n) + 1) % LANES, ((n) + 2) % LANES, ((n) + 3) % LANES
#if LANES == 16
#define ROTATED(x, n)                                                                       \
	__builtin_shufflevector(x, x, FOUR_FROM(n), FOUR_FROM((n) + 4), FOUR_FROM((n) + 8), \
	                        FOUR_FROM((n) + 12))
#else
#define ROTATED(x, n) __builtin_shufflevector(x, x, FOUR_FROM(n), FOUR_FROM((n) + 4))
#endif
