#include <math.h>
#include <string.h>

#include "augment/operations.h"
#include "base/base.h"
#include "image/image.h"

static const float white = 255;

/* Blocks of random words have four. */
static size_t up_to_four(size_t n)
{
	return (n + 3) / 4 * 4;
}

static size_t plane_of(const struct canvas *c)
{
	return c->shape.h * c->shape.w;
}

/* ---- elastic ---- */

void elastic_field(struct canvas *c, struct rng r, const struct operation *o, size_t k)
{
	const size_t n = plane_of(c);
	const float alpha = (float)draw_value(r, o, 0);

	for (size_t f = 0; f < 2; f++) {
		float *field = c->field[f];
		draw_words(r, f * up_to_four(n), c->words, n);
		/* Uniform in -1 ... 1. */
		for (size_t i = 0; i < n; i++)
			field[i] = (float)(c->words[i] >> 8) * 0x1p-23F - 1;
		/* Around the edges, so that all places move by as much. */
		image_blur(c->blur[k], field, c->shape.h, c->shape.w, IMAGE_WRAP);
		for (size_t i = 0; i < n; i++)
			field[i] *= alpha;
	}
}

/* ---- light: floats only ---- */

static float limit(float x)
{
	return x < 0 ? 0 : x > white ? white : x;
}

/* x becomes factor * (x - middle) + middle + add. */
static void light(float *x, size_t n, float factor, float middle, float add)
{
	for (size_t i = 0; i < n; i++)
		x[i] = limit(factor * (x[i] - middle) + middle + add);
}

static double mean_of(const struct canvas *c, size_t first, size_t n)
{
	const uint8_t *bytes = c->pixels;
	const float *floats = c->pixels;
	double sum = 0;

	for (size_t i = first; i < first + n; i++)
		sum += c->type == NPY_U1 ? (double)bytes[i] : (double)floats[i];
	return sum / (double)n;
}

/* ---- noise ---- */

/* Two normal numbers of two words (Box and Muller 1958); 24 bits of each, which reach 5.7 standard
 * deviations. */
static void normal(const uint32_t words[2], float out[2])
{
	float u = (float)((words[0] >> 8) + 1) * 0x1p-24F, v = (float)(words[1] >> 8) * 0x1p-24F;
	float radius = sqrtf(-2 * logf(u)), angle = 6.2831853F * v;

	out[0] = radius * cosf(angle);
	out[1] = radius * sinf(angle);
}

static void add_noise(struct canvas *c, struct rng r, float sigma)
{
	const size_t n = plane_of(c);

	for (size_t channel = 0; channel < c->shape.c; channel++) {
		float *x = (float *)c->pixels + channel * n;
		draw_words(r, channel * up_to_four(n), c->words, up_to_four(n));
		for (size_t i = 0; i < n; i += 2) {
			float add[2];
			normal(c->words + i, add);
			for (size_t j = 0; j < 2 && i + j < n; j++)
				x[i + j] = limit(x[i + j] + sigma * add[j]);
		}
	}
}

/* ---- pixels of either type ---- */

/* n numbers from element `at` on become one value. */
static void put(struct canvas *c, size_t at, size_t n, float value)
{
	if (c->type == NPY_U1)
		memset((uint8_t *)c->pixels + at, (int)(limit(value) + 0.5F), n);
	else
		for (size_t i = 0; i < n; i++)
			((float *)c->pixels)[at + i] = value;
}

/* All channels of a pixel go black or white together. */
static void salt_and_pepper(struct canvas *c, struct rng r, double share)
{
	const size_t n = plane_of(c);
	const uint64_t either = (uint64_t)(share * 0x1p32), pepper = either / 2;

	draw_words(r, 0, c->words, n);
	for (size_t i = 0; i < n; i++)
		if (c->words[i] < either)
			for (size_t channel = 0; channel < c->shape.c; channel++)
				put(c, channel * n + i, 1, c->words[i] < pepper ? 0 : white);
}

struct box {
	size_t y, x, h, w;
};

/*
 * Zhong, Zheng, Kang, Li, Yang: "Random erasing data augmentation" (2017), algorithm 1, but that as
 * in the authors' code only the size is drawn again where a rectangle does not fit, at most a
 * hundred times, and all its places are then equally likely.  False where none fits.
 */
static bool draw_box(const struct canvas *c, struct rng r, const struct operation *o, struct box *b)
{
	enum { TRIES = 100, DRAWS = 4 };

	for (uint64_t try = 0; try < TRIES; try++) {
		double area = draw_range(r, DRAWS * try, o->value[0]) * (double)plane_of(c);
		double aspect = draw_range(r, DRAWS * try + 1, o->value[1]);
		b->h = (size_t)rint(sqrt(area * aspect));
		b->w = (size_t)rint(sqrt(area / aspect));
		if (b->h > c->shape.h || b->w > c->shape.w)
			continue;
		b->y = draw_below(r, DRAWS * try + 2, c->shape.h - b->h + 1);
		b->x = draw_below(r, DRAWS * try + 3, c->shape.w - b->w + 1);
		return true;
	}
	return false;
}

/* Each number of the rectangle, row by row, is a byte of the words. */
static void put_random(struct canvas *c, const struct box *b, size_t plane)
{
	const uint32_t *words = c->words;

	for (size_t i = 0; i < b->h * b->w; i++)
		put(c, plane + (b->y + i / b->w) * c->shape.w + b->x + i % b->w, 1,
		    (float)(words[i / 4] >> 8 * (i % 4) & 0xff));
}

static void erase(struct canvas *c, struct rng r, const struct operation *o)
{
	const size_t n = plane_of(c);
	struct box b;

	if (!draw_box(c, r, o, &b))
		return;
	size_t words = up_to_four((b.h * b.w + 3) / 4);
	for (size_t channel = 0; channel < c->shape.c; channel++) {
		double value =
			o->fill.with == FILL_MEAN ? mean_of(c, channel * n, n) : o->fill.value;
		if (o->fill.with == FILL_RANDOM) {
			draw_words(r, channel * words, c->words, words);
			put_random(c, &b, channel * n);
			continue;
		}
		for (size_t y = b.y; y < b.y + b.h; y++)
			put(c, channel * n + y * c->shape.w + b.x, b.w, (float)value);
	}
}

void change_pixels(struct canvas *c, struct rng r, const struct operation *o)
{
	const size_t n = c->shape.c * plane_of(c);
	const float value = (float)draw_value(r, o, 0);

	switch (o->kind) {
	case BRIGHTNESS: light(c->pixels, n, 1, 0, value); break;
	case CONTRAST: light(c->pixels, n, value, (float)mean_of(c, 0, n), 0); break;
	case NOISE: add_noise(c, r, value); break;
	case SALTPEPPER: salt_and_pepper(c, r, draw_value(r, o, 0)); break;
	case ERASE: erase(c, r, o); break;
	default: break;
	}
}
