/* Max pooling by loops of our own, whose backward pass includes the ReLU before. */
#include "engine/maxpool.h"

#include <stdlib.h>

#define LANES      16
#define NAME(word) word##_16
#include "engine/maxpool_loops.h"
#undef LANES
#undef NAME
#define LANES      8
#define NAME(word) word##_8
#include "engine/maxpool_loops.h"
#undef LANES
#undef NAME
#define LANES      1
#define NAME(word) word##_1
#include "engine/maxpool_loops.h"

static void prepare(struct engine *e, struct op *op)
{
	const struct layer *l = op->layer;
	struct maxpool *m = op->own = xcalloc(1, sizeof *m);

	if (l->kernel[0] * l->kernel[1] >= NOWHERE)
		die("layer %s: a window of %zux%zu is too large", l->name, l->kernel[0],
		    l->kernel[1]);
	m->block = dnn_channel_block(op->src->layout);
	m->planes = floats(op->src) / (l->in.h * l->in.w * m->block);
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
	op->dst->layout =
		dnn_like(e->dnn, op->src->layout, (size_t[]){op->n, l->out.c, l->out.h, l->out.w});
	if (e->o.train || e->o.input_gradient)
		m->at = xcalloc(floats(op->dst) * op->slices, sizeof *m->at);
	m->relu = op->derives && e->o.rule != RELU_DECONV;
	m->only_positive = op->derives && e->o.rule != RELU_PLAIN;
}

static void bind(struct engine *e, struct op *op)
{
	(void)e;
	(void)op;
}

static void forward(struct engine *e, struct op *op)
{
	const struct maxpool *m = op->own;
	size_t from = m->in[0] * m->in[1] * m->block, to = m->out[0] * m->out[1] * m->block;
	void (*plane)(const struct maxpool *, const float *, float *, place *) =
		m->block % 16 == 0  ? maxpool_forward_16
		: m->block % 8 == 0 ? maxpool_forward_8
				    : maxpool_forward_1;
	place *at = m->at ? m->at + op->slice * floats(op->dst) : NULL;

	(void)e;
#pragma omp parallel for schedule(static)
	for (size_t i = 0; i < m->planes; i++)
		plane(m, op->src->data + i * from, op->dst->data + i * to, at ? at + i * to : NULL);
}

static void backward(struct engine *e, struct op *op)
{
	const struct maxpool *m = op->own;
	size_t from = m->in[0] * m->in[1] * m->block, to = m->out[0] * m->out[1] * m->block;
	void (*plane)(const struct maxpool *, float *, const float *, const place *) =
		m->block % 16 == 0  ? maxpool_backward_16
		: m->block % 8 == 0 ? maxpool_backward_8
				    : maxpool_backward_1;
	const place *at = m->at + op->slice * floats(op->dst);

	(void)e;
	if (!op->diff_src)
		return;
#pragma omp parallel for schedule(static)
	for (size_t i = 0; i < m->planes; i++)
		plane(m, op->diff_src->data + i * from, op->diff_dst->data + i * to, at + i * to);
}

static void destroy(struct op *op)
{
	struct maxpool *m = op->own;

	free(m->at);
	free(m);
}

const struct op_kind op_maxpool = {prepare, bind, forward, backward, destroy};
