#include "engine/engine.h"

#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "engine/plan.h"

enum { LINE = 16 }; /* floats of a cache line */

static const struct op_kind *const kinds[] = {
	[LAYER_CONV] = &op_weighted,   [LAYER_DENSE] = &op_weighted,
	[LAYER_MAXPOOL] = &op_maxpool, [LAYER_AVGPOOL] = &op_avgpool,
	[LAYER_BATCHNORM] = &op_norm,  [LAYER_DROPOUT] = &op_dropout,
	[LAYER_RELU] = &op_activation, [LAYER_SIGMOID] = &op_activation,
	[LAYER_TANH] = &op_activation,
};

static dnn_layout side(struct engine *e, size_t n, struct shape s, bool vector, bool any)
{
	const size_t dim[4] = {n, s.c, s.h, s.w};
	int ndim = vector ? 2 : 4;

	return any ? dnn_any(e->dnn, ndim, dim) : dnn_plain(e->dnn, ndim, dim);
}

dnn_layout plain_side(struct engine *e, size_t n, struct shape s, bool vector)
{
	return side(e, n, s, vector, false);
}

dnn_layout any_side(struct engine *e, size_t n, struct shape s, bool vector)
{
	return side(e, n, s, vector, true);
}

struct dnn_window window_of(const struct layer *l)
{
	struct dnn_window w = {.kernel = {0}};

	for (int i = 0; i < 2; i++) {
		w.kernel[i] = (dnnl_dim_t)l->kernel[i];
		w.stride[i] = (dnnl_dim_t)l->stride[i];
		w.before[i] = (dnnl_dim_t)l->pad_before[i];
		w.after[i] = (dnnl_dim_t)l->pad_after[i];
	}
	return w;
}

/* ---- from layers to ops ---- */

static enum dnn_activation activation_of(enum layer_kind kind)
{
	switch (kind) {
	case LAYER_RELU: return DNN_RELU;
	case LAYER_SIGMOID: return DNN_SIGMOID;
	case LAYER_TANH: return DNN_TANH;
	default: return DNN_IDENTITY;
	}
}

/* Whether the op before can take the activation in. */
static bool fuses(const struct engine *e, const struct op *before, enum dnn_activation a)
{
	if (a == DNN_IDENTITY || before->fused != DNN_IDENTITY)
		return false;
	return before->kind == &op_weighted ||
	       (before->kind == &op_norm && a == DNN_RELU && e->o.rule == RELU_PLAIN);
}

/* The ops of the layers; dropout is one in training only. */
static void choose_ops(struct engine *e, struct plan *p)
{
	p->op = xcalloc((size_t)e->o.last + 1, sizeof *p->op);
	for (int i = 0, parameter = 0; i < e->o.last; i++) {
		const struct layer *l = &e->spec->layer[i];
		struct op *op = &p->op[p->ops];
		while (parameter < e->spec->parameters && e->spec->parameter[parameter].layer < i)
			parameter++;
		if (p->ops && fuses(e, op - 1, activation_of(l->kind))) {
			op[-1].fused = activation_of(l->kind);
			continue;
		}
		if (l->kind == LAYER_DROPOUT && (!e->o.train || l->drop == 0))
			continue;
		*op = (struct op){.kind = kinds[l->kind], .layer = l, .parameter = parameter};
		if (p->ops && op->kind == &op_maxpool && op[-1].kind == &op_weighted &&
		    op[-1].fused == DNN_RELU)
			op->derives = op[-1].next_derives = true;
		p->ops++;
	}
}

static bool has_backward(const struct engine *e)
{
	return e->o.train || e->o.input_gradient;
}

/* ---- slices ---- */

/* Two second-level caches' worth: what the layers of a slice pass to each other should stay there.
 */
enum { SLICE_FLOATS = 400 << 10, SLICE_LEAST = 4 };

/* The images of a slice: a divisor of n, so that all slices are alike; n if slices do not pay. */
static size_t slice_of(const struct plan *p)
{
	const struct layer *l = p->op[0].layer;
	size_t in = shape_count(l->in), out = shape_count(l->out);
	size_t most = SLICE_FLOATS / (in > out ? in : out);

	if (most >= p->n)
		return p->n;
	while (most >= SLICE_LEAST && p->n % most)
		most--;
	return most >= SLICE_LEAST ? most : p->n;
}

