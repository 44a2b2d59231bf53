#include "embed/field.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "embed/fft.h"

/*
 * Nodes are numbered along x, then along y, and y runs fastest; so do the frequencies k along x and
 * the nodes along y of what is transformed along x only.  A transform is as long as two grids, so
 * that no point repels another around the edge, and some more, for the splines' prefilter rings.
 *
 * What lies on the grid is real: frequencies beyond half the length are conjugates of those before,
 * and are left out along x.
 */
enum {
	LANES = FFT_LANES,
	SPAN_NODES = 60, /* nodes that a small map gets */
	RINGING = 16,
	BAND = 8,      /* nodes along x that the points of a task begin at */
	POINTS = 2048, /* of a task of field_at() */
};

static const double spacing = 1.0 / 3;

struct field {
	float low[2], high[2], by; /* the box; nodes to a unit */
	double step;               /* a unit divided by that */
	size_t nodes, length, half, columns;
	struct fft *fft;
	float *kernel[3]; /* of the sum, of the force along x and y: (half,columns), ky first */
	float *charge;    /* (nodes,nodes) */
	struct fft_lanes spectrum, product[2]; /* (columns,nodes), along x only */
	float *grid[FIELD_KINDS][2];
	double *energy; /* of each tile of columns */
	float *room;    /* what a thread works in: ROOMS x length x LANES complex numbers */
	/* Charged points by bands: those of band b are order[band[b]] ... order[band[b + 1] - 1].
	 */
	size_t *band;
	uint32_t *order;
	size_t most; /* points that order has room for */
};

enum { ROOMS = 4 };

struct field *field_new(void)
{
	return xcalloc(1, sizeof(struct field));
}

static void free_grid(struct field *f)
{
	fft_free(f->fft);
	for (int i = 0; i < 3; i++)
		free(f->kernel[i]);
	free(f->charge);
	free(f->spectrum.re);
	free(f->product[0].re);
	free(f->product[1].re);
	for (int i = 0; i < FIELD_KINDS; i++)
		for (int j = 0; j < 2; j++)
			free(f->grid[i][j]);
	free(f->energy);
	free(f->room);
	free(f->band);
}

void field_free(struct field *f)
{
	if (!f)
		return;
	free_grid(f);
	free(f->order);
	free(f);
}

/* Two arrays of n in one piece of memory, which is .re's. */
static struct fft_lanes complex_new(size_t n)
{
	float *both = xaligned(2 * n, sizeof *both);

	return (struct fft_lanes){both, both + n};
}

static struct fft_lanes room_of(const struct field *f, int thread, int which)
{
	size_t n = f->length * LANES;
	float *both = f->room + ((size_t)thread * ROOMS + (size_t)which) * 2 * n;

	return (struct fft_lanes){both, both + n};
}

static void make_grid(struct field *f, size_t nodes)
{
	free_grid(f);
	f->nodes = nodes;
	f->length = fft_length(2 * nodes + RINGING);
	f->half = f->length / 2 + 1;
	f->columns = (f->half + LANES - 1) / LANES * LANES;
	f->fft = fft_new(f->length);
	for (int i = 0; i < 3; i++)
		f->kernel[i] = xaligned(f->half * f->columns, sizeof(float));
	f->charge = xaligned(nodes * nodes, sizeof(float));
	f->spectrum = complex_new(f->columns * nodes);
	f->product[0] = complex_new(f->columns * nodes);
	f->product[1] = complex_new(f->columns * nodes);
	for (int i = 0; i < FIELD_KINDS; i++)
		for (int j = 0; j < 2; j++)
			f->grid[i][j] = xaligned(nodes * nodes, sizeof(float));
	f->energy = xcalloc(f->columns / LANES, sizeof *f->energy);
	f->room = xaligned((size_t)threads() * ROOMS * 2 * f->length * LANES, sizeof(float));
	f->band = xcalloc(nodes / BAND + 2, sizeof *f->band);
}

/* ---- the kernels' transforms ---- */

struct kernels {
	const struct field *f;
	struct fft_lanes half; /* transformed along x only */
};

