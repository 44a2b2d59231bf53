/*
 * A convolution on images of a channel or a few, which is a network's first layer, by loops of our
 * own: for some directions oneDNN has its reference implementation only, which takes a hundred
 * times as long as all else in a step.
 */
#include "engine/pixels.h"

#include <stdlib.h>
#include <string.h>

#include "engine/plan.h"
#include "vector/tile.h"

#define LOOPS "engine/pixels_loops.h"
#include "vector/each_level.h"

static pixels_weights *const pixels_to_weights[LEVELS] = EACH_LEVEL(pixels_to_weights);
static pixels_channel *const pixels_to_channel[LEVELS] = EACH_LEVEL(pixels_to_channel);

/* The layer's parameters, in the order of struct spec. */
enum { WEIGHTS, BIAS };

struct first {
	struct pixels p;
	float *padded; /* an image for each thread; its border stays zero */
	float *part;   /* the gradients of the slices, a row each: weights, then bias */
	size_t bias_at, row;
	bool to_input;
};

static void slice(const struct engine *e, const struct op *op, size_t *best, size_t *least)
{
	(void)e;
	*best = SLICE_FLOATS / shape_count(op->layer->out);
	*least = 1;
}

/* What row (or column) i is seen by. */
static struct reach reach_of(const struct pixels *p, int axis, size_t i)
{
	size_t at = i + p->before[axis], stride = p->stride[axis];
	struct reach r = {0};

	for (size_t k = at % stride; k < p->kernel[axis] && k <= at; k += stride) {
		size_t o = (at - k) / stride;
		if (o >= p->out[axis])
			continue;
		if (!r.count++)
			r = (struct reach){k, o, 1};
	}
	return r;
}

static struct pixels pixels_of(const struct layer *l, const struct tensor *dst)
{
	struct pixels p = {.channels = l->in.c,
	                   .in = {l->in.h, l->in.w},
	                   .out = {l->out.h, l->out.w},
	                   .filters = dst->blocks * dst->block,
	                   .blocks = dst->blocks};

	for (int axis = 0; axis < 2; axis++) {
		p.kernel[axis] = l->kernel[axis];
		p.stride[axis] = l->stride[axis];
		p.before[axis] = l->pad_before[axis];
		p.padded[axis] = l->pad_before[axis] + p.in[axis] + l->pad_after[axis];
		p.reach[axis] = xcalloc(p.in[axis], sizeof *p.reach[axis]);
		for (size_t i = 0; i < p.in[axis]; i++)
			p.reach[axis][i] = reach_of(&p, axis, i);
	}
	p.taps = p.channels * p.kernel[0] * p.kernel[1];
	p.at = xcalloc(p.taps, sizeof *p.at);
	for (size_t i = 0; i < p.taps; i++) {
		size_t row = i / p.kernel[1], column = i % p.kernel[1];
		size_t c = row / p.kernel[0], y = row % p.kernel[0];
		p.at[i] = (c * p.padded[0] + y) * p.padded[1] + column;
	}
	return p;
}

static void prepare(struct engine *e, struct op *op)
{
	const struct layer *l = op->layer;
	struct first *f = op->own = xcalloc(1, sizeof *f);

	shape_tensor(op->dst, l->out, e->lanes);
	f->p = pixels_of(l, op->dst);
	f->padded = xaligned((size_t)e->threads * f->p.channels * f->p.padded[0] * f->p.padded[1],
	                     sizeof *f->padded);
	f->to_input = op->diff_src;
	f->bias_at = slot_room(f->p.taps * f->p.filters);
	f->row = f->bias_at + (l->bias ? f->p.filters : 0);
	if (op->trains)
		f->part = xaligned(e->plan.n / op->n * f->row, sizeof *f->part);
	*slot_of(e, op, WEIGHTS) = (struct slot){
		.kind = SLOT_TAPS, .width = f->p.filters, .floats = f->p.taps * f->p.filters};
	if (l->bias)
		*slot_of(e, op, BIAS) = (struct slot){.kind = SLOT_ROW, .floats = f->p.filters};
	op->src->whole = true;
	op->dst->whole |= op->back && op->relu && !op->next_derives;
}

/* ---- passes ---- */

/* The image with its zeros around. */
static const float *pad(const struct first *f, const float *image, int thread)
{
	const struct pixels *p = &f->p;
	size_t plane = p->padded[0] * p->padded[1];
	float *padded = f->padded + (size_t)thread * p->channels * plane;

	for (size_t c = 0; c < p->channels; c++)
		for (size_t y = 0; y < p->in[0]; y++)
			memcpy(padded + c * plane + (y + p->before[0]) * p->padded[1] +
			               p->before[1],
			       image + (c * p->in[0] + y) * p->in[1], p->in[1] * sizeof *image);
	return padded;
}

