/*
 * Maps masked by the template of their peak (spec.h), by loops of our own.
 *
 * The mask is max(T / tau, 0): around the peak a cone that falls from 1, and 0 elsewhere.  (Zhang,
 * Wu and Zhu print max(x o T, 0), which would scale maps by tau, some 0.01; their programs have no
 * tau there.)  The peak counts as given on the way back, so that the gradient gets the same mask.
 */
#include "engine/template.h"

#include <stdlib.h>

#define LOOPS "engine/template_loops.h"
#include "vector/each_level.h"

static template_peak *const peak[LEVELS] = EACH_LEVEL(template_peak);
static template_mask *const mask[LEVELS] = EACH_LEVEL(template_mask);

/* Where the peaks are: of every channel of every image. */
struct template
{
	int32_t *at;
};

static void prepare(struct engine *e, struct op *op)
{
	struct template *t = op->own = xcalloc(1, sizeof *t);

	shape_tensor(op->dst, op->layer->out, e->lanes);
	t->at = xaligned(e->plan.n * op->dst->blocks * e->lanes, sizeof *t->at);
}

static void forward(struct engine *e, struct op *op, struct slice s)
{
	const struct template *t = op->own;
	size_t blocks = op->dst->blocks, plane = op->dst->image / blocks;
	const float *src = tensor_at(e, op->src, s);
	float *dst = tensor_at(e, op->dst, s);
	int32_t *at = t->at + s.first * blocks * e->lanes;

	for (size_t i = 0; i < op->n * blocks; i++) {
		peak[e->level](&op->layer->in, src + i * plane, at + i * e->lanes);
		mask[e->level](&op->layer->in, src + i * plane, at + i * e->lanes, dst + i * plane);
	}
}

static void backward(struct engine *e, struct op *op, struct slice s)
{
	const struct template *t = op->own;
	size_t blocks = op->dst->blocks, plane = op->dst->image / blocks;
	const float *d = tensor_at(e, op->diff_dst, s);
	float *gradient = tensor_at(e, op->diff_src, s);
	const int32_t *at = t->at + s.first * blocks * e->lanes;

	for (size_t i = 0; i < op->n * blocks; i++)
		mask[e->level](&op->layer->in, d + i * plane, at + i * e->lanes,
		               gradient + i * plane);
}

static void destroy(struct op *op)
{
	struct template *t = op->own;

	free(t->at);
	free(t);
}

const struct op_kind op_template = {
	.prepare = prepare, .step = forward, .step_back = backward, .free = destroy};
