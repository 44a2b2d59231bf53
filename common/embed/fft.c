#include "embed/fft.h"

#include <math.h>
#include <stdlib.h>

#include "base/base.h"

enum { MOST_STAGES = 64, MOST_RADIX = 5 };

/*
 * A stage takes n / stride points apart into `radix` transforms a radix-th as long.  Its p-th
 * butterfly, p < parts, is of stride * FFT_LANES neighbors; the twiddles are exp(-2 pi i p j /
 * (radix * parts)) for p and 0 < j < radix, real parts and imaginary parts in turn.
 */
struct stage {
	size_t radix, parts, stride;
	float *twiddle;
};

struct fft {
	size_t n;
	int stages;
	struct stage stage[MOST_STAGES];
};

/* ---- lengths ---- */

static bool is_smooth(size_t n)
{
	for (size_t factor = 2; factor <= MOST_RADIX; factor++)
		while (n % factor == 0)
			n /= factor;
	return n == 1;
}

size_t fft_length(size_t n)
{
	n = n < 2 ? 2 : n + n % 2;
	while (!is_smooth(n))
		n += 2;
	return n;
}

static size_t radix_of(size_t n)
{
	return n % 4 == 0 ? 4 : n % 5 == 0 ? 5 : n % 3 == 0 ? 3 : 2;
}

static float *twiddles(size_t radix, size_t parts)
{
	float *all = xcalloc(parts, 2 * (radix - 1) * sizeof *all), *t = all;

	for (size_t p = 0; p < parts; p++)
		for (size_t j = 1; j < radix; j++) {
			double angle = 2 * acos(-1) * (double)(p * j) / (double)(radix * parts);
			*t++ = (float)cos(angle);
			*t++ = (float)-sin(angle);
		}
	return all;
}

struct fft *fft_new(size_t n)
{
	struct fft *f = xcalloc(1, sizeof *f);
	size_t stride = 1;

	f->n = n;
	while (n > 1) {
		size_t radix = radix_of(n);
		n /= radix;
		f->stage[f->stages++] = (struct stage){radix, n, stride, twiddles(radix, n)};
		stride *= radix;
	}
	return f;
}

void fft_free(struct fft *f)
{
	for (int i = 0; f && i < f->stages; i++)
		free(f->stage[i].twiddle);
	free(f);
}

/* ---- butterflies ---- */

#define INLINE static inline __attribute__((always_inline))

/* Transforms of few numbers, in place. */
INLINE void transform_2(float *re, float *im)
{
	float r = re[0], i = im[0];

	re[0] = r + re[1], im[0] = i + im[1];
	re[1] = r - re[1], im[1] = i - im[1];
}

INLINE void transform_3(float *re, float *im)
{
	const float half_root = 0.866025404f;
	float sr = re[1] + re[2], si = im[1] + im[2];
	float dr = half_root * (re[1] - re[2]), di = half_root * (im[1] - im[2]);
	float mr = re[0] - 0.5f * sr, mi = im[0] - 0.5f * si;

	re[0] += sr, im[0] += si;
	re[1] = mr + di, im[1] = mi - dr;
	re[2] = mr - di, im[2] = mi + dr;
}

INLINE void transform_4(float *re, float *im)
{
	float ar = re[0] + re[2], ai = im[0] + im[2], br = re[0] - re[2], bi = im[0] - im[2];
	float cr = re[1] + re[3], ci = im[1] + im[3], dr = re[1] - re[3], di = im[1] - im[3];

	re[0] = ar + cr, im[0] = ai + ci;
	re[1] = br + di, im[1] = bi - dr;
	re[2] = ar - cr, im[2] = ai - ci;
	re[3] = br - di, im[3] = bi + dr;
}

