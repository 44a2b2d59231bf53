/* A level of each_level.h: compiles LOOPS with the names defined for it, and ends them. */
#include "vector/vectors.h"
#include LOOPS
#undef NAME
#undef LANES
#undef TARGET
#undef FMA
