#include "dataset/labels.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"

void labels_free(struct labels *l)
{
	free(l->hard);
	free(l->soft);
}

static bool hard_fit(const struct npy *a, size_t n)
{
	return a->ndim == 1 ? a->dim[0] == n : a->ndim == 0 && n == 1;
}

/* Soft labels of any number of classes. */
static bool soft_fit(const struct npy *a, size_t n)
{
	return a->ndim == 2 && a->dim[0] == n && a->dim[1] > 0;
}

/* The array behind the images, which must be there. */
static struct npy next_of(struct images *s)
{
	struct npy a;

	if (!npy_next(s->in, &a))
		die("%s: expected labels after the images, found the end", npy_name(s->in));
	if ((a.ndim == 1 || a.ndim == 2) && a.dim[0] != s->n)
		die("%s: expected a label for each image, found %zu images and %zu labels",
		    npy_name(s->in), s->n, a.dim[0]);
	return a;
}

/* The labels of this head. */
static int32_t *load_hard(struct images *s, struct npy *a, size_t classes)
{
	const char *name = npy_name(s->in);

	if (!npy_is_whole(a->type))
		die("%s: expected labels of an integer type, found %s (npy-calc -t i8 a converts "
		    "them)",
		    name, npy_type_name(a->type));
	npy_load(s->in, a);
	s->labels = (struct npy){.type = a->type, .ndim = a->ndim};
	npy_convert(a, NPY_I8);

	int32_t *labels = xcalloc(s->n, sizeof *labels);
	for (size_t i = 0; i < s->n; i++) {
		if (a->i8[i] < 0 || (uint64_t)a->i8[i] >= classes)
			die("%s: label %" PRId64
			    " of image %zu is not among the network's %zu classes",
			    name, a->i8[i], i, classes);
		labels[i] = (int32_t)a->i8[i];
	}
	npy_free(a);
	return labels;
}

int32_t *labels_read(struct images *s, size_t classes)
{
	struct npy a = next_of(s);

	if (!hard_fit(&a, s->n))
		die("%s: expected labels (%zu,) for the images before, found %s%s", npy_name(s->in),
		    s->n, soft_fit(&a, s->n) ? "soft labels " : "", npy_shape(&a));
	return load_hard(s, &a, classes);
}

/* Die unless this is a distribution: NaN is none. */
static void check_soft(const char *name, size_t image, const float *p, size_t classes)
{
	double sum = 0;

	for (size_t c = 0; c < classes; c++) {
		if (!(p[c] >= 0))
			die("%s: label of image %zu: expected probabilities, found %g for class "
			    "%zu",
			    name, image, (double)p[c], c);
		sum += (double)p[c];
	}
	if (!(fabs(sum - 1) <= LABELS_TOLERANCE))
		die("%s: label of image %zu: expected probabilities whose sum is 1, found %g", name,
		    image, sum);
}

static float *load_soft(struct images *s, struct npy *a)
{
	const size_t classes = a->dim[1];

	npy_load(s->in, a);
	npy_convert(a, NPY_F4);
	for (size_t i = 0; i < s->n; i++)
		check_soft(npy_name(s->in), i, a->f4 + i * classes, classes);
	return a->f4;
}

struct labels labels_read_any(struct images *s, size_t classes)
{
	struct npy a = next_of(s);

	if (hard_fit(&a, s->n))
		return (struct labels){.hard = load_hard(s, &a, classes)};
	if (!soft_fit(&a, s->n) || a.dim[1] != classes)
		die("%s: expected labels (%zu,) or (%zu,%zu) for the images before, found %s",
		    npy_name(s->in), s->n, s->n, classes, npy_shape(&a));
	return (struct labels){.soft = load_soft(s, &a)};
}

bool labels_next(struct images *s, struct npy *head)
{
	if (!npy_next(s->in, head))
		return false;
	if (!hard_fit(head, s->n) && !soft_fit(head, s->n))
		die("%s: expected labels (%zu,) or the end after the images, found %s",
		    npy_name(s->in), s->n, npy_shape(head));
	return true;
}

/* ---- writing ---- */

void images_put_labels(const struct images *s, const int32_t *labels)
{
	struct npy a = npy_new(NPY_I8, s->labels.ndim, &s->n);

	for (size_t i = 0; i < s->n; i++)
		a.i8[i] = labels[i];
	npy_convert(&a, s->labels.type);
	npy_write(&a);
	npy_free(&a);
}

void labels_copy(const struct images *s, const struct npy *head, size_t copies)
{
	struct npy out = {.type = head->type, .ndim = 1, .dim = {s->n * copies, npy_row(head)}};
	size_t row = out.dim[1], size = row * npy_size(head->type);

	if (head->ndim > 1)
		out.ndim = head->ndim;
	if (!npy_fits(&out))
		die("%s: the labels %s are too large", npy_name(s->in), npy_shape(&out));
	char *rows = xcalloc(copies, size);
	npy_put_head(&out);
	for (size_t i = 0; copies && i < s->n; i++) {
		npy_take(s->in, rows, row);
		for (size_t k = 1; k < copies; k++)
			memcpy(rows + k * size, rows, size);
		npy_put(&out, rows, copies * row);
	}
	free(rows);
}