INLINE void transform_5(float *re, float *im)
{
	/* Cosines and sines of a fifth and of two fifths of a turn. */
	const float c1 = 0.309016994f, c2 = -0.809016994f, s1 = 0.951056516f, s2 = 0.587785252f;
	float ar = re[1] + re[4], ai = im[1] + im[4], br = re[1] - re[4], bi = im[1] - im[4];
	float cr = re[2] + re[3], ci = im[2] + im[3], dr = re[2] - re[3], di = im[2] - im[3];
	float pr = re[0] + c1 * ar + c2 * cr, pi = im[0] + c1 * ai + c2 * ci;
	float qr = re[0] + c2 * ar + c1 * cr, qi = im[0] + c2 * ai + c1 * ci;
	float ur = s1 * br + s2 * dr, ui = s1 * bi + s2 * di;
	float vr = s2 * br - s1 * dr, vi = s2 * bi - s1 * di;

	re[0] += ar + cr, im[0] += ai + ci;
	re[1] = pr + ui, im[1] = pi - ur;
	re[2] = qr + vi, im[2] = qi - vr;
	re[3] = qr - vi, im[3] = qi + vr;
	re[4] = pr - ui, im[4] = pi + ur;
}

/* `count` butterflies with the same twiddles, whose inputs are `apart` from one another, and whose
 * outputs `count`. */
struct row {
	size_t count, apart;
	const float *twiddle;
	struct fft_lanes from, to;
};

INLINE void run_row(const struct row *row, size_t radix)
{
	const size_t count = row->count, apart = row->apart;
	const float *t = row->twiddle, *re = row->from.re, *im = row->from.im;
	float *to_re = row->to.re, *to_im = row->to.im;

#pragma omp simd
	for (size_t i = 0; i < count; i++) {
		float r[MOST_RADIX], m[MOST_RADIX];
		for (size_t k = 0; k < radix; k++)
			r[k] = re[i + k * apart], m[k] = im[i + k * apart];
		switch (radix) {
		case 2: transform_2(r, m); break;
		case 3: transform_3(r, m); break;
		case 4: transform_4(r, m); break;
		default: transform_5(r, m); break;
		}
		to_re[i] = r[0], to_im[i] = m[0];
		for (size_t k = 1; k < radix; k++) {
			float c = t[2 * k - 2], s = t[2 * k - 1];
			to_re[i + k * count] = r[k] * c - m[k] * s;
			to_im[i + k * count] = r[k] * s + m[k] * c;
		}
	}
}

/* Compiled for each radix, so that no loop is left within the one over neighbors. */
MULTIVERSION static void run_row_2(const struct row *row)
{
	run_row(row, 2);
}

MULTIVERSION static void run_row_3(const struct row *row)
{
	run_row(row, 3);
}

MULTIVERSION static void run_row_4(const struct row *row)
{
	run_row(row, 4);
}

MULTIVERSION static void run_row_5(const struct row *row)
{
	run_row(row, 5);
}

static struct fft_lanes beyond(const struct fft_lanes *x, size_t n)
{
	return (struct fft_lanes){x->re + n, x->im + n};
}

static void run_stage(const struct stage *s, const struct fft_lanes *a, const struct fft_lanes *b)
{
	size_t count = s->stride * FFT_LANES;

	for (size_t p = 0; p < s->parts; p++) {
		const struct row row = {count, count * s->parts,
		                        s->twiddle + p * 2 * (s->radix - 1), beyond(a, p * count),
		                        beyond(b, p * s->radix * count)};
		switch (s->radix) {
		case 2: run_row_2(&row); break;
		case 3: run_row_3(&row); break;
		case 4: run_row_4(&row); break;
		default: run_row_5(&row); break;
		}
	}
}

void fft_forward(const struct fft *f, struct fft_lanes *a, struct fft_lanes *b)
{
	for (int i = 0; i < f->stages; i++) {
		run_stage(&f->stage[i], a, b);
		struct fft_lanes result = *b;
		*b = *a;
		*a = result;
	}
}

/* Real and imaginary parts exchanged before and after: the conjugate of the conjugate's transform.
 */
void fft_inverse(const struct fft *f, struct fft_lanes *a, struct fft_lanes *b)
{
	struct fft_lanes x = {a->im, a->re}, y = {b->im, b->re};

	fft_forward(f, &x, &y);
	*a = (struct fft_lanes){x.im, x.re};
	*b = (struct fft_lanes){y.im, y.re};
}
