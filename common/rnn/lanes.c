#include "rnn/lanes.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "base/base.h"

enum { WIDTH = 4, ROWS = 8, TILE_ROWS = 3, TILE_COLUMNS = 3 };

/* As many lanes as the registers of most processors hold, and no more than are worth it where they
 * hold more; the lanes of a row go in PARTS such vectors. */
typedef double vector __attribute__((vector_size(WIDTH * sizeof(double)), may_alias));
#define INLINE static inline __attribute__((always_inline))

/* ---- products ---- */

/* So many rows of y at once: each is a chain of additions, and they share x. */
INLINE void product_rows(double *y, const struct matrix *a, size_t i, const double *x, size_t rows)
{
	vector sum[ROWS];
	const double *at = a->at + i * a->down;

	for (size_t r = 0; r < rows; r++)
		sum[r] = *(vector *)(y + (i + r) * LANES);
	for (size_t j = 0; j < a->columns; j++, at += a->right, x += LANES) {
		vector from = *(const vector *)x;
		for (size_t r = 0; r < rows; r++)
			sum[r] += at[r * a->down] * from;
	}
	for (size_t r = 0; r < rows; r++)
		*(vector *)(y + (i + r) * LANES) = sum[r];
}

MULTIVERSION void lanes_product(double *y, struct matrix a, const double *x)
{
	for (size_t lane = 0; lane < LANES; lane += WIDTH) {
		size_t i = 0;
		for (; i + ROWS <= a.rows; i += ROWS)
			product_rows(y + lane, &a, i, x + lane, ROWS);
		for (; i < a.rows; i++)
			product_rows(y + lane, &a, i, x + lane, 1);
	}
}

INLINE double sum_lanes(const vector *v)
{
	return ((*v)[0] + (*v)[1]) + ((*v)[2] + (*v)[3]);
}

/* A tile of g at once, for the same reasons. */
INLINE void outer_tile(double *g, const struct lanes *d, const struct lanes *x, size_t i, size_t j,
                       size_t rows, size_t columns)
{
	vector sum[TILE_ROWS][TILE_COLUMNS] = {{{0}}};
	const double *di = d->rows + i * LANES, *xj = x->rows + j * LANES;

	for (size_t s = 0; s < d->steps; s++, di += d->stride, xj += x->stride)
		for (size_t lane = 0; lane < LANES; lane += WIDTH)
			for (size_t r = 0; r < rows; r++)
				for (size_t c = 0; c < columns; c++)
					sum[r][c] += *(const vector *)(di + r * LANES + lane) *
					             *(const vector *)(xj + c * LANES + lane);
	for (size_t r = 0; r < rows; r++)
		for (size_t c = 0; c < columns; c++)
			g[(i + r) * x->count + j + c] += sum_lanes(&sum[r][c]);
}

MULTIVERSION void lanes_outer(double *g, struct lanes d, struct lanes x)
{
	size_t rows = d.count - d.count % TILE_ROWS, columns = x.count - x.count % TILE_COLUMNS;

	for (size_t i = 0; i < rows; i += TILE_ROWS)
		for (size_t j = 0; j < columns; j += TILE_COLUMNS)
			outer_tile(g, &d, &x, i, j, TILE_ROWS, TILE_COLUMNS);
	for (size_t i = 0; i < d.count; i++)
		for (size_t j = i < rows ? columns : 0; j < x.count; j++)
			outer_tile(g, &d, &x, i, j, 1, 1);
}

MULTIVERSION void lanes_sum(double *g, struct lanes d)
{
	for (size_t i = 0; i < d.count; i++) {
		vector sum = {0};
		for (size_t s = 0; s < d.steps; s++)
			for (size_t lane = 0; lane < LANES; lane += WIDTH)
				sum += *(const vector *)(d.rows + s * d.stride + i * LANES + lane);
		g[i] += sum_lanes(&sum);
	}
}

/* ---- functions ---- */

