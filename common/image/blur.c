/* A Gaussian is the product of one along rows and one along columns. */
#include <math.h>
#include <stdlib.h>

#include "base/base.h"
#include "image/image.h"

/* Three standard deviations to each side hold 99.7 % of the bell. */
static const double REACH = 3;

struct image_blur {
	size_t radius;
	float *weight; /* of distance 0 ... radius */
	float *line;   /* a row or column with what is read beyond its ends */
	float *sum;    /* for each of its numbers */
};

struct image_blur *image_blur_new(double sigma, size_t longest)
{
	struct image_blur *b = xcalloc(1, sizeof *b);
	double sum = 0;

	size_t radius = b->radius = (size_t)ceil(REACH * sigma);
	b->weight = xcalloc(radius + 1, sizeof *b->weight);
	b->line = xcalloc(longest + 2 * radius, sizeof *b->line);
	b->sum = xcalloc(longest, sizeof *b->sum);
	for (int pass = 0; pass < 2; pass++)
		for (size_t d = 0; d <= radius; d++) {
			double w = exp(-(double)(d * d) / (2 * sigma * sigma));
			b->weight[d] = (float)(w / (pass ? sum : 1));
			if (!pass)
				sum += d ? 2 * w : w;
		}
	return b;
}

/* sum += weight * (left + right), n times */
MULTIVERSION static void add_pair(float *restrict sum, const float *left, const float *right,
                                  size_t n, float weight)
{
	for (size_t i = 0; i < n; i++)
		sum[i] += weight * (left[i] + right[i]);
}

/* n numbers that lie `step` apart. */
static void blur_line(struct image_blur *b, float *x, size_t n, size_t step,
                      enum image_beyond beyond)
{
	size_t radius = b->radius;
	float *middle = b->line + radius;

	for (size_t i = 0; i < n; i++)
		middle[i] = x[i * step];
	for (size_t i = 0; i < radius; i++) {
		bool wrap = beyond == IMAGE_WRAP;
		*(middle - 1 - i) = middle[wrap ? n - 1 - i % n : 0];
		middle[n + i] = middle[wrap ? i % n : n - 1];
	}
	for (size_t i = 0; i < n; i++)
		b->sum[i] = b->weight[0] * middle[i];
	for (size_t d = 1; d <= radius; d++)
		add_pair(b->sum, middle - d, middle + d, n, b->weight[d]);
	for (size_t i = 0; i < n; i++)
		x[i * step] = b->sum[i];
}

void image_blur(struct image_blur *b, float *plane, size_t h, size_t w, enum image_beyond beyond)
{
	for (size_t y = 0; y < h; y++)
		blur_line(b, plane + y * w, w, 1, beyond);
	for (size_t x = 0; x < w; x++)
		blur_line(b, plane + x, h, w, beyond);
}

void image_blur_free(struct image_blur *b)
{
	if (!b)
		return;
	free(b->weight);
	free(b->line);
	free(b->sum);
	free(b);
}
