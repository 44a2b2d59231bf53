#include "image/image.h"

#include <math.h>
#include <stdlib.h>

#include "base/base.h"

/* How much of element i lies between two places. */
static double share(size_t i, double from, double to)
{
	return fmin((double)i + 1, to) - fmax((double)i, from);
}

/* Add a row's means, times a weight, to w elements. */
static void add_row(double *sum, size_t w, const float *row, size_t columns, double left,
                    double width, double weight)
{
	for (size_t x = 0; x < w; x++) {
		double from = left + width * (double)x / (double)w;
		double to = left + width * (double)(x + 1) / (double)w, mean = 0;
		for (size_t i = (size_t)from; i < columns && (double)i < to; i++)
			mean += share(i, from, to) * (double)row[i];
		sum[x] += weight * mean / (to - from);
	}
}

struct npy image_resample(const struct npy *picture, const struct image_part *part, size_t h,
                          size_t w)
{
	const size_t *size = picture->dim + picture->ndim - 2;
	size_t planes = picture->ndim == 3 ? picture->dim[0] : 1, bytes = npy_size(picture->type);
	struct npy out = npy_new(NPY_F4, 3, (size_t[]){planes, h, w});
	float *row = xcalloc(size[1], sizeof *row), *to = out.f4;
	double *sum = xcalloc(w, sizeof *sum);

	for (size_t y = 0; y < planes * h; y++, to += w) {
		double top = part->top + part->height * (double)(y % h) / (double)h;
		double bottom = part->top + part->height * (double)(y % h + 1) / (double)h;
		for (size_t x = 0; x < w; x++)
			sum[x] = 0;
		for (size_t i = (size_t)top; i < size[0] && (double)i < bottom; i++) {
			npy_convert_elements(NPY_F4, row, picture->type,
			                     (const char *)picture->data +
			                             (y / h * size[0] + i) * size[1] * bytes,
			                     size[1]);
			add_row(sum, w, row, size[1], part->left, part->width,
			        share(i, top, bottom) / (bottom - top));
		}
		for (size_t x = 0; x < w; x++)
			to[x] = (float)sum[x];
	}
	free(row);
	free(sum);
	return out;
}