/* The same tile again and again along a row of outputs, from column x on. */
static void tiles(const struct engine *e, const struct pixels *p, struct tile t, size_t x)
{
	t.a += x * p->stride[1];
	t.c += x * e->lanes;
	t.a_next = t.rows * p->stride[1];
	t.c_next = t.rows * e->lanes;
	if (p->stride[1] == 1)
		tile_unit[e->level](&t);
	else if (p->stride[1] == 2)
		tile_two[e->level](&t);
	else
		tile_any(&t, p->stride[1], e->level);
}

/* Cut a row of outputs into tiles of which none has a pixel more than another, or just one. */
static void tile_row(const struct engine *e, const struct pixels *p, struct tile t)
{
	size_t n = p->out[1], most = tile_rows(e->level), parts = (n + most - 1) / most;
	size_t larger = n % parts;

	t.rows = n / parts + 1;
	t.repeat = larger;
	if (larger)
		tiles(e, p, t, 0);
	size_t x = larger * t.rows;
	t.rows = n / parts;
	t.repeat = parts - larger;
	tiles(e, p, t, x);
}

static void forward(struct engine *e, struct op *op, struct slice s)
{
	const struct first *f = op->own;
	const struct pixels *p = &f->p;
	const float *weights = e->values + slot_of(e, op, WEIGHTS)->offset;
	const float *bias = op->layer->bias ? e->values + slot_of(e, op, BIAS)->offset : NULL;
	size_t plane = p->out[0] * p->out[1] * e->lanes;

	for (size_t i = 0; i < op->n; i++) {
		const float *image =
			pad(f, tensor_at(e, op->src, s) + i * op->src->image, s.thread);
		float *to = tensor_at(e, op->dst, s) + i * op->dst->image;
		for (size_t b = 0; b < p->blocks; b += 2)
			for (size_t y = 0; y < p->out[0]; y++)
				tile_row(e, p,
				         (struct tile){
						 .vectors = p->blocks - b > 1 ? 2 : 1,
						 .k = p->taps,
						 .a = image + y * p->stride[0] * p->padded[1],
						 .at = p->at,
						 .b = weights + b * e->lanes,
						 .b_step = p->filters,
						 .c = to + b * plane + y * p->out[1] * e->lanes,
						 .c_row = e->lanes,
						 .c_vector = plane,
						 .bias = bias ? bias + b * e->lanes : NULL,
						 .relu = op->relu,
					 });
	}
}

static void backward(struct engine *e, struct op *op, struct slice s)
{
	const struct first *f = op->own;
	const struct pixels *p = &f->p;
	float *d = tensor_at(e, op->diff_dst, s);
	const float *weights = e->values + slot_of(e, op, WEIGHTS)->offset;
	float *part = f->part ? f->part + s.first / op->n * f->row : NULL;

	if (op->relu && !op->next_derives)
		derive_relu(e, tensor_at(e, op->dst, s), d, op->n * op->dst->image);
	if (part)
		memset(part, 0, f->row * sizeof *part);
	for (size_t i = 0; i < op->n; i++, d += op->dst->image) {
		if (part) {
			const float *image =
				pad(f, tensor_at(e, op->src, s) + i * op->src->image, s.thread);
			pixels_to_weights[e->level](p, image, d, part,
			                            op->layer->bias ? part + f->bias_at : NULL);
		}
		for (size_t c = 0; f->to_input && c < p->channels; c++)
			pixels_to_channel[e->level](p, c, weights, d,
			                            tensor_at(e, op->diff_src, s) +
			                                    i * op->src->image +
			                                    c * p->in[0] * p->in[1]);
	}
}

static void add_parts(struct engine *e, struct op *op, struct slice s)
{
	const struct first *f = op->own;

	sum_parts(f->part, f->row, (e->n + op->n - 1) / op->n, s.first,
	          e->gradients + slot_of(e, op, WEIGHTS)->offset);
}

void pixels_repeat(struct pass *pass, struct op *op)
{
	add_apart(pass, op, forward);
}

static void add_backward(struct plan *p, struct op *op)
{
	add_sliced(p, &p->backward, op, backward);
}

static void add_after(struct plan *p, struct op *op)
{
	const struct first *f = op->own;

	if (f->part)
		join_spread(&p->backward, op, add_parts, SUM_PIECES);
}

static void destroy(struct op *op)
{
	struct first *f = op->own;

	free(f->p.at);
	free(f->p.reach[0]);
	free(f->p.reach[1]);
	free(f->padded);
	free(f->part);
	free(f);
}

const struct op_kind op_pixels = {.slice = slice,
                                  .prepare = prepare,
                                  .step = forward,
                                  .backward = add_backward,
                                  .after = add_after,
                                  .free = destroy};
