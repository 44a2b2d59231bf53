/*
 * Taps: layers whose output the caller reads, and adds a gradient at.
 *
 * The output of a tapped layer is a tensor of its own, kept for all images: the ReLU that follows
 * is not part of the layer's op, and no op after it applies a derivative for it.  On the way back a
 * step before that of the op that made the tensor adds the caller's gradient to the one that has
 * arrived.
 */
#include <stdlib.h>
#include <string.h>

#include "engine/plan.h"

void taps_new(struct engine *e)
{
	struct plan *p = &e->plan;

	p->tap = xcalloc((size_t)e->o.taps, sizeof *p->tap);
	for (int i = 0; i < e->o.taps; i++)
		p->tap[i] = (struct tap){.layer = e->o.tap[i], .tensor = -1};
	p->taps = e->o.taps;
}

void taps_at(struct plan *p, int layer, int tensor)
{
	for (int i = 0; i < p->taps; i++)
		if (p->tap[i].layer == layer)
			p->tap[i].tensor = tensor;
}

bool is_tapped(const struct plan *p, int tensor)
{
	for (int i = 0; i < p->taps; i++)
		if (p->tap[i].tensor == tensor)
			return true;
	return false;
}

void taps_keep(struct engine *e)
{
	struct plan *p = &e->plan;

	for (int i = 0; i < p->taps; i++) {
		struct tap *tap = &p->tap[i];
		if (tap->tensor < 0)
			die("layer %d has no output to tap", tap->layer);
		struct tensor *t = &p->tensor[tap->tensor];
		t->whole = true;
		tap->output = xaligned(e->o.batch * shape_count(t->shape), sizeof *tap->output);
		if (has_backward(e))
			tap->gradient = xaligned(p->n * t->image, sizeof *tap->gradient);
	}
}

void taps_free(struct plan *p)
{
	for (int i = 0; i < p->taps; i++) {
		free(p->tap[i].output);
		free(p->tap[i].gradient);
	}
	free(p->tap);
}

/* ---- passes ---- */

void taps_add(const struct engine *e, int tensor, struct slice s, float *to)
{
	const struct plan *p = &e->plan;
	size_t image = p->tensor[tensor].image;

	for (int i = 0; i < p->taps; i++) {
		const struct tap *tap = &p->tap[i];
		if (tap->tensor != tensor || !tap->given)
			continue;
		add_floats(to, tap->gradient + s.first * image, s.n * image);
	}
}

static void add(struct engine *e, struct op *op, struct slice s)
{
	taps_add(e, (int)(op - e->plan.op) + 1, s, tensor_at(e, op->diff_dst, s));
}

void taps_before(struct plan *p, struct op *op)
{
	if (is_tapped(p, (int)(op - p->op) + 1))
		add_sliced(p, &p->backward, op, add);
}

void taps_done(struct plan *p)
{
	for (int i = 0; i < p->taps; i++)
		p->tap[i].given = false;
}

/* ---- the caller's side ---- */

static struct tap *find(struct engine *e, int layer)
{
	for (int i = 0; i < e->plan.taps; i++)
		if (e->plan.tap[i].layer == layer)
			return &e->plan.tap[i];
	die("layer %d is not tapped", layer);
}

const float *engine_tap(struct engine *e, int layer)
{
	struct tap *tap = find(e, layer);
	const struct tensor *t = &e->plan.tensor[tap->tensor];
	size_t row = shape_count(t->shape);

	for (size_t i = 0; i < e->n; i++)
		tensor_give(t, t->data + i * t->image, tap->output + i * row);
	return tap->output;
}

void engine_tap_gradient(struct engine *e, int layer, const float *gradient)
{
	struct tap *tap = find(e, layer);
	const struct tensor *t = &e->plan.tensor[tap->tensor];
	size_t row = shape_count(t->shape);

	/* A slice is added whole, also where it has fewer images. */
	memset(tap->gradient, 0, e->plan.n * t->image * sizeof *tap->gradient);
	for (size_t i = 0; i < e->n; i++)
		tensor_take(t, gradient + i * row, tap->gradient + i * t->image);
	tap->given = true;
}
