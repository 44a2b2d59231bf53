#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "embed/embed.h"
#include "embed/field.h"
#include "embed/pairs.h"

const char *const tsne_methods[] = {"auto", "exact", "fft", NULL};

/* Points of a task: of those that go over edges, and of those that go over points. */
enum { ROWS = 128, PIECE = 2048 };

static const double most_pairs = 20000.0 * 20000.0, most_move = 5;

/* What a task finds of its points. */
struct part {
	double x, y, sum;
	float low[2], high[2];
};

struct tsne {
	const struct graph *g;
	struct points y, fixed; /* fixed.n = 0: the points themselves */
	bool exact;
	struct field *field;
	float *fx, *fy; /* repulsion before the division by Z */
	double *z;      /* w's sum: of each point, itself left out */
	double all_z;   /* of all points; 1 where each has its own */
	float *gx, *gy; /* gradient */
	float *ux, *uy; /* last moves */
	float *gain_x, *gain_y;
	float low[2], high[2];
	struct part *part;
};

static float *floats(size_t n, float value)
{
	float *x = xaligned(n, sizeof *x);

	for (size_t i = 0; i < n; i++)
		x[i] = value;
	return x;
}

static struct points points_new(const float *pairs, size_t n)
{
	struct points p = {n, floats(n, 0), floats(n, 0)};

	for (size_t i = 0; i < n; i++)
		p.x[i] = pairs[2 * i], p.y[i] = pairs[2 * i + 1];
	return p;
}

static size_t pieces(size_t n, size_t size)
{
	return (n + size - 1) / size;
}

static size_t piece_end(size_t n, size_t task, size_t size)
{
	return n < (task + 1) * size ? n : (task + 1) * size;
}

/* ---- where the points are ---- */

static void bound(const struct points *p, size_t first, size_t end, struct part *part)
{
	*part = (struct part){.low = {FLT_MAX, FLT_MAX}, .high = {-FLT_MAX, -FLT_MAX}};
	for (size_t i = first; i < end; i++) {
		float x = p->x[i], y = p->y[i];
		part->x += (double)x;
		part->y += (double)y;
		part->low[0] = x < part->low[0] ? x : part->low[0];
		part->low[1] = y < part->low[1] ? y : part->low[1];
		part->high[0] = x > part->high[0] ? x : part->high[0];
		part->high[1] = y > part->high[1] ? y : part->high[1];
	}
}

static void bound_piece(void *context, size_t task, int thread)
{
	struct tsne *t = context;

	(void)thread;
	bound(&t->y, task * PIECE, piece_end(t->y.n, task, PIECE), &t->part[task]);
}

/* Find the box of all points, and their sums; die where a point is not finite. */
static struct part bound_all(struct tsne *t)
{
	size_t n = pieces(t->y.n, PIECE);

	threads_run(n, bound_piece, t);
	struct part all = t->part[0];
	for (size_t i = 1; i < n; i++) {
		const struct part *p = &t->part[i];
		all.x += p->x;
		all.y += p->y;
		for (int axis = 0; axis < 2; axis++) {
			all.low[axis] = fminf(all.low[axis], p->low[axis]);
			all.high[axis] = fmaxf(all.high[axis], p->high[axis]);
		}
	}
	if (!isfinite(all.x) || !isfinite(all.y))
		die("the map is no longer finite: try a lower learning rate");
	memcpy(t->low, all.low, sizeof t->low);
	memcpy(t->high, all.high, sizeof t->high);
	return all;
}

static void shift_piece(void *context, size_t task, int thread)
{
	struct tsne *t = context;
	float x = (float)t->part->x, y = (float)t->part->y;

	(void)thread;
	for (size_t i = task * PIECE; i < piece_end(t->y.n, task, PIECE); i++)
		t->y.x[i] -= x, t->y.y[i] -= y;
}

static void center(struct tsne *t)
{
	struct part all = bound_all(t);

	t->part->x = all.x / (double)t->y.n;
	t->part->y = all.y / (double)t->y.n;
	threads_run(pieces(t->y.n, PIECE), shift_piece, t);
}

/* ---- repulsion ---- */

/* A point that is charged itself has 1 of it in z. */
static void repel_pairs(struct tsne *t)
{
	bool among = !t->fixed.n;

	pairs_repel(&t->y, among ? &t->y : &t->fixed, t->fx, t->fy, t->z);
	t->all_z = among ? -(double)t->y.n : 1;
	for (size_t i = 0; among && i < t->y.n; i++)
		t->all_z += t->z[i];
}

