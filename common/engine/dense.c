/*
 * Dense layers, as matrix products in tiles: Y = X W' + b, dX = dY W, dW = dY' X, over all images
 * of the pass.
 *
 * The weights lie in panels of as many outputs as a tile is wide: panel x input x output.  What a
 * tile reads row by row is packed first, so that its rows are next to each other: X in groups of
 * images, group x input x image, and dY' in panels of images.
 */
#include <stdlib.h>
#include <string.h>

#include "engine/plan.h"
#include "vector/tile.h"

/* The layer's parameters, in the order of struct spec. */
enum { WEIGHTS, BIAS };

/* About so many tasks are made of each product, for threads to share; and so many products in a
 * row, what a panel's part then takes, fit the nearest cache. */
enum { TASKS = 32, DEPTH = 256 };

struct dense {
	size_t inputs, outputs; /* of an image, padding included */
	size_t rows, width;     /* of a tile, at most; of a panel */
	size_t panels;          /* of outputs */
	size_t pieces;          /* each product's panels are cut into, for more tasks */
	float *x, *d;           /* packed */
	size_t *by_image, *by_row, *by_output; /* a tile's a: what the sum runs over */
};

/* Groups of images, of inputs: none has one more than another, or just one. */
static size_t groups(const struct dense *m, size_t n)
{
	return (n + m->rows - 1) / m->rows;
}

static size_t *table(size_t n)
{
	return xcalloc(n, sizeof(size_t));
}

static void prepare(struct engine *e, struct op *op)
{
	const struct layer *l = op->layer;
	struct dense *m = op->own = xcalloc(1, sizeof *m);
	size_t n = e->plan.n;

	m->rows = tile_rows(e->level);
	m->width = 2 * e->lanes;
	m->panels = (l->out.c + m->width - 1) / m->width;
	m->inputs = op->src->image;
	m->outputs = m->panels * m->width;
	m->pieces = (TASKS + m->panels - 1) / m->panels;
	shape_tensor(op->dst, l->out, m->width);
	m->x = xaligned(groups(m, n) * m->rows * m->inputs, sizeof *m->x);
	m->by_row = table(m->inputs);
	for (size_t i = 0; i < m->inputs; i++)
		m->by_row[i] = i * m->rows;
	if (op->back) {
		m->d = xaligned((n + m->width - 1) / m->width * m->width * m->outputs,
		                sizeof *m->d);
		m->by_image = table(n);
		m->by_output = table(m->outputs);
		for (size_t o = 0; o < m->outputs; o++)
			m->by_output[o] = o / m->width * m->inputs * m->width + o % m->width;
	}
	*slot_of(e, op, WEIGHTS) = (struct slot){.kind = SLOT_PANELS,
	                                         .from = op->src,
	                                         .width = m->width,
	                                         .floats = m->outputs * m->inputs};
	if (l->bias)
		*slot_of(e, op, BIAS) = (struct slot){.kind = SLOT_ROW, .floats = m->outputs};
	op->src->whole = op->dst->whole = true;
}

/* ---- forward ---- */

/* Task: a group of images, whose rows come to lie next to each other. */
static void pack(struct engine *e, struct op *op, struct slice s)
{
	struct dense *m = op->own;
	size_t parts = groups(m, e->n);

	if (s.first >= parts)
		return;
	size_t first = part_begin(e->n, parts, s.first);
	size_t rows = part_begin(e->n, parts, s.first + 1) - first;
	const float *from = op->src->data + first * m->inputs;
	float *to = m->x + s.first * m->rows * m->inputs;
	for (size_t i = 0; i < m->inputs; i++)
		for (size_t r = 0; r < rows; r++)
			to[i * m->rows + r] = from[r * m->inputs + i];
	for (size_t r = 0; m->by_image && r < rows; r++)
		m->by_image[first + r] = s.first * m->rows * m->inputs + r;
}

/* Task: a panel of outputs for some of the groups of images. */
static void forward(struct engine *e, struct op *op, struct slice s)
{
	const struct dense *m = op->own;
	size_t panel = s.first / m->pieces, piece = s.first % m->pieces, parts = groups(m, e->n);
	size_t from = part_begin(parts, m->pieces, piece);
	size_t to = part_begin(parts, m->pieces, piece + 1);
	const float *weights = e->values + slot_of(e, op, WEIGHTS)->offset;
	struct tile t = {.vectors = 2,
	                 .b_step = m->width,
	                 .c_row = m->outputs,
	                 .c_vector = e->lanes,
	                 .repeat = 1};

	if (op->layer->bias)
		t.bias = e->values + slot_of(e, op, BIAS)->offset + panel * m->width;
	for (size_t i = 0; i < m->inputs; i += DEPTH)
		for (size_t g = from; g < to; g++) {
			size_t first = part_begin(e->n, parts, g);
			t.rows = part_begin(e->n, parts, g + 1) - first;
			t.k = m->inputs - i < DEPTH ? m->inputs - i : DEPTH;
			t.a = m->x + g * m->rows * m->inputs + i * m->rows;
			t.at = m->by_row;
			t.b = weights + (panel * m->inputs + i) * m->width;
			t.c = op->dst->data + first * m->outputs + panel * m->width;
			t.add = i > 0;
			t.relu = op->relu && i + t.k == m->inputs;
			tile_unit[e->level](&t);
		}
}

/* ---- backward ---- */

/* Task: a panel of images; the derivative of the fused ReLU, and dY' packed.  Images that the pass
 * does not have send back nothing. */
