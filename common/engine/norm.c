/* Batch normalization (Ioffe, Szegedy 2015), as PyTorch's BatchNorm2d and BatchNorm1d. */
#include "engine/norm.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "engine/plan.h"

#define LOOPS "engine/norm_loops.h"
#include "vector/each_level.h"

static norm_sum *const norm_sums[LEVELS] = EACH_LEVEL(norm_sum);
static norm_squares *const norm_square_sums[LEVELS] = EACH_LEVEL(norm_squares);
static norm_map *const norm_apply[LEVELS] = EACH_LEVEL(norm_map);
static norm_sums_of *const norm_backward_sums[LEVELS] = EACH_LEVEL(norm_sums_of);
static norm_gradient *const norm_backward[LEVELS] = EACH_LEVEL(norm_gradient);
static norm_pick *const norm_picked[LEVELS] = EACH_LEVEL(norm_pick);
static norm_spread *const norm_backward_spread[LEVELS] = EACH_LEVEL(norm_spread);

static const double epsilon = 1e-5, momentum = 0.1;

/* The layer's parameters, in the order of struct spec. */
enum { SCALE, SHIFT, MEAN, VARIANCE };

/* Rows of numbers for each channel: y = x * BY + PLUS; and backward, see norm_backward(). */
enum { BY, PLUS, CENTER, OFFSET, SLOPE, ROWS };

struct norm {
	size_t channels;   /* padded */
	float *row[ROWS];  /* in training */
	double *deviation; /* 1 / sqrt(variance + epsilon) */
	/* Of each slice: mean and squares forward, the two sums backward. */
	double *part;
	/* Where a max pool is fused: of each window the x that its maximum is made of, which is all
	 * that makes the output and has a share in the gradient's sums. */
	struct norm_windows windows;
	struct tensor picked;
};

/*
 * The input is needed up to four times: for its sums, to be normalized, and again on the way back;
 * with a max pool fused twice.  Where a convolution on a channel or a few makes it, to compute it
 * again costs less than to fetch it from memory.
 */
static bool can_repeat(const struct plan *p, const struct op *op)
{
	return op > p->op && op[-1].kind == &op_pixels && op[-1].n == op->n &&
	       op->src == op[-1].dst && op->src->reads == 1;
}

static void prepare_pool(struct engine *e, struct op *op)
{
	const struct layer *l = op->pool;
	struct norm *m = op->own;

	m->windows = (struct norm_windows){.in = {l->in.h, l->in.w},
	                                   .out = {l->out.h, l->out.w},
	                                   .size = {l->kernel[0], l->kernel[1]},
	                                   .step = op->dst->image};
	m->picked = *op->dst;
	m->picked.whole = true;
	m->picked.data = xaligned(e->plan.n * m->picked.image, sizeof *m->picked.data);
}

static void prepare(struct engine *e, struct op *op)
{
	struct norm *m = op->own = xcalloc(1, sizeof *m);

	m->channels = op->src->blocks * op->src->block;
	shape_tensor(op->dst, op->pool ? op->pool->out : op->layer->out, op->src->block);
	for (int i = 0; i < 4; i++)
		*slot_of(e, op, i) = (struct slot){.kind = SLOT_ROW, .floats = m->channels};
	op->src->whole |= op->back && !(op->trains && can_repeat(&e->plan, op));
	if (!op->trains)
		return;
	for (int i = 0; i < ROWS; i++)
		m->row[i] = xaligned(m->channels, sizeof(float));
	m->deviation = xcalloc(m->channels, sizeof *m->deviation);
	m->part = xaligned(e->plan.n / op->n * 2 * m->channels, sizeof *m->part);
	if (op->pool)
		prepare_pool(e, op);
}

static const float *parameter(const struct engine *e, const struct op *op, int which)
{
	return e->values + slot_of(e, op, which)->offset;
}

/* The x of which the output is made. */
static const struct tensor *used(const struct op *op)
{
	const struct norm *m = op->own;

	return op->pool ? &m->picked : op->src;
}

/* A block of the images of a slice. */
static struct block block_of(const struct tensor *t, struct slice s)
{
	return (struct block){s.n, t->shape.h * t->shape.w, t->image};
}