/* exp(x) - 1 = 2^n (exp(r) - 1) + (2^n - 1), with x = n log 2 + r and |r| <= log(2) / 2, as in
 * fdlibm; what Taylor's series lacks after r^13 is 1e-17 of it.  |x| <= 708, or NaN, which it gives
 * back. */
INLINE double exp_minus_1(double x)
{
	static const double coefficient[] = {
		1.0 / 6227020800, 1.0 / 479001600, 1.0 / 39916800, 1.0 / 3628800,
		1.0 / 362880,     1.0 / 40320,     1.0 / 5040,     1.0 / 720,
		1.0 / 120,        1.0 / 24,        1.0 / 6,        1.0 / 2,
	};
	/* Added, it leaves the nearest integer in the last bits. */
	const double shift = 0x1.8p52;
	double shifted = x * 1.4426950408889634 + shift, n = shifted - shift;
	double r = (x - n * 6.93147180369123816490e-01) - n * 1.90821492927058770002e-10;
	double p = coefficient[0], power;
	uint64_t bits;

	memcpy(&bits, &shifted, sizeof bits);
	bits = (bits + 1023) << 52;
	memcpy(&power, &bits, sizeof power);
	for (int i = 1; i < 12; i++)
		p = p * r + coefficient[i];
	p = p * (r * r) + r;
	return power * p + (power - 1);
}

INLINE double tanh_of(double x)
{
	/* From 22 on it is 1. */
	double size = fabs(x), e = exp_minus_1(2 * (size > 22 ? 22 : size));

	return copysign(e / (e + 2), x);
}

INLINE double logistic_of(double x)
{
	double y = x > 708 ? 708 : x < -708 ? -708 : x;

	return 1 / (2 + exp_minus_1(-y));
}

MULTIVERSION void lanes_tanh(double *x, size_t n)
{
	for (size_t i = 0; i < n; i++)
		x[i] = tanh_of(x[i]);
}

MULTIVERSION void lanes_logistic(double *x, size_t n)
{
	for (size_t i = 0; i < n; i++)
		x[i] = logistic_of(x[i]);
}

MULTIVERSION void lanes_tanh_slope(double *restrict d, const double *restrict y, size_t n)
{
	for (size_t i = 0; i < n; i++)
		d[i] *= 1 - y[i] * y[i];
}

MULTIVERSION void lanes_logistic_slope(double *restrict d, const double *restrict y, size_t n)
{
	for (size_t i = 0; i < n; i++)
		d[i] *= y[i] * (1 - y[i]);
}

/* ---- the LSTM's cell ---- */

MULTIVERSION void lanes_cell(size_t h, const double *restrict gates, const double *restrict before,
                             double *restrict c, double *restrict squashed, double *restrict hidden)
{
	size_t n = h * LANES;
	const double *i = gates, *f = gates + n, *candidate = gates + 2 * n, *o = gates + 3 * n;

	for (size_t k = 0; k < n; k++) {
		c[k] = f[k] * before[k] + i[k] * candidate[k];
		squashed[k] = tanh_of(c[k]);
		hidden[k] = o[k] * squashed[k];
	}
}

MULTIVERSION void lanes_cell_back(size_t h, const double *restrict gates,
                                  const double *restrict before, const double *restrict squashed,
                                  const double *restrict dh, double *restrict dc,
                                  double *restrict d)
{
	size_t n = h * LANES;
	const double *i = gates, *f = gates + n, *candidate = gates + 2 * n, *o = gates + 3 * n;

	for (size_t k = 0; k < n; k++) {
		double whole = dc[k] + dh[k] * o[k] * (1 - squashed[k] * squashed[k]);
		d[k] = whole * candidate[k];
		d[n + k] = whole * before[k];
		d[2 * n + k] = whole * i[k];
		d[3 * n + k] = dh[k] * squashed[k];
		dc[k] = whole * f[k];
	}
}
