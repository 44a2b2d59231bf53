#include "engine/engine.h"

#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "engine/plan.h"

struct engine *engine_new(const struct spec *spec, const struct engine_options *options)
{
	struct engine *e = xcalloc(1, sizeof *e);

	e->o = *options;
	e->spec = spec;
	if (!e->o.last)
		e->o.last = spec->layers;
	e->level = dnn_level();
	e->lanes = level_lanes(e->level);
	e->threads = threads();
	e->dnn = dnn_new(e->threads);
	e->slot = xcalloc((size_t)spec->parameters, sizeof *e->slot);
	plan_make(e);

	const struct tensor *in = &e->plan.tensor[0], *out = &e->plan.tensor[e->plan.ops];
	const struct tensor *by = &e->plan.tensor[e->plan.input];
	size_t most = shape_count(in->shape) > shape_count(out->shape) ? shape_count(in->shape)
	                                                               : shape_count(out->shape);
	e->output = xaligned(e->o.batch * most, sizeof *e->output);
	if (e->o.input_gradient)
		e->input_gradient =
			xaligned(e->o.batch * shape_count(by->shape), sizeof *e->input_gradient);
	return e;
}

void engine_free(struct engine *e)
{
	plan_free(e);
	dnn_free(e->dnn);
	free(e->values);
	free(e->gradients);
	free(e->output);
	free(e->input_gradient);
	free(e->slot);
	free(e);
}

/* ---- parameters ---- */

void engine_pack(struct engine *e, float *const tensor[], float *packed)
{
	for (int i = 0; i < e->spec->parameters; i++)
		if (e->slot[i].kind)
			slot_pack(e, i, tensor[i], packed + e->slot[i].offset);
}

void engine_unpack(struct engine *e, const float *packed, float *const tensor[])
{
	for (int i = 0; i < e->spec->parameters; i++)
		if (e->slot[i].kind)
			slot_unpack(e, i, packed + e->slot[i].offset, tensor[i]);
}

void engine_load(struct engine *e, float *const tensor[])
{
	engine_pack(e, tensor, e->values);
}

void engine_store(struct engine *e, float *const tensor[])
{
	engine_unpack(e, e->values, tensor);
}

void engine_take(struct engine *e, struct engine *from)
{
	for (int i = 0; i < e->spec->parameters; i++) {
		const struct slot *to = &e->slot[i], *at = &from->slot[i];
		if (slot_same(to, at)) {
			memcpy(e->values + to->offset, from->values + at->offset,
			       to->floats * sizeof *e->values);
			continue;
		}
		float *plain = xcalloc(parameter_count(&e->spec->parameter[i]), sizeof *plain);
		slot_unpack(from, i, from->values + at->offset, plain);
		slot_pack(e, i, plain, e->values + to->offset);
		free(plain);
	}
}

size_t engine_trained(const struct engine *e)
{
	return e->trained;
}

size_t engine_size(const struct engine *e)
{
	return e->size;
}

float *engine_values(struct engine *e)
{
	return e->values;
}

const float *engine_gradients(const struct engine *e)
{
	return e->gradients;
}

/* ---- passes ---- */

MULTIVERSION static void map_bytes(float *to, const uint8_t *from, size_t n, float mean,
                                   float scale)
{
	for (size_t k = 0; k < n; k++)
		to[k] = ((float)from[k] - mean) * scale;
}

static void map_pixels(float *x, enum npy_type type, const void *pixels, size_t n, float mean,
                       float scale)
{
	if (type == NPY_U1) {
		map_bytes(x, pixels, n, mean, scale);
		return;
	}
	npy_convert_elements(NPY_F4, x, type, pixels, n);
	for (size_t k = 0; k < n; k++)
		x[k] = (x[k] - mean) * scale;
}

/* How many numbers of n images in a row have one mean and one scale: all, or those of a channel. */
static size_t run_of(const struct mapping *m, struct shape s, size_t n)
{
	return m->n == 1 ? n * shape_count(s) : s.h * s.w;
}

void engine_from_pixels(const struct engine *e, struct shape s, enum npy_type type,
                        const void *pixels, size_t n, float *x)
{
	const struct mapping *m = &e->spec->mapping;
	const char *from = pixels;
	size_t run = run_of(m, s, n), size = npy_size(type);

	for (size_t at = 0, c = 0; at < n * shape_count(s); at += run, c = (c + 1) % m->n)
		map_pixels(x + at, type, from + at * size, run, (float)m->mean[c],
		           (float)(1 / m->scale[c]));
}

void engine_to_pixels(const struct engine *e, struct shape s, const float *x, size_t n,
                      float *pixels)
{
	const struct mapping *m = &e->spec->mapping;
	size_t run = run_of(m, s, n);

	for (size_t at = 0, c = 0; at < n * shape_count(s); at += run, c = (c + 1) % m->n) {
		float mean = (float)m->mean[c], scale = (float)m->scale[c];
		for (size_t k = at; k < at + run; k++)
			pixels[k] = x[k] * scale + mean;
	}
}

