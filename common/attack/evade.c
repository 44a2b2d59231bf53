#include "attack/evade.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "attack/watch.h"
#include "base/base.h"

enum status { WRONG, SAME, FOUND, FAILED };

/* What is to be said of an image. */
struct record {
	bool done;
	enum status status;
	size_t predicted;
	double probability;
	int64_t steps, gradients, restart;
	double zero, linf, l2;
};

struct evade {
	const struct evade_options *o;
	size_t pixels, n;
	float *images; /* as given; where one is done, its result */
	const int32_t *labels;
	FILE *log;
	struct record *record;
	size_t begun, done, logged; /* images */

	struct place *place;
	size_t *at, active; /* places in use */
	float *x, *kept;    /* of each place */

	struct watch watch;
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
	static const char *const status[] = {"wrong", "same", "found", "failed"};
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

/* ---- what follows from it ---- */

/* What is to be said of an image whose result is where active place j is now. */
static void note(struct evade *e, size_t j, size_t predicted, enum status status)
{
	const struct place *p = &e->place[e->at[j]];
	const struct watcher *w = &e->watch.each[0];
	struct record *r = &e->record[p->image];

	r->status = status;
	r->predicted = predicted;
	r->probability = w->probabilities[j * w->gradient->classes + predicted];
	r->steps = p->step;
	r->restart = p->restart;
}

/* Keep where active place j is if that is the best so far. */
static void consider(struct evade *e, size_t j, size_t predicted, bool fools)
{
	struct place *p = &e->place[e->at[j]];

	if (!isnan(p->best) && (p->fools != fools ? p->fools : p->value <= p->best))
		return;
	p->keeps = true;
	p->best = p->value;
	p->fools = fools;
	note(e, j, predicted, fools ? FOUND : FAILED);
}

static enum act settle(struct evade *e, size_t j)
{
	const struct evade_options *o = e->o;
	struct place *p = &e->place[e->at[j]];
	size_t predicted = e->watch.each[0].predicted[j];
	bool first = p->first, wrong = place_wrong(o, p, predicted);

	p->first = false;
	if (wrong) {
		note(e, j, predicted, WRONG);
		return END;
	}
	if (first && o->of_predicted)
		p->leave = predicted;
	bool fools = place_fools(o, p, predicted) && watch_detectors_agree(&e->watch, j);
	if (first && fools) {
		note(e, j, predicted, SAME);
		return END;
	}
	bool stops = fools && !o->all_steps;
	if (first && !place_goes_straight(o) && !stops)
		return START;
	if (p->step < o->bounded.steps && !stops) {
		p->step++;
		e->record[p->image].gradients += o->draws;
		return MOVE;
	}
	consider(e, j, predicted, fools);
	if (stops || ++p->restart == o->restarts)
		return END;
	p->step = 0;
	return START;
}

/* ---- what is done about it, each place on some thread ---- */

static double share_of_zeros(const float *x, size_t n)
{
	size_t zeros = 0;

	for (size_t k = 0; k < n; k++)
		zeros += x[k] == 0;
	return (double)zeros / (double)n;
}

static void start(const struct evade *e, const struct place *p, const float *center, float *x)
{
	struct bounded b = e->o->bounded;

	if (p->restart > 0)
		b.start = START_UNIFORM;
	bounded_start(&b, bounded_key(e->o->seed, (uint64_t)p->restart, p->image), center, x,
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
	const float *gradient; /* a row for each active place */
};

static void act(void *context, size_t j, int thread)
{
	const struct job *job = context;
	const struct evade *e = job->e;
	size_t i = e->at[j], n = e->pixels;
	struct place *p = &e->place[i];
	struct record *r = &e->record[p->image];
	float *x = e->x + i * n, *kept = e->kept + i * n, *image = e->images + p->image * n;

	(void)thread;
	if (p->keeps)
		memcpy(kept, x, n * sizeof *kept);
	p->keeps = false;
	if (p->act == START) {
		start(e, p, image, x);
	} else if (p->act == MOVE) {
		const float *gradient = job->gradient + j * n;
		if (isnan(r->zero))
			r->zero = share_of_zeros(gradient, n);
		bounded_step(&e->o->bounded, image, gradient, x, n);
	} else if (r->status == FOUND || r->status == FAILED) {
		end(e, r, kept, image);
	}
}

/* The next image, in place i; false if there is none. */
static bool begin(struct evade *e, size_t i)
{
	size_t image = e->begun;

	if (image == e->n)
		return false;
	e->begun++;
	e->place[i] = (struct place){
		.image = image, .leave = (size_t)e->labels[image], .first = true, .best = NAN};
	e->record[image].zero = NAN;
	memcpy(e->x + i * e->pixels, e->images + image * e->pixels, e->pixels * sizeof *e->x);
	return true;
}

/* Give the places of images that are done to others. */
static void refill(struct evade *e)
{
	size_t on = 0;

	for (size_t j = 0; j < e->active; j++) {
		size_t i = e->at[j];
		if (e->place[i].act == END) {
			e->record[e->place[i].image].done = true;
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
	struct job job = {e, watch_pass(&e->watch, e->place, e->x, e->at, e->active)};
	for (size_t j = 0; j < e->active; j++)
		e->place[e->at[j]].act = settle(e, j);
	threads_run(e->active, act, &job);
	refill(e);
	return true;
}

size_t evade_done(const struct evade *e)
{
	return e->done;
}

/* ---- begin and end ---- */

struct evade *evade_new(const struct evade_options *o, struct gradient *g, float *images,
                        const int32_t *labels, size_t n, size_t batch, FILE *log)
{
	struct evade *e = xcalloc(1, sizeof *e);
	size_t floats = batch * g->pixels;

	*e = (struct evade){.o = o,
	                    .pixels = g->pixels,
	                    .n = n,
	                    .images = images,
	                    .labels = labels,
	                    .log = log};
	e->record = xcalloc(n, sizeof *e->record);
	e->place = xcalloc(batch, sizeof *e->place);
	e->at = xcalloc(batch, sizeof *e->at);
	e->x = xcalloc(floats, sizeof *e->x);
	e->kept = xcalloc(floats, sizeof *e->kept);
	e->watch = watch_new(o, g, batch);
	while (e->active < batch && begin(e, e->active)) {
		e->at[e->active] = e->active;
		e->active++;
	}
	return e;
}

void evade_free(struct evade *e)
{
	watch_free(&e->watch);
	free(e->record);
	free(e->place);
	free(e->at);
	free(e->x);
	free(e->kept);
	free(e);
}
