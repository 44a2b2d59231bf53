#include "attack/evade.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "num/num.h"

enum status { WRONG, FOUND, FAILED };

/* What is to be said of an image. */
struct record {
	bool done;
	enum status status;
	size_t predicted;
	double probability;
	int64_t steps, gradients, restart;
	double zero, linf, l2;
};

/* What happens to an image after a pass. */
enum act { MOVE, START, END };

/* An image under way. */
struct slot {
	size_t image, leave; /* leave: the class to be left */
	bool first;          /* the pass is that of the image as given */
	int64_t restart, step;
	bool fools, keeps; /* what was kept fools the network; x is to be kept */
	double best;       /* C of what was kept; NAN: nothing was */
	double value;      /* C in this pass */
	enum act act;
};

/* A network, and what it says in a pass of each active slot. */
struct watcher {
	struct gradient *gradient;
	double *probabilities;
	size_t *predicted;
};

struct evade {
	const struct evade_options *o;
	size_t pixels, n, batch;
	float *images; /* as given; where one is done, its result */
	const int32_t *labels;
	FILE *log;
	struct record *record;
	size_t begun, done, logged; /* images */

	struct slot *slot;
	size_t *at, active; /* slots in use */
	float *x, *kept;    /* of each slot */

	struct watcher *watcher; /* the network, then the detectors */
	size_t watchers;
	float *given, *seen; /* of each active slot, what goes into the filter and comes out */
	float *sum;          /* of derivatives, where there are several; else null */
};

/* ---- the log ---- */

void evade_log_head(FILE *log)
{
	fputs("image\tlabel\ttarget\tstatus\tpredicted\tprobability\tsteps\tgradients\tzero\t"
	      "restart\tlinf\tl2\n",
	      log);
}

static void log_row(const struct evade *e, size_t i)
{
	static const char *const status[] = {"wrong", "found", "failed"};
	const struct record *r = &e->record[i];

	fprintf(e->log, "%zu\t%" PRId32 "\t", i, e->labels[i]);
	if (e->o->targets)
		fprintf(e->log, "%zu", targets_class(e->o->targets, i, NULL, 0));
	else
		fputs("nan", e->log);
	fprintf(e->log,
	        "\t%s\t%zu\t%.9g\t%" PRId64 "\t%" PRId64 "\t%.9g\t%" PRId64 "\t%.9g\t%.9g\n",
	        status[r->status], r->predicted, r->probability, r->steps, r->gradients, r->zero,
	        r->restart, r->linf, r->l2);
}

static void log_done(struct evade *e)
{
	for (; e->logged < e->n && e->record[e->logged].done; e->logged++)
		if (e->log)
			log_row(e, e->logged);
}

/* ---- a pass ---- */

/* The class that J is of. */
static size_t class_of(const struct evade *e, const struct slot *s)
{
	return e->o->targets ? targets_class(e->o->targets, s->image, NULL, 0) : s->leave;
}

static bool leaves(const struct evade *e, const struct slot *s, size_t predicted)
{
	return e->o->targets ? predicted == class_of(e, s) : predicted != s->leave;
}

/* Whether the pass of an image as given is also that of its first step. */
static bool goes_straight(const struct evade *e)
{
	return e->o->bounded.start == START_CENTER && (!e->o->of_predicted || e->o->targets);
}

/* Whether there is use for the derivative where a slot is now, as far as is known before the pass.
 */
static bool wants(const struct evade *e, const struct slot *s)
{
	return s->step < e->o->bounded.steps && (!s->first || goes_straight(e));
}

static bool is_wrong(const struct evade *e, const struct slot *s, size_t predicted)
{
	return s->first && !e->o->of_predicted && predicted != s->leave;
}

/* The same, once a single pass of a single network has decided. */
static bool still_wants(const struct evade *e, const struct slot *s, size_t predicted)
{
	return wants(e, s) && !is_wrong(e, s, predicted) &&
	       (e->o->all_steps || !leaves(e, s, predicted));
}

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

