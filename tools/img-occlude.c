/* img-occlude - cover each place of an image in turn by a patch */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "npy/npy.h"
#include "stack/stack.h"

/* Images of the stream, and where patches go. */
struct job {
	struct stack stack;
	size_t patch[2], step[2], grid[2]; /* rows, columns */
	size_t hangs[2];                   /* of the first patch beyond the upper and left edge */
	size_t copies;                     /* of an image */
};

/* Where the pixels of the patch come from: an image for all, or one for each. */
struct cover {
	struct npy_in *in;
	struct npy head;
	bool each;
	void *raw, *image; /* as it came; in the type of the images */
};

/* "15x9" or "15", rows first. */
static void parse_size(const char *what, const char *text, size_t size[2])
{
	char *copy = xstrdup(text), *by = strchr(copy, 'x');

	if (by)
		*by = '\0';
	size[0] = (size_t)cli_integer(what, copy, 1, 1 << 20);
	size[1] = by ? (size_t)cli_integer(what, by + 1, 1, 1 << 20) : size[0];
	free(copy);
}

/* ---- shapes ---- */

/* The places along rows or columns. */
static void plan_axis(struct job *j, int axis, bool centered)
{
	size_t size = axis ? j->stack.w : j->stack.h, patch = j->patch[axis], step = j->step[axis];

	if (centered) {
		j->hangs[axis] = patch / 2;
		j->grid[axis] = (size + step - 1) / step;
		return;
	}
	if (patch > size)
		die("%s: a patch of %zux%zu does not fit inside images of %zux%zu",
		    npy_name(j->stack.in), j->patch[0], j->patch[1], j->stack.h, j->stack.w);
	j->grid[axis] = (size - patch) / step + 1;
}

/* What is written: every copy of every image. */
static struct npy plan(struct job *j, bool centered)
{
	struct npy out = {.type = j->stack.head.type, .ndim = j->stack.head.ndim == 4 ? 4 : 3};

	for (int axis = 0; axis < 2; axis++)
		plan_axis(j, axis, centered);
	memcpy(out.dim + 1, j->stack.head.dim + j->stack.head.ndim - out.ndim + 1,
	       (size_t)(out.ndim - 1) * sizeof *out.dim);
	if (!size_multiply(j->grid[0], j->grid[1], &j->copies) ||
	    !size_multiply(j->stack.n, j->copies, &out.dim[0]) || !npy_fits(&out))
		die("%s: %zu images of %zux%zu in %zux%zu copies each are too many",
		    npy_name(j->stack.in), j->stack.n, j->stack.h, j->stack.w, j->grid[0],
		    j->grid[1]);
	return out;
}

/* ---- the patch's pixels ---- */

static struct cover cover_gray(const struct job *j, double gray)
{
	enum npy_type type = j->stack.head.type;
	size_t size = npy_size(type), n = stack_pixels(&j->stack);
	struct cover c = {.image = xcalloc(n, size)};
	double back;
	char one[sizeof(double)];

	npy_convert_elements(type, one, NPY_F8, &gray, 1);
	npy_convert_elements(NPY_F8, &back, type, one, 1);
	if (npy_is_whole(type) && back != gray)
		die("--fill: %g cannot be a pixel of type %s", gray, npy_type_name(type));
	for (size_t i = 0; i < n; i++)
		memcpy((char *)c.image + i * size, one, size);
	return c;
}

/* One image may be written with or without its first axis. */
static struct cover cover_with(const struct job *j, const char *path)
{
	struct cover c = {.in = npy_open(path)};
	int axes = j->stack.head.ndim == 4 ? 3 : 2;

	npy_next(c.in, &c.head);
	const size_t *image = j->stack.head.dim + j->stack.head.ndim - axes;
	size_t count = c.head.ndim > axes ? c.head.dim[0] : 1;
	if (c.head.ndim < axes || c.head.ndim > axes + 1 ||
	    memcmp(c.head.dim + c.head.ndim - axes, image, (size_t)axes * sizeof *image) ||
	    (count != 1 && count != j->stack.n))
		die("%s: expected one image, or one for each image, as in shape %s, found %s",
		    npy_name(c.in), npy_shape(&j->stack.head), npy_shape(&c.head));
	c.each = count != 1;
	c.raw = xcalloc(stack_pixels(&j->stack), npy_size(c.head.type));
	c.image = xcalloc(stack_pixels(&j->stack), npy_size(j->stack.head.type));
	return c;
}

/* Have the pixels for image i. */
static void cover_next(struct cover *c, const struct job *j, size_t i)
{
	if (!c->in || (i && !c->each))
		return;
	npy_take(c->in, c->raw, stack_pixels(&j->stack));
	npy_convert_elements(j->stack.head.type, c->image, c->head.type, c->raw,
	                     stack_pixels(&j->stack));
}

static void cover_free(struct cover *c)
{
	if (c->in)
		npy_close(c->in);
	free(c->raw);
	free(c->image);
}

/* ---- copies ---- */

/* The part of the axis that the patch of this place covers. */
static size_t covered(const struct job *j, int axis, size_t place, size_t *first)
{
	size_t size = axis ? j->stack.w : j->stack.h, from = place * j->step[axis];
	size_t end = from + j->patch[axis];

	end = end > j->hangs[axis] ? end - j->hangs[axis] : 0;
	*first = from > j->hangs[axis] ? from - j->hangs[axis] : 0;
	return (end < size ? end : size) - *first;
}

/* The pixels of one place from one image to another. */
static void paste(const struct job *j, size_t row, size_t column, char *to, const char *from)
{
	size_t y, x, size = npy_size(j->stack.head.type);
	size_t h = covered(j, 0, row, &y), w = covered(j, 1, column, &x);

	for (size_t c = 0; c < j->stack.planes; c++)
		for (size_t k = 0; k < h; k++) {
			size_t at = ((c * j->stack.h + y + k) * j->stack.w + x) * size;
			memcpy(to + at, from + at, w * size);
		}
}

static void put_copies(const struct job *j, struct cover *c, const struct npy *out)
{
	size_t bytes = stack_pixels(&j->stack) * npy_size(j->stack.head.type);
	char *image = xcalloc(bytes, 1), *copy = xcalloc(bytes, 1);

	for (size_t i = 0; i < j->stack.n; i++) {
		npy_take(j->stack.in, image, stack_pixels(&j->stack));
		cover_next(c, j, i);
		memcpy(copy, image, bytes);
		if (i == 0)
			npy_put_head(out);
		for (size_t place = 0; place < j->copies; place++) {
			size_t row = place / j->grid[1], column = place % j->grid[1];
			paste(j, row, column, copy, c->image);
			npy_put(out, copy, stack_pixels(&j->stack));
			paste(j, row, column, copy, image);
		}
	}
	if (!j->stack.n)
		npy_put_head(out);
	free(image);
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
	if (with && !strcmp(with, "-") && !strcmp(path, "-"))
		die("the images and that of --with cannot both come from standard input");
	size_t size[2], step[2];
	parse_size("--patch", patch, size);
	parse_size("--stride", stride, step);

	struct job job = {.stack = stack_open(path)};
	memcpy(job.patch, size, sizeof size);
	memcpy(job.step, step, sizeof step);
	struct npy out = plan(&job, centered);
	struct cover cover =
		with ? cover_with(&job, with) : cover_gray(&job, isnan(gray) ? 128 : gray);
	put_copies(&job, &cover, &out);
	stack_close(&job.stack, job.copies);
	cover_free(&cover);
	return cli_close();
}
