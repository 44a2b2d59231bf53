/* The vectors of one level, for each_level.h.  They need no alignment and may alias other types. */
typedef float NAME(vector) __attribute__((vector_size(4 * LANES), aligned(4), may_alias));
typedef int32_t NAME(integers) __attribute__((vector_size(4 * LANES), aligned(4), may_alias));

/* y where `by` is positive, else 0. */
#ifndef RECTIFY
#define RECTIFY(y, by) ((VECTOR)((INTEGERS)(y) & ((by) > 0)))
#endif