/* What a watcher adds to C of a slot: weight times a cost of a class. */
struct term {
	enum cost cost;
	size_t class;
	double weight;
};

/* The pass of a watcher. */
struct look {
	struct evade *e;
	const struct watcher *w;
	const struct detector *detector; /* null: the network */
};

static struct term term_of(const struct look *l, const struct slot *s)
{
	const struct evade_options *o = l->e->o;
	double share = 1 / (double)o->draws;

	if (l->detector)
		return (struct term){COST_LOSS, l->detector->class, -l->detector->weight};
	return (struct term){o->cost, class_of(l->e, s), o->targets ? -share : share};
}

/* Probabilities may be equal where logits are not, so of one draw these decide, as they do for
 * nn-eval. */
static void predict(const struct look *l, size_t j, const float *logits)
{
	size_t classes = l->w->gradient->classes;
	int64_t draws = l->detector ? 1 : l->e->o->draws;
	double *p = l->w->probabilities + j * classes;

	add_probabilities(logits, classes, 1 / (double)draws, p);
	l->w->predicted[j] = draws == 1 ? num_argmax(logits, classes) : most_probable(p, classes);
}

static bool look(void *context, size_t n, const float *logits, float *by_logit)
{
	const struct look *l = context;
	struct evade *e = l->e;
	size_t classes = l->w->gradient->classes;
	bool wanted = false;

	for (size_t j = 0; j < n; j++, logits += classes, by_logit += classes) {
		struct slot *s = &e->slot[e->at[j]];
		const struct term t = term_of(l, s);
		if (!num_finite(logits, classes))
			die("image %zu: the network's output is not finite", s->image);
		predict(l, j, logits);
		s->value += t.weight * cost_value(t.cost, logits, classes, t.class);
		cost_gradient(t.cost, logits, classes, t.class, by_logit);
		for (size_t c = 0; c < classes; c++)
			by_logit[c] *= (float)t.weight;
		wanted |= e->sum ? wants(e, s) : still_wants(e, s, l->w->predicted[j]);
	}
	return wanted;
}

/* The derivative of one watcher, or the sum so far. */
static const float *add_up(struct evade *e, bool begun, const float *gradient)
{
	if (!e->sum || !gradient)
		return gradient;
	if (!begun)
		memset(e->sum, 0, e->active * e->pixels * sizeof *e->sum);
	for (size_t k = 0; k < e->active * e->pixels; k++)
		e->sum[k] += gradient[k];
	return e->sum;
}

static const float *look_through(struct evade *e, int64_t draw)
{
	struct look l = {.e = e, .w = &e->watcher[0]};

	if (!e->o->filter)
		return gradient_pass(l.w->gradient, e->x, e->at, e->active, look, &l);
	for (size_t j = 0; j < e->active; j++)
		memcpy(e->given + j * e->pixels, e->x + e->at[j] * e->pixels,
		       e->pixels * sizeof *e->given);
	e->o->filter(e->o->filter_context, draw, e->given, e->active, e->seen);
	return gradient_pass(l.w->gradient, e->seen, NULL, e->active, look, &l);
}

/* The derivative of C of all active slots, a row each; null where none has use for it. */
static const float *look_at_all(struct evade *e)
{
	const float *gradient = NULL;

	for (size_t j = 0; j < e->active; j++)
		e->slot[e->at[j]].value = 0;
	for (size_t i = 0; i < e->watchers; i++) {
		const struct watcher *w = &e->watcher[i];
		memset(w->probabilities, 0,
		       e->active * w->gradient->classes * sizeof *w->probabilities);
	}
	for (int64_t draw = 0; draw < e->o->draws; draw++)
		gradient = add_up(e, draw > 0, look_through(e, draw));
	for (size_t i = 1; i < e->watchers; i++) {
		struct look l = {e, &e->watcher[i], &e->o->detectors.each[i - 1]};
		gradient = add_up(e, true,
		                  gradient_pass(l.w->gradient, e->x, e->at, e->active, look, &l));
	}
	return gradient;
}

