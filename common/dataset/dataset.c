#include <stdlib.h>

#include "base/base.h"
#include "dataset/dataset.h"

struct dataset dataset_read(const char *path, const struct spec *spec, size_t classes)
{
	struct npy_in *in = npy_open(path);
	struct digest digest;

	digest_begin(&digest);
	npy_tap(in, digest_add, &digest);
	struct images s = images_of(in, spec, 1);
	if (!s.n)
		die("%s: no images", npy_name(in));
	struct dataset d = {.n = s.n, .pixels = s.pixels, .type = s.type};
	d.images = images_load(&s, s.type);
	d.labels = images_close_labels(&s, classes);
	digest_hex(&digest, d.digest);
	return d;
}

void dataset_free(struct dataset *d)
{
	free(d->images);
	free(d->labels);
}

const void *dataset_image(const struct dataset *d, size_t i)
{
	return (const char *)d->images + i * d->pixels * npy_size(d->type);
}
