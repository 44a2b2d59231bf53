/* Activations that no layer before could take in, the derivative of all, and dropout. */
#include <stdlib.h>
#include <string.h>

#include "engine/plan.h"
#include "rng/rng.h"

/* ---- activations ---- */

enum { PIECE = 4096 }; /* floats a thread takes at a time */

/* Every activation's derivative is a function of its output y. */
MULTIVERSION static void derive_piece(enum dnn_activation a, enum relu_rule rule, const float *y,
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

static void derive_all(struct engine *e, enum dnn_activation a, const struct tensor *y,
                       const float *d, float *to)
{
	size_t n = floats(y);

#pragma omp parallel for schedule(static)
	for (size_t i = 0; i < n; i += PIECE)
		derive_piece(a, e->o.rule, y->data + i, d + i, to + i,
		             n - i < PIECE ? n - i : PIECE);
}

void derive(struct engine *e, enum dnn_activation a, const struct tensor *y,
            struct tensor *gradient)
{
	derive_all(e, a, y, gradient->data, gradient->data);
}

struct activation {
	enum dnn_activation which;
	dnnl_primitive_t forward;
};

static void activation_prepare(struct engine *e, struct op *op)
{
	struct activation *a = op->own = xcalloc(1, sizeof *a);

	a->which = op->layer->kind == LAYER_RELU      ? DNN_RELU
	           : op->layer->kind == LAYER_SIGMOID ? DNN_SIGMOID
	                                              : DNN_TANH;
	op->dst->layout = op->src->layout;
	a->forward =
		dnn_primitive(e->dnn, dnn_activation_forward(e->dnn, a->which, op->src->layout));
}

static void no_bind(struct engine *e, struct op *op)
{
	(void)e;
	(void)op;
}

static void activation_forward(struct engine *e, struct op *op)
{
	const struct activation *a = op->own;

	dnn_run(e->dnn, a->forward, 2,
	        (dnnl_exec_arg_t[]){{DNNL_ARG_SRC, op->src->memory},
	                            {DNNL_ARG_DST, op->dst->memory}});
}

static void activation_backward(struct engine *e, struct op *op)
{
	const struct activation *a = op->own;

	if (op->diff_src)
		derive_all(e, a->which, op->dst, op->diff_dst->data, op->diff_src->data);
}

static void free_own(struct op *op)
{
	free(op->own);
}

const struct op_kind op_activation = {activation_prepare, no_bind, activation_forward,
                                      activation_backward, free_own};

/* ---- dropout ---- */

/*
 * Dropout (Srivastava et al. 2014), "inverted": what is kept is multiplied by 1 / (1 - p), so that
 * nothing is to be done in inference.  The draw of an element is keyed by (seed, layer, step, place
 * in the layer's layout): backward draws again what forward drew.
 */
static void dropout(struct engine *e, struct op *op, const float *from, float *to)
{
	const struct rng r = {e->o.seed, rng_stream(op->layer->name) + e->step};
	uint32_t below = (uint32_t)(op->layer->drop * 0x1p32);
	float scale = (float)(1 / (1 - op->layer->drop));
	size_t n = floats(op->dst);

#pragma omp parallel for schedule(static)
	for (size_t i = 0; i < n; i += 4) {
		uint32_t block[4];
		rng_block(r, i / 4, block);
		for (size_t j = 0; j < 4 && i + j < n; j++)
			to[i + j] = block[j] < below ? 0 : from[i + j] * scale;
	}
}

static void dropout_prepare(struct engine *e, struct op *op)
{
	(void)e;
	op->dst->layout = op->src->layout;
}

static void dropout_forward(struct engine *e, struct op *op)
{
	dropout(e, op, op->src->data, op->dst->data);
}

static void dropout_backward(struct engine *e, struct op *op)
{
	if (op->diff_src)
		dropout(e, op, op->diff_dst->data, op->diff_src->data);
}

const struct op_kind op_dropout = {dropout_prepare, no_bind, dropout_forward, dropout_backward,
                                   free_own};
