#include "engine/plan.h"

#include <stdlib.h>

bool has_backward(const struct engine *e)
{
	return e->o.train || e->o.input_gradient;
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

/* Whether the op before can take the layer in. */
static bool fuses(const struct engine *e, const struct op *before, const struct layer *l)
{
	bool adds = before->kind == &op_conv || before->kind == &op_pixels ||
	            before->kind == &op_narrow || before->kind == &op_dense ||
	            before->kind == &op_add;

	return l->kind == LAYER_RELU && !before->relu && !before->pool &&
	       (adds || (before->kind == &op_norm && e->o.rule == RELU_PLAIN));
}

/* Whether max pooling can apply the derivative of the ReLU before it.  The other rules ask for the
 * sign of the whole gradient, which where windows overlap is a sum. */
static bool derives(const struct engine *e, const struct op *before, const struct layer *l)
{
	return l->kind == LAYER_MAXPOOL && before->relu &&
	       (e->o.rule == RELU_PLAIN ||
	        (l->kernel[0] <= l->stride[0] && l->kernel[1] <= l->stride[1]));
}

/* Whether batch norm before, in training, can take in the max pool: where every window is whole,
 * and none overlap. */
static bool fuses_pool(const struct op *before, const struct layer *l)
{
	return l->kind == LAYER_MAXPOOL && before->kind == &op_norm && before->trains &&
	       !before->pool && l->kernel[0] == l->stride[0] && l->kernel[1] == l->stride[1] &&
	       !l->pad_before[0] && !l->pad_before[1] && l->out.h * l->stride[0] <= l->in.h &&
	       l->out.w * l->stride[1] <= l->in.w;
}

/* Dropout in inference; but the gradient to its output alone asks for an output of its own. */
static bool does_nothing(const struct engine *e, int i)
{
	const struct layer *l = &e->spec->layer[i];

	return l->kind == LAYER_DROPOUT && (!e->o.train || l->drop == 0) && i != e->o.below - 1;
}

/* Of a layer. */
struct node {
	bool needed; /* the last layer is made of it */
	int reads;   /* by needed layers that do something */
	int tensor;  /* index of the one that is its output; the network's input is 0 */
	bool blocks; /* a layer that reads it needs blocks of channels */
	bool plain;  /* its output lies in C order */
};

/* The layer that makes what layer i is to read, or -1: the network's input. */
static int maker(const struct engine *e, int i)
{
	while (i >= 0 && does_nothing(e, i))
		i = e->spec->layer[i].from;
	return i;
}

/* node[-1] is the network's input. */
static void count_reads(const struct engine *e, struct node *node)
{
	bool *needed = xcalloc((size_t)e->spec->layers, sizeof *needed);

	spec_mark(e->spec, e->o.last - 1, needed);
	for (int i = 0; i < e->o.last; i++) {
		const struct layer *l = &e->spec->layer[i];
		node[i].needed = needed[i];
		if (!needed[i] || does_nothing(e, i))
			continue;
		node[maker(e, l->from)].reads++;
		if (l->add >= 0)
			node[maker(e, l->add)].reads++;
	}
	free(needed);
}

/* ---- which layers stay in C order ---- */

static bool is_on_pixels(const struct layer *l, int i)
{
	return i == 0 && l->kind == LAYER_CONV && l->in.c <= FEW_CHANNELS;
}

/* Whether there is an op that makes the layer's output in C order of an input in C order. */
static bool stays_plain(const struct layer *l)
{
	switch (l->kind) {
	case LAYER_CONV:
		return l->in.c <= FEW_CHANNELS && l->out.c <= FEW_CHANNELS && l->stride[0] == 1 &&
		       l->stride[1] == 1;
	case LAYER_RELU:
	case LAYER_SIGMOID:
	case LAYER_TANH:
	case LAYER_MAXPOOL:
	case LAYER_AVGPOOL:
	case LAYER_UPSAMPLE: return l->in.c <= FEW_CHANNELS;
	default: return false;
	}
}

/*
 * The network's input lies in C order if all that read it can take that; and so does the output of
 * a layer whose input does, if there is an op for it, and if all that read it can take it.  This is
 * simple rather than general: nothing converts between C order and blocks in between, so where
 * blocks are needed further on, they are from the input on, or from a first convolution.  A dense
 * layer takes either.
 */
static void choose_plain(const struct engine *e, struct node *node)
{
	for (int i = e->o.last; i-- > 0;) {
		const struct layer *l = &e->spec->layer[i];
		bool takes = l->kind == LAYER_DENSE || is_on_pixels(l, i) ||
		             (stays_plain(l) && !node[i].blocks);
		if (takes || !node[i].needed || does_nothing(e, i))
			continue;
		node[maker(e, l->from)].blocks = true;
		if (l->add >= 0)
			node[maker(e, l->add)].blocks = true;
	}
	node[-1].plain = !node[-1].blocks;
	for (int i = 0; i < e->o.last; i++) {
		const struct layer *l = &e->spec->layer[i];
		node[i].plain = stays_plain(l) && !node[i].blocks && node[maker(e, l->from)].plain;
	}
}

static const struct op_kind *kind_of(const struct engine *e, const struct node *node, int i)
{
	static const struct op_kind *const kinds[] = {
		[LAYER_CONV] = &op_conv,         [LAYER_DENSE] = &op_dense,
		[LAYER_MAXPOOL] = &op_maxpool,   [LAYER_AVGPOOL] = &op_avgpool,
		[LAYER_BATCHNORM] = &op_norm,    [LAYER_DROPOUT] = &op_dropout,
		[LAYER_RELU] = &op_activation,   [LAYER_SIGMOID] = &op_activation,
		[LAYER_TANH] = &op_activation,   [LAYER_ADD] = &op_add,
		[LAYER_UPSAMPLE] = &op_upsample, [LAYER_TEMPLATE] = &op_template,
	};
	const struct layer *l = &e->spec->layer[i];

	if (l->kind == LAYER_CONV && node[i].plain)
		return &op_narrow;
	return is_on_pixels(l, i) ? &op_pixels : kinds[l->kind];
}

/* ---- the ops ---- */

static int first_parameter(const struct spec *s, int layer)
{
	int i = 0;

	while (i < s->parameters && s->parameter[i].layer < layer)
		i++;
	return i;
}

/* Whether an optimizer is to change the parameter. */
static bool is_trained(const struct engine *e, const struct parameter *p)
{
	return p->trained && !(e->o.frozen && e->o.frozen[p->layer]);
}

/* A layer's parameters begin with one that is trained, unless the layer is frozen. */
static bool trains(const struct engine *e, int layer)
{
	int first = first_parameter(e->spec, layer);
	const struct parameter *p = &e->spec->parameter[first];

	return e->o.train && first < e->spec->parameters && p->layer == layer && is_trained(e, p);
}

/* Add the op of a layer, unless it is part of the one before, or does nothing; returns the tensor
 * that is its output. */
static int choose_op(struct engine *e, struct plan *p, const struct node *node, int i)
{
	const struct layer *l = &e->spec->layer[i];
	int from = node[l->from].tensor;
	struct op *before = from ? &p->op[from - 1] : NULL, *op = &p->op[p->ops];
	bool joins = before && node[maker(e, l->from)].reads == 1 && !is_tapped(p, from) &&
	             from != p->input;

	if (does_nothing(e, i))
		return from;
	if (joins && fuses(e, before, l)) {
		before->relu = true;
		return from;
	}
	if (joins && fuses_pool(before, l)) {
		before->pool = l;
		return from;
	}
	*op = (struct op){.kind = kind_of(e, node, i),
	                  .layer = l,
	                  .parameter = first_parameter(e->spec, i),
	                  .trains = trains(e, i),
	                  .src = &p->tensor[from]};
	if (l->add >= 0)
		op->with = &p->tensor[node[l->add].tensor];
	if (joins && derives(e, before, l))
		op->derives = before->next_derives = true;
	return ++p->ops;
}

static void choose_ops(struct engine *e, struct plan *p)
{
	size_t layers = (size_t)e->o.last;
	struct node *nodes = xcalloc(layers + 1, sizeof *nodes), *node = nodes + 1;

	p->op = xcalloc(layers + 1, sizeof *p->op);
	p->tensor = xcalloc(layers + 1, sizeof *p->tensor);
	p->input = e->o.below ? -1 : 0;
	count_reads(e, node);
	choose_plain(e, node);
	shape_tensor(&p->tensor[0], e->spec->input, node[-1].plain ? 1 : e->lanes);
	for (int i = 0; i < e->o.last; i++) {
		if (!node[i].needed)
			continue;
		node[i].tensor = choose_op(e, p, node, i);
		taps_at(p, i, node[i].tensor);
		if (i == e->o.below - 1)
			p->input = node[i].tensor;
	}
	if (p->input < 0)
		die("layer %d has no gradient", e->o.below - 1);
	free(nodes);
}

/* ---- slices ---- */

static size_t power_of_two(size_t at_least, size_t limit)
{
	size_t n = 1;

	while (n < at_least && n < limit)
		n *= 2;
	return n;
}

/*
 * The images of a slice, a power of two: as many as suit the first op of a row, for all that follow
 * as long as it is enough for them.
 */
static void choose_slices(struct engine *e, struct plan *p)
{
	size_t limit = power_of_two(e->o.batch, 32), n = limit;

	for (int k = 0; k < p->ops; k++) {
		struct op *op = &p->op[k];
		size_t best = n, least = 1;
		if (op->kind->slice)
			op->kind->slice(e, op, &best, &least);
		if (k == 0 || n < least)
			n = power_of_two(best > least ? best : least, limit);
		op->n = n;
	}
	p->n = (e->o.batch + limit - 1) / limit * limit;
}

/* ---- stages ---- */

static struct stage *new_stage(struct pass *pass, size_t slice)
{
	if (pass->stages == pass->room) {
		pass->room = 2 * pass->room + 8;
		pass->stage = xrealloc(pass->stage, (size_t)pass->room, sizeof *pass->stage);
	}
	pass->stage[pass->stages] = (struct stage){.slice = slice};
	return &pass->stage[pass->stages++];
}

static void append(struct stage *s, work *run, struct op *op, size_t tasks)
{
	if (s->steps == s->room) {
		s->room = 2 * s->room + 8;
		s->step = xrealloc(s->step, (size_t)s->room, sizeof *s->step);
	}
	s->step[s->steps++] = (struct step){run, op, tasks};
}

static struct stage *last_stage(const struct pass *pass)
{
	return pass->stages ? &pass->stage[pass->stages - 1] : NULL;
}

void add_apart(struct pass *pass, struct op *op, work *run)
{
	struct stage *s = last_stage(pass);

	append(s && s->slice == op->n ? s : new_stage(pass, op->n), run, op, 0);
}

void add_sliced(struct plan *p, struct pass *pass, struct op *op, work *run)
{
	const struct stage *s = last_stage(pass);

	/* Other threads may have made what a stage begins with. */
	if (!s || s->slice != op->n) {
		(pass == &p->forward ? op->src : op->diff_dst)->whole = true;
		if (op->with && pass == &p->forward)
			op->with->whole = true;
	}
	add_apart(pass, op, run);
}

void add_spread(struct pass *pass, struct op *op, work *run, size_t tasks)
{
	append(new_stage(pass, 0), run, op, tasks);
}

void join_spread(struct pass *pass, struct op *op, work *run, size_t tasks)
{
	struct stage *s = last_stage(pass);

	if (!s || s->slice)
		s = new_stage(pass, 0);
	append(s, run, op, tasks);
}

struct job {
	struct engine *e;
	const struct stage *stage;
};

static void run_task(void *context, size_t task, int thread)
{
	const struct job *job = context;
	const struct stage *s = job->stage;
	struct engine *e = job->e;
	struct slice at = {.first = task, .n = 1, .thread = thread};
	int i = 0;

	if (s->slice) {
		at.first = task * s->slice;
		at.n = e->n - at.first < s->slice ? e->n - at.first : s->slice;
		for (; i < s->steps; i++)
			s->step[i].run(e, s->step[i].op, at);
		return;
	}
	while (at.first >= s->step[i].tasks)
		at.first -= s->step[i++].tasks;
	s->step[i].run(e, s->step[i].op, at);
}

static size_t tasks_of(const struct stage *s, size_t n)
{
	size_t tasks = 0;

	if (s->slice)
		return (n + s->slice - 1) / s->slice;
	for (int i = 0; i < s->steps; i++)
		tasks += s->step[i].tasks;
	return tasks;
}

void pass_run(struct engine *e, const struct pass *pass)
{
	for (int i = 0; i < pass->stages; i++) {
		struct job job = {e, &pass->stage[i]};
		threads_run(tasks_of(job.stage, e->n), run_task, &job);
	}
}

void sum_parts(const float *part, size_t row, size_t slices, size_t piece, float *sum)
{
	size_t from = row * piece / SUM_PIECES, to = row * (piece + 1) / SUM_PIECES;

	for (size_t i = from; i < to; i++)
		sum[i] = part[i];
	for (size_t s = 1; s < slices; s++)
		for (size_t i = from; i < to; i++)
			sum[i] += part[s * row + i];
}

/* ---- tensors ---- */

void shape_tensor(struct tensor *t, struct shape s, size_t block)
{
	t->shape = s;
	t->block = block;
	t->blocks = (s.c + block - 1) / block;
	t->image = t->blocks * s.h * s.w * block;
}

float *tensor_at(const struct engine *e, const struct tensor *t, struct slice s)
{
	return t->whole ? t->data + s.first * t->image : e->scratch[4 * s.thread + t->turn];
}

void tensor_take(const struct tensor *t, const float *plain, float *image)
{
	size_t plane = t->shape.h * t->shape.w;

	for (size_t c = 0; c < t->blocks * t->block; c++) {
		float *to = image + c / t->block * plane * t->block + c % t->block;
		for (size_t i = 0; i < plane; i++)
			to[i * t->block] = c < t->shape.c ? plain[c * plane + i] : 0;
	}
}

void tensor_give(const struct tensor *t, const float *image, float *plain)
{
	size_t plane = t->shape.h * t->shape.w;

	for (size_t c = 0; c < t->shape.c; c++) {
		const float *from = image + c / t->block * plane * t->block + c % t->block;
		for (size_t i = 0; i < plane; i++)
			plain[c * plane + i] = from[i * t->block];
	}
}

/* ---- the whole ---- */

static void note_read(struct tensor *t, int k)
{
	t->reads++;
	t->last = k;
}

/* The gradient at a tensor that is read, null where nobody needs it: the pixels' costs a pass that
 * training has no use for. */
static struct tensor *gradient_at(struct engine *e, const struct tensor *t)
{
	struct plan *p = &e->plan;
	int i = (int)(t - p->tensor);
	bool wanted = i == p->input ? e->o.input_gradient : i > 0 && p->op[i - 1].back;

	return wanted ? &p->diff[i] : NULL;
}

static void connect_op(struct engine *e, struct plan *p, int k)
{
	struct op *op = &p->op[k];

	op->dst = &p->tensor[k + 1];
	op->diff_dst = &p->diff[k + 1];
	op->diff_src = gradient_at(e, op->src);
	op->diff_with = op->with ? gradient_at(e, op->with) : NULL;
	op->back = op->trains || op->diff_src || op->diff_with;
	if (op->diff_src && op->src->last != k && !op->with) {
		op->sum = op->diff_src;
		op->diff_src = &op->part;
	}
	op->kind->prepare(e, op);
}

/* Gradients lie as the tensors do.  What the op after does not take, or others read too, would not
 * be there any more in a thread's scratch memory. */
static void lay_out(struct plan *p)
{
	for (int k = 0; k <= p->ops; k++) {
		struct tensor *t = &p->tensor[k], *d = &p->diff[k];
		bool passed_on = t->reads == 1 && t->last == k;
		t->turn = k % 2;
		*d = *t;
		t->whole |= !passed_on;
		d->whole = !passed_on;
		d->turn = 2 + k % 2;
	}
	for (int k = 0; k < p->ops; k++) {
		struct op *op = &p->op[k];
		op->part = *op->src;
		op->part.whole = false;
		op->part.turn = 2 + k % 2;
	}
}

static void connect(struct engine *e, struct plan *p)
{
	for (int k = 0; k < p->ops; k++) {
		note_read(p->op[k].src, k);
		if (p->op[k].with)
			note_read(p->op[k].with, k);
	}
	p->diff = xcalloc((size_t)p->ops + 1, sizeof *p->diff);
	for (int k = 0; k < p->ops; k++)
		connect_op(e, p, k);
	lay_out(p);
	p->tensor[0].whole = true;
	p->diff[p->input].whole |= e->o.input_gradient;
	taps_keep(e);
	for (int k = p->ops; k-- > 0;)
		if (p->op[k].with)
			add_shares(p, &p->op[k]);
}

static void add_part(struct engine *e, struct op *op, struct slice s)
{
	add_floats(tensor_at(e, op->sum, s), tensor_at(e, &op->part, s), op->n * op->part.image);
}

void add_back(struct plan *p, struct op *op)
{
	if (op->kind->backward)
		op->kind->backward(p, op);
	else if (op->diff_src)
		add_sliced(p, &p->backward, op, op->kind->step_back);
}

static void order_onward(struct plan *p, struct op *op)
{
	if (op->kind->forward)
		op->kind->forward(p, op);
	else
		add_sliced(p, &p->forward, op, op->kind->step);
}

static void order_back(struct plan *p, struct op *op)
{
	if (!op->back)
		return;
	taps_before(p, op);
	add_back(p, op);
	if (op->sum)
		add_apart(&p->backward, op, add_part);
}

static void order(struct engine *e, struct plan *p)
{
	for (int k = 0; k < p->ops; k++)
		order_onward(p, &p->op[k]);
	if (!has_backward(e))
		return;
	for (int k = 0; k < p->ops; k++)
		if (p->op[k].kind->before)
			p->op[k].kind->before(p, &p->op[k]);
	for (int k = p->ops; k-- > 0;)
		order_back(p, &p->op[k]);
	for (int k = 0; k < p->ops; k++)
		if (p->op[k].kind->after)
			p->op[k].kind->after(p, &p->op[k]);
}

/* The places of the parameters, once their layouts are known: the trained ones first. */
static void place_parameters(struct engine *e)
{
	for (int pass = 0; pass < 2; pass++) {
		for (int i = 0; i < e->spec->parameters; i++) {
			struct slot *s = &e->slot[i];
			if (!s->kind || is_trained(e, &e->spec->parameter[i]) != (pass == 0))
				continue;
			s->offset = e->size;
			e->size += slot_room(s->floats);
		}
		if (pass == 0)
			e->trained = e->size;
	}
	e->values = xaligned(e->size, sizeof(float));
	if (e->o.train)
		e->gradients = xaligned(e->size, sizeof(float));
}

/* Memory for all images of a tensor, or the most that n of one take. */
static void place(const struct plan *p, struct tensor *t, size_t n, size_t *scratch)
{
	if (t->whole)
		t->data = xaligned(p->n * t->image, sizeof *t->data);
	else if (n * t->image > *scratch)
		*scratch = n * t->image;
}

static void place_tensors(struct engine *e, struct plan *p)
{
	size_t scratch = 0;

	for (int k = 0; k <= p->ops; k++) {
		struct tensor *const both[] = {&p->tensor[k], &p->diff[k]};
		size_t n = k ? p->op[k - 1].n : 1;
		if (k < p->ops && p->op[k].n > n)
			n = p->op[k].n;
		for (int i = 0; i < (has_backward(e) ? 2 : 1); i++)
			place(p, both[i], n, &scratch);
		if (k < p->ops && p->op[k].sum)
			place(p, &p->op[k].part, p->op[k].n, &scratch);
	}
	e->scratch = xcalloc((size_t)e->threads * 4, sizeof *e->scratch);
	for (int i = 0; i < e->threads * 4; i++)
		e->scratch[i] = xaligned(i % 4 < 2 || has_backward(e) ? scratch : 0, sizeof(float));
}

void plan_make(struct engine *e)
{
	struct plan *p = &e->plan;

	taps_new(e);
	choose_ops(e, p);
	choose_slices(e, p);
	connect(e, p);
	order(e, p);
	place_parameters(e);
	place_tensors(e, p);
}

static void free_pass(struct pass *pass)
{
	for (int i = 0; i < pass->stages; i++)
		free(pass->stage[i].step);
	free(pass->stage);
}

static void free_op(struct op *op)
{
	if (op->kind->free)
		op->kind->free(op);
	else
		free(op->own);
	free(op->part.data);
}

void plan_free(struct engine *e)
{
	struct plan *p = &e->plan;

	for (int k = 0; k < p->ops; k++)
		free_op(&p->op[k]);
	for (int k = 0; k <= p->ops; k++) {
		free(p->tensor[k].data);
		free(p->diff[k].data);
	}
	for (int i = 0; i < e->threads * 4; i++)
		free(e->scratch[i]);
	free(e->scratch);
	taps_free(p);
	free_pass(&p->forward);
	free_pass(&p->backward);
	free(p->op);
	free(p->tensor);
	free(p->diff);
}
