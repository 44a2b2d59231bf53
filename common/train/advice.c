#include "train/advice.h"

#include <stdbool.h>
#include <stdlib.h>

#include "base/base.h"

/* How many of the labels from the first on each class has; returns how many classes have any. */
static size_t count_labels(struct labels labels, size_t first, size_t n, size_t *of, size_t classes)
{
	size_t present = 0;

	for (size_t c = 0; c < classes; c++)
		of[c] = 0;
	for (size_t i = first; i < n; i++)
		present += !of[num_label(labels, i, classes)]++;
	return present;
}

/* See the header; of[c] labels are of class c. */
static bool is_sorted(struct labels labels, size_t n, const size_t *of, size_t classes)
{
	double equal = 0, changes = 0;

	for (size_t c = 0; c < classes; c++)
		equal += (double)of[c] * ((double)of[c] - 1);
	for (size_t i = 1; i < n; i++)
		changes += num_label(labels, i, classes) != num_label(labels, i - 1, classes);
	return changes < 0.5 * ((double)n - 1 - equal / (double)n);
}

void advise_holdout(const char *name, struct labels labels, size_t n, size_t classes, size_t held)
{
	size_t *of = xcalloc(classes, sizeof *of);
	size_t shown = count_labels(labels, n - held, n, of, classes);
	size_t all = count_labels(labels, 0, n, of, classes);

	if (shown < all && is_sorted(labels, n, of, classes))
		warn("%s: warning: the labels are sorted: the last %zu examples, held out, "
		     "have %zu of the %zu classes (npy-pick -n %zu shuffles the examples)",
		     name, held, shown, all, n);
	free(of);
}

static bool is_bright(const struct dataset *d)
{
	const uint8_t *u1 = d->images;
	const float *f4 = d->images;

	for (size_t i = 0; i < d->n * d->pixels; i++)
		if (d->type == NPY_U1 ? u1[i] >= 128 : f4[i] >= 128)
			return true;
	return false;
}

void advise_scale(const char *name, const struct spec *spec, const struct dataset *d)
{
	bool image = spec->input.h > 1 || spec->input.w > 1;
	bool scaled = spec->scaled || spec->layer[0].kind == LAYER_BATCHNORM;

	if (image && !scaled && is_bright(d))
		warn("%s: warning: the network takes pixels as they are, up to 255: its input has "
		     "no scale (scale 255 maps them to 0 ... 1)",
		     name);
}

void advise_batch(const char *name, const struct spec *spec, const char *freeze, size_t images)
{
	bool *frozen = spec_listed(spec, "--freeze", freeze);

	for (int i = 0; images == 1 && i < spec->layers; i++) {
		const struct layer *l = &spec->layer[i];
		if (l->kind != LAYER_BATCHNORM || l->out.h * l->out.w > 1 || frozen[i])
			continue;
		warn("%s: warning: batches have one image, so that layer %s makes each channel 0, "
		     "and no layer before it learns (-b 2 or more)",
		     name, l->name);
		break;
	}
	free(frozen);
}
