/* Convolution and dense layers, with the activation that follows. */
#include <stdlib.h>

#include "engine/pixels.h"
#include "engine/plan.h"

/* A copy of the weights, or of their gradient, in the layout that one computation insists on. */
struct detour {
	dnnl_memory_t memory;
	float *data;
	dnnl_primitive_t reorder; /* null: no detour */
};

struct weighted {
	struct dnn_window window;
	struct dnn_weighted shape;
	dnn_op describe[3]; /* forward, backward to data, to weights */
	dnnl_primitive_t forward, backward_data, backward_weights;
	dnnl_memory_t src, diff_src; /* an image as a row; null: the op's own */
	dnnl_memory_t weights, bias, diff_weights, diff_bias;
	float *sum; /* the gradient of the slices before: weights, then bias; null: there is one */
	size_t weights_floats;
	struct detour data_detour, weights_detour;
	struct pixels *pixels; /* in place of backward_data, or null */
};

static struct slot *weights_slot(struct engine *e, struct op *op)
{
	return &e->slot[op->parameter];
}

static struct slot *bias_slot(struct engine *e, struct op *op)
{
	return op->layer->bias ? &e->slot[op->parameter + 1] : NULL;
}

/*
 * A dense layer after an image flattens it.  The image stays where and as it is, channels in
 * blocks, and is taken for a row of numbers in that order; it is the weights whose columns are put
 * in that order, once, where they are loaded.  So no step reorders anything, and all three
 * computations agree on a layout of the weights, as they would not for (O,C,H,W).
 */
static bool flattens(const struct op *op)
{
	return op->layer->kind == LAYER_DENSE && dnn_rank(op->src->layout) == 4;
}

/* Numbers in an image as it lies in memory, padding included. */
static size_t image_floats(const struct op *op)
{
	return floats(op->src) / op->n;
}

static int weights_dim(const struct op *op, size_t dim[4])
{
	const struct layer *l = op->layer;

	dim[0] = l->out.c;
	dim[1] = flattens(op) ? image_floats(op) : l->in.c;
	dim[2] = l->kernel[0];
	dim[3] = l->kernel[1];
	return l->kind == LAYER_CONV ? 4 : 2;
}

/* How the file's weights come to the stored ones. */
static void place_weights(struct engine *e, struct op *op, dnn_layout stored)
{
	struct slot *s = weights_slot(e, op);
	const struct layer *l = op->layer;
	const size_t image[4] = {l->out.c, l->in.c, l->in.h, l->in.w};
	size_t dim[4];
	int ndim = weights_dim(op, dim);

	s->layout = stored;
	s->plain = dnn_plain(e->dnn, ndim, dim);
	if (!flattens(op))
		return;
	s->row = s->plain;
	s->plain = dnn_plain(e->dnn, 4, image);
	s->image = dnn_like(e->dnn, op->src->layout, image);
}

static void describe_forward(struct engine *e, struct op *op, bool any)
{
	struct weighted *w = op->own;
	const struct layer *l = op->layer;
	bool training = e->o.train || e->o.input_gradient;

	w->shape.dst = any && !l->vector ? any_side(e, op->n, l->out, l->vector)
	                                 : plain_side(e, op->n, l->out, l->vector);
	w->describe[0] = dnn_weighted_forward(e->dnn, &w->shape, training, op->fused);
	op->dst->layout = dnn_wants(e->dnn, w->describe[0], DNN_DST);
}

static void prepare(struct engine *e, struct op *op)
{
	struct weighted *w = op->own = xcalloc(1, sizeof *w);
	const struct layer *l = op->layer;
	struct slot *weights = weights_slot(e, op), *bias = bias_slot(e, op);
	size_t dim[4];
	int ndim = weights_dim(op, dim);

	w->window = window_of(l);
	w->shape.window = l->kind == LAYER_CONV ? &w->window : NULL;
	w->shape.src =
		flattens(op) ? dnn_plain(e->dnn, 2, (size_t[]){op->n, dim[1]}) : op->src->layout;
	w->shape.weights = weights->layout ? weights->layout : dnn_any(e->dnn, ndim, dim);
	if (bias)
		w->shape.bias = bias->layout = bias->plain = dnn_plain(e->dnn, 1, &l->out.c);
	describe_forward(e, op, true);
	if (!dnn_channel_block(op->dst->layout))
		describe_forward(e, op, false);
	if (!weights->layout)
		place_weights(e, op, dnn_wants(e->dnn, w->describe[0], DNN_WEIGHTS));

	w->shape.dst = op->dst->layout;
	w->shape.weights = dnn_any(e->dnn, ndim, dim);
	if (op->diff_src)
		w->describe[1] = dnn_weighted_backward_data(e->dnn, &w->shape, w->describe[0]);
	if (e->o.train)
		w->describe[2] = dnn_weighted_backward_weights(e->dnn, &w->shape, w->describe[0]);
}

/* If a computation wants another layout than the stored one: a buffer, and the way to or from it.
 */
static void detour(struct engine *e, struct detour *t, dnn_layout stored, dnn_layout wanted,
                   bool out)
{
	if (dnn_same(stored, wanted))
		return;
	t->data = xaligned(dnn_bytes(wanted), 1);
	t->memory = dnn_memory(e->dnn, wanted, t->data);
	t->reorder = dnn_primitive(e->dnn, out ? dnn_reorder(e->dnn, wanted, stored)
	                                       : dnn_reorder(e->dnn, stored, wanted));
}

