#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "rnn/lanes.h"
#include "rnn/rnn.h"

/* Steps whose dL/da are kept until they are multiplied with what came in: more would fall out of
 * the cache, fewer add up lanes more often. */
enum { PIECE = 16 };

/* The sequences go in groups of LANES, each by itself, on any thread. */
struct rnn_pass {
	size_t batch, steps;   /* room for them */
	size_t n, now;         /* sequences and steps of the last rnn_forward() */
	size_t hidden, rows;   /* H, R */
	size_t block;          /* numbers a step: gates, and of an LSTM h, C and tanh C */
	size_t h, c, squashed; /* where these begin; of a tanh RNN, h is the gates */
	size_t kept;           /* blocks a group: the initial one and those of all steps, or 2 */
	double *state;         /* (groups, kept, block) */
	double *columns;       /* (I,R): b + U, each letter's column in one piece */
	double *x;             /* (groups, PIECE, I, LANES): vectors on their way */
	double *scratch, *gradient; /* of rnn_backward(): a piece for each group */
	size_t scratch_size;
};

/* ---- a group's memory ---- */

static size_t groups_of(size_t n)
{
	return n / LANES + (n % LANES > 0);
}

/* The block of step t, counted from 1; that of 0 is what was before. */
static double *block_of(const struct rnn_pass *p, size_t group, size_t t)
{
	if (p->kept < p->now + 1)
		t %= 2;
	return p->state + (group * p->kept + t) * p->block;
}

/* Sequences of a group; the lanes beyond them are computed, and never looked at. */
static size_t lanes_of(const struct rnn_pass *p, size_t group)
{
	size_t left = p->n - group * LANES;

	return left < LANES ? left : LANES;
}

struct rnn_pass *rnn_pass_new(const struct rnn *m, size_t batch, size_t steps, bool history)
{
	struct rnn_pass *p = xcalloc(1, sizeof *p);
	size_t row = LANES * sizeof *p->state, blocks;

	p->batch = batch;
	p->steps = steps;
	p->hidden = m->hidden;
	p->rows = m->rows;
	/* The model's arrays are in memory, so that a few vectors of its rows fit too. */
	p->block = m->rows * LANES;
	if (m->cell == RNN_LSTM) {
		p->h = p->block;
		p->c = p->h + m->hidden * LANES;
		p->squashed = p->c + m->hidden * LANES;
		p->block = p->squashed + m->hidden * LANES;
	}
	p->kept = history ? steps + 1 : 2;
	if (!size_multiply(groups_of(batch), p->kept, &blocks) ||
	    !size_multiply(blocks, p->block / LANES, &blocks))
		die("%zu sequences of %zu steps are too many for memory", batch, steps);
	p->state = xaligned(blocks, row);
	p->columns = xaligned(m->inputs, m->rows * sizeof *p->columns);
	return p;
}

void rnn_pass_free(struct rnn_pass *p)
{
	free(p->state);
	free(p->columns);
	free(p->x);
	free(p->scratch);
	free(p->gradient);
	free(p);
}

size_t rnn_pass_batch(const struct rnn *m, size_t steps, bool history)
{
	const double most = 1 << 25;
	double sequence = (double)(m->rows + (m->cell == RNN_LSTM ? 3 * m->hidden : 0)) *
	                  (double)(history ? steps : 2) * sizeof(double);
	size_t groups = most / sequence > 16 * LANES ? 16 : (size_t)(most / sequence) / LANES;

	return (groups ? groups : 1) * LANES;
}

/* ---- forward ---- */

/* Vectors of step t, from sequence by sequence to [input][lane]. */
static void pack(const struct rnn_pass *p, const struct rnn_batch *x, size_t group, size_t t,
                 double *to)
{
	for (size_t lane = 0; lane < lanes_of(p, group); lane++) {
		const double *from =
			x->vectors + ((group * LANES + lane) * x->steps + t) * x->inputs;
		for (size_t i = 0; i < x->inputs; i++)
			to[i * LANES + lane] = from[i];
	}
}

