/*
 * DeepFool, algorithm 2: where each logit is as linear as at x, the nearest class is
 *
 *	l = argmin over k != y of |z[k] - z[y]| / |w[k]|,  w[k] = d(z[k] - z[y])/dx
 *
 * and its border is r = |z[l] - z[y]| / |w[l]|^2 w[l] away.  As in the authors' code, r is longer
 * by 1e-4 of the box, without which it might come near the border again and again but not beyond,
 * and the network sees the start plus the sum of all r times 1 + overshoot at every step.  That the
 * box cuts it off there only makes the step shorter.
 */
#include <math.h>
#include <string.h>

#include "minimal/loops.h"
#include "minimal/minimal.h"

/* The arrays: the sum of all r, and the gradient of the nearest class so far. */
enum { SUM, NEAREST, ARRAYS };

static const double LONGER = 1e-4 * 255;

struct own {
	double distance; /* of the border of that class; INFINITY: no gradient leads to one */
	double length;   /* of the gradient */
};

static size_t class_of(const struct lane *l, size_t pass)
{
	return pass < l->goal.label ? pass : pass + 1;
}

static void begin(const struct minimal *a, struct lane *l)
{
	memset(lane_array(a, l, SUM), 0, a->pixels * sizeof(float));
}

static void ask(const struct minimal *a, struct lane *l, size_t pass, float *by_logit)
{
	for (size_t j = 0; j < a->classes; j++)
		by_logit[j] = 0;
	by_logit[class_of(l, pass)] = 1;
	by_logit[l->goal.label] = -1;
}

static bool take(const struct minimal *a, struct lane *l, size_t pass, const float *by_pixel)
{
	struct own *o = l->own;
	float *sum = lane_array(a, l, SUM), *nearest = lane_array(a, l, NEAREST);
	double f = fabs((double)l->logits[class_of(l, pass)] - (double)l->logits[l->goal.label]);
	double length = sqrt(loops_dot(by_pixel, by_pixel, a->pixels));

	if (pass == 0)
		o->distance = INFINITY;
	if (f / length < o->distance) {
		o->distance = f / length;
		o->length = length;
		memcpy(nearest, by_pixel, a->pixels * sizeof *nearest);
	}
	if (pass + 1 < a->passes)
		return true;
	if (isinf(o->distance) || (double)l->result.steps >= a->o->steps)
		return false;
	loops_add(sum, (float)((o->distance + LONGER) / o->length), nearest, a->pixels);
	loops_to_box(l->x, l->start, (float)(1 + a->o->overshoot), sum, a->pixels);
	l->result.steps++;
	return true;
}

const struct minimal_method minimal_deepfool = {
	.name = "deepfool",
	.defaults = {.steps = 50,
                     .searches = NAN,
                     .constant = NAN,
                     .rate = NAN,
                     .confidence = NAN,
                     .overshoot = 0.02},
	.to_the_first = true,
	.each_class = true,
	.arrays = ARRAYS,
	.own = sizeof(struct own),
	.begin = begin,
	.ask = ask,
	.take = take,
};
