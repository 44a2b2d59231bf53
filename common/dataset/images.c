#include "dataset/dataset.h"

#include <math.h>
#include <stdlib.h>

#include "base/base.h"
#include "dataset/labels.h"
#include "num/num.h"

/* ---- shapes ---- */

bool images_shape(const struct npy *a, size_t *n, struct shape *image)
{
	if (a->ndim < 2 || a->ndim > 4)
		return false;
	*n = a->ndim > 2 ? a->dim[0] : 1;
	*image = (struct shape){a->ndim == 4 ? a->dim[1] : 1, a->dim[a->ndim - 2],
	                        a->dim[a->ndim - 1]};
	return true;
}

static bool same_shape(struct shape a, struct shape b)
{
	return a.c == b.c && a.h == b.h && a.w == b.w;
}

static bool are_vectors(const struct npy *a, struct shape s)
{
	return a->ndim == 2 && s.h == 1 && s.w == 1 && a->dim[1] == s.c;
}

/* The images that one end of a network has. */
struct end {
	struct shape shape;
	const char *name; /* "input" */
	double scale;
};

/* Images of one shape; of one, if it is that without N, `alone` says how it is to be written. */
static noreturn void refuse(const char *name, const struct npy *a, const struct end *end)
{
	const struct shape s = end->shape;
	bool alone = a->ndim == 3 && a->dim[0] == s.c && a->dim[1] == s.h && a->dim[2] == s.w;

	if (s.h == 1 && s.w == 1)
		die("%s: expected vectors (N,%zu) as the network's %s, found %s", name, s.c,
		    end->name, npy_shape(a));
	if (s.c == 1)
		die("%s: expected images (N,%zu,%zu) as the network's %s, found %s", name, s.h, s.w,
		    end->name, npy_shape(a));
	die("%s: expected images (N,%zu,%zu,%zu) as the network's %s, found %s%s", name, s.c, s.h,
	    s.w, end->name, npy_shape(a),
	    alone ? ", which is gray images: one of channels is (1,C,H,W)" : "");
}

/* How many images for this end of a network, or without one, of any shape, the array holds. */
static size_t count_images(const char *name, const struct npy *a, const struct end *end,
                           struct shape *s)
{
	size_t n = 0;

	if (end && are_vectors(a, end->shape)) {
		*s = end->shape;
		return a->dim[0];
	}
	bool any = images_shape(a, &n, s);
	if (end && (!any || !same_shape(*s, end->shape)))
		refuse(name, a, end);
	if (!any)
		die("%s: expected images (N,H,W), (N,C,H,W) or one (H,W), found %s", name,
		    npy_shape(a));
	return n;
}

/* What images of this type are pixels of. */
static enum npy_type type_of_pixels(enum npy_type type)
{
	return type == NPY_U1 ? NPY_U1 : NPY_F4;
}

static void check_pixels(const char *name, enum npy_type type, const void *pixels, size_t n)
{
	if (type == NPY_F4 && !num_finite(pixels, n))
		die("%s: a pixel is NaN or infinite", name);
}

/* Look for the largest pixel, which decides nothing any more once it is above 1. */
static void reach_pixels(struct images *s, enum npy_type type, const void *pixels, size_t n)
{
	const uint8_t *u1 = pixels;
	const float *f4 = pixels;

	for (size_t i = 0; s->reach <= 1 && i < n; i++) {
		float x = type == NPY_U1 ? u1[i] : fabsf(f4[i]);
		s->reach = x > s->reach ? x : s->reach;
	}
}

/* Pixels of 0 ... 1, as other programs have them, are black to a network that divides by 255. */
static void advise_range(const struct images *s)
{
	if (s->scale > 1 && s->reach > 0 && s->reach <= 1)
		warn("%s: warning: all pixels are within -1 ... 1, but the network divides pixels "
		     "of 0 ... 255 by %g (npy-calc -k '255 * a' makes such of 0 ... 1)",
		     npy_name(s->in), s->scale);
}

/* ---- streams ---- */

/* The array of this head, which is the stream's next. */
static struct images images_at(struct npy_in *in, const struct npy *head, const struct end *end,
                               size_t batch)
{
	struct images s = {.in = in, .head = *head};

	s.n = count_images(npy_name(s.in), &s.head, end, &s.shape);
	s.pixels = shape_count(s.shape);
	s.batch = s.n && s.n < batch ? s.n : batch;
	s.type = type_of_pixels(s.head.type);
	s.scale = end ? end->scale : 0;
	return s;
}

struct images images_of(struct npy_in *in, const struct spec *spec, size_t batch)
{
	const struct end input = {spec ? spec->input : (struct shape){0}, "input",
	                          spec ? mapping_least_scale(&spec->mapping) : 0};
	struct npy head;

	npy_next(in, &head);
	return images_at(in, &head, spec ? &input : NULL, batch);
}

struct images images_open(const char *path, const struct spec *spec, size_t batch)
{
	return images_of(npy_open(path), spec, batch);
}