/* a = b + U x_t */
static void input(const struct rnn_pass *p, const struct rnn *m, const struct rnn_batch *x,
                  size_t group, size_t t, double *a)
{
	size_t used = lanes_of(p, group);

	if (x->letters) {
		const int32_t *letter = x->letters + group * LANES * x->steps + t;
		for (size_t lane = 0; lane < used; lane++, letter += x->steps) {
			const double *column = p->columns + (size_t)*letter * m->rows;
			for (size_t r = 0; r < m->rows; r++)
				a[r * LANES + lane] = column[r];
		}
		return;
	}
	double *packed = p->x + group * PIECE * m->inputs * LANES;
	pack(p, x, group, t, packed);
	for (size_t r = 0; r < m->rows; r++)
		for (size_t lane = 0; lane < LANES; lane++)
			a[r * LANES + lane] = m->b[r];
	lanes_product(a, (struct matrix){m->u, m->rows, m->inputs, m->inputs, 1}, packed);
}

/* a_t */
static void activation(const struct rnn_pass *p, const struct rnn *m, const struct rnn_batch *x,
                       size_t group, size_t t, double *a)
{
	input(p, m, x, group, t, a);
	lanes_product(a, (struct matrix){m->w, m->rows, m->hidden, m->hidden, 1},
	              block_of(p, group, t) + p->h);
}

/* Rows that go through tanh, the others through the logistic function. */
static void tanh_rows(const struct rnn *m, size_t *first, size_t *count)
{
	bool lstm = m->cell == RNN_LSTM;

	*first = lstm ? 2 * m->hidden : 0;
	*count = lstm && m->candidate == RNN_CANDIDATE_SIGMOID ? 0 : m->hidden;
}

static void squash(const struct rnn *m, double *a)
{
	size_t first, count;

	tanh_rows(m, &first, &count);
	lanes_logistic(a, first * LANES);
	lanes_tanh(a + first * LANES, count * LANES);
	lanes_logistic(a + (first + count) * LANES, (m->rows - first - count) * LANES);
}

/* From dL/d(what squash() gave) to dL/da. */
static void squash_back(const struct rnn *m, const double *y, double *d)
{
	size_t first, count;

	tanh_rows(m, &first, &count);
	size_t then = (first + count) * LANES;
	lanes_logistic_slope(d, y, first * LANES);
	lanes_tanh_slope(d + first * LANES, y + first * LANES, count * LANES);
	lanes_logistic_slope(d + then, y + then, m->rows * LANES - then);
}

static void forward_group(struct rnn_pass *p, const struct rnn *m, const struct rnn_batch *x,
                          size_t group)
{
	memset(block_of(p, group, 0), 0, p->block * sizeof *p->state);
	for (size_t t = 0; t < x->steps; t++) {
		const double *before = block_of(p, group, t);
		double *block = block_of(p, group, t + 1);
		activation(p, m, x, group, t, block);
		squash(m, block);
		if (m->cell == RNN_LSTM)
			lanes_cell(m->hidden, block, before + p->c, block + p->c,
			           block + p->squashed, block + p->h);
	}
}

/* What the groups of sequences, which threads share, are worked on with. */
struct groups {
	struct rnn_pass *p;
	const struct rnn *m;
	const struct rnn_batch *x;
	const struct rnn_goal *goal;
	double *to; /* what is written: states, outputs or the goal's value of each group */
	bool gradient;
	double *states;
};

static void forward_task(void *context, size_t group, int thread)
{
	const struct groups *g = context;

	(void)thread;
	forward_group(g->p, g->m, g->x, group);
}

void rnn_forward(struct rnn_pass *p, const struct rnn *m, const struct rnn_batch *x)
{
	struct groups g = {.p = p, .m = m, .x = x};

	p->n = x->n;
	p->now = x->steps;
	if (x->vectors && !p->x)
		p->x = xaligned(groups_of(p->batch), PIECE * m->inputs * LANES * sizeof *p->x);
	for (size_t i = 0; x->letters && i < m->inputs; i++)
		for (size_t r = 0; r < m->rows; r++)
			p->columns[i * m->rows + r] = m->b[r] + m->u[r * m->inputs + i];
	threads_run(groups_of(x->n), forward_task, &g);
}

