/* Convolutions with few channels on both sides, on tensors in C order, by loops of our own. */
#include "engine/narrow.h"

#include <stdlib.h>
#include <string.h>

#include "engine/plan.h"

#define LOOPS "engine/narrow_loops.h"
#include "vector/each_level.h"

static narrow_rows *const rows[LEVELS] = EACH_LEVEL(narrow_rows);
static narrow_add *const add_products[LEVELS] = EACH_LEVEL(narrow_add);

/* The layer's parameters, in the order of struct spec. */
enum { WEIGHTS, BIAS };

/* Planes of long rows, for each thread.  Where a kernel reads them there are zeros around, and only
 * the inside is ever written. */
struct frame {
	size_t h, w, channels; /* inside */
	size_t first;          /* where the inside of a plane begins */
	size_t plane, size;    /* floats */
	float *data;
};

struct narrow {
	size_t pitch; /* from row to row, everywhere */
	struct frame src, dst, diff_src, diff_dst;
	size_t taps, *at;   /* channel x kernel */
	size_t turned, *to; /* output x kernel: the taps of the gradient to the input */
	float *weights;     /* these taps' weights, for each thread */
	float *sums;        /* of products, for each thread */
	size_t sum;         /* floats of a thread's */
	float *part;        /* the gradients of the slices, a row each: weights, then bias */
	size_t bias_at, row;
};

static void slice(const struct engine *e, const struct op *op, size_t *best, size_t *least)
{
	size_t in = shape_count(op->layer->in), out = shape_count(op->layer->out);

	(void)e;
	*best = SLICE_FLOATS / (in > out ? in : out);
	*least = 1;
}

/* ---- frames ---- */

static struct frame frame_new(const struct engine *e, struct shape s, size_t first, size_t plane)
{
	struct frame f = {s.h, s.w, s.c, first, plane, slot_room(s.c * plane + NARROW_TILE), NULL};

	f.data = xaligned((size_t)e->threads * f.size, sizeof *f.data);
	return f;
}

static float *frame_of(const struct frame *f, int thread)
{
	return f->data + (size_t)thread * f->size;
}

/* Between an image in C order and a thread's frame. */
static void frame_take(const struct frame *f, size_t pitch, const float *image, float *to)
{
	for (size_t c = 0; c < f->channels; c++)
		for (size_t y = 0; y < f->h; y++, image += f->w)
			memcpy(to + c * f->plane + f->first + y * pitch, image,
			       f->w * sizeof *image);
}

static void frame_give(const struct frame *f, size_t pitch, const float *from, float *image)
{
	for (size_t c = 0; c < f->channels; c++)
		for (size_t y = 0; y < f->h; y++, image += f->w)
			memcpy(image, from + c * f->plane + f->first + y * pitch,
			       f->w * sizeof *image);
}

/* ---- preparation ---- */

/* Products are of so many taps; what is beyond the kernel's is of its first, and left alone. */
static size_t filled(size_t taps)
{
	return (taps + NARROW_TAPS - 1) / NARROW_TAPS * NARROW_TAPS;
}

/* The distances of `channels` x kernel taps, filled up. */
static size_t *distances(const struct layer *l, size_t channels, size_t plane, size_t pitch)
{
	size_t columns = l->kernel[1], taps = l->kernel[0] * columns;
	size_t *at = xcalloc(filled(channels * taps), sizeof *at);

	for (size_t i = 0; i < channels * taps; i++)
		at[i] = i / taps * plane + i % taps / columns * pitch + i % columns;
	return at;
}

/*
 * Back, an input is reached from the outputs before it: the distances are those to the kernel's
 * corner less a tap's.  In front of the outputs' gradients there are as many zeros as a kernel
 * reaches; behind each row of them, too, since a row has pitch - kernel + 1 outputs; behind the
 * last row, where inputs are in the padding's place, and a vector longer.
 */
