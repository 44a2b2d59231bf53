#include "attack/attack.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "num/num.h"

const struct attack_method attack_methods[] = {
	{"ascend", attack_ascend},
	{NULL, NULL},
};

/* ---- a step of one image ---- */

static const float *like_of(const struct attack *a, size_t i)
{
	return a->like ? a->like + i % a->likes * a->pixels : NULL;
}

/* What follows any change of v. */
static void settle(const struct attack *a, size_t i)
{
	const float *start = a->start + i * a->pixels;
	float *v = a->v + i * a->pixels, *seen = a->seen + i * a->pixels;

	projection_apply(&a->o->projection, v, a->o->noise ? NULL : start,
	                 a->o->noise ? start : NULL, a->pixels);
	if (a->o->noise)
		for (size_t k = 0; k < a->pixels; k++)
			seen[k] = start[k] + v[k];
}

/* From the derivative of the cost that of C. */
static const float *pull_towards(const struct attack *a, const float *seen, const float *like,
                                 const float *gradient)
{
	float pull = (float)(2 * a->o->beta / (double)a->pixels);

	if (!like)
		return gradient;
	for (size_t k = 0; k < a->pixels; k++)
		a->by_pixel[k] = gradient[k] - pull * (seen[k] - like[k]);
	return a->by_pixel;
}

static void update(const struct attack *a, size_t i, int64_t step, const float *gradient)
{
	const float *by_pixel = pull_towards(a, a->seen + i * a->pixels, like_of(a, i), gradient);

	a->o->method->move(a, step, by_pixel, a->v + i * a->pixels);
	settle(a, i);
}

/* ---- the cost ---- */

static size_t class_of(const struct attack *a, size_t i, const float *logits)
{
	return targets_class(a->targets, i, logits, a->outputs);
}

static double value_of(const struct attack *a, size_t i, const float *outputs)
{
	if (a->o->units)
		return units_sum(a->o->units, outputs);
	return cost_value(a->o->cost, outputs, a->outputs, class_of(a, i, outputs));
}

static void differentiate(const struct attack *a, size_t i, const float *outputs, float *by_output)
{
	if (a->o->units)
		units_gradient(a->o->units, by_output);
	else
		cost_gradient(a->o->cost, outputs, a->outputs, class_of(a, i, outputs), by_output);
}

static double probability_of(const struct attack *a, size_t i, const float *logits)
{
	num_softmax(logits, 1, a->outputs, a->softmax);
	return (double)a->softmax[class_of(a, i, logits)];
}

/* ---- the log ---- */

void attack_log_head(const struct attack_options *o, FILE *log)
{
	fprintf(log, "step\timage\t%s\tcost\tmse\n",
	        o->units ? "sum" : "target\tpredicted\tlogit\tprobability");
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

static void log_row(const struct attack *a, int64_t step, size_t i, const float *outputs)
{
	const float *like = like_of(a, i);
	double mse = mean_square(a->seen + i * a->pixels, like ? like : a->start + i * a->pixels,
	                         a->pixels);
	double value = value_of(a, i, outputs);

	fprintf(a->log, "%" PRId64 "\t%zu\t", step, i);
	if (a->o->units) {
		fprintf(a->log, "%.9g", value);
	} else {
		size_t c = class_of(a, i, outputs);
		fprintf(a->log, "%zu\t%zu\t%.9g\t%.9g", c, num_argmax(outputs, a->outputs),
		        (double)outputs[c], probability_of(a, i, outputs));
	}
	fprintf(a->log, "\t%.9g\t%.9g\n", value - (like ? a->o->beta * mse : 0), mse);
}

/* ---- a step of all ---- */

/* Whether image i is to be changed once more, given the outputs it has; logs it if that is due. */
static bool look(const struct attack *a, size_t i, int64_t step, const float *outputs)
{
	bool last = step == a->o->steps;
	bool done = !isnan(a->o->until) && probability_of(a, i, outputs) >= a->o->until;

	if (a->log && (done || last || step % a->o->log_every == 0))
		log_row(a, step, i, outputs);
	return !last && !done;
}

/* The pass of a batch: of the images `image`, and how many of them go on. */
struct pass {
	struct attack *a;
	const size_t *image;
	int64_t step;
	size_t on;
};

static bool look_at_all(void *context, size_t n, const float *outputs, float *by_output)
{
	struct pass *p = context;
	struct attack *a = p->a;

	for (size_t j = 0; j < n; j++, outputs += a->outputs, by_output += a->outputs) {
		p->on += a->goes_on[j] = look(a, p->image[j], p->step, outputs);
		differentiate(a, p->image[j], outputs, by_output);
	}
	return p->on > 0;
}

/* A step of the n active images from `first` on; returns how many of them go on, which then are
 * those from `to` on. */
static size_t step_batch(struct attack *a, struct gradient *g, size_t first, size_t n, size_t to,
                         int64_t step)
{
	struct pass p = {.a = a, .image = a->active + first, .step = step};
	const float *gradient = gradient_pass(g, a->seen, p.image, n, look_at_all, &p);

	for (size_t j = 0; gradient && j < n; j++)
		if (a->goes_on[j]) {
			update(a, p.image[j], step, gradient + j * a->pixels);
			a->active[to++] = p.image[j];
		}
	return p.on;
}

bool attack_step(struct attack *a, struct gradient *g, int64_t step)
{
	size_t on = 0;

	/* Only a log has use for what the last step led to. */
	if (step == a->o->steps && !a->log)
		return false;
	for (size_t i = 0; i < a->actives; i += a->batch)
		on += step_batch(a, g, i, a->actives - i < a->batch ? a->actives - i : a->batch, on,
		                 step);
	a->actives = on;
	return on > 0;
}

/* ---- begin and end ---- */

static void start_from(struct attack *a, float *images)
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

struct attack attack_new(const struct attack_options *o, const struct spec *spec, float *images,
                         size_t n, size_t batch)
{
	const struct shape s = spec->input;
	struct attack a = {.o = o,
	                   .n = n,
	                   .pixels = shape_count(s),
	                   .outputs = o->units ? o->units->outputs : spec_classes(spec),
	                   .shape = s,
	                   .mapping = &spec->mapping,
	                   .actives = n,
	                   .batch = batch};

	a.active = xcalloc(n, sizeof *a.active);
	a.by_pixel = xcalloc(a.pixels, sizeof *a.by_pixel);
	a.softmax = xcalloc(a.outputs, sizeof *a.softmax);
	a.goes_on = xcalloc(batch, sizeof *a.goes_on);
	if (o->blur > 0)
		a.blur = image_blur_new(o->blur, s.h > s.w ? s.h : s.w);
	start_from(&a, images);
	return a;
}

void attack_free(struct attack *a)
{
	if (a->v != a->seen)
		free(a->v);
	free(a->seen);
	free(a->start);
	free(a->active);
	free(a->by_pixel);
	free(a->softmax);
	free(a->goes_on);
	image_blur_free(a->blur);
}