/* The distance of place i of a transform from its place 0, around the edge where that is nearer. */
static double signed_place(const struct field *f, size_t i)
{
	return i < f->half ? (double)i : (double)i - (double)f->length;
}

/* Where frequency or place i is mirrored to. */
static size_t folded(const struct field *f, size_t i)
{
	return i < f->half ? i : f->length - i;
}

/*
 * Along x, of LANES rows y: the sum's kernel is even, and its transform A real; the force's along x
 * is odd, and its transform -i B imaginary.  So that of the first + i times the second is A + B, of
 * which one is even and the other odd.  Into half, as (kx,y).
 */
static void kernel_rows(void *context, size_t tile, int thread)
{
	const struct kernels *m = context;
	const struct field *f = m->f;
	struct fft_lanes a = room_of(f, thread, 0), b = room_of(f, thread, 1);

	for (size_t i = 0; i < f->length; i++)
		for (size_t l = 0; l < LANES; l++) {
			double x = f->step * signed_place(f, i);
			double y = f->step * (double)(tile * LANES + l);
			double w = 1 / (1 + x * x + y * y);
			a.re[i * LANES + l] = (float)w;
			a.im[i * LANES + l] = i == f->length / 2 ? 0 : (float)(w * w * x);
		}
	fft_forward(f->fft, &a, &b);
	for (size_t k = 0; k < f->half; k++)
		for (size_t l = 0; l < LANES; l++) {
			float one = a.re[k * LANES + l];
			float other = a.re[(f->length - k) % f->length * LANES + l];
			size_t at = k * f->columns + tile * LANES + l;
			m->half.re[at] = (one + other) / 2;
			m->half.im[at] = (one - other) / 2;
		}
}

/* What the splines of both points of a pair make of a frequency has to be undone. */
static double prefilter(const struct field *f, size_t k)
{
	double spline = (2 + cos(2 * acos(-1) * (double)k / (double)f->length)) / 3;

	return 1 / (spline * spline * (double)f->length);
}

/* Along y, where both are even and their transforms real. */
static void kernel_columns(void *context, size_t tile, int thread)
{
	const struct kernels *m = context;
	const struct field *f = m->f;
	struct fft_lanes a = room_of(f, thread, 0), b = room_of(f, thread, 1);
	size_t first = tile * LANES, n = f->half - first < LANES ? f->half - first : LANES;

	for (size_t i = 0; i < f->length; i++)
		for (size_t l = 0; l < LANES; l++) {
			size_t from = (first + l) * f->columns + folded(f, i);
			a.re[i * LANES + l] = l < n ? m->half.re[from] : 0;
			a.im[i * LANES + l] = l < n ? m->half.im[from] : 0;
		}
	fft_forward(f->fft, &a, &b);
	for (size_t k = 0; k < f->half; k++)
		for (size_t l = 0; l < n; l++) {
			double by = prefilter(f, first + l) * prefilter(f, k);
			size_t at = k * f->columns + first + l;
			f->kernel[0][at] = (float)(by * (double)a.re[k * LANES + l]);
			f->kernel[1][at] = (float)(by * (double)a.im[k * LANES + l]);
			f->kernel[2][(first + l) * f->columns + k] = f->kernel[1][at];
		}
}

static void make_kernels(struct field *f)
{
	struct kernels m = {f, complex_new(f->half * f->columns)};
	size_t tiles = f->columns / LANES;

	threads_run(tiles, kernel_rows, &m);
	threads_run(tiles, kernel_columns, &m);
	free(m.half.re);
}

/* ---- the box ---- */

void field_place(struct field *f, const float low[2], const float high[2])
{
	double width = (double)high[0] - (double)low[0], height = (double)high[1] - (double)low[1];
	double span = width > height ? width : height;
	double step = fmax(fmin(spacing, span / SPAN_NODES), 1e-12);

	step = fmax(step, span / (FIELD_NODES - 8));
	size_t nodes = ((size_t)(span / step) + 5 + 31) / 32 * 32;
	memcpy(f->low, low, sizeof f->low);
	memcpy(f->high, high, sizeof f->high);
	f->by = (float)(1 / step);
	if (nodes == f->nodes && step == f->step)
		return;
	if (nodes != f->nodes)
		make_grid(f, nodes);
	f->step = step;
	make_kernels(f);
}

