/* The sum of two layers' outputs, of one shape; and of gradients. */
#include <string.h>

#include "engine/plan.h"

MULTIVERSION static void add_to(float *to, const float *more, size_t n)
{
	for (size_t i = 0; i < n; i++)
		to[i] += more[i];
}

void add_floats(float *to, const float *more, size_t n)
{
	add_to(to, more, n);
}

MULTIVERSION static void sum(const float *a, const float *b, bool relu, float *y, size_t n)
{
	if (relu)
		for (size_t i = 0; i < n; i++)
			y[i] = a[i] + b[i] > 0 ? a[i] + b[i] : 0;
	else
		for (size_t i = 0; i < n; i++)
			y[i] = a[i] + b[i];
}

/* Vectors may be filled up with zeros to different lengths: floats of an image that both have. */
static size_t common(const struct tensor *a, const struct tensor *b)
{
	return a->image < b->image ? a->image : b->image;
}

static void prepare(struct engine *e, struct op *op)
{
	(void)e;
	shape_tensor(op->dst, op->layer->out, op->src->block);
	op->dst->whole |= op->back && op->relu && !op->next_derives;
}

static void forward(struct engine *e, struct op *op, struct slice s)
{
	const float *a = tensor_at(e, op->src, s), *b = tensor_at(e, op->with, s);
	size_t n = common(op->src, op->with), image = op->dst->image;
	float *y = tensor_at(e, op->dst, s);

	for (size_t i = 0; i < op->n; i++, a += image, b += op->with->image, y += image) {
		sum(a, b, op->relu, y, n);
		memset(y + n, 0, (image - n) * sizeof *y);
	}
}

/* ---- backward ---- */

/* The gradient d to one of the inputs: for what reads it last it is the first. */
static void send(const struct engine *e, const struct op *op, struct slice s, const float *d,
                 const struct tensor *diff, bool first)
{
	size_t n = common(diff, op->dst);
	float *to = tensor_at(e, diff, s);

	for (size_t i = 0; i < op->n; i++, d += op->dst->image, to += diff->image)
		if (first) {
			memcpy(to, d, n * sizeof *to);
			memset(to + n, 0, (diff->image - n) * sizeof *to);
		} else {
			add_floats(to, d, n);
		}
}

static bool is_last(const struct plan *p, const struct op *op, const struct tensor *t)
{
	return t->last == (int)(op - p->op);
}

static void backward(struct engine *e, struct op *op, struct slice s)
{
	float *d = tensor_at(e, op->diff_dst, s);

	if (op->relu && !op->next_derives)
		derive_relu(e, tensor_at(e, op->dst, s), d, op->n * op->dst->image);
	if (op->diff_src)
		send(e, op, s, d, op->diff_src, is_last(&e->plan, op, op->src));
	if (op->diff_with)
		send(e, op, s, d, op->diff_with,
		     is_last(&e->plan, op, op->with) && op->with != op->src);
}

/* Whether the gradient at the op's output is only read by its backward step. */
static bool leaves(const struct plan *p, const struct op *op)
{
	return !is_tapped(p, (int)(op - p->op) + 1) &&
	       (op->kind == &op_norm || !op->relu || op->next_derives);
}

/* Where the add alone reads what another op writes, the gradients are the same. */
static struct tensor *share(struct plan *p, const struct op *op, const struct tensor *t,
                            struct tensor *diff)
{
	int i = (int)(t - p->tensor);

	if (!diff || t->reads > 1 || i == p->input || t->image != op->dst->image ||
	    !leaves(p, &p->op[i - 1]))
		return diff;
	p->op[i - 1].diff_dst = op->diff_dst;
	op->diff_dst->whole = true;
	return NULL;
}

void add_shares(struct plan *p, struct op *op)
{
	op->diff_src = share(p, op, op->src, op->diff_src);
	op->diff_with = share(p, op, op->with, op->diff_with);
}

/* ---- the op ---- */

static void add_backward(struct plan *p, struct op *op)
{
	add_sliced(p, &p->backward, op, backward);
}

static void kernels(const struct engine *e, const struct op *op, struct engine_kernels *k)
{
	kernels_add(k, op, "forward", "own", level_name(e->level), 0);
	if (op->back)
		kernels_add(k, op, "backward", "own", level_name(e->level), 0);
}

const struct op_kind op_add = {
	.prepare = prepare, .step = forward, .backward = add_backward, .kernels = kernels};
