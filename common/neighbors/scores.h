/*
 * scores - how near all rows are to each other, by products of matrices in single precision.
 *
 * With rows moved by a mean m and scaled by a power of two s, x' = s(x - m), the score of row j of
 *y for row i of x is
 *
 *	c(i,j) = x'_i . y'_j - |y'_j|^2 / 2  =  (|x'_i|^2 - s^2 d^2(i,j)) / 2
 *
 * so that a larger score is a smaller distance d.  The mean makes |x'| small, which the bound
 * depends on; the scale lets nothing overflow.
 *
 * The score that is computed differs from this one, d^2 being that of rows_distance(), by no more
 * than
 *
 *	(D + 4) (u R^2 + 2^-148),	R = |x'_i| + max |y'|,	u = 2^-24
 *
 * A sum of D products in any one order, begun with -|y'|^2 / 2, errs by (D + 2) u (1 + O(Du))
 * (|x'||y'| + |y'|^2 / 2) <= half of (D + 2) u R^2 (Higham, Accuracy and Stability of Numerical
 * Algorithms, 2002, 3.1); its beginning is rounded, which is u R^2 / 4; and so are x' and y', which
 * moves the true score by u R^2.  That leaves nearly half of the bound for O(Du), ROWS_LONGEST
 * being what it is, and for what is rounded in double precision.  A product too small for a float
 * errs by 2^-149.
 */
#ifndef NEIGHBORS_SCORES_H
#define NEIGHBORS_SCORES_H

#include "neighbors/neighbors.h"
#include "vector/tile.h"

struct scores {
	const struct rows *x, *y;
	enum level level;
	double *mean, scale;
	size_t width, panels; /* columns of a tile; rows of y in panels of so many */
	float *panel;         /* panel x number x row */
	float *begin;         /* -|y'|^2 / 2 */
	double longest;       /* |y'| */
	size_t *at;           /* where the rows' numbers begin in a group of x, packed */
	size_t group;         /* rows of x at a time */
};

/* The rows of y must not change until scores_free(). */
struct scores scores_new(const struct rows *x, const struct rows *y);
void scores_free(struct scores *s);

/* What one thread needs. */
struct scores_work {
	double *row;     /* of D */
	float *packed;   /* the group's rows: panel x number x row */
	float *block;    /* scores: group x columns */
	double *squares; /* |x'|^2 of each row of the group */
	float *least;    /* the least score that is of interest, for each row */
};

struct scores_work scores_work_new(const struct scores *s);
void scores_work_free(struct scores_work *w);

/* Pack the rows of x from `first` on, at most s->group, for scores_scan(). */
void scores_pack(const struct scores *s, struct scores_work *w, size_t first, size_t rows);

/* The bound on the error of the scores of the packed row i. */
double scores_bound(const struct scores *s, const struct scores_work *w, size_t i);

/* Call seen(context, i, j, score) where the score of the packed row i and row j of y is at least
 * w->least[i], which it may raise; j ascends. */
typedef void scores_seen(void *context, size_t i, size_t j, float score);
void scores_scan(const struct scores *s, struct scores_work *w, size_t rows, scores_seen *seen,
                 void *context);

/* work(context, first, rows, thread) for every group of x, on all threads; thread < threads(). */
typedef void scores_work_on(void *context, size_t first, size_t rows, int thread);
void scores_groups(const struct scores *s, scores_work_on *work, void *context, struct progress *p);

#endif
