/* Images through their operations, on all threads. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "augment/operations.h"
#include "base/base.h"
#include "image/image.h"

struct augmenter {
	const struct augment *augment;
	uint64_t seed, stream;
	struct shape shape;
	enum npy_type type; /* of the images */
	size_t count;       /* numbers in one */
	int canvases;
	struct canvas *canvas; /* of each thread */
	const struct augment_item *item;
	size_t items;
};

/* ---- what a text needs ---- */

/* Whether an operation only copies pixels, or sets them to values that bytes have. */
static bool keeps_bytes(const struct operation *o)
{
	switch (o->kind) {
	case FLIP:
	case VFLIP:
	case CROP:
	case SALTPEPPER:
	case ERASE: return true;
	case SHIFT: return !o->subpixel;
	default: return false;
	}
}

static bool all_keep_bytes(const struct augment *a)
{
	for (size_t k = 0; k < a->n; k++)
		if (!keeps_bytes(&a->operation[k]))
			return false;
	return true;
}

static bool any_is(const struct augment *a, enum operation_kind kind)
{
	for (size_t k = 0; k < a->n; k++)
		if (a->operation[k].kind == kind)
			return true;
	return false;
}

static bool any_interpolates(const struct augment *a)
{
	for (size_t k = 0; k < a->n; k++)
		if (moves_pixels(a->operation[k].kind) && !keeps_bytes(&a->operation[k]))
			return true;
	return false;
}

/* ---- memory ---- */

static struct canvas canvas_new(const struct augmenter *w)
{
	const struct augment *a = w->augment;
	const struct shape s = w->shape;
	const size_t plane = s.h * s.w, longest = s.h > s.w ? s.h : s.w;
	struct canvas c = {.shape = s, .type = all_keep_bytes(a) ? w->type : NPY_F4};

	c.pixels = xaligned(w->count, npy_size(c.type));
	c.next = xaligned(w->count, npy_size(c.type));
	if (any_is(a, ELASTIC) || any_is(a, NOISE) || any_is(a, SALTPEPPER) || any_is(a, ERASE))
		c.words = xaligned(plane + 4, sizeof *c.words);
	c.blur = xcalloc(a->n, sizeof(void *));
	for (size_t k = 0; k < a->n; k++)
		if (a->operation[k].kind == ELASTIC)
			c.blur[k] = image_blur_new(a->operation[k].value[1].low, longest);
	for (int i = 0; i < 2 && any_is(a, ELASTIC); i++)
		c.field[i] = xaligned(plane, sizeof *c.field[i]);
	if (any_interpolates(a)) {
		c.padded = xaligned((s.h + MOVE_AROUND) * (s.w + MOVE_AROUND), sizeof *c.padded);
		c.place = xaligned(s.w, sizeof *c.place);
		for (int i = 0; i < 2; i++)
			c.along[i] = xaligned(s.w, sizeof *c.along[i]);
	}
	return c;
}

static void canvas_free(struct canvas *c, size_t operations)
{
	free(c->pixels);
	free(c->next);
	free(c->padded);
	free(c->words);
	free(c->place);
	for (int i = 0; i < 2; i++) {
		free(c->field[i]);
		free(c->along[i]);
	}
	for (size_t k = 0; k < operations; k++)
		image_blur_free(c->blur[k]);
	free(c->blur);
}

/* Places are floats along an axis, and 32-bit numbers in a plane. */
static bool can_interpolate(struct shape s)
{
	const size_t most = 1 << 22;
	size_t padded;

	return s.h <= most && s.w <= most &&
	       size_multiply(s.h + MOVE_AROUND, s.w + MOVE_AROUND, &padded) && padded <= INT32_MAX;
}

struct augmenter *augmenter_new(const struct augment *a, uint64_t seed, struct shape image,
                                enum npy_type type)
{
	struct augmenter *w = xcalloc(1, sizeof *w);