/* From one block of `lanes` channels to the next. */
static size_t block_floats(const struct engine *e, const struct tensor *t)
{
	return t->shape.h * t->shape.w * e->lanes;
}

/* ---- forward ---- */

/* The mean of a slice, and the squares of the differences to it. */
static void measure(struct engine *e, struct op *op, struct slice s)
{
	const struct norm *m = op->own;
	struct block b = block_of(op->src, s);
	const float *x = tensor_at(e, op->src, s);
	double *sum = m->part + s.first / op->n * 2 * m->channels;
	double *squares = sum + m->channels;
	double samples = (double)(s.n * b.pixels);
	float mean[16];

	memset(sum, 0, 2 * m->channels * sizeof *sum);
	for (size_t c = 0; c < m->channels; c += e->lanes, x += block_floats(e, op->src)) {
		norm_sums[e->level](&b, x, sum + c);
		for (size_t i = 0; i < e->lanes; i++) {
			mean[i] = (float)(sum[c + i] / samples);
			sum[c + i] = (double)mean[i];
		}
		norm_square_sums[e->level](&b, x, mean, squares + c);
	}
}

static void pick(struct engine *e, struct op *op, struct slice s)
{
	const struct norm *m = op->own;
	struct block b = block_of(op->src, s);
	const float *x = tensor_at(e, op->src, s), *scale = parameter(e, op, SCALE);
	float *picked = tensor_at(e, &m->picked, s), sign[16];

	for (size_t c = 0; c < m->channels; c += e->lanes) {
		for (size_t i = 0; i < e->lanes; i++)
			sign[i] = (float)((scale[c + i] > 0) - (scale[c + i] < 0));
		norm_picked[e->level](&b, &m->windows, x, sign, picked);
		x += block_floats(e, op->src);
		picked += block_floats(e, &m->picked);
	}
}

/* PyTorch's running statistics: the variance is the unbiased one.  One sample has none. */
static void track(struct engine *e, struct op *op, size_t c, double mean, double squares, double n)
{
	float *running_mean = e->values + slot_of(e, op, MEAN)->offset + c;
	float *running_variance = e->values + slot_of(e, op, VARIANCE)->offset + c;

	if (n < 2)
		return;
	*running_mean += (float)(momentum * (mean - (double)*running_mean));
	*running_variance += (float)(momentum * (squares / (n - 1) - (double)*running_variance));
}

static void map_by(const struct engine *e, const struct op *op, size_t c, double mean,
                   double deviation, float *by, float *plus)
{
	double scale = (double)parameter(e, op, SCALE)[c] * deviation;

	*by = (float)scale;
	*plus = (float)((double)parameter(e, op, SHIFT)[c] - mean * scale);
}

/*
 * The statistics of all slices, in their order: Chan, Golub, LeVeque, "Updating formulae and a
 * pairwise algorithm for computing sample variances" (1979), equation 2.1.
 */
static void combine(struct engine *e, struct op *op, struct slice s)
{
	const struct norm *m = op->own;
	size_t slices = (e->n + op->n - 1) / op->n;
	double pixels = (double)(op->src->shape.h * op->src->shape.w);

	(void)s;
	for (size_t c = 0; c < op->layer->out.c; c++) {
		double mean = 0, squares = 0, n = 0;
		for (size_t i = 0; i < slices; i++) {
			const double *part = m->part + i * 2 * m->channels + c;
			size_t images = e->n - i * op->n < op->n ? e->n - i * op->n : op->n;
			double more = (double)images * pixels, away = part[0] - mean;
			squares += part[m->channels] + away * away * n * more / (n + more);
			mean += away * more / (n + more);
			n += more;
		}
		m->row[CENTER][c] = (float)mean;
		m->deviation[c] = 1 / sqrt(squares / n + epsilon);
		map_by(e, op, c, mean, m->deviation[c], &m->row[BY][c], &m->row[PLUS][c]);
		track(e, op, c, mean, squares, n);
	}
}

static void normalize(struct engine *e, struct op *op, struct slice s)
{
	const struct norm *m = op->own;
	struct block b = block_of(used(op), s);
	const float *x = tensor_at(e, used(op), s);
	float *y = tensor_at(e, op->dst, s);

	for (size_t c = 0; c < m->channels; c += e->lanes) {
		norm_apply[e->level](&b, x, m->row[BY] + c, m->row[PLUS] + c, op->relu, y);
		x += block_floats(e, op->dst);
		y += block_floats(e, op->dst);
	}
}

