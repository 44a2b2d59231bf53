/* Max pooling by loops of our own, whose backward pass includes the ReLU before. */
#include "engine/maxpool.h"

#include <stdlib.h>

#define ONE_LANE
#define LOOPS "engine/maxpool_loops.h"
#include "vector/each_level.h"

static maxpool_down *const downs[LEVELS] = EACH_LEVEL(maxpool_forward);
static maxpool_up *const ups[LEVELS] = EACH_LEVEL(maxpool_backward);

static void prepare(struct engine *e, struct op *op)
{
	const struct layer *l = op->layer;
	struct maxpool *m = op->own = xcalloc(1, sizeof *m);

	if (l->kernel[0] * l->kernel[1] >= NOWHERE)
		die("layer %s: a window of %zux%zu is too large", l->name, l->kernel[0],
		    l->kernel[1]);
	m->in[0] = l->in.h, m->in[1] = l->in.w;
	m->out[0] = l->out.h, m->out[1] = l->out.w;
	m->tiled = true;
	for (int i = 0; i < 2; i++) {
		m->kernel[i] = l->kernel[i];
		m->stride[i] = l->stride[i];
		m->before[i] = l->pad_before[i];
		m->tiled = m->tiled && m->kernel[i] == m->stride[i] &&
		           m->out[i] * m->stride[i] == m->in[i];
	}
	shape_tensor(op->dst, l->out, op->src->block);
	if (op->back)
		m->at = xaligned(e->plan.n * op->dst->image, sizeof *m->at);
	m->relu = op->derives && e->o.rule != RELU_DECONV;
	m->only_positive = op->derives && e->o.rule != RELU_PLAIN;
}

static void forward(struct engine *e, struct op *op, struct slice s)
{
	const struct maxpool *m = op->own;
	size_t from = op->src->image / op->src->blocks, to = op->dst->image / op->dst->blocks;
	const float *src = tensor_at(e, op->src, s);
	float *dst = tensor_at(e, op->dst, s);
	maxpool_down *down = op->src->block == 1 ? maxpool_forward_one : downs[e->level];
	place *at = m->at ? m->at + s.first * op->dst->image : NULL;

	for (size_t i = 0; i < op->n * op->dst->blocks; i++)
		down(m, src + i * from, dst + i * to, at ? at + i * to : NULL);
}

static void backward(struct engine *e, struct op *op, struct slice s)
{
	const struct maxpool *m = op->own;
	size_t from = op->src->image / op->src->blocks, to = op->dst->image / op->dst->blocks;
	const float *d = tensor_at(e, op->diff_dst, s);
	float *gradient = tensor_at(e, op->diff_src, s);
	maxpool_up *up = op->src->block == 1 ? maxpool_backward_one : ups[e->level];
	const place *at = m->at + s.first * op->dst->image;

	for (size_t i = 0; i < op->n * op->dst->blocks; i++)
		up(m, gradient + i * from, d + i * to, at + i * to);
}

static void destroy(struct op *op)
{
	struct maxpool *m = op->own;

	free(m->at);
	free(m);
}

const struct op_kind op_maxpool = {
	.prepare = prepare, .step = forward, .step_back = backward, .free = destroy};