/* Weights are read again for each slice; an op that reads more of them than it writes gains
 * nothing. Batch norm and dropout are about the whole batch. */
static bool runs_in_slices(const struct op *op, size_t slice)
{
	const struct layer *l = op->layer;

	if (l->kind == LAYER_CONV)
		return l->in.c * l->out.c * l->kernel[0] * l->kernel[1] <=
		       slice * shape_count(l->out);
	return op->kind == &op_maxpool || op->kind == &op_avgpool || op->kind == &op_activation;
}

static void choose_slices(struct plan *p)
{
	size_t slice = p->ops ? slice_of(p) : p->n;

	while (slice < p->n && p->sliced < p->ops && runs_in_slices(&p->op[p->sliced], slice))
		p->sliced++;
	for (int k = 0; k < p->ops; k++) {
		p->op[k].n = k < p->sliced ? slice : p->n;
		p->op[k].slices = p->n / p->op[k].n;
	}
}

/* ---- tensors ---- */

/* The index of the tensor that op k reads; it writes the next. */
static int source(const struct plan *p, int k)
{
	return p->sliced && k >= p->sliced ? k + 1 : k;
}

/* Whether tensor j is where the slices end, the last of theirs or the first of all images'. */
static bool is_seam(const struct plan *p, int j)
{
	return p->sliced && (j == p->sliced || j == p->sliced + 1);
}

static void connect(struct engine *e, struct plan *p)
{
	const struct shape in = e->spec->input;

	p->tensors = p->ops + (p->sliced ? 2 : 1);
	p->tensor = xcalloc((size_t)p->tensors, sizeof *p->tensor);
	p->diff = xcalloc((size_t)p->tensors, sizeof *p->diff);
	p->tensor[0].layout = plain_side(e, p->ops ? p->op[0].n : p->n, in, false);
	for (int k = 0; k < p->ops; k++) {
		struct op *op = &p->op[k];
		int j = source(p, k);
		const struct shape s = op->layer->in;
		if (p->sliced && k == p->sliced)
			p->tensor[j].layout = dnn_like(e->dnn, p->tensor[j - 1].layout,
			                               (size_t[]){p->n, s.c, s.h, s.w});
		op->src = &p->tensor[j];
		op->dst = &p->tensor[j + 1];
		op->diff_dst = &p->diff[j + 1];
		/* The pixels' gradient costs a pass that training has no use for. */
		bool wanted = k > 0 || e->o.input_gradient || op->kind == &op_norm;
		op->diff_src = has_backward(e) && wanted ? &p->diff[j] : NULL;
		op->kind->prepare(e, op);
	}
}

/* ---- buffers ---- */

/* The places of the parameters, once their layouts are known: the trained ones first. */
static void place_parameters(struct engine *e)
{
	for (int pass = 0; pass < 2; pass++) {
		for (int i = 0; i < e->spec->parameters; i++) {
			struct slot *s = &e->slot[i];
			if (!s->layout || e->spec->parameter[i].trained != (pass == 0))
				continue;
			s->offset = e->size;
			e->size += (dnn_bytes(s->layout) / sizeof(float) + LINE - 1) / LINE * LINE;
		}
		if (pass == 0)
			e->trained = e->size;
	}
	e->values = xaligned(e->size, sizeof(float));
	if (e->o.train)
		e->gradients = xaligned(e->trained, sizeof(float));
}

/* Whether a backward pass looks at tensor j again: not if the max pool behind it keeps all that is
 * to be known. */
static bool is_kept(const struct engine *e, const struct plan *p, int j)
{
	for (int k = 0; k < p->ops; k++)
		if (source(p, k) + 1 == j && p->op[k].next_derives)
			return false;
	return has_backward(e);
}

static size_t largest(const struct tensor *tensor, int from, int to)
{
	size_t most = 0;

	for (int j = from; j < to; j++)
		most = floats(&tensor[j]) > most ? floats(&tensor[j]) : most;
	return most;
}

static void place(struct engine *e, struct tensor *t, float *first, size_t step)
{
	t->first = t->data = first;
	t->step = step;
	t->memory = dnn_memory(e->dnn, t->layout, first);
}

