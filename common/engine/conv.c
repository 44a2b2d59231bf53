/* Convolutions by oneDNN, on slices of images. */
#include <stdlib.h>
#include <string.h>

#include "engine/plan.h"

/* The layer's parameters, in the order of struct spec. */
enum { WEIGHTS, BIAS };

enum direction { FORWARD, TO_WEIGHTS, TO_INPUT, DIRECTIONS };

/* Where a computation wants the weights, or gives their gradient, in a layout of its own. */
struct detour {
	struct dnn_call *reorder; /* null: no detour */
	float *data;
};

struct conv {
	dnn_op op[DIRECTIONS]; /* null: not computed */
	struct dnn_call *call[DIRECTIONS];
	struct detour weights, gradient;
	/* The gradients of the slices, a row each: weights, then bias, as their slots lie. */
	float *part;
	size_t bias_at, row;
};

/* Weights are read for each slice, and a gradient of them written: with as many outputs as there
 * are weights, that is little beside the computation. */
static void slice(const struct engine *e, const struct op *op, size_t *best, size_t *least)
{
	const struct layer *l = op->layer;
	size_t in = shape_count(l->in), out = shape_count(l->out);
	size_t weights = l->in.c * l->out.c * l->kernel[0] * l->kernel[1];

	(void)e;
	*best = SLICE_FLOATS / (in > out ? in : out);
	*least = weights / out;
}

/*
 * To oneDNN the last block is as full as the others: for numbers of channels that are no multiple
 * of a block it has its reference implementation only.  What fills the block is zero, and stays so.
 */
static size_t filled(const struct engine *e, size_t channels)
{
	return (channels + e->lanes - 1) / e->lanes * e->lanes;
}

static dnn_layout side(struct engine *e, const struct op *op, struct shape s)
{
	return dnn_blocked(e->dnn, (size_t[]){op->n, filled(e, s.c), s.h, s.w}, e->lanes);
}

static void detour(struct engine *e, struct detour *d, dnn_layout from, dnn_layout to)
{
	if (dnn_same(from, to))
		return;
	const struct dnn_argument arguments[] = {{DNNL_ARG_FROM, from}, {DNNL_ARG_TO, to}};
	d->data = xaligned(dnn_bytes(to), 1);
	d->reorder = dnn_call_new(e->dnn, dnn_reorder(e->dnn, from, to), 2, arguments);
}

/* The bias comes last: where there is none, that argument is left out. */
static void prepare_forward(struct engine *e, struct op *op, struct dnn_conv *d)
{
	struct conv *c = op->own;

	c->op[FORWARD] = dnn_conv_forward(e->dnn, d, op->back, op->relu);
	const struct dnn_argument arguments[] = {
		{DNNL_ARG_SRC, d->src},
		{DNNL_ARG_WEIGHTS, dnn_wants(c->op[FORWARD], DNN_WEIGHTS)},
		{DNNL_ARG_DST, d->dst},
		{DNNL_ARG_BIAS, d->bias}};
	c->call[FORWARD] = dnn_call_new(e->dnn, c->op[FORWARD], d->bias ? 4 : 3, arguments);
}

static void prepare_to_input(struct engine *e, struct op *op, struct dnn_conv *d)
{
	struct conv *c = op->own;
	dnn_op o = c->op[TO_INPUT] = dnn_conv_backward_data(e->dnn, d, c->op[FORWARD]);
	dnn_layout wanted = dnn_wants(o, DNN_WEIGHTS);
	const struct dnn_argument arguments[] = {{DNNL_ARG_DIFF_DST, d->dst},
	                                         {DNNL_ARG_WEIGHTS, wanted},
	                                         {DNNL_ARG_DIFF_SRC, d->src}};

	detour(e, &c->weights, dnn_wants(c->op[FORWARD], DNN_WEIGHTS), wanted);
	c->call[TO_INPUT] = dnn_call_new(e->dnn, o, 3, arguments);
}

static void prepare_to_weights(struct engine *e, struct op *op, struct dnn_conv *d)
{
	struct conv *c = op->own;
	dnn_op o = c->op[TO_WEIGHTS] = dnn_conv_backward_weights(e->dnn, d, c->op[FORWARD]);
	dnn_layout given = dnn_wants(o, DNN_DIFF_WEIGHTS);
	const struct dnn_argument arguments[] = {{DNNL_ARG_SRC, d->src},
	                                         {DNNL_ARG_DIFF_WEIGHTS, given},
	                                         {DNNL_ARG_DIFF_DST, d->dst},
	                                         {DNNL_ARG_DIFF_BIAS, d->bias}};

	detour(e, &c->gradient, given, dnn_wants(c->op[FORWARD], DNN_WEIGHTS));
	c->call[TO_WEIGHTS] = dnn_call_new(e->dnn, o, d->bias ? 4 : 3, arguments);
	c->bias_at = slot_room(dnn_bytes(given) / sizeof(float));
	c->row = c->bias_at + (d->bias ? op->dst->blocks * op->dst->block : 0);
	c->part = xaligned(e->plan.n / op->n * c->row, sizeof *c->part);
}

