/*
 * pairs - repulsion by all pairs of points.
 */
#ifndef EMBED_PAIRS_H
#define EMBED_PAIRS_H

#include <stddef.h>

/* Points in the plane. */
struct points {
	size_t n;
	float *x, *y;
};

/*
 * For each of the points `at`, the sums over all points `from`, with w = 1 / (1 + |d|^2) and d from
 * a point `from` to the point `at`:
 *
 *	fx, fy	w^2 d
 *	z	w
 *
 * A point that is also among `from` adds 0 to the forces and 1 to z.
 */
void pairs_repel(const struct points *at, const struct points *from, float *fx, float *fy,
                 double *z);

#endif
