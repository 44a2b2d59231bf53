/*
 * scores - the distances of all rows, approximately, by matrix products in single precision.
 *
 * Rows are moved by a mean m and scaled by a power of two s: x' = s(x - m).  The score of row j of
 * y for row i of x is
 *
 *	c(i,j) = x'_i . y'_j - |y'_j|^2 / 2  =  (|x'_i|^2 - s^2 d^2(i,j)) / 2
 *
 * so a larger score is a smaller distance d.  The mean makes |x'| and with it the bound small; the
 * scale prevents overflow.
 *
 * The computed score differs from this one, with the d^2 of rows_distance(), by at most
 *
 *	(D + 4) (u R^2 + 2^-148),	R = |x'_i| + max |y'|,	u = 2^-24
 *
 * The error of a sum of D products in any order that begins with -|y'|^2 / 2 is at most
 * (D + 2) u (1 + O(Du)) (|x'||y'| + |y'|^2 / 2) <= half of (D + 2) u R^2 (Higham, Accuracy and
 * Stability of Numerical Algorithms, 2002, 3.1).  Rounding -|y'|^2 / 2 adds u R^2 / 4, and rounding
 * x' and y' changes the true score by u R^2.  Nearly half of the bound is left for O(Du), with D at
 * most ROWS_LONGEST, and for rounding in double precision.  A product too small for a float has an
 * error of 2^-149.
 */
#ifndef NEIGHBORS_SCORES_H
#define NEIGHBORS_SCORES_H

#include "neighbors/neighbors.h"
#include "vector/tile.h"

struct scores {
	const struct rows *x, *y;
	enum level level;
	double *mean, scale;
	size_t width, panels; /* columns of a tile; number of panels of as many rows of y */
	float *panel;         /* panel x number x row */
	float *begin;         /* -|y'|^2 / 2 */
	double longest;       /* the largest |y'| */
	size_t *at;           /* index of each number of a row in a packed group of x */
	size_t group;         /* rows of x in a group */
};

/* The rows of y must not change until scores_free(). */
struct scores scores_new(const struct rows *x, const struct rows *y);
void scores_free(struct scores *s);

/* The memory of one thread. */
struct scores_work {
	double *row;     /* of D */
	float *packed;   /* the group's rows: panel x number x row */
	float *block;    /* scores: group x columns */
	double *squares; /* |x'|^2 of each row of the group */
	float *least;    /* for each row, the smallest score of interest */
};

struct scores_work scores_work_new(const struct scores *s);
void scores_work_free(struct scores_work *w);

/* Pack the rows of x from `first` on, at most s->group, for scores_scan(). */
void scores_pack(const struct scores *s, struct scores_work *w, size_t first, size_t rows);

/* The bound on the error of the scores of the packed row i. */
double scores_bound(const struct scores *s, const struct scores_work *w, size_t i);

/* Call seen(context, i, j, score) if the score of the packed row i and row j of y is at least
 * w->least[i], which seen() may raise; j ascends. */
typedef void scores_seen(void *context, size_t i, size_t j, float score);
void scores_scan(const struct scores *s, struct scores_work *w, size_t rows, scores_seen *seen,
                 void *context);

/* work(context, first, rows, thread) for every group of x, on all threads; thread < threads(). */
typedef void scores_work_on(void *context, size_t first, size_t rows, int thread);
void scores_groups(const struct scores *s, scores_work_on *work, void *context, struct progress *p);

#endif