/* By the running statistics. */
static void frozen(const struct engine *e, const struct op *op, size_t c, float *by, float *plus)
{
	for (size_t i = 0; i < e->lanes; i++)
		map_by(e, op, c + i, (double)parameter(e, op, MEAN)[c + i],
		       1 / sqrt((double)parameter(e, op, VARIANCE)[c + i] + epsilon), by + i,
		       plus + i);
}

static void infer(struct engine *e, struct op *op, struct slice s)
{
	const struct norm *m = op->own;
	struct block b = block_of(op->src, s);
	const float *x = tensor_at(e, op->src, s);
	float *y = tensor_at(e, op->dst, s), by[16], plus[16];

	for (size_t c = 0; c < m->channels; c += e->lanes) {
		frozen(e, op, c, by, plus);
		norm_apply[e->level](&b, x, by, plus, op->relu, y);
		x += block_floats(e, op->dst);
		y += block_floats(e, op->dst);
	}
}

/* ---- backward ---- */

/* Channels c and on of t, which is the input or what was picked of it. */
static struct norm_block norm_block_of(const struct engine *e, const struct op *op,
                                       const struct tensor *t, struct slice s, size_t c)
{
	const struct norm *m = op->own;

	return (struct norm_block){
		.b = block_of(t, s),
		.x = tensor_at(e, t, s) + c / e->lanes * block_floats(e, t),
		.scale = m->row[BY] + c,
		.shift = m->row[PLUS] + c,
		.mean = m->row[CENTER] + c,
		.relu = op->relu && !op->next_derives,
	};
}

static void measure_gradient(struct engine *e, struct op *op, struct slice s)
{
	const struct norm *m = op->own;
	const float *d = tensor_at(e, op->diff_dst, s);
	double *part = m->part + s.first / op->n * 2 * m->channels;

	memset(part, 0, 2 * m->channels * sizeof *part);
	for (size_t c = 0; c < m->channels; c += e->lanes, d += block_floats(e, op->dst)) {
		struct norm_block b = norm_block_of(e, op, used(op), s, c);
		norm_backward_sums[e->level](&b, d, (double *[]){part + c, part + m->channels + c});
	}
}

/* The gradients of scale and shift, and what that to the input is made of. */
static void combine_gradient(struct engine *e, struct op *op, struct slice s)
{
	const struct norm *m = op->own;
	size_t slices = (e->n + op->n - 1) / op->n;
	double samples = (double)(e->n * op->src->shape.h * op->src->shape.w);

	(void)s;
	for (size_t c = 0; c < op->layer->out.c; c++) {
		double sum = 0, products = 0, deviation = m->deviation[c];
		for (size_t i = 0; i < slices; i++) {
			sum += m->part[i * 2 * m->channels + c];
			products += m->part[(i * 2 + 1) * m->channels + c];
		}
		double by = (double)parameter(e, op, SCALE)[c] * deviation;
		e->gradients[slot_of(e, op, SHIFT)->offset + c] = (float)sum;
		e->gradients[slot_of(e, op, SCALE)->offset + c] = (float)(products * deviation);
		m->row[OFFSET][c] = (float)(by * sum / samples);
		m->row[SLOPE][c] = (float)(by * products * deviation * deviation / samples);
	}
}

/* Images that the pass does not have send nothing back. */
static void clear_rest(const struct op *op, struct slice s, float *to)
{
	memset(to + s.n * op->src->image, 0, (op->n - s.n) * op->src->image * sizeof *to);
}

static void send_back(struct engine *e, struct op *op, struct slice s)
{
	const struct norm *m = op->own;
	const float *d = tensor_at(e, op->diff_dst, s);
	float *to = tensor_at(e, op->diff_src, s);

	clear_rest(op, s, to);
	for (size_t c = 0; c < m->channels; c += e->lanes) {
		struct norm_block b = norm_block_of(e, op, op->src, s, c);
		norm_backward[e->level](&b, d, m->row[OFFSET] + c, m->row[SLOPE] + c, to);
		d += block_floats(e, op->dst);
		to += block_floats(e, op->src);
	}
}