static void repel_among(struct tsne *t)
{
	field_place(t->field, t->low, t->high);
	field_charge(t->field, &t->y);
	t->all_z = field_solve(t->field, FIELD_FORCE) - (double)t->y.n;
	field_at(t->field, FIELD_FORCE, &t->y, t->fx, t->fy);
}

/* What repels new points stays where it is, and its field is as good as long as they are in it. */
static void solve_fixed(struct tsne *t)
{
	struct part box;
	float low[2], high[2];

	if (field_covers(t->field, t->low, t->high))
		return;
	bound(&t->fixed, 0, t->fixed.n, &box);
	for (int axis = 0; axis < 2; axis++) {
		low[axis] = fminf(box.low[axis], t->low[axis]);
		high[axis] = fmaxf(box.high[axis], t->high[axis]);
		float margin = (high[axis] - low[axis]) / 16;
		low[axis] -= margin, high[axis] += margin;
	}
	field_place(t->field, low, high);
	field_charge(t->field, &t->fixed);
	field_solve(t->field, FIELD_FORCE);
	field_solve(t->field, FIELD_SUM);
}

static void repel_fixed(struct tsne *t)
{
	solve_fixed(t);
	/* The gradient's room takes what is to be doubles. */
	field_at(t->field, FIELD_SUM, &t->y, t->gx, t->gy);
	field_at(t->field, FIELD_FORCE, &t->y, t->fx, t->fy);
	for (size_t i = 0; i < t->y.n; i++)
		t->z[i] = (double)t->gx[i];
	t->all_z = 1;
}

/* ---- attraction ---- */

/* sum of p w (y_i - y_j) over the edges of point i */
MULTIVERSION static void attract(const struct graph *g, const struct points *to, size_t i, float px,
                                 float py, float sum[2])
{
	const float *restrict x = to->x, *restrict y = to->y;
	const int32_t *restrict at = g->to;
	const float *restrict p = g->p;
	float fx = 0, fy = 0;

#pragma omp simd reduction(+ : fx, fy)
	for (size_t e = g->first[i]; e < g->first[i + 1]; e++) {
		float dx = px - x[at[e]], dy = py - y[at[e]];
		float by = p[e] / (1 + dx * dx + dy * dy);
		fx += by * dx;
		fy += by * dy;
	}
	sum[0] = fx;
	sum[1] = fy;
}

struct measurement {
	struct tsne *t;
	float exaggeration;
};

/* Z of point i: of all, or its own, which is never 0, but may be rounded to less. */
static double z_of(const struct tsne *t, size_t i)
{
	return fmax(t->fixed.n ? t->z[i] : t->all_z, 1e-30);
}

static void measure_rows(void *context, size_t task, int thread)
{
	const struct measurement *m = context;
	struct tsne *t = m->t;
	const struct points *to = t->fixed.n ? &t->fixed : &t->y;

	(void)thread;
	for (size_t i = task * ROWS; i < piece_end(t->y.n, task, ROWS); i++) {
		float sum[2], by = (float)(1 / z_of(t, i));
		attract(t->g, to, i, t->y.x[i], t->y.y[i], sum);
		t->gx[i] = m->exaggeration * sum[0] - by * t->fx[i];
		t->gy[i] = m->exaggeration * sum[1] - by * t->fy[i];
	}
}

void tsne_measure(struct tsne *t, double exaggeration)
{
	struct measurement m = {t, (float)exaggeration};

	bound_all(t);
	if (t->exact)
		repel_pairs(t);
	else if (t->fixed.n)
		repel_fixed(t);
	else
		repel_among(t);
	threads_run(pieces(t->y.n, ROWS), measure_rows, &m);
}

/* ---- what was measured ---- */

double tsne_norm(const struct tsne *t)
{
	double sum = 0;

	for (size_t i = 0; i < t->y.n; i++)
		sum += (double)t->gx[i] * (double)t->gx[i] + (double)t->gy[i] * (double)t->gy[i];
	return sqrt(sum);
}

double tsne_span(const struct tsne *t)
{
	return fmax((double)t->high[0] - (double)t->low[0], (double)t->high[1] - (double)t->low[1]);
}

double tsne_gradient(const struct tsne *t, size_t i, int axis)
{
	return (double)(axis ? t->gy : t->gx)[i];
}

