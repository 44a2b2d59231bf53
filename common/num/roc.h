/*
 * roc - how well a score tells positives from negatives: the receiver operating characteristic.
 *
 * A threshold t calls positive every element whose score is at least t.  Hits are the positives
 * among them, false alarms the negatives.  Scores may be infinite, but not NaN.
 */
#ifndef NUM_ROC_H
#define NUM_ROC_H

#include <stdbool.h>
#include <stddef.h>

/* ---- the curve ---- */

struct roc_point {
	double threshold;
	size_t false_alarms, hits;
};

/*
 * The points of the curve, in order: (0, 0) with a threshold of infinity, then one for each score
 * that occurs, the largest first; equal scores are one step.  `points` has room for n + 1; their
 * number is returned.
 */
size_t roc_curve(const double *scores, const bool *positive, size_t n, struct roc_point *points);

/* Keep the ends and the points where the curve turns, n > 0; returns how many.  Exact as long as
 * hits times false alarms is below 2^64. */
size_t roc_corners(struct roc_point *points, size_t n);

/* ---- the area under it ---- */

/*
 * The area: the probability that a positive has a larger score than a negative, equal ones
 * counting one half.  Its variance is DeLong, DeLong and Clarke-Pearson's (Biometrics 1988), found
 * from ranks in time O(n log n) as Sun and Xu do (IEEE Signal Processing Letters 2014); NaN unless
 * there are two of either kind.
 */
struct roc_area {
	size_t positives, negatives;
	double area, variance;
};
struct roc_area roc_area(const double *scores, const bool *positive, size_t n);

/*
 * The interval of the area, of a confidence between 0 and 1.  ROC_PLAIN is area -+ z times its
 * deviation, cut off at 0 and 1; ROC_LOGIT is symmetric around log(area / (1 - area)), so that its
 * ends are within 0 and 1.  NaN where the variance is NaN or 0: scores that separate all positives
 * from all negatives do not say how certain that is.
 */
enum roc_interval { ROC_LOGIT, ROC_PLAIN };
void roc_interval(const struct roc_area *a, enum roc_interval kind, double confidence, double *low,
                  double *high);

#endif