static void prepare_frames(struct engine *e, const struct op *op, struct narrow *m)
{
	const struct layer *l = op->layer;
	size_t padded = l->pad_before[0] + l->in.h + l->pad_after[0];

	m->pitch = l->pad_before[1] + l->in.w + l->pad_after[1];
	size_t inside = l->pad_before[0] * m->pitch + l->pad_before[1];
	size_t reach = (l->kernel[0] - 1) * m->pitch + l->kernel[1] - 1;
	m->src = frame_new(e, l->in, inside, padded * m->pitch);
	m->at = distances(l, l->in.c, m->src.plane, m->pitch);
	m->taps = l->in.c * l->kernel[0] * l->kernel[1];
	m->dst = frame_new(e, l->out, 0, padded * m->pitch + NARROW_TILE);
	if (!op->back)
		return;
	m->diff_dst = frame_new(e, l->out, reach, reach + padded * m->pitch + NARROW_LANES);
	m->diff_src = frame_new(e, l->in, 0, padded * m->pitch + NARROW_TILE);
	m->turned = l->out.c * l->kernel[0] * l->kernel[1];
	m->to = distances(l, l->out.c, m->diff_dst.plane, m->pitch);
	for (size_t i = 0; i < m->turned; i++) {
		size_t plane = i / (l->kernel[0] * l->kernel[1]) * m->diff_dst.plane;
		m->to[i] = plane + inside + reach - (m->to[i] - plane);
	}
	m->weights =
		xaligned((size_t)e->threads * slot_room(m->turned * l->in.c), sizeof *m->weights);
}

static void prepare(struct engine *e, struct op *op)
{
	const struct layer *l = op->layer;
	struct narrow *m = op->own = xcalloc(1, sizeof *m);
	struct slot weights = {.kind = SLOT_TAPS, .width = l->out.c};

	shape_tensor(op->dst, l->out, 1);
	prepare_frames(e, op, m);
	weights.floats = m->taps * l->out.c;
	m->bias_at = slot_room(weights.floats);
	m->row = m->bias_at + (l->bias ? l->out.c : 0);
	if (op->trains) {
		m->sum = (filled(m->taps) + 1) * l->out.c * NARROW_LANES;
		m->sums = xaligned((size_t)e->threads * m->sum, sizeof *m->sums);
		m->part = xaligned(e->plan.n / op->n * m->row, sizeof *m->part);
	}
	*slot_of(e, op, WEIGHTS) = weights;
	if (l->bias)
		*slot_of(e, op, BIAS) = (struct slot){.kind = SLOT_ROW, .floats = l->out.c};
	op->src->whole |= op->trains;
	op->dst->whole |= op->back && op->relu && !op->next_derives;
}

/* ---- forward ---- */

/* The numbers of h rows of which the last one ends with its w-th. */
static size_t long_row(const struct narrow *m, size_t h, size_t w)
{
	return (h - 1) * m->pitch + w;
}

static void forward(struct engine *e, struct op *op, struct slice s)
{
	const struct narrow *m = op->own;
	const struct layer *l = op->layer;
	const float *image = tensor_at(e, op->src, s);
	float *x = frame_of(&m->src, s.thread), *y = frame_of(&m->dst, s.thread);
	float *to = tensor_at(e, op->dst, s);
	const struct narrow_sums sums = {
		.taps = m->taps,
		.at = m->at,
		.weights = e->values + slot_of(e, op, WEIGHTS)->offset,
		.bias = l->bias ? e->values + slot_of(e, op, BIAS)->offset : NULL,
		.relu = op->relu,
		.n = long_row(m, l->out.h, l->out.w),
		.step = m->dst.plane,
	};

	for (size_t i = 0; i < op->n; i++) {
		frame_take(&m->src, m->pitch, image + i * op->src->image, x);
		rows[e->level](&sums, l->out.c, x, y);
		frame_give(&m->dst, m->pitch, y, to + i * op->dst->image);
	}
}

/* ---- backward ---- */

/* The weights from channel x kernel x output to output x kernel x channel. */
static float *turn_weights(const struct engine *e, const struct op *op, int thread)
{
	const struct narrow *m = op->own;
	size_t channels = op->layer->in.c, outputs = op->layer->out.c, kernel = m->taps / channels;
	const float *from = e->values + slot_of(e, op, WEIGHTS)->offset;
	float *to = m->weights + (size_t)thread * slot_room(m->turned * channels);

	for (size_t i = 0; i < m->taps; i++)
		for (size_t o = 0; o < outputs; o++)
			to[(o * kernel + i % kernel) * channels + i / kernel] =
				from[i * outputs + o];
	return to;
}