static void take(struct engine *e, const struct detour *t, dnnl_memory_t from, dnnl_memory_t to)
{
	if (t->reorder)
		dnn_run(e->dnn, t->reorder, 2,
		        (dnnl_exec_arg_t[]){{DNNL_ARG_FROM, from}, {DNNL_ARG_TO, to}});
}

static void bind(struct engine *e, struct op *op)
{
	struct weighted *w = op->own;
	const struct slot *weights = weights_slot(e, op), *bias = bias_slot(e, op);
	struct dnn *d = e->dnn;

	w->forward = dnn_primitive(d, w->describe[0]);
	if (flattens(op))
		w->src = dnn_memory(d, w->shape.src, op->src->data);
	w->weights = dnn_memory(d, weights->layout, e->values + weights->offset);
	if (bias)
		w->bias = dnn_memory(d, bias->layout, e->values + bias->offset);
	if (w->describe[1] && pixels_can(op) && dnn_is_reference(w->describe[1])) {
		w->pixels = pixels_new(op);
		detour(e, &w->data_detour, weights->layout, weights->plain, false);
	} else if (w->describe[1]) {
		w->backward_data = dnn_primitive(d, w->describe[1]);
		if (flattens(op))
			w->diff_src = dnn_memory(d, w->shape.src, op->diff_src->data);
		detour(e, &w->data_detour, weights->layout,
		       dnn_wants(d, w->describe[1], DNN_WEIGHTS), false);
	}
	if (w->describe[2] && op->slices > 1) {
		w->weights_floats = dnn_bytes(weights->layout) / sizeof *w->sum;
		w->sum = xaligned(w->weights_floats + op->layer->out.c, sizeof *w->sum);
	}
	if (w->describe[2]) {
		w->backward_weights = dnn_primitive(d, w->describe[2]);
		w->diff_weights = dnn_memory(d, weights->layout, e->gradients + weights->offset);
		detour(e, &w->weights_detour, weights->layout,
		       dnn_wants(d, w->describe[2], DNN_DIFF_WEIGHTS), true);
		if (bias)
			w->diff_bias = dnn_memory(d, bias->layout, e->gradients + bias->offset);
	}
}

static void forward(struct engine *e, struct op *op)
{
	const struct weighted *w = op->own;
	dnnl_exec_arg_t arguments[] = {
		{DNNL_ARG_SRC, w->src ? w->src : op->src->memory},
		{DNNL_ARG_WEIGHTS, w->weights},
		{DNNL_ARG_DST, op->dst->memory},
		{DNNL_ARG_BIAS, w->bias},
	};

	dnn_run(e->dnn, w->forward, w->bias ? 4 : 3, arguments);
}

static void backward_data(struct engine *e, struct op *op)
{
	const struct weighted *w = op->own;
	const struct detour *t = &w->data_detour;
	dnnl_exec_arg_t arguments[] = {
		{DNNL_ARG_DIFF_DST, op->diff_dst->memory},
		{DNNL_ARG_WEIGHTS, t->reorder ? t->memory : w->weights},
		{DNNL_ARG_DIFF_SRC, w->diff_src ? w->diff_src : op->diff_src->memory},
	};

	take(e, t, w->weights, t->memory);
	if (w->pixels)
		pixels_backward(w->pixels,
		                t->reorder ? t->data : e->values + weights_slot(e, op)->offset,
		                op->diff_dst->data, op->diff_src->data);
	else
		dnn_run(e->dnn, w->backward_data, 3, arguments);
}

static void backward_weights(struct engine *e, struct op *op)
{
	const struct weighted *w = op->own;
	const struct detour *t = &w->weights_detour;
	dnnl_exec_arg_t arguments[] = {
		{DNNL_ARG_SRC, w->src ? w->src : op->src->memory},
		{DNNL_ARG_DIFF_DST, op->diff_dst->memory},
		{DNNL_ARG_DIFF_WEIGHTS, t->reorder ? t->memory : w->diff_weights},
		{DNNL_ARG_DIFF_BIAS, w->diff_bias},
	};

	dnn_run(e->dnn, w->backward_weights, w->diff_bias ? 4 : 3, arguments);
	take(e, t, t->memory, w->diff_weights);
}

/* What primitives write is one slice's gradient; the sum of them all is wanted. */
static void add_slices(struct engine *e, struct op *op, const struct slot *s, float *sum)
{
	float *gradient = e->gradients + s->offset;
	size_t n = dnn_bytes(s->layout) / sizeof *sum;
	bool first = op->slice == 0, last = op->slice == op->slices - 1;

	for (size_t i = 0; i < n; i++) {
		sum[i] = first ? gradient[i] : sum[i] + gradient[i];
		if (last)
			gradient[i] = sum[i];
	}
}

static void backward(struct engine *e, struct op *op)
{
	const struct weighted *w = op->own;

	if (op->fused != DNN_IDENTITY && !op->next_derives)
		derive(e, op->fused, op->dst, op->diff_dst);
	if (w->backward_weights)
		backward_weights(e, op);
	if (w->sum) {
		add_slices(e, op, weights_slot(e, op), w->sum);
		if (bias_slot(e, op))
			add_slices(e, op, bias_slot(e, op), w->sum + w->weights_floats);
	}
	if (w->backward_data || w->pixels)
		backward_data(e, op);
}

static void destroy(struct op *op)
{
	struct weighted *w = op->own;

	pixels_free(w->pixels);
	free(w->sum);
	free(w->data_detour.data);
	free(w->weights_detour.data);
	free(w);
}

const struct op_kind op_weighted = {prepare, bind, forward, backward, destroy};
