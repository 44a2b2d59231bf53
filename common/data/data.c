#include "data/data.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "num/num.h"

/* ---- shapes ---- */

/* The number of images, or 0 if the shape is not one that the network takes. */
static bool count_images(const struct npy *a, struct shape s, size_t *n)
{
	const size_t image[3] = {s.c, s.h, s.w};
	const size_t bytes = sizeof *image;
	int first = 3 - a->ndim; /* of image[], that a single image would begin with */

	*n = a->ndim ? a->dim[0] : 0;
	if (a->ndim == 4 && !memcmp(a->dim + 1, image, 3 * bytes))
		return true;
	if (a->ndim == 3 && s.c == 1 && !memcmp(a->dim + 1, image + 1, 2 * bytes))
		return true;
	if (a->ndim == 2 && s.h == 1 && s.w == 1 && a->dim[1] == s.c)
		return true;
	*n = 1;
	return (a->ndim == 3 || (a->ndim == 2 && s.c == 1)) &&
	       !memcmp(a->dim, image + first, (size_t)a->ndim * bytes);
}

static size_t check_images(const char *name, const struct npy *a, const struct spec *spec)
{
	struct shape s = spec->input;
	size_t n;

	if (count_images(a, s, &n))
		return n;
	if (s.c == 1)
		die("%s: expected images (N,%zu,%zu) as the network's input, found %s", name, s.h,
		    s.w, npy_shape(a));
	die("%s: expected images (N,%zu,%zu,%zu) as the network's input, found %s", name, s.c, s.h,
	    s.w, npy_shape(a));
}

/* What images of this type are held as. */
static enum npy_type held(enum npy_type type)
{
	return type == NPY_U1 ? NPY_U1 : NPY_F4;
}

static void check_pixels(const char *name, enum npy_type type, const void *pixels, size_t n)
{
	if (type == NPY_F4 && !num_finite(pixels, n))
		die("%s: a pixel is NaN or infinite", name);
}

/* ---- labels ---- */

/* The labels (n), the next array of the stream. */
static int32_t *read_labels(struct npy_in *in, size_t n, size_t classes)
{
	const char *name = npy_name(in);
	struct npy a;

	if (!npy_next(in, &a))
		die("%s: expected labels after the images, found the end", name);
	if (a.ndim != 1 || a.dim[0] != n)
		die("%s: expected labels (%zu,) for the images before, found %s", name, n,
		    npy_shape(&a));
	if (a.type == NPY_F4 || a.type == NPY_F8)
		die("%s: expected labels of an integer type, found %s", name,
		    npy_type_name(a.type));
	npy_load(in, &a);
	npy_convert(&a, NPY_I8);

	int32_t *labels = xcalloc(n, sizeof *labels);
	for (size_t i = 0; i < n; i++) {
		if (a.i8[i] < 0 || (uint64_t)a.i8[i] >= classes)
			die("%s: label %" PRId64
			    " of image %zu is not among the network's %zu classes",
			    name, a.i8[i], i, classes);
		labels[i] = (int32_t)a.i8[i];
	}
	npy_free(&a);
	return labels;
}

/* ---- data sets ---- */

struct data data_read(const char *path, const struct spec *spec, size_t classes)
{
	struct data d = {.pixels = shape_count(spec->input)};
	struct npy_in *in = npy_open(path);
	struct digest digest;
	struct npy a;

	digest_begin(&digest);
	npy_tap(in, digest_add, &digest);
	npy_next(in, &a);
	d.n = check_images(npy_name(in), &a, spec);
	if (!d.n)
		die("%s: no images", npy_name(in));
	npy_load(in, &a);
	npy_convert(&a, held(a.type));
	check_pixels(npy_name(in), a.type, a.data, npy_count(&a));
	d.type = a.type;
	d.images = a.data;
	d.labels = read_labels(in, d.n, classes);
	npy_close(in);
	digest_hex(&digest, d.digest);
	return d;
}

void data_free(struct data *d)
{
	free(d->images);
	free(d->labels);
}

struct data data_holdout(struct data *d, size_t n)
{
	struct data last = *d;

	d->n -= n;
	last.n = n;
	last.images = (char *)d->images + d->n * d->pixels * npy_size(d->type);
	last.labels = d->labels + d->n;
	return last;
}

void data_feed(const struct data *d, size_t i, struct engine *e, size_t j)
{
	engine_image(e, j, d->type, (char *)d->images + i * d->pixels * npy_size(d->type));
}

struct npy output_head(const struct layer *l, size_t n)
{
	return (struct npy){.type = NPY_F4,
	                    .ndim = l->vector ? 2 : 4,
	                    .dim = {n, l->out.c, l->out.h, l->out.w}};
}

/* ---- streams ---- */

struct images images_begin(const char *path, const struct spec *spec, size_t batch)
{
	struct images s = {.in = npy_open(path), .pixels = shape_count(spec->input)};

	npy_next(s.in, &s.head);
	s.n = check_images(npy_name(s.in), &s.head, spec);
	s.batch = s.n && s.n < batch ? s.n : batch;
	s.buffer = xcalloc(s.batch * s.pixels, npy_size(s.head.type));
	if (s.head.type != held(s.head.type))
		s.converted = xcalloc(s.batch * s.pixels, sizeof *s.converted);
	return s;
}

size_t images_forward(struct images *s, struct engine *e)
{
	size_t n = s->n - s->done < s->batch ? s->n - s->done : s->batch;
	size_t count = n * s->pixels;
	enum npy_type type = held(s->head.type);
	const char *pixels = s->converted ? (char *)s->converted : s->buffer;

	if (!n)
		return 0;
	if (s->held)
		memcpy(s->buffer, s->held + s->done * s->pixels * npy_size(s->head.type),
		       count * npy_size(s->head.type));
	else
		npy_take(s->in, s->buffer, count);
	if (s->converted)
		npy_convert_elements(type, s->converted, s->head.type, s->buffer, count);
	check_pixels(npy_name(s->in), type, pixels, count);
	for (size_t i = 0; i < n; i++)
		engine_image(e, i, type, pixels + i * s->pixels * npy_size(type));
	engine_forward(e, n);
	s->done += n;
	return n;
}

int32_t *images_labels(struct images *s, size_t classes)
{
	struct npy all;

	npy_load(s->in, &all);
	s->held = all.data;
	return read_labels(s->in, s->n, classes);
}

float *images_pixels(struct images *s)
{
	struct npy all;

	npy_load(s->in, &all);
	npy_convert(&all, NPY_F4);
	check_pixels(npy_name(s->in), NPY_F4, all.f4, npy_count(&all));
	s->done = s->n;
	return all.f4;
}

static void close_images(struct images *s)
{
	npy_close(s->in);
	free(s->held);
	free(s->buffer);
	free(s->converted);
}

void images_end(struct images *s)
{
	struct npy labels;

	if (npy_next(s->in, &labels) && (labels.ndim != 1 || labels.dim[0] != s->n))
		die("%s: expected labels (%zu,) or the end after the images, found %s",
		    npy_name(s->in), s->n, npy_shape(&labels));
	close_images(s);
}

int32_t *images_end_labels(struct images *s, size_t classes)
{
	int32_t *labels = read_labels(s->in, s->n, classes);

	close_images(s);
	return labels;
}