static void prepare(struct engine *e, struct op *op)
{
	const struct layer *l = op->layer;
	const size_t weights[] = {filled(e, l->out.c), filled(e, l->in.c), l->kernel[0],
	                          l->kernel[1]};
	struct dnn_conv d = {.window = window_of(l),
	                     .src = side(e, op, l->in),
	                     .weights = dnn_any(e->dnn, 4, weights),
	                     .bias = l->bias ? dnn_plain(e->dnn, 1, weights) : NULL,
	                     .dst = side(e, op, l->out)};
	struct conv *c = op->own = xcalloc(1, sizeof *c);
	struct slot *slot = slot_of(e, op, WEIGHTS);

	shape_tensor(op->dst, l->out, e->lanes);
	prepare_forward(e, op, &d);
	if (op->diff_src)
		prepare_to_input(e, op, &d);
	if (op->trains)
		prepare_to_weights(e, op, &d);
	*slot = (struct slot){.kind = SLOT_DNN,
	                      .plain = dnn_plain(e->dnn, 4, weights),
	                      .outputs = weights[0],
	                      .inputs = weights[1],
	                      .layout = dnn_wants(c->op[FORWARD], DNN_WEIGHTS)};
	slot->floats = dnn_bytes(slot->layout) / sizeof(float);
	if (l->bias)
		*slot_of(e, op, BIAS) = (struct slot){.kind = SLOT_ROW, .floats = weights[0]};
	op->src->whole |= op->trains;
	op->dst->whole |= op->back && op->relu && !op->next_derives;
}

/* ---- passes ---- */

static float *bias_of(const struct engine *e, const struct op *op, float *base)
{
	return op->layer->bias ? base + slot_of(e, op, BIAS)->offset : NULL;
}

static void forward(struct engine *e, struct op *op, struct slice s)
{
	const struct conv *c = op->own;

	dnn_call_run(c->call[FORWARD], s.thread,
	             (float *const[]){tensor_at(e, op->src, s),
	                              e->values + slot_of(e, op, WEIGHTS)->offset,
	                              tensor_at(e, op->dst, s), bias_of(e, op, e->values)});
}

static void take_weights(struct engine *e, struct op *op, struct slice s)
{
	const struct conv *c = op->own;

	dnn_call_run(
		c->weights.reorder, s.thread,
		(float *const[]){e->values + slot_of(e, op, WEIGHTS)->offset, c->weights.data});
}

static void backward(struct engine *e, struct op *op, struct slice s)
{
	const struct conv *c = op->own;
	float *d = tensor_at(e, op->diff_dst, s);

	if (op->relu && !op->next_derives)
		derive_relu(e, tensor_at(e, op->dst, s), d, op->n * op->dst->image);
	if (c->part) {
		float *part = c->part + s.first / op->n * c->row;
		dnn_call_run(
			c->call[TO_WEIGHTS], s.thread,
			(float *const[]){tensor_at(e, op->src, s), part, d, part + c->bias_at});
	}
	if (c->call[TO_INPUT])
		dnn_call_run(c->call[TO_INPUT], s.thread,
		             (float *const[]){d,
		                              c->weights.reorder
		                                      ? c->weights.data
		                                      : e->values + slot_of(e, op, WEIGHTS)->offset,
		                              tensor_at(e, op->diff_src, s)});
}

/* Where the gradient is of another layout than the weights, the sum stays in the first row. */
static void add_parts(struct engine *e, struct op *op, struct slice s)
{
	const struct conv *c = op->own;

	sum_parts(c->part, c->row, (e->n + op->n - 1) / op->n, s.first,
	          c->gradient.reorder ? c->part : e->gradients + slot_of(e, op, WEIGHTS)->offset);
}

static void give_gradient(struct engine *e, struct op *op, struct slice s)
{
	const struct conv *c = op->own;

	dnn_call_run(c->gradient.reorder, s.thread,
	             (float *const[]){c->part, e->gradients + slot_of(e, op, WEIGHTS)->offset});
	if (op->layer->bias)
		memcpy(e->gradients + slot_of(e, op, BIAS)->offset, c->part + c->bias_at,
		       slot_of(e, op, BIAS)->floats * sizeof *c->part);
}

static void add_before(struct plan *p, struct op *op)
{
	const struct conv *c = op->own;

	if (c->weights.reorder)
		join_spread(&p->backward, op, take_weights, 1);
}

static void add_backward(struct plan *p, struct op *op)
{
	add_sliced(p, &p->backward, op, backward);
}

static void add_after(struct plan *p, struct op *op)
{
	const struct conv *c = op->own;

	if (c->part && !c->gradient.reorder)
		join_spread(&p->backward, op, add_parts, SUM_PIECES);
	if (c->part && c->gradient.reorder) {
		add_spread(&p->backward, op, add_parts, SUM_PIECES);
		add_spread(&p->backward, op, give_gradient, 1);
	}
}

static void kernels(const struct engine *e, const struct op *op, struct engine_kernels *k)
{
	static const char *const direction[] = {"forward", "to weights", "to input"};
	const struct conv *c = op->own;

	(void)e;
	for (int i = 0; i < DIRECTIONS; i++)
		if (c->op[i])
			kernels_add(k, op, direction[i], "oneDNN", dnn_name(c->op[i]),
			            layer_multiply_adds(op->layer));
}

static void destroy(struct op *op)
{
	struct conv *c = op->own;

	free(c->part);
	free(c->weights.data);
	free(c->gradient.data);
	free(c);
}

const struct op_kind op_conv = {.slice = slice,
                                .prepare = prepare,
                                .step = forward,
                                .backward = add_backward,
                                .before = add_before,
                                .after = add_after,
                                .kernels = kernels,
                                .free = destroy};
