#include "engine/plan.h"

#include <stdlib.h>

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

/* Whether max pooling can apply the derivative of the ReLU before it.  The other rules ask for the
 * sign of the whole gradient, which where windows overlap is a sum. */
static bool derives(const struct engine *e, const struct op *before, const struct layer *l)
{
	return l->kind == LAYER_MAXPOOL && before->kind == &op_weighted &&
	       before->fused == DNN_RELU &&
	       (e->o.rule == RELU_PLAIN ||
	        (l->kernel[0] <= l->stride[0] && l->kernel[1] <= l->stride[1]));
}

/* The ops of the layers; dropout is one in training only. */
static void choose_ops(struct engine *e, struct plan *p)
{
	p->op = xcalloc((size_t)e->o.last + 1, sizeof *p->op);
	for (int i = e->o.first, parameter = 0; i < e->o.last; i++) {
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
		if (p->ops && derives(e, op - 1, l))
			op->derives = op[-1].next_derives = true;
		p->ops++;
	}
}

bool has_backward(const struct engine *e)
{
	return e->o.train || e->o.input_gradient;
}

/* ---- slices ---- */

/* What the layers of a slice pass to each other should stay in the second-level caches.  A layer
 * whose tensors for all images are below 7 MB, which the third level holds, does better on all at
 * once. */
enum { SLICE_FLOATS = 400 << 10, SLICE_LEAST = 4, FITS_FLOATS = 1700 << 10 };

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
static bool runs_in_slices(const struct op *op, size_t slice, size_t n)
{
	const struct layer *l = op->layer;

	if (n * (shape_count(l->in) + shape_count(l->out)) <= FITS_FLOATS)
		return false;
	if (l->kind == LAYER_CONV)
		return l->in.c * l->out.c * l->kernel[0] * l->kernel[1] <=
		       slice * shape_count(l->out);
	return op->kind == &op_maxpool || op->kind == &op_avgpool ||
	       (op->kind == &op_activation && !l->vector);
}

static void choose_slices(struct plan *p)
{
	size_t slice = p->ops ? slice_of(p) : p->n;

	while (slice < p->n && p->sliced < p->ops && runs_in_slices(&p->op[p->sliced], slice, p->n))
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
	bool vector = e->o.first && e->spec->layer[e->o.first - 1].vector;

	p->tensors = p->ops + (p->sliced ? 2 : 1);
	p->tensor = xcalloc((size_t)p->tensors, sizeof *p->tensor);
	p->diff = xcalloc((size_t)p->tensors, sizeof *p->diff);
	p->tensor[0].layout = plain_side(e, p->ops ? p->op[0].n : p->n, e->in, vector);
	for (int k = 0; k < p->ops; k++) {
		struct op *op = &p->op[k];
		int j = source(p, k);
		op->src = &p->tensor[j];
		op->dst = &p->tensor[j + 1];
		op->diff_dst = &p->diff[j + 1];
		/* The pixels' gradient costs a pass that training has no use for. */
		bool wanted = k > 0 || e->o.input_gradient || op->kind == &op_norm;
		op->diff_src = has_backward(e) && wanted ? &p->diff[j] : NULL;
		op->kind->prepare(e, op);
		const struct shape s = op->layer->out;
		if (k + 1 == p->sliced)
			p->tensor[j + 2].layout = dnn_like(e->dnn, p->tensor[j + 1].layout,
			                                   (size_t[]){p->n, s.c, s.h, s.w});
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
		e->gradients = xaligned(e->size, sizeof(float));
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

struct plan *plan_new(struct engine *e, size_t n)
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

void plan_free(struct plan *p)
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