/* Backward needs every tensor that is kept; others share two places, turn by turn, as gradients do.
 */
static void place_tensors(struct engine *e, struct plan *p)
{
	size_t most = largest(p->tensor, 1, p->tensors);
	float *ping[2], *seam[2] = {NULL};
	int buffers = 0;

	p->buffer = xcalloc((size_t)p->tensors + 5, sizeof *p->buffer);
	for (int i = 0; i < 2; i++) {
		ping[i] = p->buffer[buffers++] = xaligned(most, sizeof(float));
		if (p->sliced && (i == 0 || has_backward(e)))
			seam[i] = p->buffer[buffers++] =
				xaligned(floats(&p->tensor[p->sliced + 1]), sizeof(float));
	}
	for (int j = 0; j < p->tensors; j++) {
		struct tensor *t = &p->tensor[j], *g = &p->diff[j];
		size_t slices = j <= p->sliced && p->sliced ? p->op[0].slices : 1;
		size_t step = slices > 1 ? floats(t) : 0;
		g->layout = t->layout;
		if (j == 0) {
			place(e, t, e->input, step);
			place(e, g, e->input_gradient, step);
		} else if (is_seam(p, j)) {
			place(e, t, seam[0], step);
			place(e, g, seam[1], step);
		} else {
			bool kept = is_kept(e, p, j);
			if (kept)
				p->buffer[buffers] = xaligned(floats(t) * slices, sizeof(float));
			place(e, t, kept ? p->buffer[buffers++] : ping[j % 2], kept ? step : 0);
			place(e, g, ping[j % 2], 0);
		}
	}
}

/* The way between the last layer's layout and the caller's. */
static void bind_output(struct engine *e, struct plan *p)
{
	const struct tensor *last = &p->tensor[p->tensors - 1];
	const struct layer *l = e->o.last ? &e->spec->layer[e->o.last - 1] : NULL;
	dnn_layout plain = l ? plain_side(e, p->n, l->out, l->vector) : last->layout;

	if (dnn_same(plain, last->layout))
		return;
	if (!e->output)
		e->output = xaligned(dnn_bytes(plain), 1);
	p->output = dnn_memory(e->dnn, plain, e->output);
	p->to_plain = dnn_primitive(e->dnn, dnn_reorder(e->dnn, last->layout, plain));
	if (!has_backward(e))
		return;
	if (!e->output_gradient)
		e->output_gradient = xaligned(dnn_bytes(plain), 1);
	p->output_gradient = dnn_memory(e->dnn, plain, e->output_gradient);
	p->from_plain = dnn_primitive(e->dnn, dnn_reorder(e->dnn, plain, last->layout));
}

static struct plan *plan_new(struct engine *e, size_t n)
{
	struct plan *p = xcalloc(1, sizeof *p);

	p->n = n;
	choose_ops(e, p);
	choose_slices(p);
	connect(e, p);
	if (!e->values)
		place_parameters(e);
	place_tensors(e, p);
	bind_output(e, p);
	for (int k = 0; k < p->ops; k++)
		p->op[k].kind->bind(e, &p->op[k]);
	p->next = e->plans;
	e->plans = p;
	return p;
}

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
	e->dnn = dnn_new();
	e->slot = xcalloc((size_t)spec->parameters, sizeof *e->slot);
	size_t pixels = e->o.batch * shape_count(spec->input);
	e->input = xaligned(pixels, sizeof(float));
	if (has_backward(e))
		e->input_gradient = xaligned(pixels, sizeof(float));
	e->plan = plan_new(e, e->o.batch);
	return e;
}

static void plan_free(struct plan *p)
{
	for (int k = 0; k < p->ops; k++)
		p->op[k].kind->free(&p->op[k]);
	for (float **buffer = p->buffer; *buffer; buffer++)
		free(*buffer);
	free(p->buffer);
	free(p->op);
	free(p->tensor);
	free(p->diff);
	free(p);
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
	size_t n = shape_count(e->spec->input);
	float *to = e->input + i * n;
	float mean = (float)e->spec->mean, scale = (float)(1 / e->spec->scale);

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
	float scale = (float)(1 / e->spec->scale);

	for (size_t i = 0; i < n * shape_count(e->spec->input); i++)
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