bool field_covers(const struct field *f, const float low[2], const float high[2])
{
	return f->nodes && low[0] >= f->low[0] && low[1] >= f->low[1] && high[0] <= f->high[0] &&
	       high[1] <= f->high[1];
}

/* ---- points and nodes ---- */

typedef float four __attribute__((vector_size(16), aligned(4), may_alias));

/* The first of the four nodes that a coordinate is spread over; `part` is what it is beyond. */
static inline size_t first_node(const struct field *f, float at, int axis, float *part)
{
	float u = (at - f->low[axis]) * f->by;
	size_t node = (size_t)u;

	node = node > f->nodes - 4 ? f->nodes - 4 : node;
	*part = u - (float)node;
	return node;
}

/* The four cubic B-splines that reach there. */
static inline four weights(float t)
{
	float s = 1 - t;

	return (four){s * s * s / 6, (3 * t * t * t - 6 * t * t + 4) / 6,
	              (3 * s * s * s - 6 * s * s + 4) / 6, t * t * t / 6};
}

/* Sort the points by bands; of a band in their order. */
static void sort_points(struct field *f, const struct points *from)
{
	size_t bands = f->nodes / BAND;
	float part;

	if (from->n > f->most) {
		f->order = xrealloc(f->order, from->n, sizeof *f->order);
		f->most = from->n;
	}
	memset(f->band, 0, (bands + 2) * sizeof *f->band);
	for (size_t i = 0; i < from->n; i++)
		f->band[first_node(f, from->x[i], 0, &part) / BAND + 2]++;
	for (size_t b = 2; b <= bands + 1; b++)
		f->band[b] += f->band[b - 1];
	/* band[b + 1] is where the next of band b goes, and in the end where band b + 1 begins. */
	for (size_t i = 0; i < from->n; i++)
		f->order[f->band[first_node(f, from->x[i], 0, &part) / BAND + 1]++] = (uint32_t)i;
}

struct charges {
	struct field *f;
	const struct points *from;
	size_t parity;
};

/* Every other band: the nodes of two such have none in common. */
static void spread_band(void *context, size_t task, int thread)
{
	const struct charges *c = context;
	struct field *f = c->f;
	size_t band = 2 * task + c->parity;

	(void)thread;
	for (size_t i = f->band[band]; i < f->band[band + 1]; i++) {
		float tx, ty, x = c->from->x[f->order[i]], y = c->from->y[f->order[i]];
		size_t nx = first_node(f, x, 0, &tx), ny = first_node(f, y, 1, &ty);
		four wx = weights(tx), wy = weights(ty);
		for (size_t k = 0; k < 4; k++)
			*(four *)(f->charge + (nx + k) * f->nodes + ny) += wx[k] * wy;
	}
}

struct samples {
	const struct field *f;
	enum field_kind kind;
	const struct points *at;
	float *to[2];
};

static void gather(void *context, size_t task, int thread)
{
	const struct samples *s = context;
	const struct field *f = s->f;
	const float *grid[2] = {f->grid[s->kind][0], f->grid[s->kind][1]};

	(void)thread;
	for (size_t i = task * POINTS; i < (task + 1) * POINTS && i < s->at->n; i++) {
		float tx, ty;
		size_t nx = first_node(f, s->at->x[i], 0, &tx);
		size_t at = nx * f->nodes + first_node(f, s->at->y[i], 1, &ty);
		four wx = weights(tx), wy = weights(ty), a = {0}, b = {0};
		for (size_t k = 0; k < 4; k++, at += f->nodes) {
			a += wx[k] * *(const four *)(grid[0] + at);
			b += wx[k] * *(const four *)(grid[1] + at);
		}
		a *= wy, b *= wy;
		s->to[0][i] = (a[0] + a[1]) + (a[2] + a[3]);
		s->to[1][i] = (b[0] + b[1]) + (b[2] + b[3]);
	}
}