/* ---- what came out ---- */

/* Steps of which there is a state, and the first of them. */
static size_t shown(const struct rnn_pass *p, size_t *first)
{
	*first = p->kept < p->now + 1 ? p->now : 1;
	return p->now + 1 - *first;
}

/* [unit][lane] of a step, the s-th of `steps` that are written of each sequence. */
static void unpack(const struct rnn_pass *p, size_t group, const double *from, size_t units,
                   size_t s, size_t steps, double *to)
{
	for (size_t lane = 0; lane < lanes_of(p, group); lane++) {
		double *row = to + ((group * LANES + lane) * steps + s) * units;
		for (size_t k = 0; k < units; k++)
			row[k] = from[k * LANES + lane];
	}
}

static void hidden_task(void *context, size_t group, int thread)
{
	const struct groups *g = context;
	size_t first, steps = shown(g->p, &first);

	(void)thread;
	for (size_t s = 0; s < steps; s++)
		unpack(g->p, group, block_of(g->p, group, first + s) + g->p->h, g->p->hidden, s,
		       steps, g->to);
}

void rnn_hidden(const struct rnn_pass *p, double *h)
{
	struct groups g = {.p = (struct rnn_pass *)p, .to = h};

	threads_run(groups_of(p->n), hidden_task, &g);
}

/* o = c + V h */
static void read_out(const struct rnn *m, const double *h, double *o)
{
	for (size_t j = 0; j < m->outputs; j++)
		for (size_t lane = 0; lane < LANES; lane++)
			o[j * LANES + lane] = m->c[j];
	lanes_product(o, (struct matrix){m->v, m->outputs, m->hidden, m->hidden, 1}, h);
}

static void outputs_task(void *context, size_t group, int thread)
{
	const struct groups *g = context;
	size_t first, steps = shown(g->p, &first);
	double *lanes = xaligned(g->m->outputs, LANES * sizeof *lanes);

	(void)thread;
	for (size_t s = 0; s < steps; s++) {
		read_out(g->m, block_of(g->p, group, first + s) + g->p->h, lanes);
		unpack(g->p, group, lanes, g->m->outputs, s, steps, g->to);
	}
	free(lanes);
}

void rnn_outputs(const struct rnn_pass *p, const struct rnn *m, double *o)
{
	struct groups g = {.p = (struct rnn_pass *)p, .m = m, .to = o};

	threads_run(groups_of(p->n), outputs_task, &g);
}

/* ---- backward ---- */

/* What a group needs on its way back. */
struct back {
	struct rnn_pass *p;
	const struct rnn *m;
	const struct rnn_batch *x;
	const struct rnn_goal *goal;
	size_t group, used;
	struct rnn gradient; /* of the group; values are null if it is not wanted */
	double *states;      /* of all groups, or null */
	bool derive;         /* more is wanted than the value */
	double value;        /* of the goal, so far */
	double *dh, *dc;     /* (H,LANES) */
	double *o, *d_o;     /* (O,LANES) */
	double *row, *d_row; /* (O) */
	double *d;           /* (PIECE,R,LANES): dL/da */
};

/* Pieces of one allocation, each of whole rows of lanes. */
static double *piece(double **at, size_t rows)
{
	double *here = *at;

	*at += rows * LANES;
	return here;
}

static struct back back_new(struct rnn_pass *p, const struct rnn *m, size_t group)
{
	struct back k = {.p = p, .m = m, .group = group, .used = lanes_of(p, group)};
	double *at = p->scratch + group * p->scratch_size;

	k.dh = piece(&at, m->hidden);
	k.dc = piece(&at, m->hidden);
	k.o = piece(&at, m->outputs);
	k.d_o = piece(&at, m->outputs);
	k.row = piece(&at, groups_of(m->outputs));
	k.d_row = piece(&at, groups_of(m->outputs));
	k.d = at;
	memset(k.dh, 0, m->hidden * LANES * sizeof *k.dh);
	memset(k.dc, 0, m->hidden * LANES * sizeof *k.dc);
	return k;
}

