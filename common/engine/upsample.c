/* Each element as a block of equal ones, by loops of our own. */
#include "engine/upsample.h"

#define ONE_LANE
#define LOOPS "engine/upsample_loops.h"
#include "vector/each_level.h"

static upsample *const downs[LEVELS] = EACH_LEVEL(upsample_forward);
static upsample *const ups[LEVELS] = EACH_LEVEL(upsample_backward);

static void prepare(struct engine *e, struct op *op)
{
	(void)e;
	shape_tensor(op->dst, op->layer->out, op->src->block);
}

static void forward(struct engine *e, struct op *op, struct slice s)
{
	upsample *down = op->src->block == 1 ? upsample_forward_one : downs[e->level];

	down(op->layer, op->n * op->src->blocks, tensor_at(e, op->src, s),
	     tensor_at(e, op->dst, s));
}

static void backward(struct engine *e, struct op *op, struct slice s)
{
	upsample *up = op->src->block == 1 ? upsample_backward_one : ups[e->level];

	up(op->layer, op->n * op->src->blocks, tensor_at(e, op->diff_dst, s),
	   tensor_at(e, op->diff_src, s));
}

const struct op_kind op_upsample = {.prepare = prepare, .step = forward, .step_back = backward};