size_t images_block(struct images *s, size_t bytes)
{
	size_t fit = s->pixels ? bytes / npy_size(s->head.type) / s->pixels : 0;

	s->batch = fit < 1 ? 1 : fit < s->n ? fit : s->n ? s->n : 1;
	return s->batch;
}

/* Memory for a batch, which is not there before something is written to it. */
static void take(struct images *s, size_t n)
{
	if (!s->buffer)
		s->buffer = xcalloc(s->batch * s->pixels, npy_size(s->head.type));
	npy_take(s->in, s->buffer, n * s->pixels);
}

void images_fetch(struct images *s)
{
	if (s->held || s->done || !s->n || !s->pixels)
		return;
	take(s, s->n < s->batch ? s->n : s->batch);
	s->fetched = true;
}

const void *images_next(struct images *s, size_t *n)
{
	size_t left = s->pixels ? s->n - s->done : 0, size = npy_size(s->head.type);
	size_t at = s->done * s->pixels * size;

	*n = left < s->batch ? left : s->batch;
	if (!*n)
		return NULL;
	s->done += *n;
	if (s->held)
		return s->held + at;
	if (!s->fetched)
		take(s, *n);
	s->fetched = false;
	return s->buffer;
}

const void *images_pixels(struct images *s, size_t *n)
{
	const void *pixels = images_next(s, n);
	size_t count = *n * s->pixels;

	if (pixels && s->type != s->head.type) {
		if (!s->converted)
			s->converted = xcalloc(s->batch * s->pixels, sizeof *s->converted);
		npy_convert_elements(s->type, s->converted, s->head.type, pixels, count);
		pixels = s->converted;
	}
	check_pixels(npy_name(s->in), s->type, pixels, count);
	reach_pixels(s, s->type, pixels, count);
	return pixels;
}

/* Have all of them, as they came. */
static void hold(struct images *s)
{
	struct npy all = s->head;

	npy_load(s->in, &all);
	s->held = all.data;
}

void *images_load(struct images *s, enum npy_type type)
{
	struct npy all = s->head;

	if (!s->held)
		hold(s);
	all.data = s->held;
	s->held = NULL;
	npy_convert(&all, type);
	check_pixels(npy_name(s->in), type, all.data, npy_count(&all));
	reach_pixels(s, type, all.data, npy_count(&all));
	s->done = s->n;
	return all.data;
}

float *images_load_box(struct images *s)
{
	float *pixels = images_load(s, NPY_F4);

	for (size_t k = 0; k < s->n * s->pixels; k++)
		if (pixels[k] < 0 || pixels[k] > 255)
			die("%s: image %zu has a pixel %g, outside 0 ... 255", npy_name(s->in),
			    k / s->pixels, (double)pixels[k]);
	return pixels;
}

int32_t *images_labels(struct images *s, size_t classes)
{
	hold(s);
	s->labeled = true;
	return labels_read(s, classes);
}

static void forget(struct images *s)
{
	free(s->held);
	free(s->buffer);
	free(s->converted);
	s->in = NULL;
}

bool images_again(struct images *s, const struct spec *spec, size_t batch)
{
	const struct end input = {spec ? spec->input : (struct shape){0}, "input",
	                          spec ? mapping_least_scale(&spec->mapping) : 0};
	struct npy_in *in = s->in;
	struct npy head;

	if (!npy_next(in, &head))
		return false;
	advise_range(s);
	forget(s);
	*s = images_at(in, &head, spec ? &input : NULL, batch);
	return true;
}

static void end(struct images *s)
{
	advise_range(s);
	npy_close(s->in);
	forget(s);
}

void images_close(struct images *s)
{
	struct npy labels;

	if (!s->labeled)
		labels_next(s, &labels);
	end(s);
}

int32_t *images_close_labels(struct images *s, size_t classes)
{
	int32_t *labels = labels_read(s, classes);

	end(s);
	return labels;
}

struct labels images_close_any_labels(struct images *s, size_t classes)
{
	struct labels labels = labels_read_any(s, classes);

	end(s);
	return labels;
}

void images_close_copying(struct images *s, size_t copies)
{
	struct npy labels;

	if (labels_next(s, &labels))
		labels_copy(s, &labels, copies);
	end(s);
}

struct images images_targets(struct images *s, const struct spec *spec)
{
	const struct end output = {spec->layer[spec->layers - 1].out, "output",
	                           mapping_least_scale(&spec->mapping)};
	const char *name = npy_name(s->in);
	struct npy head;

	if (!npy_next(s->in, &head))
		die("%s: expected target images after the images, found the end", name);
	struct images t = images_at(s->in, &head, &output, s->batch);
	if (t.n != s->n)
		die("%s: expected %zu target images, one for each image, found %zu", name, s->n,
		    t.n);
	t.labeled = true;
	advise_range(s);
	forget(s);
	return t;
}