/* The same through the max pool. */
static void send_back_pooled(struct engine *e, struct op *op, struct slice s)
{
	const struct norm *m = op->own;
	const float *d = tensor_at(e, op->diff_dst, s), *picked = tensor_at(e, &m->picked, s);
	float *to = tensor_at(e, op->diff_src, s);

	clear_rest(op, s, to);
	for (size_t c = 0; c < m->channels; c += e->lanes) {
		struct norm_block b = norm_block_of(e, op, op->src, s, c);
		norm_backward_spread[e->level](&b, &m->windows, picked, d, m->row[OFFSET] + c,
		                               m->row[SLOPE] + c, to);
		picked += block_floats(e, op->dst);
		d += block_floats(e, op->dst);
		to += block_floats(e, op->src);
	}
}

static void send_back_frozen(struct engine *e, struct op *op, struct slice s)
{
	static const float zero[16];
	const struct norm *m = op->own;
	const float *d = tensor_at(e, op->diff_dst, s);
	float *to = tensor_at(e, op->diff_src, s), by[16], plus[16];

	clear_rest(op, s, to);
	for (size_t c = 0; c < m->channels; c += e->lanes) {
		struct norm_block b = norm_block_of(e, op, op->src, s, c);
		frozen(e, op, c, by, plus);
		b.scale = by, b.shift = plus, b.mean = zero;
		norm_backward[e->level](&b, d, zero, zero, to);
		d += block_floats(e, op->dst);
		to += block_floats(e, op->src);
	}
}

/* ---- the op ---- */

static void add_forward(struct plan *p, struct op *op)
{
	if (!op->trains) {
		add_sliced(p, &p->forward, op, infer);
		return;
	}
	add_sliced(p, &p->forward, op, measure);
	if (op->pool)
		add_sliced(p, &p->forward, op, pick);
	add_spread(&p->forward, op, combine, 1);
	if (op->pool) {
		add_apart(&p->forward, op, normalize);
		return;
	}
	if (can_repeat(p, op))
		pixels_repeat(&p->forward, op - 1);
	add_sliced(p, &p->forward, op, normalize);
}

/* The gradient is needed twice, before and after its sums are known.  Where it is from a max pool
 * that is not fused, that makes it again: a smaller gradient is then all that must be kept. */
static void add_backward(struct plan *p, struct op *op)
{
	bool last = op == &p->op[p->ops - 1], again = can_repeat(p, op);

	if (!op->trains && op->diff_src)
		add_sliced(p, &p->backward, op, send_back_frozen);
	if (!op->trains)
		return;
	if (again && !op->pool)
		pixels_repeat(&p->backward, op - 1);
	add_sliced(p, &p->backward, op, measure_gradient);
	add_spread(&p->backward, op, combine_gradient, 1);
	if (!op->diff_src) {
		/* The convolution that is repeated, but frozen, may have begun the stage. */
		op->diff_dst->whole |= again;
		return;
	}
	if (!last && op[1].kind == &op_maxpool && op[1].src == op->dst && op->dst->reads == 1 &&
	    op[1].n == op->n && !is_tapped(p, (int)(op - p->op) + 1))
		add_back(p, op + 1);
	else
		op->diff_dst->whole = true;
	if (again)
		pixels_repeat(&p->backward, op - 1);
	add_sliced(p, &p->backward, op, op->pool ? send_back_pooled : send_back);
}

static void kernels(const struct engine *e, const struct op *op, struct engine_kernels *k)
{
	kernels_add(k, op, "forward", "own", level_name(e->level), 0);
	if (op->back)
		kernels_add(k, op, "backward", "own", level_name(e->level), 0);
}

static void destroy(struct op *op)
{
	struct norm *m = op->own;

	for (int i = 0; i < ROWS; i++)
		free(m->row[i]);
	free(m->deviation);
	free(m->part);
	free(m->picked.data);
	free(m);
}

const struct op_kind op_norm = {.prepare = prepare,
                                .forward = add_forward,
                                .backward = add_backward,
                                .kernels = kernels,
                                .free = destroy};