/* ---- what follows from it ---- */

static bool detectors_agree(const struct evade *e, size_t j)
{
	for (size_t i = 1; i < e->watchers; i++)
		if (e->watcher[i].predicted[j] != e->o->detectors.each[i - 1].class)
			return false;
	return true;
}

/* What is to be said of an image whose result is where active slot j is now. */
static void note(struct evade *e, size_t j, size_t predicted, enum status status)
{
	const struct slot *s = &e->slot[e->at[j]];
	const struct watcher *w = &e->watcher[0];
	struct record *r = &e->record[s->image];

	r->status = status;
	r->predicted = predicted;
	r->probability = w->probabilities[j * w->gradient->classes + predicted];
	r->steps = s->step;
	r->restart = s->restart;
}

/* Keep where active slot j is if that is the best so far. */
static void consider(struct evade *e, size_t j, size_t predicted, bool fools)
{
	struct slot *s = &e->slot[e->at[j]];

	if (!isnan(s->best) && (s->fools != fools ? s->fools : s->value <= s->best))
		return;
	s->keeps = true;
	s->best = s->value;
	s->fools = fools;
	note(e, j, predicted, fools ? FOUND : FAILED);
}

static enum act settle(struct evade *e, size_t j)
{
	const struct evade_options *o = e->o;
	struct slot *s = &e->slot[e->at[j]];
	size_t predicted = e->watcher[0].predicted[j];
	bool first = s->first, wrong = is_wrong(e, s, predicted);

	s->first = false;
	if (wrong) {
		note(e, j, predicted, WRONG);
		return END;
	}
	if (first && o->of_predicted)
		s->leave = predicted;
	bool fools = leaves(e, s, predicted) && detectors_agree(e, j);
	bool stops = fools && !o->all_steps;
	if (first && !goes_straight(e) && !stops)
		return START;
	if (s->step < o->bounded.steps && !stops) {
		s->step++;
		e->record[s->image].gradients += o->draws;
		return MOVE;
	}
	consider(e, j, predicted, fools);
	if (stops || ++s->restart == o->restarts)
		return END;
	s->step = 0;
	return START;
}

/* ---- what is done about it, each slot on some thread ---- */

static double share_of_zeros(const float *x, size_t n)
{
	size_t zeros = 0;

	for (size_t k = 0; k < n; k++)
		zeros += x[k] == 0;
	return (double)zeros / (double)n;
}

static void start(const struct evade *e, const struct slot *s, const float *center, float *x)
{
	struct bounded b = e->o->bounded;

	if (s->restart > 0)
		b.start = START_UNIFORM;
	bounded_start(&b, bounded_key(e->o->seed, (uint64_t)s->restart, s->image), center, x,
	              e->pixels);
}

static void end(const struct evade *e, struct record *r, const float *kept, float *image)
{
	r->linf = distance_linf(kept, image, e->pixels);
	r->l2 = distance_l2(kept, image, e->pixels);
	memcpy(image, kept, e->pixels * sizeof *image);
}

struct job {
	const struct evade *e;
	const float *gradient; /* a row for each active slot */
};

static void act(void *context, size_t j, int thread)
{
	const struct job *job = context;
	const struct evade *e = job->e;
	size_t i = e->at[j], n = e->pixels;
	struct slot *s = &e->slot[i];
	struct record *r = &e->record[s->image];
	float *x = e->x + i * n, *kept = e->kept + i * n, *image = e->images + s->image * n;

	(void)thread;
	if (s->keeps)
		memcpy(kept, x, n * sizeof *kept);
	s->keeps = false;
	if (s->act == START) {
		start(e, s, image, x);
	} else if (s->act == MOVE) {
		const float *gradient = job->gradient + j * n;
		if (isnan(r->zero))
			r->zero = share_of_zeros(gradient, n);
		bounded_step(&e->o->bounded, image, gradient, x, n);
	} else if (r->status != WRONG) {
		end(e, r, kept, image);
	}
}

