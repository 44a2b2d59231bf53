/* img-augment - change images at random, as a list of operations says */
#include <stdlib.h>

#include "augment/augment.h"
#include "base/base.h"
#include "dataset/dataset.h"

/* Bytes of images, and of copies, in memory at a time. */
enum { BLOCK = 1 << 20 };

struct job {
	struct images images;
	struct augmenter *augmenter;
	uint64_t first, epoch; /* number of the first image; of the first copy */
	size_t copies;         /* of an image */
	size_t block;          /* copies made at a time, at least one */
	struct augment_item *items;
	char *copied; /* of images.type */
	char *out;    /* of the type they came in, where that differs */
};

/* What is written: every copy of every image. */
static struct npy plan(const struct images *s, size_t copies)
{
	struct npy out = s->head;

	if (out.ndim == 2 && copies != 1)
		out = (struct npy){.type = out.type, .ndim = 3, .dim = {1, s->shape.h, s->shape.w}};
	if (out.ndim > 2 && (!size_multiply(s->n, copies, &out.dim[0]) || !npy_fits(&out)))
		die("%s: %zu copies of images %s are too many", npy_name(s->in), copies,
		    npy_shape(&s->head));
	return out;
}

/* Change copies number `from` to `to` - 1 of the n images at hand, and write them. */
static void put_some(struct job *j, const struct npy *head, const char *pixels, size_t from,
                     size_t to, uint64_t before)
{
	const size_t bytes = j->images.pixels * npy_size(j->images.type);
	const size_t count = (to - from) * j->images.pixels;

	for (size_t i = from; i < to; i++)
		j->items[i - from] =
			(struct augment_item){.epoch = j->epoch + i % j->copies,
		                              .number = j->first + before + i / j->copies,
		                              .from = pixels + i / j->copies * bytes,
		                              .to = j->copied + (i - from) * bytes};
	augmenter_run(j->augmenter, j->items, to - from);
	if (head->type == j->images.type) {
		npy_put(head, j->copied, count);
		return;
	}
	npy_convert_elements(head->type, j->out, j->images.type, j->copied, count);
	npy_put(head, j->out, count);
}

static void put_copies(struct job *j, const struct npy *head, bool quiet, bool verbose)
{
	struct images *s = &j->images;
	struct progress p = progress_begin("images", 0, (double)s->n, quiet, verbose);
	bool begun = false;
	size_t n;

	for (const char *pixels; (pixels = images_pixels(s, &n)); begun = true) {
		/* Not before images have come that are as large as the head says. */
		if (!begun) {
			j->items = xcalloc(j->block, sizeof *j->items);
			j->copied = xcalloc(j->block * s->pixels, npy_size(s->type));
			j->out = xcalloc(j->block * s->pixels, npy_size(head->type));
			npy_put_head(head);
		}
		for (size_t i = 0; i < n * j->copies; i += j->block)
			put_some(j, head, pixels, i,
			         i + j->block < n * j->copies ? i + j->block : n * j->copies,
			         s->done - n);
		progress_show(&p, (double)s->done, NULL);
	}
	if (!begun)
		npy_put_head(head);
	progress_end(&p);
	free(j->items);
	free(j->copied);
	free(j->out);
}

int main(int argc, char *argv[])
{
	int64_t seed = 1, epoch = 1, first = 0, copies = 1;
	bool quiet = false, verbose = false;
	const struct cli_option options[] = {
		OPTION_INTEGER('n', "copies", "N", &copies, 0, 1e9,
	                       "number of copies of each image"),
		OPTION_INTEGER('e', "epoch", "N", &epoch, 1, 1e9,
	                       "make the changes of this epoch of nn-train"),
		OPTION_INTEGER('s', "seed", "SEED", &seed, 0, INT64_MAX,
	                       "seed of the random numbers"),
		OPTION_INTEGER(0, "first", "N", &first, 0, INT64_MAX, "number of the first image"),
		OPTIONS_PROGRESS(&quiet, &verbose),
		OPTION_END};
	const struct cli cli = {"OPERATIONS [IMAGES]", 1, 2,
	                        "Change images at random, as a list of operations says.", options};
	char **operands = cli_parse(argc, argv, &cli);
	struct augment *a = augment_parse("operations", *operands++);
	struct job job = {.images = images_open(cli_operand(&operands), NULL, 1),
	                  .first = (uint64_t)first,
	                  .epoch = (uint64_t)epoch - 1,
	                  .copies = (size_t)copies};
	struct npy head = plan(&job.images, job.copies);

	job.block = images_block(&job.images, BLOCK);
	job.augmenter = augmenter_new(a, (uint64_t)seed, job.images.shape, job.images.type);
	put_copies(&job, &head, quiet, verbose);
	images_close_copying(&job.images, job.copies);
	augmenter_free(job.augmenter);
	augment_free(a);
	return cli_close();
}