/* The slice's row of gradients, from sums of a vector each. */
static void give_part(const struct engine *e, const struct op *op, const float *sums, float *part)
{
	const struct narrow *m = op->own;
	size_t outputs = op->layer->out.c, weights = m->taps * outputs;
	size_t bias_sums = filled(m->taps) * outputs;

	for (size_t i = 0; i < m->row; i++) {
		bool bias = i >= m->bias_at;
		const float *from = sums + (bias ? bias_sums + i - m->bias_at : i) * e->lanes;
		part[i] = 0;
		for (size_t k = 0; (bias || i < weights) && k < e->lanes; k++)
			part[i] += from[k];
	}
}

static void to_weights(struct engine *e, struct op *op, struct slice s, const float *d)
{
	const struct narrow *m = op->own;
	const struct layer *l = op->layer;
	const float *image = tensor_at(e, op->src, s);
	float *x = frame_of(&m->src, s.thread), *y = frame_of(&m->diff_dst, s.thread);
	float *sums = m->sums + (size_t)s.thread * m->sum;
	const struct narrow_products products = {.taps = filled(m->taps),
	                                         .at = m->at,
	                                         .n = long_row(m, l->out.h, l->out.w),
	                                         .step = m->diff_dst.plane};

	memset(sums, 0, m->sum * sizeof *sums);
	for (size_t i = 0; i < op->n; i++) {
		frame_take(&m->src, m->pitch, image + i * op->src->image, x);
		frame_take(&m->diff_dst, m->pitch, d + i * op->dst->image, y);
		add_products[e->level](&products, l->out.c, x, y + m->diff_dst.first, sums);
	}
	give_part(e, op, sums, m->part + s.first / op->n * m->row);
}

static void to_input(struct engine *e, struct op *op, struct slice s, const float *d)
{
	const struct narrow *m = op->own;
	const struct layer *l = op->layer;
	float *x = frame_of(&m->diff_dst, s.thread), *y = frame_of(&m->diff_src, s.thread);
	float *to = tensor_at(e, op->diff_src, s);
	const struct narrow_sums sums = {.taps = m->turned,
	                                 .at = m->to,
	                                 .weights = turn_weights(e, op, s.thread),
	                                 .n = long_row(m, l->in.h, l->in.w),
	                                 .step = m->diff_src.plane};

	for (size_t i = 0; i < op->n; i++) {
		frame_take(&m->diff_dst, m->pitch, d + i * op->dst->image, x);
		rows[e->level](&sums, l->in.c, x, y);
		frame_give(&m->diff_src, m->pitch, y, to + i * op->src->image);
	}
}

static void backward(struct engine *e, struct op *op, struct slice s)
{
	float *d = tensor_at(e, op->diff_dst, s);

	if (op->relu && !op->next_derives)
		derive_relu(e, tensor_at(e, op->dst, s), d, op->n * op->dst->image);
	if (op->trains)
		to_weights(e, op, s, d);
	if (op->diff_src)
		to_input(e, op, s, d);
}

static void add_parts(struct engine *e, struct op *op, struct slice s)
{
	const struct narrow *m = op->own;

	sum_parts(m->part, m->row, (e->n + op->n - 1) / op->n, s.first,
	          e->gradients + slot_of(e, op, WEIGHTS)->offset);
}

/* ---- the op ---- */

static void add_backward(struct plan *p, struct op *op)
{
	add_sliced(p, &p->backward, op, backward);
}

static void add_after(struct plan *p, struct op *op)
{
	if (op->trains)
		join_spread(&p->backward, op, add_parts, SUM_PIECES);
}

static void destroy(struct op *op)
{
	struct narrow *m = op->own;

	free(m->src.data);
	free(m->dst.data);
	free(m->diff_src.data);
	free(m->diff_dst.data);
	free(m->at);
	free(m->to);
	free(m->weights);
	free(m->sums);
	free(m->part);
	free(m);
}

const struct op_kind op_narrow = {.slice = slice,
                                  .prepare = prepare,
                                  .step = forward,
                                  .backward = add_backward,
                                  .after = add_after,
                                  .free = destroy};