	if (any_interpolates(a) && !can_interpolate(image))
		die("images of %zux%zu are too large to interpolate in", image.h, image.w);
	*w = (struct augmenter){.augment = a,
	                        .seed = seed,
	                        .stream = rng_stream("augment"),
	                        .shape = image,
	                        .type = type,
	                        .count = shape_count(image),
	                        .canvases = threads()};
	w->canvas = xcalloc((size_t)w->canvases, sizeof *w->canvas);
	return w;
}

void augmenter_free(struct augmenter *w)
{
	if (!w)
		return;
	for (int i = 0; i < w->canvases; i++)
		if (w->canvas[i].pixels)
			canvas_free(&w->canvas[i], w->augment->n);
	free(w->canvas);
	free(w);
}

/* ---- an image ---- */

static void turn_over(struct canvas *c)
{
	void *pixels = c->pixels;

	c->pixels = c->next;
	c->next = pixels;
}

/* Operations from k on that move pixels, as one map; elastic is the last of a map, since the places
 * that it displaces are pixels of the result.  Returns the operation that follows. */
static size_t move(struct canvas *c, const struct augment *a, uint64_t key, size_t k)
{
	struct matrix map = matrix_identity();
	bool elastic = false, any = false;

	for (; k < a->n && moves_pixels(a->operation[k].kind) && !elastic; k++) {
		const struct operation *o = &a->operation[k];
		struct rng r = draw_stream(key, k);
		if (!draw_happens(r, o))
			continue;
		any = true;
		if ((elastic = o->kind == ELASTIC))
			elastic_field(c, r, o, k);
		else
			map = matrix_product(map, matrix_draw(r, o, c->shape.h, c->shape.w));
	}
	if (!any)
		return k;
	if (!elastic && matrix_is_exact(&map, c->shape))
		move_copy(c, &map, a->border);
	else
		move_interpolate(c, &map, elastic, a->border);
	turn_over(c);
	return k;
}

MULTIVERSION static void to_floats(float *restrict to, const uint8_t *restrict from, size_t n)
{
	for (size_t i = 0; i < n; i++)
		to[i] = from[i];
}

/* To the nearest; no operation leaves a byte's range. */
MULTIVERSION static void to_bytes(uint8_t *restrict to, const float *restrict from, size_t n)
{
	for (size_t i = 0; i < n; i++)
		to[i] = (uint8_t)(int32_t)(from[i] + 0.5F);
}

static void change(const struct augmenter *w, struct canvas *c, const struct augment_item *item)
{
	const struct augment *a = w->augment;
	const struct rng images = {w->seed, w->stream + item->epoch};
	const uint64_t key = rng_u64(images, item->number);
	const size_t bytes = w->count * npy_size(w->type);

	if (c->type == w->type)
		memcpy(c->pixels, item->from, bytes);
	else
		to_floats(c->pixels, item->from, w->count);
	for (size_t k = 0; k < a->n;) {
		const struct operation *o = &a->operation[k];
		if (moves_pixels(o->kind)) {
			k = move(c, a, key, k);
			continue;
		}
		struct rng r = draw_stream(key, k++);
		if (draw_happens(r, o))
			change_pixels(c, r, o);
	}
	if (c->type == w->type)
		memcpy(item->to, c->pixels, bytes);
	else
		to_bytes(item->to, c->pixels, w->count);
}

/* ---- many ---- */

enum { TASK = 16 }; /* images that a thread takes at a time */

static void change_some(void *context, size_t task, int thread)
{
	const struct augmenter *w = context;
	struct canvas *c = &w->canvas[thread];

	if (!c->pixels)
		*c = canvas_new(w);
	for (size_t i = task * TASK; i < w->items && i < (task + 1) * TASK; i++)
		change(w, c, &w->item[i]);
}

void augmenter_run(struct augmenter *w, const struct augment_item *items, size_t n)
{
	w->item = items;
	w->items = n;
	threads_run((n + TASK - 1) / TASK, change_some, w);
}
