#include "attack/watch.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "num/num.h"

static void add_probabilities(const float *logits, size_t classes, double weight, double *to)
{
	double largest = (double)logits[num_argmax(logits, classes)], sum = 0;

	for (size_t c = 0; c < classes; c++)
		sum += exp((double)logits[c] - largest);
	for (size_t c = 0; c < classes; c++)
		to[c] += weight * exp((double)logits[c] - largest) / sum;
}

static size_t most_probable(const double *p, size_t classes)
{
	size_t best = 0;

	for (size_t c = 1; c < classes; c++)
		if (p[c] > p[best])
			best = c;
	return best;
}

/* What a watcher adds to C of a place: weight times a cost of a class. */
struct term {
	enum cost cost;
	size_t class;
	double weight;
	bool waits; /* it is another's turn: the step does not increase it */
};

/* The places of a pass. */
struct pass {
	struct watch *w;
	struct place *place;
	const float *x;
	const size_t *at;
	size_t active;
};

/* The pass of a watcher. */
struct look {
	const struct pass *p;
	const struct watcher *watcher;
	const struct detector *detector; /* null: the network */
};

/* Whether active place j fools the network, once all draws of this pass are done. */
static bool network_fooled(const struct pass *p, size_t j)
{
	return place_fools(p->w->o, &p->place[p->at[j]], p->w->each[0].predicted[j]);
}

static struct term term_of_detector(const struct look *l, size_t j)
{
	const struct detector *d = l->detector;
	bool turns = isnan(d->weight);

	return (struct term){.cost = COST_LOSS,
	                     .class = d->class,
	                     .weight = turns ? -1 : -d->weight,
	                     .waits = turns && !network_fooled(l->p, j)};
}

static struct term term_of_network(const struct look *l, size_t j)
{
	const struct evade_options *o = l->p->w->o;
	double share = 1 / (double)o->draws;

	return (struct term){.cost = o->cost,
	                     .class = place_class(o, &l->p->place[l->p->at[j]]),
	                     .weight = o->targets ? -share : share};
}

/* Probabilities may be equal where logits are not, so of one draw these decide, as they do for
 * nn-eval. */
static void predict(const struct look *l, size_t j, const float *logits)
{
	size_t classes = l->watcher->gradient->classes;
	int64_t draws = l->detector ? 1 : l->p->w->o->draws;
	double *p = l->watcher->probabilities + j * classes;

	add_probabilities(logits, classes, 1 / (double)draws, p);
	l->watcher->predicted[j] =
		draws == 1 ? num_argmax(logits, classes) : most_probable(p, classes);
}

static bool look(void *context, size_t n, const float *logits, float *by_logit)
{
	const struct look *l = context;
	const struct watch *w = l->p->w;
	size_t classes = l->watcher->gradient->classes;
	bool wanted = false;

	for (size_t j = 0; j < n; j++, logits += classes, by_logit += classes) {
		struct place *s = &l->p->place[l->p->at[j]];
		const struct term t = l->detector ? term_of_detector(l, j) : term_of_network(l, j);
		if (!num_finite(logits, classes))
			die("image %zu: the network's output is not finite", s->image);
		predict(l, j, logits);
		s->value += t.weight * cost_value(t.cost, logits, classes, t.class);
		cost_gradient(t.cost, logits, classes, t.class, by_logit);
		for (size_t c = 0; c < classes; c++)
			by_logit[c] *= t.waits ? 0 : (float)t.weight;
		wanted |= w->sum ? place_wants(w->o, s)
		                 : place_still_wants(w->o, s, l->watcher->predicted[j]);
	}
	return wanted;
}

/* The derivative of one watcher, or the sum so far. */
static const float *add_up(const struct pass *p, bool begun, const float *gradient)
{
	float *sum = p->w->sum;

	if (!sum || !gradient)
		return gradient;
	if (!begun)
		memset(sum, 0, p->active * p->w->pixels * sizeof *sum);
	for (size_t k = 0; k < p->active * p->w->pixels; k++)
		sum[k] += gradient[k];
	return sum;
}

