#include "engine/engine.h"

#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "engine/plan.h"

/* The plan for n images.  Without batch statistics the images do not see each other, and any plan
 * that is large enough will do. */
static struct plan *plan_for(struct engine *e, size_t n)
{
	for (struct plan *p = e->plans; p; p = p->next)
		if (p->n == n || (!e->o.train && p->n >= n))
			return p;
	return plan_new(e, n);
}

struct engine *engine_new(const struct spec *spec, const struct engine_options *options)
{
	struct engine *e = xcalloc(1, sizeof *e);

	e->o = *options;
	e->spec = spec;
	if (!e->o.last)
		e->o.last = spec->layers;
	e->in = e->o.first ? spec->layer[e->o.first].in : spec->input;
	e->mean = e->o.first ? 0 : spec->mean;
	e->scale = e->o.first ? 1 : spec->scale;
	e->dnn = dnn_new();
	e->slot = xcalloc((size_t)spec->parameters, sizeof *e->slot);
	size_t pixels = e->o.batch * shape_count(e->in);
	e->input = xaligned(pixels, sizeof(float));
	if (has_backward(e))
		e->input_gradient = xaligned(pixels, sizeof(float));
	e->plan = plan_new(e, e->o.batch);
	return e;
}

void engine_free(struct engine *e)
{
	float *const owned[] = {e->values,         e->gradients, e->input,
	                        e->input_gradient, e->output,    e->output_gradient};

	while (e->plans) {
		struct plan *p = e->plans;
		e->plans = p->next;
		plan_free(p);
	}
	dnn_free(e->dnn);
	for (size_t i = 0; i < sizeof owned / sizeof *owned; i++)
		free(owned[i]);
	free(e->slot);
	free(e);
}

/* ---- parameters ---- */

/* One parameter from C order, or to it. */
static void copy(struct engine *e, const struct slot *s, float *plain, float *packed, bool in)
{
	if (!s->image) {
		if (in)
			dnn_copy(e->dnn, s->plain, plain, s->layout, packed);
		else
			dnn_copy(e->dnn, s->layout, packed, s->plain, plain);
		return;
	}
	float *between = xaligned(dnn_bytes(s->row), 1);
	if (in) {
		dnn_copy(e->dnn, s->plain, plain, s->image, between);
		dnn_copy(e->dnn, s->row, between, s->layout, packed);
	} else {
		dnn_copy(e->dnn, s->layout, packed, s->row, between);
		dnn_copy(e->dnn, s->image, between, s->plain, plain);
	}
	free(between);
}

static void copy_all(struct engine *e, float *const tensor[], float *packed, bool in)
{
	for (int i = 0; i < e->spec->parameters; i++) {
		const struct slot *s = &e->slot[i];
		if (s->layout)
			copy(e, s, tensor[i], packed + s->offset, in);
	}
}

void engine_pack(struct engine *e, float *const tensor[], float *packed)
{
	copy_all(e, tensor, packed, true);
}

void engine_unpack(struct engine *e, const float *packed, float *const tensor[])
{
	copy_all(e, tensor, (float *)packed, false);
}

void engine_load(struct engine *e, float *const tensor[])
{
	engine_pack(e, tensor, e->values);
}

void engine_store(struct engine *e, float *const tensor[])
{
	engine_unpack(e, e->values, tensor);
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

void engine_image(struct engine *e, size_t i, enum npy_type type, const void *pixels)
{
	size_t n = shape_count(e->in);
	float *to = e->input + i * n;
	float mean = (float)e->mean, scale = (float)(1 / e->scale);

	if (type == NPY_U1) {
		const uint8_t *from = pixels;
		for (size_t k = 0; k < n; k++)
			to[k] = ((float)from[k] - mean) * scale;
	} else {
		npy_convert_elements(NPY_F4, to, type, pixels, n);
		for (size_t k = 0; k < n; k++)
			to[k] = (to[k] - mean) * scale;
	}
}

void engine_step(struct engine *e, uint64_t step)
{
	e->step = step;
}

/* Move the tensors that the sliced ops pass on to one slice. */
static void move(struct plan *p, size_t slice)
{
	for (int j = 0; j <= p->sliced; j++) {
		struct tensor *const both[] = {&p->tensor[j], &p->diff[j]};
		for (int i = 0; i < 2; i++) {
			struct tensor *t = both[i];
			if (!t->step || !t->first)
				continue;
			t->data = t->first + slice * t->step;
			dnn_set_data(t->memory, t->data);
		}
	}
	for (int k = 0; k < p->sliced; k++)
		p->op[k].slice = slice;
}

void engine_forward(struct engine *e, size_t n)
{
	struct plan *p = e->plan = plan_for(e, n);

	for (size_t slice = 0; p->sliced && slice < p->op[0].slices; slice++) {
		move(p, slice);
		for (int k = 0; k < p->sliced; k++)
			p->op[k].kind->forward(e, &p->op[k]);
	}
	for (int k = p->sliced; k < p->ops; k++)
		p->op[k].kind->forward(e, &p->op[k]);
}

const float *engine_output(struct engine *e)
{
	struct plan *p = e->plan;

	if (!p->to_plain)
		return p->tensor[p->tensors - 1].data;
	dnn_run(e->dnn, p->to_plain, 2,
	        (dnnl_exec_arg_t[]){{DNNL_ARG_FROM, p->tensor[p->tensors - 1].memory},
	                            {DNNL_ARG_TO, p->output}});
	return e->output;
}

/* The caller's n rows into the plan's, of which there may be more. */
static void take_gradient(struct engine *e, struct plan *p, size_t n, const float *gradient)
{
	const struct layer *l = &e->spec->layer[e->o.last - 1];
	size_t row = shape_count(l->out);
	float *to = p->from_plain ? e->output_gradient : p->diff[p->tensors - 1].data;

	memcpy(to, gradient, n * row * sizeof *to);
	memset(to + n * row, 0, (p->n - n) * row * sizeof *to);
	if (p->from_plain)
		dnn_run(e->dnn, p->from_plain, 2,
		        (dnnl_exec_arg_t[]){{DNNL_ARG_FROM, p->output_gradient},
		                            {DNNL_ARG_TO, p->diff[p->tensors - 1].memory}});
}

/* The chain rule through x = (pixel - mean) / scale. */
static void scale_to_pixels(struct engine *e, size_t n)
{
	float scale = (float)(1 / e->scale);
	size_t pixels = n * shape_count(e->in);

	for (size_t i = 0; i < pixels; i++)
		e->input_gradient[i] *= scale;
}

void engine_backward(struct engine *e, size_t n, const float *gradient)
{
	struct plan *p = e->plan;

	take_gradient(e, p, n, gradient);
	for (int k = p->ops; k-- > p->sliced;)
		p->op[k].kind->backward(e, &p->op[k]);
	for (size_t slice = 0; p->sliced && slice < p->op[0].slices; slice++) {
		move(p, slice);
		for (int k = p->sliced; k-- > 0;)
			p->op[k].kind->backward(e, &p->op[k]);
	}
	if (e->o.input_gradient)
		scale_to_pixels(e, n);
}

const float *engine_input_gradient(struct engine *e)
{
	return e->input_gradient;
}