void engine_image(struct engine *e, size_t i, enum npy_type type, const void *pixels)
{
	const struct tensor *t = &e->plan.tensor[0];
	float *image = t->data + i * t->image, *to = t->block == 1 ? image : e->output;

	engine_from_pixels(e, t->shape, type, pixels, 1, to);
	if (to != image)
		tensor_take(t, to, image);
}

void engine_step(struct engine *e, uint64_t step)
{
	e->step = step;
}

/* A slice is computed whole.  The images that it lacks are made zero: whatever was there before may
 * not be finite, and even a zero gradient would not make it vanish. */
static void clear_from(const struct plan *p, const struct tensor *t, size_t n)
{
	memset(t->data + n * t->image, 0, (p->n - n) * t->image * sizeof *t->data);
}

void engine_forward(struct engine *e, size_t n)
{
	e->n = n;
	clear_from(&e->plan, &e->plan.tensor[0], n);
	pass_run(e, &e->plan.forward);
}

const float *engine_output(struct engine *e)
{
	const struct tensor *t = &e->plan.tensor[e->plan.ops];
	size_t row = shape_count(t->shape);

	for (size_t i = 0; i < e->n; i++)
		tensor_give(t, t->data + i * t->image, e->output + i * row);
	return e->output;
}

/* From the gradient by the network's input, x = (pixel - mean) / scale, to that by the pixels. */
static void apply_chain_rule(struct engine *e)
{
	const struct mapping *m = &e->spec->mapping;
	size_t run = run_of(m, e->spec->input, e->n);

	for (size_t at = 0, c = 0; at < e->n * shape_count(e->spec->input);
	     at += run, c = (c + 1) % m->n) {
		float scale = (float)(1 / m->scale[c]);
		for (size_t k = at; k < at + run; k++)
			e->input_gradient[k] *= scale;
	}
}

static void give_gradient(struct engine *e)
{
	const struct tensor *t = &e->plan.diff[e->plan.input];
	size_t row = shape_count(t->shape);

	for (size_t i = 0; i < e->n; i++)
		tensor_give(t, t->data + i * t->image, e->input_gradient + i * row);
	if (!e->o.below)
		apply_chain_rule(e);
}

void engine_backward(struct engine *e, size_t n, const float *gradient)
{
	const struct tensor *t = &e->plan.diff[e->plan.ops];
	size_t row = shape_count(t->shape);

	for (size_t i = 0; i < n; i++)
		tensor_take(t, gradient + i * row, t->data + i * t->image);
	clear_from(&e->plan, t, n);
	pass_run(e, &e->plan.backward);
	if (e->o.input_gradient) {
		int input = e->plan.input;
		taps_add(e, input, (struct slice){.n = n}, e->plan.diff[input].data);
		give_gradient(e);
	}
	taps_done(&e->plan);
}

const float *engine_input_gradient(struct engine *e)
{
	return e->input_gradient;
}

/* ---- who computes it ---- */

/* Of an op whose kind has nothing else to say.  In C order, loops without products take a number at
 * a time. */
static void own_kernels(const struct engine *e, const struct op *op, struct engine_kernels *k)
{
	uint64_t products = layer_multiply_adds(op->layer);
	const char *how = level_name(op->src->block > 1 || products ? e->level : LEVEL_BASE);

	kernels_add(k, op, "forward", "own", how, products);
	if (products && op->trains)
		kernels_add(k, op, "to weights", "own", how, products);
	if (op->diff_src)
		kernels_add(k, op, products ? "to input" : "backward", "own", how, products);
}

struct engine_kernels engine_kernels(const struct engine *e)
{
	struct engine_kernels k = {.n = 0};

	for (int i = 0; i < e->plan.ops; i++) {
		const struct op *op = &e->plan.op[i];
		if (op->kind->kernels)
			op->kind->kernels(e, op, &k);
		else
			own_kernels(e, op, &k);
	}
	return k;
}

void kernels_add(struct engine_kernels *k, const struct op *op, const char *direction,
                 const char *who, const char *how, uint64_t multiply_adds)
{
	k->row = xrealloc(k->row, (size_t)k->n + 1, sizeof *k->row);
	struct engine_kernel *row = &k->row[k->n++];
	*row = (struct engine_kernel){.layer = op->layer,
	                              .relu = op->relu,
	                              .pool = op->pool != NULL,
	                              .direction = direction,
	                              .slice = op->kind == &op_dense ? 0 : op->n,
	                              .block = op->dst->block,
	                              .multiply_adds = multiply_adds};
	snprintf(row->by, sizeof row->by, "%s %s", who, how);
}