/* Where detectors take turns with the network, forget its derivative at places that fool it. */
static void end_turns(const struct pass *p)
{
	struct watch *w = p->w;

	for (size_t j = 0; j < p->active; j++)
		if (network_fooled(p, j))
			memset(w->sum + j * w->pixels, 0, w->pixels * sizeof *w->sum);
}

static const float *look_through(const struct pass *p, int64_t draw)
{
	const struct watch *w = p->w;
	struct look l = {.p = p, .watcher = &w->each[0]};

	if (!w->o->filter)
		return gradient_pass(l.watcher->gradient, p->x, p->at, p->active, look, &l);
	for (size_t j = 0; j < p->active; j++)
		memcpy(w->given + j * w->pixels, p->x + p->at[j] * w->pixels,
		       w->pixels * sizeof *w->given);
	w->o->filter(w->o->filter_context, draw, w->given, p->active, w->seen);
	return gradient_pass(l.watcher->gradient, w->seen, NULL, p->active, look, &l);
}

static void forget(const struct pass *p)
{
	for (size_t j = 0; j < p->active; j++)
		p->place[p->at[j]].value = 0;
	for (size_t i = 0; i < p->w->n; i++) {
		const struct watcher *w = &p->w->each[i];
		memset(w->probabilities, 0,
		       p->active * w->gradient->classes * sizeof *w->probabilities);
	}
}

const float *watch_pass(struct watch *w, struct place *place, const float *x, const size_t *at,
                        size_t active)
{
	const struct pass p = {w, place, x, at, active};
	const float *gradient = NULL;

	forget(&p);
	for (int64_t draw = 0; draw < w->o->draws; draw++)
		gradient = add_up(&p, draw > 0, look_through(&p, draw));
	if (gradient && detectors_take_turns(&w->o->detectors))
		end_turns(&p);
	for (size_t i = 1; i < w->n; i++) {
		struct look l = {&p, &w->each[i], &w->o->detectors.each[i - 1]};
		gradient = add_up(&p, true,
		                  gradient_pass(l.watcher->gradient, x, at, active, look, &l));
	}
	return gradient;
}

bool watch_detectors_agree(const struct watch *w, size_t j)
{
	for (size_t i = 1; i < w->n; i++)
		if (w->each[i].predicted[j] != w->o->detectors.each[i - 1].class)
			return false;
	return true;
}

/* ---- begin and end ---- */

static struct watcher watcher_new(struct gradient *g, size_t batch)
{
	struct watcher w = {.gradient = g};

	w.probabilities = xcalloc(batch, g->classes * sizeof *w.probabilities);
	w.predicted = xcalloc(batch, sizeof *w.predicted);
	return w;
}

struct watch watch_new(const struct evade_options *o, struct gradient *g, size_t batch)
{
	size_t floats = batch * g->pixels;
	struct watch w = {.o = o, .pixels = g->pixels, .n = 1 + o->detectors.n};

	w.each = xcalloc(w.n, sizeof *w.each);
	w.each[0] = watcher_new(g, batch);
	for (size_t i = 0; i < o->detectors.n; i++)
		w.each[1 + i] = watcher_new(&o->detectors.each[i].gradient, batch);
	if (o->filter) {
		w.given = xcalloc(floats, sizeof *w.given);
		w.seen = xcalloc(floats, sizeof *w.seen);
	}
	if (o->draws > 1 || o->detectors.n)
		w.sum = xcalloc(floats, sizeof *w.sum);
	return w;
}

void watch_free(struct watch *w)
{
	for (size_t i = 0; i < w->n; i++) {
		free(w->each[i].probabilities);
		free(w->each[i].predicted);
	}
	free(w->each);
	free(w->given);
	free(w->seen);
	free(w->sum);
}
