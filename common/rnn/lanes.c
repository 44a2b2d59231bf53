#include "rnn/lanes.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "base/base.h"

#define INLINE static inline __attribute__((always_inline))

/* ---- products ---- */

/* Rows, and sides of a tile, whose sums are kept in registers together. */
enum { ROWS = 8, TILE = 3 };

#define WIDTH      4
#define TARGET     MULTIVERSION
#define NAME(word) word##_4
#include "rnn/lanes_loops.h"
#undef WIDTH
#undef TARGET
#undef NAME
#if defined(__x86_64__)
#define WIDTH      8
#define TARGET     __attribute__((target("avx512f")))
#define NAME(word) word##_8
#include "rnn/lanes_loops.h"
#define CALL(function, ...) \
	(__builtin_cpu_supports("avx512f") ? function##_8(__VA_ARGS__) : function##_4(__VA_ARGS__))
#else
#define CALL(function, ...) function##_4(__VA_ARGS__)
#endif

void lanes_product(double *y, struct matrix a, const double *x)
{
	CALL(product, y, &a, x);
}

void lanes_outer(double *g, struct lanes d, struct lanes x)
{
	CALL(outer, g, &d, &x);
}

void lanes_sum(double *g, struct lanes d)
{
	static const _Alignas(LANES * sizeof(double)) double ones[LANES] = {1, 1, 1, 1, 1, 1, 1, 1};

	lanes_outer(g, d, (struct lanes){ones, 1, d.steps, 0});
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

MULTIVERSION static void tanh_each(double *x, size_t n)
{
	for (size_t i = 0; i < n; i++)
		x[i] = tanh_of(x[i]);
}

MULTIVERSION static void logistic_each(double *x, size_t n)
{
	for (size_t i = 0; i < n; i++)
		x[i] = logistic_of(x[i]);
}

MULTIVERSION static void tanh_slope_each(double *restrict d, const double *restrict y, size_t n)
{
	for (size_t i = 0; i < n; i++)
		d[i] *= 1 - y[i] * y[i];
}

MULTIVERSION static void logistic_slope_each(double *restrict d, const double *restrict y, size_t n)
{
	for (size_t i = 0; i < n; i++)
		d[i] *= y[i] * (1 - y[i]);
}

/* ---- the LSTM's cell ---- */

MULTIVERSION static void cell_units(size_t h, const double *restrict gates,
                                    const double *restrict before, double *restrict c,
                                    double *restrict squashed, double *restrict hidden)
{
	size_t n = h * LANES;
	const double *i = gates, *f = gates + n, *candidate = gates + 2 * n, *o = gates + 3 * n;

	for (size_t k = 0; k < n; k++) {
		c[k] = f[k] * before[k] + i[k] * candidate[k];
		squashed[k] = tanh_of(c[k]);
		hidden[k] = o[k] * squashed[k];
	}
}

MULTIVERSION static void cell_units_back(size_t h, const double *restrict gates,
                                         const double *restrict before,
                                         const double *restrict squashed, const double *restrict dh,
                                         double *restrict dc, double *restrict d)
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

/* ---- what others see; MULTIVERSION is for static functions ---- */

void lanes_tanh(double *x, size_t n)
{
	tanh_each(x, n);
}

void lanes_logistic(double *x, size_t n)
{
	logistic_each(x, n);
}

void lanes_tanh_slope(double *d, const double *y, size_t n)
{
	tanh_slope_each(d, y, n);
}

void lanes_logistic_slope(double *d, const double *y, size_t n)
{
	logistic_slope_each(d, y, n);
}

void lanes_cell(size_t h, const double *gates, const double *before, double *c, double *squashed,
                double *hidden)
{
	cell_units(h, gates, before, c, squashed, hidden);
}

void lanes_cell_back(size_t h, const double *gates, const double *before, const double *squashed,
                     const double *dh, double *dc, double *d)
{
	cell_units_back(h, gates, before, squashed, dh, dc, d);
}
