/*
 * A sorting network without what the median does not need, run on many windows at a time: each of
 * its steps is a minimum and a maximum of vectors.
 */
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "image/image.h"

/* Windows at a time. */
enum { LANES = 64 };

/* The smaller of two numbers of a window goes to the first place, the larger to the second. */
struct exchange {
	uint16_t low, high;
};

struct image_median {
	size_t height, width, count; /* of the window; its pixels */
	struct exchange *exchange;
	size_t exchanges;
};

/* ---- the network ---- */

static void append(struct image_median *m, size_t low, size_t high)
{
	/* Room for a power of 2. */
	if (!(m->exchanges & (m->exchanges - 1)))
		m->exchange = xrealloc(m->exchange, m->exchanges ? 2 * m->exchanges : 1,
		                       sizeof *m->exchange);
	m->exchange[m->exchanges++] = (struct exchange){(uint16_t)low, (uint16_t)high};
}

/* Batcher's merge exchange: Knuth, The Art of Computer Programming 3, section 5.2.2, algorithm M.
 */
static void make_sorter(struct image_median *m)
{
	size_t n = m->count, top = 1;

	while (2 * top < n)
		top *= 2;
	for (size_t p = top; p > 0; p /= 2)
		for (size_t q = top, r = 0, d = p;; d = q - p, q /= 2, r = p) {
			for (size_t i = 0; i + d < n; i++)
				if ((i & p) == r)
					append(m, i, i + d);
			if (q == p)
				break;
		}
}

/* Of the exchanges, those that the place of the median depends on. */
static void drop_unneeded(struct image_median *m)
{
	bool *needed = xcalloc(m->count, sizeof *needed);
	size_t kept = m->exchanges;

	needed[m->count / 2] = true;
	for (size_t i = m->exchanges; i-- > 0;) {
		struct exchange e = m->exchange[i];
		if (!needed[e.low] && !needed[e.high])
			continue;
		needed[e.low] = needed[e.high] = true;
		m->exchange[--kept] = e;
	}
	m->exchanges -= kept;
	if (kept)
		memmove(m->exchange, m->exchange + kept, m->exchanges * sizeof *m->exchange);
	free(needed);
}

struct image_median *image_median_new(size_t height, size_t width)
{
	struct image_median *m = xcalloc(1, sizeof *m);

	m->height = height;
	m->width = width;
	m->count = height * width;
	make_sorter(m);
	drop_unneeded(m);
	return m;
}

void image_median_free(struct image_median *m)
{
	free(m->exchange);
	free(m);
}

/* Pixel k of LANES windows is at v[k * LANES] and after it. */
/* NOLINTBEGIN(bugprone-macro-parentheses): a type has none. */
#define EXCHANGE(name, type)                                                                  \
	MULTIVERSION static void exchange_##name(const struct exchange *e, size_t n, type *v) \
	{                                                                                     \
		for (; n > 0; n--, e++) {                                                     \
			type *restrict a = v + (size_t)e->low * LANES;                        \
			type *restrict b = v + (size_t)e->high * LANES;                       \
			for (size_t i = 0; i < LANES; i++) {                                  \
				type x = a[i], y = b[i];                                      \
				a[i] = x < y ? x : y;                                         \
				b[i] = x < y ? y : x;                                         \
			}                                                                     \
		}                                                                             \
	}
/* NOLINTEND(bugprone-macro-parentheses) */
EXCHANGE(u1, uint8_t)
EXCHANGE(i8, int64_t)
EXCHANGE(f4, float)
EXCHANGE(f8, double)

static void exchange(const struct image_median *m, enum npy_type type, void *v)
{
	switch (type) {
	case NPY_U1: exchange_u1(m->exchange, m->exchanges, v); break;
	case NPY_I8: exchange_i8(m->exchange, m->exchanges, v); break;
	case NPY_F4: exchange_f4(m->exchange, m->exchanges, v); break;
	case NPY_F8: exchange_f8(m->exchange, m->exchanges, v); break;
	}
}

/* ---- the plane ---- */

/* The pixel of n that a place shows, which may be beyond the edges by any number of mirrors. */
static size_t mirrored(ptrdiff_t place, size_t n)
{
	ptrdiff_t period = 2 * (ptrdiff_t)n, k = (place % period + period) % period;

	return (size_t)(k < (ptrdiff_t)n ? k : period - 1 - k);
}

/* The plane with what its windows see around it. */
static void pad(const struct image_median *m, char *to, const char *plane, size_t h, size_t w,
                size_t size)
{
	size_t *column = xcalloc(w + m->width - 1, sizeof *column);

	for (size_t x = 0; x < w + m->width - 1; x++)
		column[x] = mirrored((ptrdiff_t)x - (ptrdiff_t)(m->width / 2), w);
	for (size_t y = 0; y < h + m->height - 1; y++) {
		const char *row =
			plane + mirrored((ptrdiff_t)y - (ptrdiff_t)(m->height / 2), h) * w * size;
		for (size_t x = 0; x < w + m->width - 1; x++, to += size)
			memcpy(to, row + column[x] * size, size);
	}
	free(column);
}

/*
 * In the padded plane, window number i, whose first pixel is there at i, has its pixel (y,x) at
 * i + y stride + x: so LANES windows next to each other have it next to each other, at the end of a
 * row as well, where windows are that nobody wants.
 */
void image_median(const struct image_median *m, enum npy_type type, void *plane, size_t h, size_t w)
{
	const size_t size = npy_size(type), stride = w + m->width - 1;
	const size_t windows = (h - 1) * stride + w;
	char *padded = xcalloc((h + m->height - 1) * stride + LANES, size);
	char *v = xaligned(m->count * LANES, size);
	char *medians = xcalloc(windows + LANES, size);

	pad(m, padded, plane, h, w, size);
	for (size_t i = 0; i < windows; i += LANES) {
		char *to = v;
		for (size_t y = 0; y < m->height; y++)
			for (size_t x = 0; x < m->width; x++, to += LANES * size)
				memcpy(to, padded + (i + y * stride + x) * size, LANES * size);
		exchange(m, type, v);
		memcpy(medians + i * size, v + m->count / 2 * LANES * size, LANES * size);
	}
	for (size_t y = 0; y < h; y++)
		memcpy((char *)plane + y * w * size, medians + y * stride * size, w * size);
	free(medians);
	free(v);
	free(padded);
}
