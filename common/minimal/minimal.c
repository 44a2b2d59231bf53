#include "minimal/minimal.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "minimal/loops.h"
#include "num/num.h"

const struct minimal_method *const minimal_methods[] = {&minimal_deepfool, &minimal_cw,
                                                        &minimal_lbfgs};
const char *const minimal_names[] = {"deepfool", "cw", "lbfgs", NULL};

void minimal_settle(struct minimal_options *o)
{
	const struct minimal_options *d = &o->method->defaults;
	const struct {
		const char *option;
		double *value, fallback;
		bool whole;
	} each[] = {
		{"--steps", &o->steps, d->steps, true},
		{"--searches", &o->searches, d->searches, true},
		{"--constant", &o->constant, d->constant, false},
		{"--rate", &o->rate, d->rate, false},
		{"--confidence", &o->confidence, d->confidence, false},
		{"--overshoot", &o->overshoot, d->overshoot, false},
	};

	for (size_t i = 0; i < sizeof each / sizeof *each; i++) {
		if (isnan(*each[i].value))
			*each[i].value = each[i].fallback;
		else if (isnan(each[i].fallback))
			die("%s: %s has none", each[i].option, o->method->name);
		if (each[i].whole && floor(*each[i].value) < *each[i].value)
			die("%s: %g is not a whole number", each[i].option, *each[i].value);
	}
}

/* ---- lanes ---- */

float *lane_array(const struct minimal *a, const struct lane *l, size_t i)
{
	return l->array + i * a->pixels;
}

static void finish(struct minimal *a, size_t image, const struct minimal_result *r)
{
	a->result[image] = *r;
	a->result[image].done = true;
	a->done++;
}

static double largest_change(const float *x, const float *y, size_t n)
{
	double largest = 0;

	for (size_t k = 0; k < n; k++) {
		double d = fabs((double)x[k] - (double)y[k]);
		largest = d > largest ? d : largest;
	}
	return largest;
}

/* Put what the lane has found in place of its image. */
static void replace(struct minimal *a, const struct lane *l)
{
	struct minimal_result r = l->result;

	r.status = MINIMAL_FAILED;
	if (isfinite(l->best_squares)) {
		r.status = MINIMAL_FOUND;
		r.linf = largest_change(l->best, l->start, a->pixels);
		r.l2 = sqrt(l->best_squares);
		memcpy(a->images + l->image * a->pixels, l->best, a->pixels * sizeof *l->best);
	}
	finish(a, l->image, &r);
}

/* Have the lane work on this image. */
static void begin_image(const struct minimal *a, struct lane *l, size_t image)
{
	l->image = image;
	l->on = true;
	l->start = a->images + image * a->pixels;
	l->goal = (struct goal){.label = (size_t)a->label[image],
	                        .targeted = a->targets != NULL,
	                        .target = minimal_target(a, image),
	                        .confidence = isnan(a->o->confidence) ? 0 : a->o->confidence};
	l->best_squares = INFINITY;
	l->constant = NAN;
	l->result = a->result[image];
	memcpy(l->x, l->start, a->pixels * sizeof *l->x);
	a->o->method->begin(a, l);
}

/* Finish the images that have ended; those that go on move to the first lanes, and the lanes behind
 * take the next images. */
static void fill(struct minimal *a)
{
	size_t used = 0;

	for (size_t j = 0; j < a->lanes; j++) {
		if (!a->lane[j].on) {
			replace(a, &a->lane[j]);
			continue;
		}
		struct lane free_one = a->lane[used];
		a->lane[used++] = a->lane[j];
		a->lane[j] = free_one;
	}
	for (; used < a->most && a->next < a->n; a->next++)
		if (!a->result[a->next].done)
			begin_image(a, &a->lane[used++], a->next);
	a->lanes = used;
}

/* ---- tasks, of a lane each ---- */

/* Look at what the network makes of x. */
static void look(void *context, size_t j, int thread)
{
	struct minimal *a = context;
	struct lane *l = &a->lane[j];

	(void)thread;
	l->logits = a->logits + j * a->classes;
	l->squares = loops_distance(l->x, l->start, a->pixels);
	l->reached = goal_reached(&l->goal, l->logits, a->classes);
	/* Nor if it is NaN. */
	if (!l->reached || !(l->squares < l->best_squares))
		return;
	l->best_squares = l->squares;
	l->result.predicted = num_argmax(l->logits, a->classes);
	l->result.constant = l->constant;
	memcpy(l->best, l->x, a->pixels * sizeof *l->x);
	l->on = !a->o->method->to_the_first;
}

static void ask(void *context, size_t j, int thread)
{
	struct minimal *a = context;
	float *by_logit = a->by_logit + j * a->classes;

	(void)thread;
	if (a->lane[j].on)
		a->o->method->ask(a, &a->lane[j], a->pass, by_logit);
	else
		memset(by_logit, 0, a->classes * sizeof *by_logit);
}

static void take(void *context, size_t j, int thread)
{
	struct minimal *a = context;
	struct lane *l = &a->lane[j];

	(void)thread;
	if (!l->on)
		return;
	l->result.gradients++;
	l->on = a->o->method->take(a, l, a->pass, a->by_pixel + j * a->pixels);
}