/* The next image, in slot i; false if there is none. */
static bool begin(struct evade *e, size_t i)
{
	size_t image = e->begun;

	if (image == e->n)
		return false;
	e->begun++;
	e->slot[i] = (struct slot){
		.image = image, .leave = (size_t)e->labels[image], .first = true, .best = NAN};
	e->record[image].zero = NAN;
	memcpy(e->x + i * e->pixels, e->images + image * e->pixels, e->pixels * sizeof *e->x);
	return true;
}

/* Give the slots of images that are done to others. */
static void refill(struct evade *e)
{
	size_t on = 0;

	for (size_t j = 0; j < e->active; j++) {
		size_t i = e->at[j];
		if (e->slot[i].act == END) {
			e->record[e->slot[i].image].done = true;
			e->done++;
			if (!begin(e, i))
				continue;
		}
		e->at[on++] = i;
	}
	e->active = on;
	log_done(e);
}

bool evade_pass(struct evade *e)
{
	if (!e->active)
		return false;
	struct job job = {e, look_at_all(e)};
	for (size_t j = 0; j < e->active; j++)
		e->slot[e->at[j]].act = settle(e, j);
	threads_run(e->active, act, &job);
	refill(e);
	return true;
}

size_t evade_done(const struct evade *e)
{
	return e->done;
}

/* ---- begin and end ---- */

static struct watcher watcher_new(struct gradient *g, size_t batch)
{
	struct watcher w = {.gradient = g};

	w.probabilities = xcalloc(batch, g->classes * sizeof *w.probabilities);
	w.predicted = xcalloc(batch, sizeof *w.predicted);
	return w;
}

static void make_watchers(struct evade *e, struct gradient *g)
{
	const struct evade_options *o = e->o;

	e->watchers = 1 + o->detectors.n;
	e->watcher = xcalloc(e->watchers, sizeof *e->watcher);
	e->watcher[0] = watcher_new(g, e->batch);
	for (size_t i = 0; i < o->detectors.n; i++)
		e->watcher[1 + i] = watcher_new(&o->detectors.each[i].gradient, e->batch);
}

struct evade *evade_new(const struct evade_options *o, struct gradient *g, float *images,
                        const int32_t *labels, size_t n, size_t batch, FILE *log)
{
	struct evade *e = xcalloc(1, sizeof *e);
	size_t floats = batch * g->pixels;

	*e = (struct evade){.o = o,
	                    .pixels = g->pixels,
	                    .n = n,
	                    .batch = batch,
	                    .images = images,
	                    .labels = labels,
	                    .log = log};
	e->record = xcalloc(n, sizeof *e->record);
	e->slot = xcalloc(batch, sizeof *e->slot);
	e->at = xcalloc(batch, sizeof *e->at);
	e->x = xcalloc(floats, sizeof *e->x);
	e->kept = xcalloc(floats, sizeof *e->kept);
	make_watchers(e, g);
	if (o->filter) {
		e->given = xcalloc(floats, sizeof *e->given);
		e->seen = xcalloc(floats, sizeof *e->seen);
	}
	if (o->draws > 1 || o->detectors.n)
		e->sum = xcalloc(floats, sizeof *e->sum);
	while (e->active < batch && begin(e, e->active)) {
		e->at[e->active] = e->active;
		e->active++;
	}
	return e;
}

void evade_free(struct evade *e)
{
	for (size_t i = 0; i < e->watchers; i++) {
		free(e->watcher[i].probabilities);
		free(e->watcher[i].predicted);
	}
	free(e->watcher);
	free(e->record);
	free(e->slot);
	free(e->at);
	free(e->x);
	free(e->kept);
	free(e->given);
	free(e->seen);
	free(e->sum);
	free(e);
}
