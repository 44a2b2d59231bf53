#include <string.h>

#include "base/base.h"
#include "image/image.h"

/* One row of n elements, each k times; returns what follows it. */
static char *spread(char *to, const char *from, size_t n, size_t k, size_t size)
{
	for (size_t i = 0; i < n; i++, from += size)
		for (size_t j = 0; j < k; j++, to += size)
			memcpy(to, from, size);
	return to;
}

struct npy image_enlarge(const struct npy *pictures, size_t k)
{
	size_t size = npy_size(pictures->type), width = pictures->dim[pictures->ndim - 1];
	size_t rows = npy_count(pictures) / width, dim[NPY_MAXDIM];

	memcpy(dim, pictures->dim, sizeof dim);
	for (int i = pictures->ndim - 2; i < pictures->ndim; i++)
		if (!size_multiply(dim[i], k, &dim[i]))
			die("a picture enlarged %zu times is too large", k);

	struct npy large = npy_new(pictures->type, pictures->ndim, dim);
	char *to = large.data;
	for (size_t y = 0; y < rows; y++) {
		char *row = to;
		to = spread(to, (char *)pictures->data + y * width * size, width, k, size);
		for (size_t j = 1; j < k; j++, to += width * k * size)
			memcpy(to, row, width * k * size);
	}
	return large;
}
