#include "minimal/tanh.h"

#include <math.h>
#include <string.h>

#include "base/base.h"

#define INLINE static inline __attribute__((always_inline))

/* exp(x) for |x| <= 87, to 2 units in the last place: 2^n exp(r) with x = n log 2 + r, |r| <=
 * log(2) / 2, and Taylor's series, which after r^7 lacks 5e-9.  Unlike expf(3) it is inlined, into
 * loops of vectors. */
INLINE float exp_of(float x)
{
	/* Added, it leaves the nearest integer in the last bits. */
	const float shift = 0x1.8p23F;
	float shifted = x * 1.44269504F + shift, n = shifted - shift, power;
	float r = (x - n * 0.693359375F) - n * -2.12194440e-4F;
	float p = 1.0F / 5040;
	uint32_t bits;

	memcpy(&bits, &shifted, sizeof bits);
	bits = (bits + 127) << 23;
	memcpy(&power, &bits, sizeof power);
	p = p * r + 1.0F / 720;
	p = p * r + 1.0F / 120;
	p = p * r + 1.0F / 24;
	p = p * r + 1.0F / 6;
	p = p * r + 0.5F;
	p = p * (r * r) + r;
	return power * p + power;
}

/* With e = exp(-2w), x = 255 / (1 + e) and dx/dw = 2 x e / (1 + e). */
INLINE void pixel_of(float w, float *x, float *slope)
{
	float at = -2 * w;
	at = at > 87 ? 87 : at;
	at = at < -87 ? -87 : at;
	float e = exp_of(at), share = 1 / (1 + e);

	*x = 255 * share;
	*slope = 2 * *x * (e * share);
}

MULTIVERSION static void to_pixels(const float *restrict w, float *restrict x,
                                   float *restrict slope, size_t n)
{
	for (size_t k = 0; k < n; k++)
		pixel_of(w[k], &x[k], &slope[k]);
}

MULTIVERSION static void step(struct adam a, float factor, const float *restrict g,
                              const float *restrict start, float *restrict w, float *restrict m,
                              float *restrict v, float *restrict x, float *restrict slope, size_t n)
{
	const float pull = 2.0F / (255 * 255);

	for (size_t k = 0; k < n; k++) {
		float d = (pull * (x[k] - start[k]) + factor * g[k]) * slope[k];
		m[k] += a.first * (d - m[k]);
		v[k] = a.beta2 * v[k] + a.second * (d * d);
		w[k] -= a.rate * m[k] / (sqrtf(v[k]) * a.correction + a.epsilon);
		pixel_of(w[k], &x[k], &slope[k]);
	}
}

void tanh_from(float *w, const float *pixels, size_t n)
{
	for (size_t k = 0; k < n; k++)
		w[k] = (float)atanh(0.999999 * ((double)pixels[k] / 127.5 - 1));
}

void tanh_to(const float *w, float *x, float *slope, size_t n)
{
	to_pixels(w, x, slope, n);
}

struct adam adam_of(double rate, uint64_t t)
{
	const double beta1 = 0.9, beta2 = 0.999;

	return (struct adam){
		.first = (float)(1 - beta1),
		.second = (float)(1 - beta2),
		.beta2 = (float)beta2,
		.epsilon = 1e-8F,
		.rate = (float)(rate / (1 - pow(beta1, (double)t))),
		.correction = (float)(1 / sqrt(1 - pow(beta2, (double)t))),
	};
}

void tanh_step(const struct adam *a, float factor, const float *g, const float *start, float *w,
               float *m, float *v, float *x, float *slope, size_t n)
{
	step(*a, factor, g, start, w, m, v, x, slope, n);
}
