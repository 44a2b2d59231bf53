/* Mean pooling. */
#include <stdlib.h>

#include "engine/plan.h"

struct avgpool {
	dnn_op describe[2];
	dnnl_primitive_t forward, backward;
};

static void prepare(struct engine *e, struct op *op)
{
	const struct layer *l = op->layer;
	struct avgpool *a = op->own = xcalloc(1, sizeof *a);
	struct dnn_window window = window_of(l);

	op->dst->layout =
		dnn_like(e->dnn, op->src->layout, (size_t[]){op->n, l->out.c, l->out.h, l->out.w});
	a->describe[0] = dnn_average_forward(e->dnn, &window, op->src->layout, op->dst->layout);
	if (op->diff_src)
		a->describe[1] = dnn_average_backward(e->dnn, &window, op->src->layout,
		                                      op->dst->layout, a->describe[0]);
}

static void bind(struct engine *e, struct op *op)
{
	struct avgpool *a = op->own;

	a->forward = dnn_primitive(e->dnn, a->describe[0]);
	if (a->describe[1])
		a->backward = dnn_primitive(e->dnn, a->describe[1]);
}

static void forward(struct engine *e, struct op *op)
{
	const struct avgpool *a = op->own;

	dnn_run(e->dnn, a->forward, 2,
	        (dnnl_exec_arg_t[]){{DNNL_ARG_SRC, op->src->memory},
	                            {DNNL_ARG_DST, op->dst->memory}});
}

static void backward(struct engine *e, struct op *op)
{
	const struct avgpool *a = op->own;

	if (a->backward)
		dnn_run(e->dnn, a->backward, 2,
		        (dnnl_exec_arg_t[]){{DNNL_ARG_DIFF_DST, op->diff_dst->memory},
		                            {DNNL_ARG_DIFF_SRC, op->diff_src->memory}});
}

static void destroy(struct op *op)
{
	free(op->own);
}

const struct op_kind op_avgpool = {prepare, bind, forward, backward, destroy};