void field_at(const struct field *f, enum field_kind kind, const struct points *at, float *a,
              float *b)
{
	struct samples s = {f, kind, at, {a, b}};

	threads_run((at->n + POINTS - 1) / POINTS, gather, &s);
}

/* ---- the convolution ---- */

/* Transform the charges along x: two rows of nodes as one of complex numbers. */
static void charge_rows(void *context, size_t tile, int thread)
{
	struct field *f = context;
	struct fft_lanes a = room_of(f, thread, 0), b = room_of(f, thread, 1);
	size_t n = f->nodes, rest = (f->length - n) * LANES;

	for (size_t i = 0; i < n; i++) {
		const float *from = f->charge + i * n + tile * 2 * LANES;
		memcpy(a.re + i * LANES, from, LANES * sizeof *from);
		memcpy(a.im + i * LANES, from + LANES, LANES * sizeof *from);
	}
	memset(a.re + n * LANES, 0, rest * sizeof *a.re);
	memset(a.im + n * LANES, 0, rest * sizeof *a.im);
	fft_forward(f->fft, &a, &b);
	for (size_t k = 0; k < f->half; k++) {
		size_t mirror = (f->length - k) % f->length * LANES, here = k * LANES;
		float *re = f->spectrum.re + k * n + tile * 2 * LANES;
		float *im = f->spectrum.im + k * n + tile * 2 * LANES;
		for (size_t l = 0; l < LANES; l++) {
			re[l] = (a.re[here + l] + a.re[mirror + l]) / 2;
			im[l] = (a.im[here + l] - a.im[mirror + l]) / 2;
			re[l + LANES] = (a.im[here + l] + a.im[mirror + l]) / 2;
			im[l + LANES] = (a.re[mirror + l] - a.re[here + l]) / 2;
		}
	}
}

void field_charge(struct field *f, const struct points *from)
{
	size_t bands = f->nodes / BAND;
	struct charges c = {f, from, 0};

	sort_points(f, from);
	memset(f->charge, 0, f->nodes * f->nodes * sizeof *f->charge);
	threads_run((bands + 1) / 2, spread_band, &c);
	c.parity = 1;
	threads_run(bands / 2, spread_band, &c);
	threads_run(f->nodes / (2 * LANES), charge_rows, f);
}

/* LANES columns from (kx,y) to (y,kx), and back. */
static void load_columns(const struct field *f, const float *from, float *to)
{
	for (size_t i = 0; i < f->nodes; i++)
		for (size_t l = 0; l < LANES; l++)
			to[i * LANES + l] = from[l * f->nodes + i];
	memset(to + f->nodes * LANES, 0, (f->length - f->nodes) * LANES * sizeof *to);
}

static void store_columns(const struct field *f, const float *from, float *to)
{
	for (size_t l = 0; l < LANES; l++)
		for (size_t i = 0; i < f->nodes; i++)
			to[l * f->nodes + i] = from[i * LANES + l];
}

/* The part of the sum of w that the tile's frequencies have.  All but the first and the last along
 * x stand for their conjugates too. */
static double energy_of(const struct field *f, const struct fft_lanes *q, size_t first)
{
	double sum[LANES] = {0}, total = 0;

	for (size_t k = 0; k < f->length; k++) {
		const float *kernel = f->kernel[0] + folded(f, k) * f->columns + first;
		const float *re = q->re + k * LANES, *im = q->im + k * LANES;
		for (size_t l = 0; l < LANES; l++)
			sum[l] += (double)(kernel[l] * (re[l] * re[l] + im[l] * im[l]));
	}
	for (size_t l = 0; l < LANES && first + l < f->half; l++)
		total += (first + l == 0 || first + l == f->half - 1 ? 1 : 2) * sum[l];
	return total;
}

