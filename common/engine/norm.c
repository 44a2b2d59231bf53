/* Batch normalisation (Ioffe, Szegedy 2015), as PyTorch's BatchNorm2d and BatchNorm1d. */
#include <stdlib.h>

#include "engine/plan.h"

static const float epsilon = 1e-5F, momentum = 0.1F;

/* The layer's parameters, in the order of struct spec. */
enum { SCALE, SHIFT, MEAN, VARIANCE };

struct norm {
	dnn_layout layout; /* four-dimensional, also for a vector */
	dnn_op describe[2];
	dnnl_primitive_t forward, backward;
	dnnl_memory_t src, dst, diff_src, diff_dst, workspace;
	dnnl_memory_t scale, shift, mean, variance, diff_scale, diff_shift;
	float *batch_mean, *batch_variance, *workspace_data;
	float *unwanted[2];       /* gradients: oneDNN has no backward pass without them */
	size_t channels, samples; /* of one mean: N x H x W */
};

static void prepare(struct engine *e, struct op *op)
{
	const struct layer *l = op->layer;
	struct norm *m = op->own = xcalloc(1, sizeof *m);
	bool relu = op->fused == DNN_RELU, backward = e->o.train || op->diff_src;

	m->channels = l->out.c;
	m->samples = op->n * l->out.h * l->out.w;
	op->dst->layout = op->src->layout;
	m->layout = l->vector ? dnn_channels_last(e->dnn, (size_t[]){op->n, l->out.c, 1, 1})
	                      : op->src->layout;
	m->describe[0] = dnn_norm_forward(e->dnn, m->layout, epsilon, e->o.train, relu, backward);
	if (backward)
		m->describe[1] = dnn_norm_backward(e->dnn, m->layout, epsilon, e->o.train, relu,
		                                   m->describe[0]);
	for (int i = 0; i < 4; i++) {
		struct slot *s = &e->slot[op->parameter + i];
		s->layout = s->plain = dnn_plain(e->dnn, 1, &l->out.c);
	}
}

static dnnl_memory_t parameter(struct engine *e, struct op *op, int which, float *base)
{
	const struct slot *s = &e->slot[op->parameter + which];

	return dnn_memory(e->dnn, s->layout, base + s->offset);
}

static void bind(struct engine *e, struct op *op)
{
	struct norm *m = op->own;
	struct dnn *d = e->dnn;

	m->forward = dnn_primitive(d, m->describe[0]);
	m->src = dnn_memory(d, m->layout, op->src->data);
	m->dst = dnn_memory(d, m->layout, op->dst->data);
	m->scale = parameter(e, op, SCALE, e->values);
	m->shift = parameter(e, op, SHIFT, e->values);
	m->mean = parameter(e, op, MEAN, e->values);
	m->variance = parameter(e, op, VARIANCE, e->values);
	if (e->o.train) {
		const dnn_layout row = e->slot[op->parameter].layout;
		m->batch_mean = xaligned(m->channels, sizeof(float));
		m->batch_variance = xaligned(m->channels, sizeof(float));
		m->mean = dnn_memory(d, row, m->batch_mean);
		m->variance = dnn_memory(d, row, m->batch_variance);
		m->diff_scale = parameter(e, op, SCALE, e->gradients);
		m->diff_shift = parameter(e, op, SHIFT, e->gradients);
	}
	if (!m->describe[1])
		return;
	if (!e->o.train) {
		dnn_layout row = e->slot[op->parameter].layout;
		for (int i = 0; i < 2; i++)
			m->unwanted[i] = xaligned(m->channels, sizeof(float));
		m->diff_scale = dnn_memory(d, row, m->unwanted[0]);
		m->diff_shift = dnn_memory(d, row, m->unwanted[1]);
	}
	m->backward = dnn_primitive(d, m->describe[1]);
	m->diff_dst = dnn_memory(d, m->layout, op->diff_dst->data);
	m->diff_src = dnn_memory(d, m->layout, op->diff_src->data);
	if (op->fused == DNN_RELU) {
		dnn_layout workspace = dnn_wants(d, m->describe[0], DNN_WORKSPACE);
		m->workspace_data = xaligned(dnn_bytes(workspace), 1);
		m->workspace = dnn_memory(d, workspace, m->workspace_data);
	}
}

/* PyTorch's running statistics: the variance is the unbiased one. */
static void track(struct engine *e, struct op *op)
{
	const struct norm *m = op->own;
	float *mean = e->values + e->slot[op->parameter + MEAN].offset;
	float *variance = e->values + e->slot[op->parameter + VARIANCE].offset;
	float unbiased = (float)m->samples / (float)(m->samples > 1 ? m->samples - 1 : 1);

	for (size_t c = 0; c < m->channels; c++) {
		mean[c] += momentum * (m->batch_mean[c] - mean[c]);
		variance[c] += momentum * (m->batch_variance[c] * unbiased - variance[c]);
	}
}

static void forward(struct engine *e, struct op *op)
{
	const struct norm *m = op->own;
	dnnl_exec_arg_t arguments[] = {
		{DNNL_ARG_SRC, m->src},
		{DNNL_ARG_DST, m->dst},
		{DNNL_ARG_MEAN, m->mean},
		{DNNL_ARG_VARIANCE, m->variance},
		{DNNL_ARG_SCALE, m->scale},
		{DNNL_ARG_SHIFT, m->shift},
		{DNNL_ARG_WORKSPACE, m->workspace},
	};

	dnn_run(e->dnn, m->forward, m->workspace ? 7 : 6, arguments);
	if (e->o.train)
		track(e, op);
}

static void backward(struct engine *e, struct op *op)
{
	const struct norm *m = op->own;
	dnnl_exec_arg_t arguments[10] = {
		{DNNL_ARG_SRC, m->src},
		{DNNL_ARG_DIFF_DST, m->diff_dst},
		{DNNL_ARG_MEAN, m->mean},
		{DNNL_ARG_VARIANCE, m->variance},
		{DNNL_ARG_SCALE, m->scale},
		{DNNL_ARG_DIFF_SRC, m->diff_src},
		{DNNL_ARG_DIFF_SCALE, m->diff_scale},
		{DNNL_ARG_DIFF_SHIFT, m->diff_shift},
	};
	int n = 8;

	if (m->workspace)
		arguments[n++] = (dnnl_exec_arg_t){DNNL_ARG_WORKSPACE, m->workspace};
	if (DNN_NORM_BACKWARD_TAKES_SHIFT)
		arguments[n++] = (dnnl_exec_arg_t){DNNL_ARG_SHIFT, m->shift};
	dnn_run(e->dnn, m->backward, n, arguments);
}

static void destroy(struct op *op)
{
	struct norm *m = op->own;

	free(m->batch_mean);
	free(m->batch_variance);
	free(m->workspace_data);
	for (int i = 0; i < 2; i++)
		free(m->unwanted[i]);
	free(m);
}

const struct op_kind op_norm = {prepare, bind, forward, backward, destroy};
