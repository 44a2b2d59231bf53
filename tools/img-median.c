/* img-median - replace pixels by the median around them */
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "dataset/dataset.h"
#include "image/image.h"
#include "num/num.h"

/* Bytes of images in memory at a time. */
enum { BLOCK = 1 << 20 };

struct job {
	struct images images;
	struct image_median *median;
	char *pixels; /* of the images at hand */
};

static void filter(void *context, size_t image, int thread)
{
	const struct job *j = context;
	const struct images *s = &j->images;
	size_t plane = s->shape.h * s->shape.w * npy_size(s->head.type);

	(void)thread;
	for (size_t c = 0; c < s->shape.c; c++)
		image_median(j->median, s->head.type, j->pixels + (image * s->shape.c + c) * plane,
		             s->shape.h, s->shape.w);
}

static void check_finite(const struct images *s, const void *pixels, size_t n)
{
	if ((s->head.type == NPY_F4 && !num_finite(pixels, n)) ||
	    (s->head.type == NPY_F8 && !num_finite_double(pixels, n)))
		die("%s: a pixel is NaN or infinite", npy_name(s->in));
}

static void put_filtered(struct job *j, bool quiet, bool verbose)
{
	struct images *s = &j->images;
	struct progress p = progress_begin("images", 0, (double)s->n, quiet, verbose);
	size_t block = images_block(s, BLOCK), size = npy_size(s->head.type), n;

	for (const void *pixels; (pixels = images_next(s, &n));) {
		check_finite(s, pixels, n * s->pixels);
		/* Not before images have come that are as large as the head says. */
		if (!j->pixels) {
			j->pixels = xcalloc(block * s->pixels, size);
			npy_put_head(&s->head);
		}
		memcpy(j->pixels, pixels, n * s->pixels * size);
		threads_run(n, filter, j);
		npy_put(&s->head, j->pixels, n * s->pixels);
		progress_show(&p, (double)s->done, NULL);
	}
	progress_end(&p);
	if (!j->pixels)
		npy_put_head(&s->head);
	free(j->pixels);
}

int main(int argc, char *argv[])
{
	const char *window = "2";
	bool quiet = false, verbose = false;
	const struct cli_option options[] = {
		OPTION_TEXT('s', "size", "SIZE", &window,
	                    "size of the window: ROWSxCOLUMNS, or one number for a square"),
		OPTIONS_PROGRESS(&quiet, &verbose), OPTION_END};
	const struct cli cli = {"[IMAGES]", 0, 1, "Replace pixels by the median around them.",
	                        options};
	char **operands = cli_parse(argc, argv, &cli);
	size_t size[2];

	cli_size("--size", window, IMAGE_WINDOW, size);
	struct job job = {.images = images_open(cli_operand(&operands), NULL, 1),
	                  .median = image_median_new(size[0], size[1])};

	put_filtered(&job, quiet, verbose);
	images_close_copying(&job.images, 1);
	image_median_free(job.median);
	return cli_close();
}