/* The goal of one sequence, of outputs o, and its derivative with respect to them. */
static double goal_of(const struct rnn_goal *goal, const double *o, size_t n, int32_t label,
                      double *gradient)
{
	if (goal->of == RNN_ASSIGNMENT || goal->of == RNN_CROSS_ENTROPY)
		return rnn_loss(goal->of, o, n, label, gradient);
	if (goal->of == RNN_OF_O) {
		for (size_t j = 0; j < n; j++)
			gradient[j] = j == goal->unit;
		return o[goal->unit];
	}
	rnn_softmax(o, n, gradient);
	double y = gradient[goal->unit];
	for (size_t j = 0; j < n; j++)
		gradient[j] = y * ((j == goal->unit) - gradient[j]);
	return y;
}

/* A goal of the outputs of step t: its value, dV, dc, and dL/dh, which is added. */
static void back_outputs(struct back *k, size_t t, const double *h)
{
	const struct rnn *m = k->m;
	struct matrix transposed = {m->v, m->hidden, m->outputs, 1, m->hidden};
	struct lanes d = {k->d_o, m->outputs, 1, 0}, from = {h, m->hidden, 1, 0};

	read_out(m, h, k->o);
	memset(k->d_o, 0, m->outputs * LANES * sizeof *k->d_o);
	for (size_t lane = 0; lane < k->used; lane++) {
		for (size_t j = 0; j < m->outputs; j++)
			k->row[j] = k->o[j * LANES + lane];
		k->value += goal_of(k->goal, k->row, m->outputs,
		                    rnn_label(k->x, k->group * LANES + lane, t), k->d_row);
		for (size_t j = 0; j < m->outputs; j++)
			k->d_o[j * LANES + lane] = k->d_row[j];
	}
	lanes_product(k->dh, transposed, k->d_o);
	if (k->gradient.values) {
		lanes_outer(k->gradient.v, d, from);
		lanes_sum(k->gradient.c, d);
	}
}

/* The goal, where it is a unit of [unit][lane], summed over the lanes. */
static double unit_of(const struct back *k, const double *values)
{
	double sum = 0;

	for (size_t lane = 0; lane < k->used; lane++)
		sum += values[k->goal->unit * LANES + lane];
	return sum;
}

static void add_unit(const struct back *k, double *d)
{
	for (size_t lane = 0; lane < k->used; lane++)
		d[k->goal->unit * LANES + lane] += 1;
}

/* dL/da_t, from dL/dh_t and, of an LSTM, dL/dC_t, which becomes that of the step before. */
static void back_cell(struct back *k, size_t t, double *d)
{
	const struct rnn_pass *p = k->p;
	const double *block = block_of(p, k->group, t + 1);

	if (k->m->cell == RNN_LSTM)
		lanes_cell_back(k->m->hidden, block, block_of(p, k->group, t) + p->c,
		                block + p->squashed, k->dh, k->dc, d);
	else
		memcpy(d, k->dh, k->m->hidden * LANES * sizeof *d);
	squash_back(k->m, block, d);
}

/* dU and letters: the columns are those of the letters. */
static void back_letters(struct back *k, size_t t, size_t steps)
{
	size_t inputs = k->m->inputs, rows = k->m->rows;

	for (size_t s = 0; s < steps; s++) {
		const double *d = k->d + s * rows * LANES;
		const int32_t *first = k->x->letters + k->group * LANES * k->x->steps + t + s;
		double *column[LANES];
		for (size_t lane = 0; lane < k->used; lane++)
			column[lane] = k->gradient.u + first[lane * k->x->steps];
		for (size_t r = 0; r < rows; r++)
			for (size_t lane = 0; lane < k->used; lane++)
				column[lane][r * inputs] += d[r * LANES + lane];
	}
}

