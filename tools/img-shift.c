/* img-shift - shift images by whole pixels */
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "dataset/dataset.h"

enum border { NEAREST, ZERO, WRAP };
static const char *const borders[] = {"nearest", "zero", "wrap", NULL};

/* No image is farther across. */
#define FAR ((double)(INT64_C(1) << 48))

/* For each place along an axis the one its pixel comes from, or -1 for a zero. */
static int64_t *sources(size_t size, int64_t shift, enum border border)
{
	int64_t *from = xcalloc(size, sizeof *from), end = (int64_t)size;

	for (int64_t i = 0; i < end; i++) {
		int64_t k = i - shift;
		if (k < 0 || k >= end) {
			if (border == NEAREST)
				k = k < 0 ? 0 : end - 1;
			else if (border == WRAP)
				k = (k % end + end) % end;
			else
				k = -1;
		}
		from[i] = k;
	}
	return from;
}

/* A row of pixels of the given size; from null a row of zeros. */
static void move_row(char *to, const char *from, const int64_t *source, size_t w, size_t size)
{
	for (size_t x = 0; x < w; x++) {
		if (from && source[x] >= 0)
			memcpy(to + x * size, from + (size_t)source[x] * size, size);
		else
			memset(to + x * size, 0, size);
	}
}

static void put_moved(struct images *s, int64_t dx, int64_t dy, enum border border)
{
	const size_t h = s->shape.h, w = s->shape.w, size = npy_size(s->head.type);
	int64_t *row = NULL, *column = NULL;
	char *to = NULL;
	size_t n;

	for (const char *from; (from = images_next(s, &n));) {
		/* Not before an image has come that is as large as the head says. */
		if (!to) {
			row = sources(h, dy, border);
			column = sources(w, dx, border);
			to = xcalloc(s->pixels, size);
			npy_put_head(&s->head);
		}
		for (size_t c = 0; c < s->shape.c; c++)
			for (size_t y = 0; y < h; y++)
				move_row(to + (c * h + y) * w * size,
				         row[y] < 0 ? NULL
				                    : from + (c * h + (size_t)row[y]) * w * size,
				         column, w, size);
		npy_put(&s->head, to, s->pixels);
	}
	if (!to)
		npy_put_head(&s->head);
	free(to);
	free(row);
	free(column);
}

int main(int argc, char *argv[])
{
	int64_t dx = 0, dy = 0;
	int border = NEAREST;
	const struct cli_option options[] = {
		OPTION_INTEGER('x', NULL, "DX", &dx, -FAR, FAR, "shift to the right by DX pixels"),
		OPTION_INTEGER('y', NULL, "DY", &dy, -FAR, FAR, "shift down by DY pixels"),
		OPTION_CHOICE('b', "border", "HOW", &border, borders,
	                      "fill the free pixels: nearest, zero or wrap"),
		OPTION_END};
	const struct cli cli = {"[IMAGES]", 0, 1, "Shift images by whole pixels.", options};
	char **operands = cli_parse(argc, argv, &cli);
	struct images images = images_open(cli_operand(&operands), NULL, 1);

	put_moved(&images, dx, dy, (enum border)border);
	images_close_copying(&images, 1);
	return cli_close();
}
