/* Gradient ascent, with the regularizers that make its images smooth. */
#include "attack/attack.h"

/* Towards the network's zero, and each channel smoothed. */
static void regularize(const struct attack *a, int64_t step, float *v)
{
	float zero = a->zero, keep = (float)(1 - a->o->decay);
	size_t plane = a->shape.h * a->shape.w;

	if (a->o->decay > 0)
		for (size_t k = 0; k < a->pixels; k++)
			v[k] = zero + keep * (v[k] - zero);
	if (a->blur && (step + 1) % a->o->blur_every == 0)
		for (size_t c = 0; c < a->shape.c; c++)
			image_blur(a->blur, v + c * plane, a->shape.h, a->shape.w, IMAGE_NEAREST);
}

void attack_ascend(const struct attack *a, int64_t step, const float *gradient, float *v)
{
	float size = (float)a->o->step;

	for (size_t k = 0; k < a->pixels; k++)
		v[k] += size * gradient[k];
	regularize(a, step, v);
}