static void turn(struct engine *e, struct op *op, struct slice s)
{
	const struct dense *m = op->own;
	size_t first = s.first * m->width;
	size_t n = first >= e->n ? 0 : e->n - first < m->width ? e->n - first : m->width;
	float *from = op->diff_dst->data + first * m->outputs;
	float *to = m->d + first * m->outputs;

	if (op->relu && n)
		derive_relu(e, op->dst->data + first * m->outputs, from, n * m->outputs);
	if (n && n < m->width)
		memset(to, 0, m->width * m->outputs * sizeof *to);
	for (size_t i = 0; i < n; i++)
		for (size_t o = 0; o < m->outputs; o++)
			to[o * m->width + i] = from[i * m->outputs + o];
	if (op->diff_src && first + m->width > e->n) {
		size_t none = first > e->n ? first : e->n;
		size_t end = first + m->width < e->plan.n ? first + m->width : e->plan.n;
		memset(op->diff_src->data + none * m->inputs, 0,
		       (end - none) * m->inputs * sizeof *to);
	}
}

static void bias_gradient(const struct engine *e, const struct op *op, size_t panel)
{
	const struct dense *m = op->own;
	float *sum = e->gradients + slot_of(e, op, BIAS)->offset + panel * m->width;

	memset(sum, 0, m->width * sizeof *sum);
	for (size_t i = 0; i < e->n; i++) {
		const float *d = op->diff_dst->data + i * m->outputs + panel * m->width;
		for (size_t o = 0; o < m->width; o++)
			sum[o] += d[o];
	}
}

/* Task: a panel of outputs for some of the groups of inputs. */
static void to_weights(struct engine *e, struct op *op, struct slice s)
{
	const struct dense *m = op->own;
	size_t panel = s.first / m->pieces, piece = s.first % m->pieces;
	size_t parts = groups(m, m->inputs);
	float *gradient = e->gradients + slot_of(e, op, WEIGHTS)->offset;
	struct tile t = {.vectors = 2,
	                 .k = e->n,
	                 .at = m->by_image,
	                 .b = op->diff_dst->data + panel * m->width,
	                 .b_step = m->outputs,
	                 .c_row = m->width,
	                 .c_vector = e->lanes,
	                 .repeat = 1};

	for (size_t g = part_begin(parts, m->pieces, piece);
	     g < part_begin(parts, m->pieces, piece + 1); g++) {
		size_t first = part_begin(m->inputs, parts, g);
		t.rows = part_begin(m->inputs, parts, g + 1) - first;
		t.a = m->x + first * m->rows;
		t.c = gradient + (panel * m->inputs + first) * m->width;
		tile_rowwise[e->level](&t);
	}
	if (piece == 0 && op->layer->bias)
		bias_gradient(e, op, panel);
}

/* A tile of the input's gradient, turned: inputs x images. */
static void give(const struct dense *m, const float *tile, size_t rows, size_t n, float *to)
{
	for (size_t i = 0; i < n; i++)
		for (size_t r = 0; r < rows; r++)
			to[i * m->inputs + r] = tile[r * m->width + i];
}

/* Task: some of the groups of inputs, for all images. */
static void to_input(struct engine *e, struct op *op, struct slice s)
{
	const struct dense *m = op->own;
	size_t parts = groups(m, m->inputs);
	float turned[TILE_MOST * 32];
	struct tile t = {.vectors = 2,
	                 .k = op->layer->out.c,
	                 .at = m->by_output,
	                 .b_step = m->width,
	                 .c = turned,
	                 .c_row = m->width,
	                 .c_vector = e->lanes,
	                 .repeat = 1};

	for (size_t g = part_begin(parts, TASKS, s.first);
	     g < part_begin(parts, TASKS, s.first + 1); g++) {
		size_t first = part_begin(m->inputs, parts, g);
		t.rows = part_begin(m->inputs, parts, g + 1) - first;
		t.a = e->values + slot_of(e, op, WEIGHTS)->offset + first * m->width;
		for (size_t i = 0; i < e->n; i += m->width) {
			t.b = m->d + i * m->outputs;
			tile_panelwise[e->level](&t);
			give(m, turned, t.rows, e->n - i < m->width ? e->n - i : m->width,
			     op->diff_src->data + i * m->inputs + first);
		}
	}
}

/* ---- the op ---- */

static void add_forward(struct plan *p, struct op *op)
{
	const struct dense *m = op->own;

	add_spread(&p->forward, op, pack, groups(m, p->n));
	add_spread(&p->forward, op, forward, m->panels * m->pieces);
}

static void add_backward(struct plan *p, struct op *op)
{
	const struct dense *m = op->own;

	op->diff_dst->whole = true;
	if (op->diff_src)
		op->diff_src->whole = true;
	add_spread(&p->backward, op, turn, (p->n + m->width - 1) / m->width);
	if (op->trains)
		add_spread(&p->backward, op, to_weights, m->panels * m->pieces);
	else if (op->diff_src)
		add_spread(&p->backward, op, to_input, TASKS);
	if (op->trains && op->diff_src)
		join_spread(&p->backward, op, to_input, TASKS);
}

static void destroy(struct op *op)
{
	struct dense *m = op->own;

	free(m->x);
	free(m->d);
	free(m->by_image);
	free(m->by_row);
	free(m->by_output);
	free(m);
}

const struct op_kind op_dense = {
	.prepare = prepare, .forward = add_forward, .backward = add_backward, .free = destroy};
