/* From pixels to the network's input: what the user says, and what the graph does first. */
#include <math.h>
#include <stdlib.h>

#include "base/base.h"
#include "onnx/read.h"

static void check_count(const char *option, size_t n, size_t channels)
{
	if (n != 1 && n != channels)
		die("%s: %zu numbers for %zu channel%s", option, n, channels,
		    channels > 1 ? "s" : "");
}

/* The index of one more mapping, made of these lists. */
static int add(struct reader *r, size_t means, const double *mean, size_t scales,
               const double *scale)
{
	r->mapping = xrealloc(r->mapping, (size_t)r->mappings + 1, sizeof *r->mapping);
	r->mapping[r->mappings] = mapping_new(means, mean, scales, scale);
	return r->mappings++;
}

int onnx_mapping(struct reader *r, const struct onnx_options *o, size_t channels)
{
	check_count("--mean", o->means, channels);
	check_count("--scale", o->scales, channels);
	return add(r, o->means, o->mean, o->scales, o->scale);
}

/* x -> x op c, for x = (pixel - mean) / scale. */
static void change(struct reader *r, char op, double c, double *mean, double *scale)
{
	switch (op) {
	case 'A': *mean -= c * *scale; break;
	case 'S': *mean += c * *scale; break;
	case 'M': *scale /= c; break;
	case 'D': *scale *= c; break;
	}
	if (!(*scale > 0) || !isfinite(*scale) || !isfinite(*mean))
		onnx_bad(r, "%g is no scale of an input", c);
}

void onnx_map(struct reader *r, const char *op, const struct value *x, const struct onnx_tensor *by)
{
	const struct mapping *old = &r->mapping[x->mapping];
	struct value mapped = *x;
	double one;
	bool alike = onnx_number(by, &one);

	if (!alike && !onnx_is_each(by, x))
		onnx_bad(r, "expected one number for all pixels, or one for each channel");
	size_t n = alike ? old->n : x->shape.c;
	double *mean = xcalloc(n, sizeof *mean), *scale = xcalloc(n, sizeof *scale);
	for (size_t c = 0; c < n; c++) {
		mean[c] = mapping_mean(old, c);
		scale[c] = mapping_scale(old, c);
		change(r, *op, alike ? one : onnx_meant(by->f4[c]), &mean[c], &scale[c]);
	}
	mapped.mapping = add(r, n, mean, n, scale);
	onnx_give(r, &mapped);
	free(mean);
	free(scale);
}
