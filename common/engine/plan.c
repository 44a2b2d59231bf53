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

/* Images of so few channels stay in C order: a block of them would be mostly zeros. */
enum { FEW_CHANNELS = 4 };

static const struct op_kind *kind_of(const struct engine *e, int i)
{
	static const struct op_kind *const kinds[] = {
		[LAYER_CONV] = &op_conv,       [LAYER_DENSE] = &op_dense,
		[LAYER_MAXPOOL] = &op_maxpool, [LAYER_AVGPOOL] = &op_avgpool,
		[LAYER_BATCHNORM] = &op_norm,  [LAYER_DROPOUT] = &op_dropout,
		[LAYER_RELU] = &op_activation, [LAYER_SIGMOID] = &op_activation,
		[LAYER_TANH] = &op_activation,
	};
	const struct layer *l = &e->spec->layer[i];

	return i == e->o.first && l->kind == LAYER_CONV && l->in.c <= FEW_CHANNELS ? &op_pixels
	                                                                           : kinds[l->kind];
}

static bool weighs(const struct op *op)
{
	return op->kind == &op_conv || op->kind == &op_pixels || op->kind == &op_dense;
}

/* Whether the op before can take the layer in. */
static bool fuses(const struct engine *e, const struct op *before, const struct layer *l)
{
	return l->kind == LAYER_RELU && !before->relu && !before->pool &&
	       (weighs(before) || (before->kind == &op_norm && e->o.rule == RELU_PLAIN));
}

/* Whether max pooling can apply the derivative of the ReLU before it.  The other rules ask for the
 * sign of the whole gradient, which where windows overlap is a sum. */
static bool derives(const struct engine *e, const struct op *before, const struct layer *l)
{
	return l->kind == LAYER_MAXPOOL && before->relu &&
	       (e->o.rule == RELU_PLAIN ||
	        (l->kernel[0] <= l->stride[0] && l->kernel[1] <= l->stride[1]));
}

/* Whether batch norm before can take in the max pool: where every window is whole, and none
 * overlap. */
static bool fuses_pool(const struct engine *e, const struct op *before, const struct layer *l)
{
	return e->o.train && l->kind == LAYER_MAXPOOL && before->kind == &op_norm &&
	       !before->pool && l->kernel[0] == l->stride[0] && l->kernel[1] == l->stride[1] &&
	       !l->pad_before[0] && !l->pad_before[1] && l->out.h * l->stride[0] <= l->in.h &&
	       l->out.w * l->stride[1] <= l->in.w;
}

/* The op of a layer, unless it is part of the one before, or nothing: dropout in inference. */
static void choose_op(struct engine *e, struct plan *p, int i, int parameter)
{
	const struct layer *l = &e->spec->layer[i];
	struct op *op = &p->op[p->ops];
	bool joins = p->ops && !is_tapped(p, p->ops);

	if (joins && fuses(e, op - 1, l)) {
		op[-1].relu = true;
		return;
	}
	if (joins && fuses_pool(e, op - 1, l)) {
		op[-1].pool = l;
		return;
	}
	if (l->kind == LAYER_DROPOUT && (!e->o.train || l->drop == 0))
		return;
	*op = (struct op){.kind = kind_of(e, i), .layer = l, .parameter = parameter};
	if (joins && derives(e, op - 1, l))
		op->derives = op[-1].next_derives = true;
	p->ops++;
}

static void choose_ops(struct engine *e, struct plan *p)
{
	p->op = xcalloc((size_t)e->o.last + 1, sizeof *p->op);
	for (int i = e->o.first, parameter = 0; i < e->o.last; i++) {
		while (parameter < e->spec->parameters && e->spec->parameter[parameter].layer < i)
			parameter++;
		choose_op(e, p, i, parameter);
		taps_at(p, i, p->ops);
	}
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
	if (!s || s->slice != op->n)
		(pass == &p->forward ? op->src : op->diff_dst)->whole = true;
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

static void connect(struct engine *e, struct plan *p)
{
	const struct shape in = e->o.first ? e->spec->layer[e->o.first].in : e->spec->input;
	bool plain = p->ops && (p->op[0].kind == &op_pixels || p->op[0].kind == &op_dense);

	p->tensor = xcalloc((size_t)p->ops + 1, sizeof *p->tensor);
	p->diff = xcalloc((size_t)p->ops + 1, sizeof *p->diff);
	shape_tensor(&p->tensor[0], in, plain ? 1 : e->lanes);
	for (int k = 0; k < p->ops; k++) {
		struct op *op = &p->op[k];
		op->src = &p->tensor[k];
		op->dst = &p->tensor[k + 1];
		op->diff_dst = &p->diff[k + 1];
		/* The pixels' gradient costs a pass that training has no use for. */
		bool wanted = has_backward(e) && (k > 0 || e->o.input_gradient);
		op->diff_src = wanted ? &p->diff[k] : NULL;
		op->kind->prepare(e, op);
	}
	for (int k = 0; k <= p->ops; k++) {
		p->tensor[k].turn = k % 2;
		p->diff[k] = p->tensor[k];
		p->diff[k].whole = false;
		p->diff[k].turn = 2 + k % 2;
	}
	p->tensor[0].whole = p->tensor[p->ops].whole = true;
	p->diff[0].whole = e->o.input_gradient;
	p->diff[p->ops].whole = true;
	taps_keep(e);
}

static void order(struct engine *e, struct plan *p)
{
	for (int k = 0; k < p->ops; k++)
		p->op[k].kind->forward(p, &p->op[k]);
	if (!has_backward(e))
		return;
	for (int k = 0; k < p->ops; k++)
		if (p->op[k].kind->before)
			p->op[k].kind->before(p, &p->op[k]);
	for (int k = p->ops; k-- > 0;) {
		taps_before(p, &p->op[k]);
		p->op[k].kind->backward(p, &p->op[k]);
	}
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
			if (!s->kind || e->spec->parameter[i].trained != (pass == 0))
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

static void place_tensors(struct engine *e, struct plan *p)
{
	size_t scratch = 0;

	for (int k = 0; k <= p->ops; k++) {
		struct tensor *const both[] = {&p->tensor[k], &p->diff[k]};
		size_t n = k ? p->op[k - 1].n : 1;
		if (k < p->ops && p->op[k].n > n)
			n = p->op[k].n;
		for (int i = 0; i < (has_backward(e) ? 2 : 1); i++) {
			struct tensor *t = both[i];
			if (t->whole)
				t->data = xaligned(p->n * t->image, sizeof *t->data);
			else if (n * t->image > scratch)
				scratch = n * t->image;
		}
	}
	e->scratch = xcalloc((size_t)e->threads * 4, sizeof *e->scratch);
	for (int i = 0; i < e->threads * 4; i++)
		e->scratch[i] = xaligned(i % 4 < 2 || has_backward(e) ? scratch : 0, sizeof(float));
}

void plan_make(struct engine *e)
{
	struct plan *p = &e->plan;

	p->trains = e->o.train;
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

void plan_free(struct engine *e)
{
	struct plan *p = &e->plan;

	for (int k = 0; k < p->ops; k++)
		p->op[k].kind->free(&p->op[k]);
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
