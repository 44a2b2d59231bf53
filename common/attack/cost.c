#include "attack/cost.h"

#include <math.h>
#include <stdbool.h>

#include "base/base.h"
#include "num/num.h"

const char *const cost_names[] = {[COST_LOGIT] = "logit",
                                  [COST_PROBABILITY] = "probability",
                                  [COST_LOSS] = "loss",
                                  [COST_MARGIN] = "margin",
                                  NULL};

/* ---- the logit ---- */

static double logit(const float *logits, size_t classes, size_t c)
{
	(void)classes;
	return (double)logits[c];
}

static void logit_gradient(const float *logits, size_t classes, size_t c, float *gradient)
{
	(void)logits;
	for (size_t j = 0; j < classes; j++)
		gradient[j] = j == c;
}

/* ---- the probability and the loss ---- */

/* The sums of exp(z[j] - z[c]) over all classes but c, which stays exact as p[c] comes near 1, and
 * over all, with the largest logit in place of z[c]. */
struct odds {
	double largest, sum, others;
};

static struct odds odds_of(const float *logits, size_t classes, size_t c)
{
	struct odds o = {.largest = (double)logits[num_argmax(logits, classes)]};

	for (size_t j = 0; j < classes; j++) {
		double e = exp((double)logits[j] - o.largest);
		o.sum += e;
		o.others += j == c ? 0 : e;
	}
	return o;
}

static double probability(const float *logits, size_t classes, size_t c)
{
	struct odds o = odds_of(logits, classes, c);

	return exp((double)logits[c] - o.largest) / o.sum;
}

static double loss(const float *logits, size_t classes, size_t c)
{
	struct odds o = odds_of(logits, classes, c);
	double own = (double)logits[c] - o.largest;

	/* Near p[c] = 1, where own is 0, log(1 + others) keeps what the sum has rounded away. */
	return own == 0 ? log1p(o.others) : log(o.sum) - own;
}

/* Of -log p[c] times the factor: p[j] - [j = c]. */
static void softmax_gradient(const float *logits, size_t classes, size_t c, const struct odds *o,
                             double factor, float *gradient)
{
	for (size_t j = 0; j < classes; j++) {
		double e = j == c ? -o->others : exp((double)logits[j] - o->largest);
		gradient[j] = (float)(factor * e / o->sum);
	}
}

static void probability_gradient(const float *logits, size_t classes, size_t c, float *gradient)
{
	struct odds o = odds_of(logits, classes, c);

	softmax_gradient(logits, classes, c, &o, -exp((double)logits[c] - o.largest) / o.sum,
	                 gradient);
}

static void loss_gradient(const float *logits, size_t classes, size_t c, float *gradient)
{
	struct odds o = odds_of(logits, classes, c);

	softmax_gradient(logits, classes, c, &o, 1, gradient);
}

/* ---- the margin ---- */

/* The class with the largest logit but c, the first of equals. */
static size_t rival_of(const float *logits, size_t classes, size_t c)
{
	size_t rival = c == 0;

	for (size_t j = rival + 1; j < classes; j++)
		if (j != c && logits[j] > logits[rival])
			rival = j;
	return rival;
}

static double margin(const float *logits, size_t classes, size_t c)
{
	return (double)logits[rival_of(logits, classes, c)] - (double)logits[c];
}

static void margin_gradient(const float *logits, size_t classes, size_t c, float *gradient)
{
	size_t rival = rival_of(logits, classes, c);

	for (size_t j = 0; j < classes; j++)
		gradient[j] = j == rival ? 1 : j == c ? -1 : 0;
}

/* ---- the table ---- */

static const struct {
	double (*value)(const float *logits, size_t classes, size_t c);
	void (*gradient)(const float *logits, size_t classes, size_t c, float *gradient);
} costs[] = {
	[COST_LOGIT] = {logit, logit_gradient},
	[COST_PROBABILITY] = {probability, probability_gradient},
	[COST_LOSS] = {loss, loss_gradient},
	[COST_MARGIN] = {margin, margin_gradient},
};

void cost_check(enum cost cost, const char *option, size_t classes)
{
	if (cost == COST_MARGIN && classes < 2)
		die("%s: a margin is between two classes, and the network has one", option);
}

double cost_value(enum cost cost, const float *logits, size_t classes, size_t c)
{
	return costs[cost].value(logits, classes, c);
}

void cost_gradient(enum cost cost, const float *logits, size_t classes, size_t c, float *gradient)
{
	costs[cost].gradient(logits, classes, c, gradient);
}
