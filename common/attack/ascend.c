#include "attack/ascend.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "num/num.h"

/* ---- a step of one image ---- */

/* v moves along the derivative of C. */
static void climb(const struct ascent *a, float *v, const float *seen, const float *like,
                  const float *gradient)
{
	float step = (float)a->o->step, pull = (float)(2 * a->o->beta / (double)a->pixels);

	if (like)
		for (size_t k = 0; k < a->pixels; k++)
			v[k] += step * (gradient[k] - pull * (seen[k] - like[k]));
	else
		for (size_t k = 0; k < a->pixels; k++)
			v[k] += step * gradient[k];
}

static void regularise(const struct ascent *a, float *v, int64_t step)
{
	float zero = a->zero, keep = (float)(1 - a->o->decay);
	size_t plane = a->shape.h * a->shape.w;

	if (a->o->decay > 0)
		for (size_t k = 0; k < a->pixels; k++)
			v[k] = zero + keep * (v[k] - zero);
	if (a->blur && (step + 1) % a->o->blur_every == 0)
		for (size_t c = 0; c < a->shape.c; c++)
			image_blur(a->blur, v + c * plane, a->shape.h, a->shape.w);
}

/* v is `fixed` less than what the network sees: within the bound first, then within the box. */
static void confine(const struct ascent *a, float *v, const float *start)
{
	float bound = (float)a->o->bound;

	for (size_t k = 0; k < a->pixels; k++) {
		float fixed = a->o->noise ? start[k] : 0, centre = start[k] - fixed, x = v[k];
		x = x > centre + bound ? centre + bound : x;
		x = x < centre - bound ? centre - bound : x;
		if (a->o->box) {
			x = x > 255 - fixed ? 255 - fixed : x;
			x = x < 0 - fixed ? 0 - fixed : x;
		}
		v[k] = x;
	}
}

/* What follows any change of v. */
static void settle(const struct ascent *a, size_t i)
{
	const float *start = a->start + i * a->pixels;
	float *v = a->v + i * a->pixels, *seen = a->seen + i * a->pixels;

	if (a->o->box || isfinite(a->o->bound))
		confine(a, v, start);
	if (a->o->noise)
		for (size_t k = 0; k < a->pixels; k++)
			seen[k] = start[k] + v[k];
}

static const float *like_of(const struct ascent *a, size_t i)
{
	return a->like ? a->like + i % a->likes * a->pixels : NULL;
}

static void update(const struct ascent *a, size_t i, int64_t step, const float *gradient)
{
	float *v = a->v + i * a->pixels;

	climb(a, v, a->seen + i * a->pixels, like_of(a, i), gradient);
	regularise(a, v, step);
	settle(a, i);
}

/* ---- the log ---- */

void ascent_log_head(FILE *log)
{
	fputs("step\timage\ttarget\tpredicted\tlogit\tprobability\tcost\tmse\n", log);
}

static double mean_square(const float *x, const float *y, size_t n)
{
	double sum = 0;

	for (size_t k = 0; k < n; k++) {
		double d = (double)x[k] - (double)y[k];
		sum += d * d;
	}
	return sum / (double)n;
}

static void log_row(const struct ascent *a, int64_t step, size_t i, const float *logits,
                    double probability)
{
	size_t c = targets_class(a->targets, i, logits, a->classes);
	const float *like = like_of(a, i);
	double mse = mean_square(a->seen + i * a->pixels, like ? like : a->start + i * a->pixels,
	                         a->pixels);
	double cost = (double)logits[c] - (like ? a->o->beta * mse : 0);

	fprintf(a->log, "%" PRId64 "\t%zu\t%zu\t%zu\t%.9g\t%.9g\t%.9g\t%.9g\n", step, i, c,
	        num_argmax(logits, a->classes), (double)logits[c], probability, cost, mse);
}

/* ---- a step of all ---- */

