/* Each element as a block of equal ones, by loops of our own. */
#include "engine/upsample.h"

#define LOOPS "engine/upsample_loops.h"
#include "vector/each_level.h"

static upsample *const down[LEVELS] = EACH_LEVEL(upsample_forward);
static upsample *const up[LEVELS] = EACH_LEVEL(upsample_backward);

static void prepare(struct engine *e, struct op *op)
{
	shape_tensor(op->dst, op->layer->out, e->lanes);
}

static void forward(struct engine *e, struct op *op, struct slice s)
{
	down[e->level](op->layer, op->n * op->src->blocks, tensor_at(e, op->src, s),
	               tensor_at(e, op->dst, s));
}

static void backward(struct engine *e, struct op *op, struct slice s)
{
	up[e->level](op->layer, op->n * op->src->blocks, tensor_at(e, op->diff_dst, s),
	             tensor_at(e, op->diff_src, s));
}

static void add_forward(struct plan *p, struct op *op)
{
	add_sliced(p, &p->forward, op, forward);
}

static void add_backward(struct plan *p, struct op *op)
{
	if (op->diff_src)
		add_sliced(p, &p->backward, op, backward);
}

static void kernels(const struct engine *e, const struct op *op, struct engine_kernels *k)
{
	kernels_add(k, op, "forward", "own", level_name(e->level), 0);
	if (op->diff_src)
		kernels_add(k, op, "backward", "own", level_name(e->level), 0);
}

static void destroy(struct op *op)
{
	(void)op;
}

const struct op_kind op_upsample = {NULL, prepare, add_forward, add_backward,
                                    NULL, NULL,    kernels,     destroy};
