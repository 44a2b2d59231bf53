#include "num/roc.h"

#include <math.h>
#include <stdlib.h>

#include "base/base.h"
#include "num/num.h"

/* ---- the curve ---- */

struct entry {
	double score;
	bool positive;
};

static int descending(const void *a, const void *b)
{
	double x = ((const struct entry *)a)->score, y = ((const struct entry *)b)->score;

	return (x < y) - (x > y);
}

size_t roc_curve(const double *scores, const bool *positive, size_t n, struct roc_point *points)
{
	struct entry *entries = xcalloc(n, sizeof *entries);
	struct roc_point at = {INFINITY, 0, 0};
	size_t count = 0;

	for (size_t i = 0; i < n; i++)
		entries[i] = (struct entry){scores[i], positive[i]};
	qsort(entries, n, sizeof *entries, descending);
	points[count++] = at;
	for (size_t i = 0; i < n;) {
		at.threshold = entries[i].score;
		for (; i < n && entries[i].score == at.threshold; i++) {
			at.hits += entries[i].positive;
			at.false_alarms += !entries[i].positive;
		}
		points[count++] = at;
	}
	free(entries);
	return count;
}

/* Whether b is on the line from a to c. */
static bool is_between(struct roc_point a, struct roc_point b, struct roc_point c)
{
	return (b.hits - a.hits) * (c.false_alarms - b.false_alarms) ==
	       (c.hits - b.hits) * (b.false_alarms - a.false_alarms);
}

size_t roc_corners(struct roc_point *points, size_t n)
{
	size_t kept = 1;

	for (size_t i = 1; i < n; i++)
		if (i + 1 == n || !is_between(points[kept - 1], points[i], points[i + 1]))
			points[kept++] = points[i];
	return kept;
}

/* ---- the area ---- */

/* The scores of those that are positive, or of those that are not. */
static size_t choose(const double *scores, const bool *positive, bool wanted, size_t n, double *to)
{
	size_t count = 0;

	for (size_t i = 0; i < n; i++)
		if (positive[i] == wanted)
			to[count++] = scores[i];
	return count;
}

/*
 * For each element of one kind, the share of the other kind that it is on the right side of: its
 * rank among all is its rank among its own kind plus the number of others below it.  DeLong's
 * structural components; for negatives they are 1 minus these, which have the same variance.
 */
static double *shares(const double *scores, const double *ranks, const bool *positive, bool kind,
                      size_t n, size_t *count)
{
	double *own = xcalloc(n, sizeof *own), *among = xcalloc(n, sizeof *among);

	*count = choose(scores, positive, kind, n, own);
	num_ranks(own, *count, among);
	choose(ranks, positive, kind, n, own);
	for (size_t i = 0; i < *count; i++)
		own[i] = (own[i] - among[i]) / (double)(n - *count);
	free(among);
	return own;
}

/* Of the mean of n numbers. */
static double variance_of_mean(const double *x, size_t n)
{
	double sd = num_interval(x, n, 0.5).sd;

	return sd * sd / (double)n;
}

struct roc_area roc_area(const double *scores, const bool *positive, size_t n)
{
	struct roc_area a = {.area = 0};
	double *ranks = xcalloc(n, sizeof *ranks);

	num_ranks(scores, n, ranks);
	double *hits = shares(scores, ranks, positive, true, n, &a.positives);
	double *alarms = shares(scores, ranks, positive, false, n, &a.negatives);
	/* Sums of ranks are multiples of 1/2, and exact. */
	for (size_t i = 0; i < n; i++)
		a.area += positive[i] ? ranks[i] : 0;
	double m = (double)a.positives;
	a.area = (a.area - m * (m + 1) / 2) / (m * (double)a.negatives);
	a.variance = variance_of_mean(hits, a.positives) + variance_of_mean(alarms, a.negatives);
	free(hits);
	free(alarms);
	free(ranks);
	return a;
}

static double logistic(double x)
{
	return 1 / (1 + exp(-x));
}

void roc_interval(const struct roc_area *a, enum roc_interval kind, double confidence, double *low,
                  double *high)
{
	double half = num_normal(confidence) * sqrt(a->variance);

	*low = *high = NAN;
	if (!(a->variance > 0))
		return;
	if (kind == ROC_PLAIN) {
		*low = fmax(0, a->area - half);
		*high = fmin(1, a->area + half);
	} else {
		double middle = log(a->area / (1 - a->area));
		/* The derivative of the logit is 1 / (area (1 - area)). */
		half /= a->area * (1 - a->area);
		*low = logistic(middle - half);
		*high = logistic(middle + half);
	}
}