/* Whether image i is to be changed once more, given the logits it has; logs it if that is due. */
static bool look(const struct ascent *a, size_t i, int64_t step, const float *logits)
{
	bool last = step == a->o->steps;
	bool due = a->log && (last || step % a->o->log_every == 0);

	if (!due && isnan(a->o->until))
		return !last;
	num_softmax(logits, 1, a->classes, a->softmax);
	double probability = (double)a->softmax[targets_class(a->targets, i, logits, a->classes)];
	bool done = probability >= a->o->until;
	if (due || (done && a->log))
		log_row(a, step, i, logits, probability);
	return !last && !done;
}

/* A step of the n active images from `first` on; returns how many of them go on, which then are
 * those from `to` on. */
static size_t step_batch(struct ascent *a, struct engine *e, size_t first, size_t n, size_t to,
                         int64_t step)
{
	const size_t *image = a->active + first;
	size_t on = 0;

	for (size_t j = 0; j < n; j++)
		engine_image(e, j, NPY_F4, a->seen + image[j] * a->pixels);
	engine_forward(e, n);
	const float *logits = engine_output(e);
	for (size_t j = 0; j < n; j++, logits += a->classes) {
		on += a->goes_on[j] = look(a, image[j], step, logits);
		cost_gradient(COST_LOGIT, logits, a->classes,
		              targets_class(a->targets, image[j], logits, a->classes),
		              a->gradient + j * a->classes);
	}
	if (!on)
		return 0;
	engine_backward(e, n, a->gradient);
	const float *gradient = engine_input_gradient(e);
	for (size_t j = 0; j < n; j++)
		if (a->goes_on[j]) {
			update(a, image[j], step, gradient + j * a->pixels);
			a->active[to++] = image[j];
		}
	return on;
}

bool ascent_step(struct ascent *a, struct engine *e, int64_t step)
{
	size_t on = 0;

	/* Only a log has use for what the last step led to. */
	if (step == a->o->steps && !a->log)
		return false;
	for (size_t i = 0; i < a->actives; i += a->batch)
		on += step_batch(a, e, i, a->actives - i < a->batch ? a->actives - i : a->batch, on,
		                 step);
	a->actives = on;
	return on > 0;
}

/* ---- begin and end ---- */

static void start_from(struct ascent *a, float *images)
{
	size_t all = a->n * a->pixels;
	float *others = xcalloc(all, sizeof *others);

	memcpy(others, images, all * sizeof *others);
	a->seen = images;
	a->start = others;
	a->v = a->o->noise ? xcalloc(all, sizeof *a->v) : a->seen;
	for (size_t i = 0; i < a->n; i++) {
		a->active[i] = i;
		settle(a, i);
	}
}

struct ascent ascent_new(const struct ascend_options *o, const struct spec *spec, float *images,
                         size_t n, size_t batch)
{
	const struct shape s = spec->input;
	struct ascent a = {.o = o,
	                   .n = n,
	                   .pixels = shape_count(s),
	                   .classes = spec_classes(spec),
	                   .shape = s,
	                   .zero = o->noise ? 0 : (float)spec->mean,
	                   .actives = n,
	                   .batch = batch};

	a.active = xcalloc(n, sizeof *a.active);
	a.gradient = xcalloc(batch, a.classes * sizeof *a.gradient);
	a.softmax = xcalloc(a.classes, sizeof *a.softmax);
	a.goes_on = xcalloc(batch, sizeof *a.goes_on);
	if (o->blur > 0)
		a.blur = image_blur_new(o->blur, s.h > s.w ? s.h : s.w);
	start_from(&a, images);
	return a;
}

void ascent_free(struct ascent *a)
{
	if (a->v != a->seen)
		free(a->v);
	free(a->seen);
	free(a->start);
	free(a->active);
	free(a->gradient);
	free(a->softmax);
	free(a->goes_on);
	image_blur_free(a->blur);
}
