#include "engine/pixels.h"

#include <stdlib.h>

#define LANES      16
#define NAME(word) word##_16
#include "engine/pixels_loops.h"
#undef LANES
#undef NAME
#define LANES      8
#define NAME(word) word##_8
#include "engine/pixels_loops.h"
#undef LANES
#undef NAME
#define LANES      1
#define NAME(word) word##_1
#include "engine/pixels_loops.h"

bool pixels_can(const struct op *op)
{
	return op->layer->kind == LAYER_CONV && dnn_channel_block(op->src->layout) == 1 &&
	       dnn_channel_block(op->dst->layout) > 0;
}

/* What row (or column) i is seen by. */
static struct reach reach_of(const struct layer *l, int axis, size_t i, size_t outputs)
{
	size_t at = i + l->pad_before[axis], stride = l->stride[axis];
	struct reach r = {0};

	for (size_t k = at % stride; k < l->kernel[axis] && k <= at; k += stride) {
		size_t o = (at - k) / stride;
		if (o >= outputs)
			continue;
		if (!r.count++)
			r = (struct reach){k, o, 1};
	}
	return r;
}

struct pixels *pixels_new(const struct op *op)
{
	const struct layer *l = op->layer;
	struct pixels *p = xcalloc(1, sizeof *p);

	p->n = op->n;
	p->channels = l->in.c;
	p->filters = l->out.c;
	p->in[0] = l->in.h, p->in[1] = l->in.w;
	p->out[0] = l->out.h, p->out[1] = l->out.w;
	p->block = dnn_channel_block(op->dst->layout);
	p->blocks = floats(op->dst) / (op->n * l->out.h * l->out.w * p->block);
	for (int axis = 0; axis < 2; axis++) {
		p->kernel[axis] = l->kernel[axis];
		p->stride[axis] = l->stride[axis];
		p->reach[axis] = xcalloc(p->in[axis], sizeof *p->reach[axis]);
		for (size_t i = 0; i < p->in[axis]; i++)
			p->reach[axis][i] = reach_of(l, axis, i, p->out[axis]);
	}
	p->weights = xaligned(p->channels * p->kernel[0] * p->kernel[1] * p->blocks * p->block,
	                      sizeof *p->weights);
	return p;
}

void pixels_free(struct pixels *p)
{
	if (!p)
		return;
	free(p->reach[0]);
	free(p->reach[1]);
	free(p->weights);
	free(p);
}

/* The filters last; those that pad a block are zero. */
static void arrange(struct pixels *p, const float *weights)
{
	size_t taps = p->channels * p->kernel[0] * p->kernel[1], filters = p->blocks * p->block;

	for (size_t o = 0; o < p->filters; o++)
		for (size_t k = 0; k < taps; k++)
			p->weights[k * filters + o] = *weights++;
}

void pixels_backward(struct pixels *p, const float *weights, const float *from, float *to)
{
	size_t filters = p->blocks * p->block;
	size_t image = filters * p->out[0] * p->out[1], plane = p->in[0] * p->in[1];
	size_t taps = p->kernel[0] * p->kernel[1];
	void (*loops)(const struct pixels *, const float *, const float *, float *) =
		p->block % 16 == 0  ? pixels_plane_16
		: p->block % 8 == 0 ? pixels_plane_8
				    : pixels_plane_1;

	arrange(p, weights);
#pragma omp parallel for schedule(static)
	for (size_t i = 0; i < p->n; i++)
		for (size_t c = 0; c < p->channels; c++)
			loops(p, p->weights + c * taps * filters, from + i * image,
			      to + (i * p->channels + c) * plane);
}
