/* Activations that no layer before could take in, the derivative of all, and dropout. */
#include <string.h>

#include "engine/plan.h"
#include "rng/rng.h"

/* The same channels next to each other. */
static void like(struct op *op)
{
	shape_tensor(op->dst, op->layer->out, op->src->block);
}

/* ---- activations ---- */

/* Every activation's derivative is a function of its output y. */
MULTIVERSION static void derive(enum dnn_activation a, enum relu_rule rule, const float *y,
                                const float *d, float *to, size_t n)
{
	switch (a) {
	case DNN_IDENTITY: memmove(to, d, n * sizeof *to); break;
	case DNN_RELU:
		if (rule == RELU_PLAIN)
			for (size_t i = 0; i < n; i++)
				to[i] = y[i] > 0 ? d[i] : 0;
		else if (rule == RELU_GUIDED)
			for (size_t i = 0; i < n; i++)
				to[i] = y[i] > 0 && d[i] > 0 ? d[i] : 0;
		else
			for (size_t i = 0; i < n; i++)
				to[i] = d[i] > 0 ? d[i] : 0;
		break;
	case DNN_SIGMOID:
		for (size_t i = 0; i < n; i++)
			to[i] = d[i] * y[i] * (1 - y[i]);
		break;
	case DNN_TANH:
		for (size_t i = 0; i < n; i++)
			to[i] = d[i] * (1 - y[i] * y[i]);
		break;
	}
}

void derive_relu(const struct engine *e, const float *y, float *gradient, size_t n)
{
	derive(DNN_RELU, e->o.rule, y, gradient, gradient, n);
}

struct activation {
	enum dnn_activation which;
	dnn_op op;
	struct dnn_call *call;
};

static void activation_prepare(struct engine *e, struct op *op)
{
	struct activation *a = op->own = xcalloc(1, sizeof *a);

	like(op);
	a->which = op->layer->kind == LAYER_RELU      ? DNN_RELU
	           : op->layer->kind == LAYER_SIGMOID ? DNN_SIGMOID
	                                              : DNN_TANH;
	/* A row of numbers: oneDNN knows no fast way that would leave the zeros of the last block.
	 */
	dnn_layout row = dnn_plain(e->dnn, 1, (size_t[]){op->n * op->src->image});
	a->op = dnn_activation_forward(e->dnn, a->which, row);
	a->call = dnn_call_new(
		e->dnn, a->op, 2,
		(const struct dnn_argument[]){{DNNL_ARG_SRC, row}, {DNNL_ARG_DST, row}});
	op->dst->whole |= op->back;
}

/* What fills the last block is to be zero, which a sigmoid of zero is not. */
static void clear_rest(const struct tensor *t, float *image)
{
	size_t used = t->shape.c % t->block, plane = t->shape.h * t->shape.w;

	for (size_t i = 0; used && i < plane; i++)
		memset(image + ((t->blocks - 1) * plane + i) * t->block + used, 0,
		       (t->block - used) * sizeof *image);
}

static void activation_forward(struct engine *e, struct op *op, struct slice s)
{
	const struct activation *a = op->own;
	float *to = tensor_at(e, op->dst, s);

	dnn_call_run(a->call, s.thread, (float *const[]){tensor_at(e, op->src, s), to});
	for (size_t i = 0; a->which == DNN_SIGMOID && i < op->n; i++)
		clear_rest(op->dst, to + i * op->dst->image);
}

static void activation_backward(struct engine *e, struct op *op, struct slice s)
{
	const struct activation *a = op->own;

	derive(a->which, e->o.rule, tensor_at(e, op->dst, s), tensor_at(e, op->diff_dst, s),
	       tensor_at(e, op->diff_src, s), op->n * op->dst->image);
}

static void activation_kernels(const struct engine *e, const struct op *op,
                               struct engine_kernels *k)
{
	const struct activation *a = op->own;

	kernels_add(k, op, "forward", "oneDNN", dnn_name(a->op), 0);
	if (op->diff_src)
		kernels_add(k, op, "backward", "own", level_name(e->level), 0);
}

const struct op_kind op_activation = {.prepare = activation_prepare,
                                      .step = activation_forward,
                                      .step_back = activation_backward,
                                      .kernels = activation_kernels};

/* ---- dropout ---- */

/*
 * Dropout (Srivastava et al. 2014), "inverted": what is kept is multiplied by 1 / (1 - p), so that
 * nothing is to be done in inference: there an op only copies.  The draw of an element is keyed by
 * (seed, layer, step, place in the layer's layout): backward draws again what forward drew.
 */
static void dropout(const struct engine *e, const struct op *op, struct slice s, const float *from,
                    float *to)
{
	const struct rng r = {e->o.seed, rng_stream(op->layer->name) + e->step};
	double drop = e->o.train ? op->layer->drop : 0;
	uint32_t below = (uint32_t)(drop * 0x1p32);
	float scale = (float)(1 / (1 - drop));
	size_t first = s.first * op->dst->image, n = op->n * op->dst->image;

	for (size_t i = 0; i < n; i += 4) {
		uint32_t block[4];
		rng_block(r, (first + i) / 4, block);
		for (size_t j = 0; j < 4; j++)
			to[i + j] = block[j] < below ? 0 : from[i + j] * scale;
	}
}

static void dropout_prepare(struct engine *e, struct op *op)
{
	(void)e;
	like(op);
}

static void dropout_forward(struct engine *e, struct op *op, struct slice s)
{
	dropout(e, op, s, tensor_at(e, op->src, s), tensor_at(e, op->dst, s));
}

static void dropout_backward(struct engine *e, struct op *op, struct slice s)
{
	dropout(e, op, s, tensor_at(e, op->diff_dst, s), tensor_at(e, op->diff_src, s));
}

static void dropout_kernels(const struct engine *e, const struct op *op, struct engine_kernels *k)
{
	(void)e;
	kernels_add(k, op, "forward", "own", "portable", 0);
	if (op->diff_src)
		kernels_add(k, op, "backward", "own", "portable", 0);
}

const struct op_kind op_dropout = {.prepare = dropout_prepare,
                                   .step = dropout_forward,
                                   .step_back = dropout_backward,
                                   .kernels = dropout_kernels};
