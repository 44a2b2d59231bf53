/* img-occlude - cover each place of an image in turn by a patch */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "dataset/dataset.h"

/* Images of the stream, and where patches go. */
struct job {
	struct images images;
	size_t patch[2], step[2], grid[2]; /* rows, columns */
	size_t hangs[2];                   /* of the first patch beyond the upper and left edge */
	size_t copies;                     /* of an image */
};

/* Where the pixels of the patch come from: an image for all, or one for each. */
struct cover {
	struct images images;      /* closed: there are none, and `image` is gray */
	char gray[sizeof(double)]; /* its pixel, until `image` is made */
	bool made;
	void *image; /* in the type of the images */
};

/* ---- shapes ---- */

/* The places along rows or columns. */
static void plan_axis(struct job *j, int axis, bool centered)
{
	const struct shape s = j->images.shape;
	size_t size = axis ? s.w : s.h, patch = j->patch[axis], step = j->step[axis];

	if (centered) {
		j->hangs[axis] = patch / 2;
		j->grid[axis] = (size + step - 1) / step;
		return;
	}
	if (patch > size)
		die("%s: a patch of %zux%zu does not fit inside images of %zux%zu",
		    npy_name(j->images.in), j->patch[0], j->patch[1], s.h, s.w);
	j->grid[axis] = (size - patch) / step + 1;
}

/* What is written: every copy of every image. */
static struct npy plan(struct job *j, bool centered)
{
	const struct npy *head = &j->images.head;
	const struct shape s = j->images.shape;
	struct npy gray = {.type = head->type, .ndim = 3, .dim = {0, s.h, s.w}};
	struct npy out = head->ndim == 4 ? *head : gray;

	for (int axis = 0; axis < 2; axis++)
		plan_axis(j, axis, centered);
	if (!size_multiply(j->grid[0], j->grid[1], &j->copies) ||
	    !size_multiply(j->images.n, j->copies, &out.dim[0]) || !npy_fits(&out))
		die("%s: %zu images of %zux%zu in %zux%zu copies each are too many",
		    npy_name(j->images.in), j->images.n, s.h, s.w, j->grid[0], j->grid[1]);
	return out;
}

/* ---- the patch's pixels ---- */

static struct cover cover_gray(const struct job *j, double gray)
{
	enum npy_type type = j->images.head.type;
	struct cover c = {.image = xcalloc(j->images.pixels, npy_size(type))};
	double back;

	npy_convert_elements(type, c.gray, NPY_F8, &gray, 1);
	npy_convert_elements(NPY_F8, &back, type, c.gray, 1);
	if (npy_is_whole(type) && back != gray)
		die("--fill: %g cannot be a pixel of type %s", gray, npy_type_name(type));
	return c;
}

static struct cover cover_with(const struct job *j, const char *path)
{
	struct cover c = {.images = images_open(path, NULL, 1)};
	const struct shape a = j->images.shape, b = c.images.shape;

	if (a.c != b.c || a.h != b.h || a.w != b.w ||
	    (c.images.n != 1 && c.images.n != j->images.n))
		die("%s: expected one image, or one for each image, as in shape %s, found %s",
		    npy_name(c.images.in), npy_shape(&j->images.head), npy_shape(&c.images.head));
	c.image = xcalloc(j->images.pixels, npy_size(j->images.head.type));
	return c;
}

static void fill(struct cover *c, const struct job *j)
{
	size_t size = npy_size(j->images.head.type);

	for (size_t i = 0; i < j->images.pixels; i++)
		memcpy((char *)c->image + i * size, c->gray, size);
	c->made = true;
}

/* Have the pixels for the next image.  Its like has arrived: no head alone makes the gray one. */
static void cover_next(struct cover *c, const struct job *j)
{
	size_t n;
	const void *next = c->images.in ? images_next(&c->images, &n) : NULL;

	if (!c->images.in && !c->made)
		fill(c, j);
	if (next)
		npy_convert_elements(j->images.head.type, c->image, c->images.head.type, next,
		                     j->images.pixels);
}

