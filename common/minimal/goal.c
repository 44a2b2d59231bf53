#include "minimal/goal.h"

#include <math.h>

#include "attack/cost.h"
#include "num/num.h"

/* The class other than c whose logit is largest; c where there is no other. */
static size_t best_but(const float *logits, size_t classes, size_t c)
{
	size_t best = c;

	for (size_t j = 0; j < classes; j++)
		if (j != c && (best == c || logits[j] > logits[best]))
			best = j;
	return best;
}

double goal_lead(const struct goal *g, const float *logits, size_t classes, size_t *ahead,
                 size_t *behind)
{
	*ahead = g->targeted ? best_but(logits, classes, g->target) : g->label;
	*behind = g->targeted ? g->target : best_but(logits, classes, g->label);
	return (double)logits[*ahead] - (double)logits[*behind];
}

bool goal_reached(const struct goal *g, const float *logits, size_t classes)
{
	size_t predicted = num_argmax(logits, classes), ahead, behind;

	if (g->targeted ? predicted != g->target : predicted == g->label)
		return false;
	return goal_lead(g, logits, classes, &ahead, &behind) <= -g->confidence;
}

/* ---- the loss ---- */

/* Sums of exp(z[j] - top), over all classes and over all but the label, and the top of each. */
struct sums {
	double top, all, top_others, others;
};

static struct sums sums_of(const float *logits, size_t classes, size_t label)
{
	struct sums s = {.top = (double)logits[num_argmax(logits, classes)],
	                 .top_others = (double)logits[best_but(logits, classes, label)]};

	for (size_t j = 0; j < classes; j++) {
		s.all += exp((double)logits[j] - s.top);
		if (j != label)
			s.others += exp((double)logits[j] - s.top_others);
	}
	return s;
}

double goal_loss(const struct goal *g, const float *logits, size_t classes)
{
	if (g->targeted)
		return cost_value(COST_LOSS, logits, classes, g->target);
	/* log(1 + exp(lead) / others), in the form that neither overflows nor cancels. */
	struct sums s = sums_of(logits, classes, g->label);
	double lead = (double)logits[g->label] - s.top_others;
	return lead < 0 ? log1p(exp(lead) / s.others)
	                : lead - log(s.others) + log1p(s.others * exp(-lead));
}

void goal_loss_gradient(const struct goal *g, const float *logits, size_t classes, float *gradient)
{
	if (g->targeted) {
		cost_gradient(COST_LOSS, logits, classes, g->target, gradient);
		return;
	}
	/* p[j] - q[j], where q is the softmax without the label: -p[y] q[j]; for y itself p[y]. */
	struct sums s = sums_of(logits, classes, g->label);
	double own = exp((double)logits[g->label] - s.top) / s.all;
	for (size_t j = 0; j < classes; j++)
		gradient[j] = (float)(j == g->label ? own
		                                    : -own * exp((double)logits[j] - s.top_others) /
		                                              s.others);
}
