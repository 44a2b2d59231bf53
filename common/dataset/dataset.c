#include <stdlib.h>

#include "base/base.h"
#include "dataset/dataset.h"

/* The first array of a stream whose bytes go to the digest. */
static struct dataset read_images(const char *path, const struct spec *spec, struct digest *digest,
                                  struct images *s)
{
	struct npy_in *in = npy_open(path);

	digest_begin(digest);
	npy_tap(in, digest_add, digest);
	*s = images_of(in, spec, 1);
	if (!s->n)
		die("%s: no images", npy_name(in));
	return (struct dataset){
		.n = s->n, .pixels = s->pixels, .type = s->type, .images = images_load(s, s->type)};
}

struct dataset dataset_read(const char *path, const struct spec *spec, size_t classes)
{
	struct digest digest;
	struct images s;
	struct dataset d = read_images(path, spec, &digest, &s);

	d.classes = classes;
	d.labels = images_close_any_labels(&s, classes);
	digest_hex(&digest, d.digest);
	return d;
}

struct dataset dataset_read_targets(const char *path, const struct spec *spec)
{
	struct digest digest;
	struct images s;

	spec_check_pixels(spec, spec->layers - 1);
	struct dataset d = read_images(path, spec, &digest, &s);
	struct images t = images_targets(&s, spec);

	d.target = t.shape;
	d.target_type = t.type;
	d.targets = images_load(&t, t.type);
	images_close(&t);
	digest_hex(&digest, d.digest);
	return d;
}

void dataset_free(struct dataset *d)
{
	free(d->images);
	labels_free(&d->labels);
	free(d->targets);
}

const void *dataset_image(const struct dataset *d, size_t i)
{
	return (const char *)d->images + i * d->pixels * npy_size(d->type);
}

const void *dataset_target(const struct dataset *d, size_t i)
{
	return (const char *)d->targets + i * shape_count(d->target) * npy_size(d->target_type);
}
