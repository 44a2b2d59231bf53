#include "augment/operations.h"

enum { HAPPENS = 0, FIRST_VALUE = 1, FIRST_NUMBER = 4, FIRST_WORDS = 1024 };

struct rng draw_stream(uint64_t key, size_t k)
{
	return (struct rng){key, k};
}

bool draw_happens(struct rng r, const struct operation *o)
{
	return o->chance >= 1 || rng_uniform(r, HAPPENS) < o->chance;
}

static double between(struct rng r, uint64_t index, struct range range)
{
	if (range.low == range.high)
		return range.low;
	return range.low + (range.high - range.low) * rng_uniform(r, index);
}

/* The range's ends are whole numbers. */
static double whole(struct rng r, uint64_t index, struct range range)
{
	return range.low + (double)rng_below(r, index, (uint64_t)(range.high - range.low) + 1);
}

double draw_value(struct rng r, const struct operation *o, int i)
{
	uint64_t index = FIRST_VALUE + (uint64_t)i;

	switch (o->kind) {
	case SHIFT: return (o->subpixel ? between : whole)(r, index, o->value[i]);
	/* What an image of the same size shows, cut from one with a margin all around. */
	case CROP: return whole(r, index, (struct range){-o->value[0].high, o->value[0].high});
	default: return between(r, index, o->value[i]);
	}
}

double draw_range(struct rng r, uint64_t number, struct range range)
{
	return between(r, FIRST_NUMBER + number, range);
}

size_t draw_below(struct rng r, uint64_t number, size_t n)
{
	return (size_t)rng_below(r, FIRST_NUMBER + number, n);
}

void draw_words(struct rng r, size_t skip, uint32_t *words, size_t n)
{
	rng_words(r, FIRST_WORDS + skip / 4, words, n);
}
