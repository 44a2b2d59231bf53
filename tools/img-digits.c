/* img-digits - draw a data set of digits that look handwritten */
#include <inttypes.h>
#include <stdlib.h>

#include "base/base.h"
#include "digits/digits.h"
#include "npy/npy.h"
#include "slice/slice.h"

enum { CHUNK = 1 << 10 };

/* Which digits: `n` of them from index `first` on. */
struct request {
	uint64_t seed, first;
	size_t n;
	uint8_t labels[DIGITS_CLASSES];
	int classes;
};

/* The labels of a list such as "0,4,7:10"; all of them without one. */
static void choose_labels(struct request *r, const char *text)
{
	bool chosen[DIGITS_CLASSES] = {false};
	int n;
	struct slice *items = slice_parse(text ? text : ":", &n);

	if (!items)
		die("--label: '%s' is not a list such as '0,4,7:10'", text);
	for (int i = 0; i < n; i++) {
		struct span span;
		if (items[i].kind != SLICE_INDEX && items[i].kind != SLICE_RANGE)
			die("--label: '%s' is not a list such as '0,4,7:10'", text);
		if (!slice_resolve(&items[i], DIGITS_CLASSES, &span))
			die("--label: %" PRId64 " is not a digit", items[i].start);
		for (size_t j = 0; j < span.count; j++)
			chosen[span_at(&span, j)] = true;
	}
	free(items);
	for (int i = 0; i < DIGITS_CLASSES; i++)
		if (chosen[i])
			r->labels[r->classes++] = (uint8_t)i;
	if (!r->classes)
		die("--label: '%s' holds no digit", text);
}

static uint8_t label(const struct request *r, size_t i)
{
	return digits_label(r->seed, r->first + i, r->labels, r->classes);
}

enum { TASK = 16 }; /* images a thread draws at a time */

struct chunk {
	const struct request *r;
	size_t done, n;
	uint8_t *images;
};

static void draw_some(void *context, size_t task, int thread)
{
	const struct chunk *c = context;
	const struct request *r = c->r;

	(void)thread;
	for (size_t i = task * TASK; i < c->n && i < (task + 1) * TASK; i++)
		digits_draw(r->seed, r->first + c->done + i, label(r, c->done + i),
		            c->images + i * DIGITS_PIXELS);
}

static void put_images(const struct request *r)
{
	struct npy head = {NPY_U1, 3, {r->n, DIGITS_SIDE, DIGITS_SIDE}, {NULL}};
	uint8_t *images = xcalloc(CHUNK, DIGITS_PIXELS);

	npy_put_head(&head);
	for (size_t done = 0; done < r->n;) {
		size_t n = r->n - done < CHUNK ? r->n - done : CHUNK;
		struct chunk c = {r, done, n, images};
		threads_run((n + TASK - 1) / TASK, draw_some, &c);
		npy_put(&head, images, n * DIGITS_PIXELS);
		done += n;
	}
	free(images);
}

static void put_labels(const struct request *r)
{
	struct npy head = {NPY_U1, 1, {r->n}, {NULL}};
	uint8_t labels[CHUNK];

	npy_put_head(&head);
	for (size_t done = 0; done < r->n;) {
		size_t n = r->n - done < CHUNK ? r->n - done : CHUNK;
		for (size_t i = 0; i < n; i++)
			labels[i] = label(r, done + i);
		npy_put(&head, labels, n);
		done += n;
	}
}

int main(int argc, char *argv[])
{
	int64_t n = 1000, seed = 1, skip = 0;
	const char *labels = NULL;
	const struct cli_option options[] = {
		OPTION_INTEGER('n', "count", "COUNT", &n, 0, 1e12, "number of digits"),
		OPTION_INTEGER('s', "seed", "SEED", &seed, 0, INT64_MAX,
	                       "seed of the random numbers"),
		OPTION_INTEGER(0, "skip", "COUNT", &skip, 0, 1e12, "number of the first digit"),
		OPTION_TEXT('l', "label", "LIST", &labels,
	                    "draw only these digits, such as 1,7 or 0:5"),
		OPTION_END};
	const struct cli cli = {
		"", 0, 0, "Draw a data set of digits that look handwritten: images, then labels.",
		options};

	cli_parse(argc, argv, &cli);
	struct request r = {.seed = (uint64_t)seed, .first = (uint64_t)skip, .n = (size_t)n};
	choose_labels(&r, labels);
	put_images(&r);
	put_labels(&r);
	return cli_close();
}