/* q times a kernel that is real, and even along y. */
static void times_real(const struct field *f, const float *kernel, const struct fft_lanes *q,
                       struct fft_lanes *to)
{
	for (size_t k = 0; k < f->length; k++) {
		const float *by = kernel + folded(f, k) * f->columns;
		for (size_t i = k * LANES, l = 0; l < LANES; l++, i++) {
			to->re[i] = by[l] * q->re[i];
			to->im[i] = by[l] * q->im[i];
		}
	}
}

/* q times one that is imaginary, - i times what is in `kernel`, and even or odd along y. */
static void times_imaginary(const struct field *f, const float *kernel, bool odd,
                            const struct fft_lanes *q, struct fft_lanes *to)
{
	for (size_t k = 0; k < f->length; k++) {
		const float *by = kernel + folded(f, k) * f->columns;
		float sign = odd && k >= f->half ? -1 : 1;
		for (size_t i = k * LANES, l = 0; l < LANES; l++, i++) {
			to->re[i] = sign * by[l] * q->im[i];
			to->im[i] = -sign * by[l] * q->re[i];
		}
	}
}

struct solution {
	struct field *f;
	enum field_kind kind;
};

/* Along y: transform the charges, multiply them with the kernels, and transform back. */
static void multiply_columns(void *context, size_t tile, int thread)
{
	const struct solution *s = context;
	struct field *f = s->f;
	size_t first = tile * LANES;
	struct fft_lanes q = room_of(f, thread, 0), other = room_of(f, thread, 1);
	struct fft_lanes to[2] = {room_of(f, thread, 2), room_of(f, thread, 3)};

	load_columns(f, f->spectrum.re + first * f->nodes, q.re);
	load_columns(f, f->spectrum.im + first * f->nodes, q.im);
	fft_forward(f->fft, &q, &other);
	f->energy[tile] = energy_of(f, &q, first);
	if (s->kind == FIELD_FORCE) {
		times_imaginary(f, f->kernel[1] + first, false, &q, &to[0]);
		times_imaginary(f, f->kernel[2] + first, true, &q, &to[1]);
	} else {
		times_real(f, f->kernel[0] + first, &q, &to[0]);
	}
	for (int i = 0; i < (s->kind == FIELD_FORCE ? 2 : 1); i++) {
		fft_inverse(f->fft, &to[i], &other);
		store_columns(f, to[i].re, f->product[i].re + first * f->nodes);
		store_columns(f, to[i].im, f->product[i].im + first * f->nodes);
	}
}

/* Transform back along x: both fields are real, and become a complex one's two parts. */
static void field_rows(void *context, size_t tile, int thread)
{
	const struct solution *s = context;
	const struct field *f = s->f;
	struct fft_lanes a = room_of(f, thread, 0), b = room_of(f, thread, 1);
	size_t n = f->nodes;

	for (size_t k = 0; k < f->length; k++) {
		size_t at = folded(f, k) * n + tile * LANES;
		const float *xr = f->product[0].re + at, *xi = f->product[0].im + at;
		const float *yr = f->product[1].re + at, *yi = f->product[1].im + at;
		float sign = k < f->half ? 1 : -1;
		float *re = a.re + k * LANES, *im = a.im + k * LANES;
		for (size_t l = 0; l < LANES; l++) {
			re[l] = xr[l] - sign * yi[l];
			im[l] = sign * xi[l] + yr[l];
		}
	}
	fft_inverse(f->fft, &a, &b);
	for (size_t i = 0; i < n; i++) {
		size_t at = i * n + tile * LANES;
		memcpy(f->grid[s->kind][0] + at, a.re + i * LANES, LANES * sizeof(float));
		memcpy(f->grid[s->kind][1] + at, a.im + i * LANES, LANES * sizeof(float));
	}
}

double field_solve(struct field *f, enum field_kind kind)
{
	struct solution s = {f, kind};
	size_t tiles = f->columns / LANES;
	double sum = 0;

	if (kind == FIELD_SUM)
		memset(f->product[1].re, 0, 2 * f->columns * f->nodes * sizeof(float));
	threads_run(tiles, multiply_columns, &s);
	threads_run(f->nodes / LANES, field_rows, &s);
	for (size_t i = 0; i < tiles; i++)
		sum += f->energy[i];
	return sum;
}
