/* Gradient ascent, with the regularizers that make its images smooth. */
#include "attack/attack.h"

/* Towards the pixel that is 0 to the network, or the noise that is none. */
static void decay(const struct attack *a, size_t channel, float *v, size_t n)
{
	float zero = a->o->noise ? 0 : (float)mapping_mean(a->mapping, channel);
	float keep = (float)(1 - a->o->decay);

	for (size_t k = 0; k < n; k++)
		v[k] = zero + keep * (v[k] - zero);
}

static void regularize(const struct attack *a, int64_t step, float *v)
{
	size_t plane = a->shape.h * a->shape.w;

	for (size_t c = 0; c < a->shape.c; c++, v += plane) {
		if (a->o->decay > 0)
			decay(a, c, v, plane);
		if (a->blur && (step + 1) % a->o->blur_every == 0)
			image_blur(a->blur, v, a->shape.h, a->shape.w, IMAGE_NEAREST);
	}
}

void attack_ascend(const struct attack *a, int64_t step, const float *gradient, float *v)
{
	float size = (float)a->o->step;

	for (size_t k = 0; k < a->pixels; k++)
		v[k] += size * gradient[k];
	regularize(a, step, v);
}