/* ---- all lanes ---- */

static size_t ended(const struct minimal *a)
{
	size_t n = 0;

	for (size_t j = 0; j < a->lanes; j++)
		n += !a->lane[j].on;
	return n;
}

static void forward(struct minimal *a, struct engine *e)
{
	for (size_t j = 0; j < a->lanes; j++)
		engine_image(e, j, NPY_F4, a->lane[j].x);
	engine_forward(e, a->lanes);
	a->logits = engine_output(e);
	threads_run(a->lanes, look, a);
}

bool minimal_step(struct minimal *a, struct engine *e)
{
	/* What has ended is not to be derived: where that would cost more than to compute all once
	 * more, the next images come in first. */
	do {
		fill(a);
		if (!a->lanes)
			return false;
		forward(a, e);
	} while (ended(a) == a->lanes || (a->next < a->n && ended(a) * a->passes > a->lanes));
	for (a->pass = 0; a->pass < a->passes; a->pass++) {
		threads_run(a->lanes, ask, a);
		engine_backward(e, a->lanes, a->by_logit);
		a->by_pixel = engine_input_gradient(e);
		threads_run(a->lanes, take, a);
	}
	return true;
}

/* ---- begin and end ---- */

size_t minimal_target(const struct minimal *a, size_t i)
{
	return a->targets ? targets_class(a->targets, i, NULL, a->classes) : 0;
}

static void classify(struct minimal *a, size_t i, const float *logits)
{
	struct minimal_result *r = &a->result[i];

	if (!num_finite(logits, a->classes))
		die("image %zu: the network's output is not finite", i);
	r->predicted = num_argmax(logits, a->classes);
	r->constant = NAN;
	if (r->predicted != (size_t)a->label[i])
		r->status = MINIMAL_WRONG;
	else if (a->targets && r->predicted == minimal_target(a, i))
		r->status = MINIMAL_SAME;
	else
		return;
	finish(a, i, r);
}

void minimal_begin(struct minimal *a, struct engine *e)
{
	for (size_t i = 0, n; i < a->n; i += n) {
		n = a->n - i < a->most ? a->n - i : a->most;
		for (size_t j = 0; j < n; j++)
			engine_image(e, j, NPY_F4, a->images + (i + j) * a->pixels);
		engine_forward(e, n);
		const float *logits = engine_output(e);
		for (size_t j = 0; j < n; j++)
			classify(a, i + j, logits + j * a->classes);
	}
}

struct minimal minimal_new(const struct minimal_options *o, const struct spec *spec, float *images,
                           const int32_t *labels, const struct targets *targets, size_t n,
                           size_t batch)
{
	struct minimal a = {.o = o,
	                    .n = n,
	                    .pixels = shape_count(spec->input),
	                    .classes = spec_classes(spec),
	                    .images = images,
	                    .label = labels,
	                    .targets = targets,
	                    .most = batch};
	size_t arrays = o->method->arrays + 2;

	a.passes = o->method->each_class ? a.classes - 1 : 1;
	a.result = xcalloc(n, sizeof *a.result);
	a.lane = xcalloc(batch, sizeof *a.lane);
	a.own = xcalloc(batch, o->method->own);
	a.by_logit = xcalloc(batch, a.classes * sizeof *a.by_logit);
	a.arrays = xaligned(batch * arrays, a.pixels * sizeof *a.arrays);
	for (size_t j = 0; j < batch; j++) {
		struct lane *l = &a.lane[j];
		l->own = a.own + j * o->method->own;
		l->x = a.arrays + j * arrays * a.pixels;
		l->best = l->x + a.pixels;
		l->array = l->best + a.pixels;
	}
	return a;
}

void minimal_free(struct minimal *a)
{
	free(a->result);
	free(a->lane);
	free(a->own);
	free(a->by_logit);
	free(a->arrays);
}

/* ---- the log ---- */

void minimal_log_head(FILE *log)
{
	fputs("image\tlabel\ttarget\tstatus\tpredicted\tsteps\tgradients\tlinf\tl2\trms\t"
	      "constant\n",
	      log);
}

void minimal_log(const struct minimal *a, FILE *log, size_t i)
{
	static const char *const status[] = {[MINIMAL_WRONG] = "wrong",
	                                     [MINIMAL_SAME] = "same",
	                                     [MINIMAL_FOUND] = "found",
	                                     [MINIMAL_FAILED] = "failed"};
	const struct minimal_result *r = &a->result[i];

	fprintf(log, "%zu\t%" PRId32 "\t", i, a->label[i]);
	if (a->targets)
		fprintf(log, "%zu", minimal_target(a, i));
	else
		fputs("nan", log);
	fprintf(log, "\t%s\t%zu\t%" PRIu64 "\t%" PRIu64 "\t%.9g\t%.9g\t%.9g\t", status[r->status],
	        r->predicted, r->steps, r->gradients, r->linf, r->l2,
	        r->l2 / 255 / sqrt((double)a->pixels));
	if (isnan(r->constant))
		fputs("nan\n", log);
	else
		fprintf(log, "%.9g\n", r->constant);
}
