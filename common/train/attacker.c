#include "train/attacker.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "attack/bounded.h"
#include "base/base.h"
#include "npy/npy.h"
#include "num/num.h"

struct attacker {
	struct adversary of;
	struct engine *engine;
	struct gradient gradient;
	size_t pixels, classes;
	uint64_t seed;
	float *centers, *changed; /* the images as they are, and changed */
	struct rng *keys;
	float *logits; /* of the images as they are, where the goal is about them */
};

/* ---- what the changes increase ---- */

struct goal {
	struct labels labels;
	float *logits;
	size_t classes;
};

static bool increase_loss(void *context, size_t n, const float *logits, float *by_logit)
{
	const struct goal *g = context;

	num_cross_entropy(logits, g->labels, n, g->classes, 0, by_logit, NULL);
	return true;
}

static bool increase_divergence(void *context, size_t n, const float *logits, float *by_logit)
{
	const struct goal *g = context;

	num_divergence(g->logits, logits, n, g->classes, NULL, by_logit);
	return true;
}

static bool keep_logits(void *context, size_t n, const float *logits, float *by_logit)
{
	const struct goal *g = context;

	(void)by_logit;
	memcpy(g->logits, logits, n * g->classes * sizeof *logits);
	return false;
}

/* ---- a batch ---- */

static struct bounded bounded_of(const struct adversary *a, double share)
{
	const double epsilon = share * a->epsilon;
	struct bounded b = {.norm = NORM_LINF,
	                    .steps = a->steps,
	                    .step = share * a->step,
	                    .start = START_UNIFORM,
	                    .spread = epsilon,
	                    .projection = bounded_within(NORM_LINF, epsilon)};

	switch (a->kind) {
	case ADVERSARY_FGSM: b.start = START_CENTER; break;
	case ADVERSARY_FGSM_RS: b.start_free = true; break;
	case ADVERSARY_N_FGSM:
		b.start_free = true;
		b.spread = 2 * epsilon;
		b.projection = bounded_within(NORM_LINF, INFINITY);
		break;
	case ADVERSARY_PGD: break;
	case ADVERSARY_TRADES:
		b.start = START_NORMAL;
		b.spread = 0.001 * 255; /* Zhang et al. 2019, section 5 */
		break;
	}
	return b;
}

const float *attacker_run(struct attacker *a, const struct batch *b, double share)
{
	const struct bounded bounded = bounded_of(&a->of, share);
	struct goal goal = {b->targets.labels, a->logits, a->classes};
	bool diverge = a->of.kind == ADVERSARY_TRADES;

	for (size_t j = 0; j < b->n; j++) {
		npy_convert_elements(NPY_F4, a->centers + j * a->pixels, b->type, b->image[j],
		                     a->pixels);
		a->keys[j] = bounded_key(a->seed, b->epoch, b->which[j]);
	}
	if (diverge)
		gradient_pass(&a->gradient, a->centers, NULL, b->n, keep_logits, &goal);
	bounded_run(&bounded, &a->gradient, a->centers, a->keys, b->n,
	            diverge ? increase_divergence : increase_loss, &goal, a->changed);
	return a->changed;
}

/* ---- begin and end ---- */

struct attacker *attacker_new(const struct spec *spec, const struct adversary *of, uint64_t seed,
                              size_t batch)
{
	struct attacker *a = xcalloc(1, sizeof *a);

	a->of = *of;
	a->engine =
		engine_new(spec, &(struct engine_options){.batch = batch, .input_gradient = true});
	a->gradient = gradient_new(a->engine, spec, batch);
	a->pixels = shape_count(spec->input);
	a->classes = spec_classes(spec);
	a->seed = seed;
	a->centers = xcalloc(batch, a->pixels * sizeof *a->centers);
	a->changed = xcalloc(batch, a->pixels * sizeof *a->changed);
	a->keys = xcalloc(batch, sizeof *a->keys);
	a->logits = xcalloc(batch, a->classes * sizeof *a->logits);
	return a;
}

void attacker_free(struct attacker *a)
{
	if (!a)
		return;
	gradient_free(&a->gradient);
	engine_free(a->engine);
	free(a->centers);
	free(a->changed);
	free(a->keys);
	free(a->logits);
	free(a);
}

struct engine *attacker_engine(struct attacker *a)
{
	return a->engine;
}
