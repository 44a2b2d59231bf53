/*
 * pairs - repulsion by going over all pairs.
 */
#ifndef EMBED_PAIRS_H
#define EMBED_PAIRS_H

#include <stddef.h>

/* Points of the plane. */
struct points {
	size_t n;
	float *x, *y;
};

/*
 * For each of the points `at`, the sums over all points `from`, with w = 1 / (1 + |d|^2) and d from
 * the latter to the former:
 *
 *	fx, fy	w^2 d
 *	z	w
 *
 * A point that is among `from` too adds 0 and 1.
 */
void pairs_repel(const struct points *at, const struct points *from, float *fx, float *fy,
                 double *z);

#endif
