/*
 * num - small numerics: softmax and cross-entropy of rows of scores; ranks; intervals; summaries.
 *
 * Data is float, sums are double and run in the order of the data.
 */
#ifndef NUM_H
#define NUM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The index of the largest element, the first of equals; n > 0. */
size_t num_argmax(const float *x, size_t n);

/*
 * Each of n rows of `classes` logits to probabilities; in place where both are the same.  The
 * largest is subtracted first, so that nothing overflows.  A row that has a NaN or +infinity, or
 * nothing but -infinity, becomes NaN.
 */
void num_softmax(const float *logits, size_t n, size_t classes, float *probabilities);

/* The same of one row of doubles, in place. */
void num_softmax_double(double *x, size_t n);

/* The labels of rows of logits: the class of each or, where that is null, soft ones: for each row
 * the probabilities of its classes, none below 0. */
struct labels {
	int32_t *hard;
	float *soft;
};

/* The class of row i, of soft labels the most probable one, the first of equals. */
size_t num_label(struct labels labels, size_t i, size_t classes);

/*
 * Cross-entropy of softmax(logits) (n rows of `classes`) against labels, in nats: the sum over the
 * rows of sum(-t log softmax(logits)).  With label smoothing s (Szegedy et al. 2016, section 7;
 * PyTorch's definition) the target t is (1 - s) p + s / classes, where p are the probabilities, 1
 * for the class of a hard label.  Where gradient is not null it gets the derivative of the *mean*
 * over the rows: (sum(t) softmax(logits) - t) / n, sum(t) being 1 but for rounding.  Where wrong is
 * not null it is increased by the rows whose largest logit is not num_label()'s.
 *
 * A hard label, and the same as a row of 0 and a 1, give the same bits.
 */
double num_cross_entropy(const float *logits, struct labels labels, size_t n, size_t classes,
                         double smoothing, float *gradient, size_t *wrong);

/*
 * The divergence of Kullback and Leibler, sum(p (log p - log q)), summed over n rows, where p is
 * softmax(logits) and q softmax(others).  The gradients, where not null, get the derivatives of the
 * *mean* over the rows with respect to the logits and to the others.
 */
double num_divergence(const float *logits, const float *others, size_t n, size_t classes,
                      float *gradient, float *other_gradient);

/* The ranks of n numbers, none of them NaN, from 1 on; equal ones share the mean of theirs. */
void num_ranks(const double *x, size_t n, double *ranks);

bool num_finite(const float *x, size_t n);
bool num_finite_double(const double *x, size_t n);

/* ---- intervals, each of a confidence between 0 and 1 ---- */

/*
 * The t with P(|T| < t) = confidence, T of Student's distribution with df > 0 degrees of freedom.
 * The probability is Abramowitz and Stegun's finite sum (Handbook of Mathematical Functions, 1964,
 * 26.7.3 and 26.7.4), in time proportional to df; bisection inverts it, in their angle
 * atan(t / sqrt(df)), which no confidence makes infinite.  t has ten correct digits up to a
 * confidence of 0.9999.
 */
double num_student(size_t df, double confidence);

/* The z with P(|Z| < z) = confidence, Z of the standard normal distribution. */
double num_normal(double confidence);

/* The mean of n numbers, their standard deviation, which divides by n - 1, and Student's interval
 * of the mean, mean -+ t sd / sqrt(n).  NaN where n is too small: mean 1, all others 2. */
struct interval {
	size_t n;
	double mean, sd, low, high;
};
struct interval num_interval(const double *x, size_t n, double confidence);

/* The interval of a proportion of which k in n were seen, 0 to 1 if n is 0 (Wilson, "Probable
 * inference, the law of succession, and statistical inference", JASA 1927). */
void num_wilson(size_t k, size_t n, double confidence, double *low, double *high);

/* ---- summaries ---- */

/* What is to be said of numbers as they come; mean and squared deviations by Welford's recurrence
 * (Technometrics 1962), finite numbers only. */
struct summary {
	double min, max, mean, squares;
	size_t finite, nan, inf;
};

struct summary summary_new(void);
void summary_add(struct summary *s, double x);

/* The standard deviation, dividing by the number of finite ones; NaN where there are none. */
double summary_std(const struct summary *s);

/* The most frequent of n > 0 numbers, none of them NaN, and of several the smallest; x is sorted.
 */
double num_mode(double *x, size_t n);
int64_t num_mode_whole(int64_t *x, size_t n);

#endif
