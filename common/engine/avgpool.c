/* Mean pooling, by oneDNN. */

#include "engine/plan.h"

struct avgpool {
	dnn_op op[2];
	struct dnn_call *call[2];
};

static dnn_layout side(struct engine *e, const struct op *op, struct shape s)
{
	const size_t dims[] = {op->n, s.c, s.h, s.w};

	return op->src->block == 1 ? dnn_plain(e->dnn, 4, dims)
	                           : dnn_blocked(e->dnn, dims, e->lanes);
}

static void prepare(struct engine *e, struct op *op)
{
	const struct layer *l = op->layer;
	struct avgpool *a = op->own = xcalloc(1, sizeof *a);
	const struct dnn_window window = window_of(l);
	dnn_layout src = side(e, op, l->in), dst = side(e, op, l->out);

	shape_tensor(op->dst, l->out, op->src->block);
	a->op[0] = dnn_average_forward(e->dnn, &window, src, dst);
	a->call[0] = dnn_call_new(
		e->dnn, a->op[0], 2,
		(const struct dnn_argument[]){{DNNL_ARG_SRC, src}, {DNNL_ARG_DST, dst}});
	if (!op->diff_src)
		return;
	a->op[1] = dnn_average_backward(e->dnn, &window, src, dst, a->op[0]);
	a->call[1] = dnn_call_new(
		e->dnn, a->op[1], 2,
		(const struct dnn_argument[]){{DNNL_ARG_DIFF_DST, dst}, {DNNL_ARG_DIFF_SRC, src}});
}

static void forward(struct engine *e, struct op *op, struct slice s)
{
	const struct avgpool *a = op->own;

	dnn_call_run(a->call[0], s.thread,
	             (float *const[]){tensor_at(e, op->src, s), tensor_at(e, op->dst, s)});
}

static void backward(struct engine *e, struct op *op, struct slice s)
{
	const struct avgpool *a = op->own;

	dnn_call_run(
		a->call[1], s.thread,
		(float *const[]){tensor_at(e, op->diff_dst, s), tensor_at(e, op->diff_src, s)});
}

static void kernels(const struct engine *e, const struct op *op, struct engine_kernels *k)
{
	const struct avgpool *a = op->own;

	(void)e;
	kernels_add(k, op, "forward", "oneDNN", dnn_name(a->op[0]), 0);
	if (a->op[1])
		kernels_add(k, op, "backward", "oneDNN", dnn_name(a->op[1]), 0);
}

const struct op_kind op_avgpool = {
	.prepare = prepare, .step = forward, .step_back = backward, .kernels = kernels};
