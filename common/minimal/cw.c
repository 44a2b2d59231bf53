/*
 * Carlini and Wagner's L2 attack: Adam on w, where x = 255 (tanh w + 1) / 2, minimizes
 *
 *	|x - start|^2 / 255^2 + c max(lead, -confidence)
 *
 * in searches for the least c that suffices, each from the image on.
 */
#include <math.h>
#include <string.h>

#include "minimal/constant.h"
#include "minimal/minimal.h"
#include "minimal/tanh.h"

/* The arrays. */
enum { W, M, V, SLOPE, ARRAYS };

struct own {
	struct constant c;
	uint64_t step;  /* of this search */
	bool succeeded; /* in it */
	double before;  /* the objective, a tenth of the steps ago */
};

static void begin_search(const struct minimal *a, struct lane *l)
{
	struct own *o = l->own;
	float *w = lane_array(a, l, W);

	o->step = 0;
	o->succeeded = false;
	o->before = INFINITY;
	l->constant = o->c.value;
	tanh_from(w, l->start, a->pixels);
	memset(lane_array(a, l, M), 0, a->pixels * sizeof(float));
	memset(lane_array(a, l, V), 0, a->pixels * sizeof(float));
	tanh_to(w, l->x, lane_array(a, l, SLOPE), a->pixels);
}

static void begin(const struct minimal *a, struct lane *l)
{
	struct own *o = l->own;

	o->c = constant_begin(a->o->constant, a->o->searches);
	begin_search(a, l);
}

static double lead_beyond(const struct minimal *a, const struct lane *l, size_t *ahead,
                          size_t *behind)
{
	double lead = goal_lead(&l->goal, l->logits, a->classes, ahead, behind);

	return lead > -l->goal.confidence ? lead : -l->goal.confidence;
}

static void ask(const struct minimal *a, struct lane *l, size_t pass, float *by_logit)
{
	size_t ahead, behind;
	double lead = lead_beyond(a, l, &ahead, &behind);

	(void)pass;
	memset(by_logit, 0, a->classes * sizeof *by_logit);
	if (lead > -l->goal.confidence) {
		by_logit[ahead] = 1;
		by_logit[behind] = -1;
	}
}

/* Looked at ten times a search, the objective falls by less than .01 %. */
static bool is_stuck(const struct minimal *a, struct lane *l)
{
	struct own *o = l->own;
	size_t ahead, behind;
	uint64_t tenth = (uint64_t)ceil(a->o->steps / 10);

	if (o->step % tenth)
		return false;
	double value = l->squares / (255 * 255) + l->constant * lead_beyond(a, l, &ahead, &behind);
	bool stuck = value > 0.9999 * o->before;
	o->before = value;
	return stuck;
}

static bool take(const struct minimal *a, struct lane *l, size_t pass, const float *by_pixel)
{
	struct own *o = l->own;

	(void)pass;
	o->succeeded |= l->reached;
	if ((double)o->step == a->o->steps || is_stuck(a, l)) {
		if (!constant_next(&o->c, o->succeeded))
			return false;
		begin_search(a, l);
		return true;
	}
	struct adam adam = adam_of(a->o->rate, ++o->step);
	tanh_step(&adam, (float)l->constant, by_pixel, l->start, lane_array(a, l, W),
	          lane_array(a, l, M), lane_array(a, l, V), l->x, lane_array(a, l, SLOPE),
	          a->pixels);
	l->result.steps++;
	return true;
}

const struct minimal_method minimal_cw = {
	.name = "cw",
	.defaults = {.steps = 10000,
                     .searches = 9,
                     .constant = 1e-3,
                     .rate = 0.01,
                     .confidence = 0,
                     .overshoot = NAN},
	.targets = true,
	.arrays = ARRAYS,
	.own = sizeof(struct own),
	.begin = begin,
	.ask = ask,
	.take = take,
};