/* dW, dU and db of so many steps from t on, whose dL/da are complete. */
static void back_parameters(struct back *k, size_t t, size_t steps)
{
	struct rnn_pass *p = k->p;
	size_t inputs = k->m->inputs;
	struct lanes d = {k->d, p->rows, steps, p->rows * LANES};
	struct lanes h = {block_of(p, k->group, t) + p->h, p->hidden, steps, p->block};

	lanes_outer(k->gradient.w, d, h);
	lanes_sum(k->gradient.b, d);
	if (k->x->letters) {
		back_letters(k, t, steps);
		return;
	}
	double *packed = p->x + k->group * PIECE * inputs * LANES;
	for (size_t s = 0; s < steps; s++)
		pack(p, k->x, k->group, t + s, packed + s * inputs * LANES);
	lanes_outer(k->gradient.u, d, (struct lanes){packed, inputs, steps, inputs * LANES});
}

/* One step back.  Before, dh and dc hold what the later steps have sent; after, what this one
 * sends. */
static void back_step(struct back *k, size_t t, bool here)
{
	const struct rnn *m = k->m;
	const double *h = block_of(k->p, k->group, t + 1) + k->p->h;
	double *d = k->d + t % PIECE * m->rows * LANES;
	bool of_h = here && k->goal->of == RNN_OF_H, of_a = here && k->goal->of == RNN_OF_A;

	if (of_a) {
		activation(k->p, m, k->x, k->group, t, d);
		k->value += unit_of(k, d);
	} else if (of_h) {
		k->value += unit_of(k, h);
		add_unit(k, k->dh);
	} else if (here)
		back_outputs(k, t, h);
	if (!k->derive)
		return;
	if (k->states)
		unpack(k->p, k->group, k->dh, m->hidden, t, k->x->steps, k->states);
	back_cell(k, t, d);
	if (of_a)
		add_unit(k, d);
	memset(k->dh, 0, m->hidden * LANES * sizeof *k->dh);
	lanes_product(k->dh, (struct matrix){m->w, m->hidden, m->rows, 1, m->hidden}, d);
}

static double back_group(struct back k)
{
	size_t steps = k.x->steps, last = k.goal->every ? steps - 1 : k.goal->step;

	for (size_t lane = 0; k.states && lane < k.used; lane++) {
		double *states = k.states + (k.group * LANES + lane) * steps * k.m->hidden;
		memset(states, 0, steps * k.m->hidden * sizeof *states);
	}
	for (size_t t = last + 1; t-- > 0;) {
		bool here = k.goal->every || t == last;
		if (!here && !k.derive)
			break;
		back_step(&k, t, here);
		if (k.gradient.values && t % PIECE == 0)
			back_parameters(&k, t, last - t < PIECE ? last - t + 1 : PIECE);
	}
	return k.value;
}

static void backward_task(void *context, size_t group, int thread)
{
	const struct groups *g = context;
	const struct rnn *m = g->m;
	struct back k = back_new(g->p, m, group);

	(void)thread;
	k.x = g->x;
	k.goal = g->goal;
	k.states = g->states;
	k.derive = g->gradient || g->states;
	if (g->gradient) {
		k.gradient = rnn_at(m, g->p->gradient + group * m->count);
		memset(k.gradient.values, 0, m->count * sizeof *k.gradient.values);
	}
	g->to[group] = back_group(k);
}

double rnn_backward(struct rnn_pass *p, const struct rnn *m, const struct rnn_batch *x,
                    const struct rnn_goal *goal, struct rnn *gradient, double *states)
{
	size_t groups = groups_of(x->n), room = groups_of(p->batch);
	double sum = 0, *value = xcalloc(groups, sizeof *value);
	struct groups g = {p, m, x, goal, value, gradient, states};

	if (!p->scratch) {
		p->scratch_size = (2 * m->hidden + 2 * m->outputs + 2 * groups_of(m->outputs) +
		                   PIECE * m->rows) *
		                  LANES;
		p->scratch = xaligned(room, p->scratch_size * sizeof *p->scratch);
	}
	if (gradient && !p->gradient)
		p->gradient = xaligned(room, m->count * sizeof *p->gradient);
	threads_run(groups, backward_task, &g);
	for (size_t group = 0; group < groups; group++) {
		sum += value[group];
		for (size_t i = 0; gradient && i < m->count; i++)
			gradient->values[i] += p->gradient[group * m->count + i];
	}
	free(value);
	return sum;
}