static void cover_free(struct cover *c)
{
	if (c->images.in)
		images_close(&c->images);
	free(c->image);
}

/* ---- copies ---- */

/* The part of the axis that the patch of this place covers. */
static size_t covered(const struct job *j, int axis, size_t place, size_t *first)
{
	size_t size = axis ? j->images.shape.w : j->images.shape.h, from = place * j->step[axis];
	size_t end = from + j->patch[axis];

	end = end > j->hangs[axis] ? end - j->hangs[axis] : 0;
	*first = from > j->hangs[axis] ? from - j->hangs[axis] : 0;
	return (end < size ? end : size) - *first;
}

/* The pixels of one place from one image to another. */
static void paste(const struct job *j, size_t row, size_t column, char *to, const char *from)
{
	const struct shape s = j->images.shape;
	size_t y, x, size = npy_size(j->images.head.type);
	size_t h = covered(j, 0, row, &y), w = covered(j, 1, column, &x);

	for (size_t c = 0; c < s.c; c++)
		for (size_t k = 0; k < h; k++) {
			size_t at = ((c * s.h + y + k) * s.w + x) * size;
			memcpy(to + at, from + at, w * size);
		}
}

static void put_copies(struct job *j, struct cover *c, const struct npy *out)
{
	const size_t pixels = j->images.pixels, bytes = pixels * npy_size(out->type);
	char *copy = xcalloc(bytes, 1);
	bool first = true;
	size_t n;

	for (const char *image; (image = images_next(&j->images, &n)); first = false) {
		cover_next(c, j);
		memcpy(copy, image, bytes);
		if (first)
			npy_put_head(out);
		for (size_t place = 0; place < j->copies; place++) {
			size_t row = place / j->grid[1], column = place % j->grid[1];
			paste(j, row, column, copy, c->image);
			npy_put(out, copy, pixels);
			paste(j, row, column, copy, image);
		}
	}
	if (first)
		npy_put_head(out);
	free(copy);
}

int main(int argc, char *argv[])
{
	const char *patch = "15x15", *stride = "1", *with = NULL;
	double gray = NAN;
	bool inside = false, centered = false;
	const struct cli_option options[] = {
		OPTION_TEXT('p', "patch", "SIZE", &patch,
	                    "size of the patch: ROWSxCOLUMNS, or one number for a square"),
		OPTION_TEXT('S', "stride", "STEP", &stride,
	                    "distance between places, one number or ROWSxCOLUMNS"),
		OPTION_REAL('f', "fill", "GRAY", &gray, -1e300, 1e300,
	                    "value of the patch's pixels [128]"),
		OPTION_TEXT('w', "with", "IMAGE", &with,
	                    "fill the patch with this image's pixels at the same place"),
		OPTION_FLAG('i', "inside", &inside,
	                    "the patch stays inside the image (the default)"),
		OPTION_FLAG('c', "centered", &centered,
	                    "the center of the patch visits every pixel; the patch hangs over the "
	                    "edges"),
		OPTION_END};
	const struct cli cli = {
		"[IMAGES]", 0, 1,
		"Cover each place of an image in turn by a patch, and write all copies.", options};
	char **operands = cli_parse(argc, argv, &cli);
	const char *path = cli_operand(&operands);

	if (inside && centered)
		die("--inside and --centered cannot be combined");
	if (with && !isnan(gray))
		die("--fill and --with cannot be combined");
	cli_one_stdin("the images and that of --with", 2, (const char *const[]){path, with});
	size_t size[2], step[2];
	cli_size("--patch", patch, 1 << 20, size);
	cli_size("--stride", stride, 1 << 20, step);

	struct job job = {.images = images_open(path, NULL, 1)};
	memcpy(job.patch, size, sizeof size);
	memcpy(job.step, step, sizeof step);
	struct npy out = plan(&job, centered);
	struct cover cover =
		with ? cover_with(&job, with) : cover_gray(&job, isnan(gray) ? 128 : gray);
	put_copies(&job, &cover, &out);
	images_close_copying(&job.images, job.copies);
	cover_free(&cover);
	return cli_close();
}