/* p log(p / w) + p log(Z), over the edges of each point. */
static void kl_rows(void *context, size_t task, int thread)
{
	const struct tsne *t = context;
	const struct points *to = t->fixed.n ? &t->fixed : &t->y;
	const struct graph *g = t->g;
	double sum = 0;

	(void)thread;
	for (size_t i = task * ROWS; i < piece_end(t->y.n, task, ROWS); i++) {
		double log_z = log(z_of(t, i));
		for (size_t e = g->first[i]; e < g->first[i + 1]; e++) {
			float dx = t->y.x[i] - to->x[g->to[e]], dy = t->y.y[i] - to->y[g->to[e]];
			float p = g->p[e];
			if (p > 0)
				sum += (double)p *
				       ((double)(logf(p) + log1pf(dx * dx + dy * dy)) + log_z);
		}
	}
	t->part[task].sum = sum;
}

double tsne_kl(const struct tsne *t)
{
	size_t n = pieces(t->y.n, ROWS);
	double sum = 0;

	threads_run(n, kl_rows, (void *)t);
	for (size_t i = 0; i < n; i++)
		sum += t->part[i].sum;
	return sum / (t->fixed.n ? (double)t->y.n : 1);
}

/* ---- moves ---- */

struct move {
	struct tsne *t;
	float rate, momentum;
};

/* The next move of one coordinate. */
static inline float next_move(float move, float gradient, float *gain, const struct move *m)
{
	bool opposed = (move > 0) - (move < 0) != (gradient > 0) - (gradient < 0);
	float more = *gain + 0.2f, less = *gain * 0.8f;

	*gain = opposed ? more : less > 0.01f ? less : 0.01f;
	return m->momentum * move - m->rate * *gain * gradient;
}

static void move_piece(void *context, size_t task, int thread)
{
	const struct move *m = context;
	struct tsne *t = m->t;

	(void)thread;
	for (size_t i = task * PIECE; i < piece_end(t->y.n, task, PIECE); i++) {
		float x = next_move(t->ux[i], t->gx[i], &t->gain_x[i], m);
		float y = next_move(t->uy[i], t->gy[i], &t->gain_y[i], m);
		float length = sqrtf(x * x + y * y);
		float by = length > (float)most_move ? (float)most_move / length : 1;
		t->ux[i] = x * by, t->uy[i] = y * by;
		t->y.x[i] += t->ux[i], t->y.y[i] += t->uy[i];
	}
}

void tsne_move(struct tsne *t, double rate, double momentum)
{
	struct move m = {t, (float)rate, (float)momentum};

	threads_run(pieces(t->y.n, PIECE), move_piece, &m);
	if (!t->fixed.n)
		center(t);
}

/* ---- beginning and end ---- */

struct tsne *tsne_new(const struct graph *g, const float *start, const float *fixed,
                      enum tsne_method method)
{
	struct tsne *t = xcalloc(1, sizeof *t);
	size_t n = g->n;
	bool few = (double)g->n * (double)g->m <= most_pairs;

	t->g = g;
	t->y = points_new(start, n);
	if (fixed)
		t->fixed = points_new(fixed, g->m);
	t->exact = method == TSNE_EXACT || (method == TSNE_AUTO && few);
	t->field = field_new();
	t->z = xcalloc(n, sizeof *t->z);
	t->fx = floats(n, 0), t->fy = floats(n, 0);
	t->gx = floats(n, 0), t->gy = floats(n, 0);
	t->ux = floats(n, 0), t->uy = floats(n, 0);
	t->gain_x = floats(n, 1), t->gain_y = floats(n, 1);
	t->part = xcalloc(pieces(n, ROWS) + 1, sizeof *t->part);
	return t;
}

void tsne_free(struct tsne *t)
{
	float *const arrays[] = {t->y.x, t->y.y, t->fixed.x, t->fixed.y, t->fx,     t->fy,
	                         t->gx,  t->gy,  t->ux,      t->uy,      t->gain_x, t->gain_y};

	for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++)
		free(arrays[i]);
	field_free(t->field);
	free(t->z);
	free(t->part);
	free(t);
}

void tsne_copy(const struct tsne *t, float *map)
{
	for (size_t i = 0; i < t->y.n; i++)
		map[2 * i] = t->y.x[i], map[2 * i + 1] = t->y.y[i];
}
