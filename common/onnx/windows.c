/* Convolutions and pools, of windows and of whole images. */
#include <string.h>

#include "onnx/read.h"
#include "spec/spec.h"

/* ---- windows ---- */

/* Sizes of an attribute, or what they are without it. */
static void take_sizes(struct reader *r, const char *name, int n, size_t size[], size_t least)
{
	int64_t ints[ONNX_INTS];
	int found = onnx_get_ints(r, name, ints);

	if (found && found != n)
		onnx_bad(r, "%s of %d numbers, expected %d", name, found, n);
	for (int i = 0; i < found; i++) {
		if (ints[i] < (int64_t)least || ints[i] > INT32_MAX)
			onnx_bad(r, "%s has %lld", name, (long long)ints[i]);
		size[i] = (size_t)ints[i];
	}
}

/* How many windows lie along an axis. The zeros behind the image become those that the last window
 * covers: where it begins behind the image it is left out. */
static size_t windows(struct reader *r, struct layer *l, int axis, size_t in, bool ceil)
{
	size_t k = l->kernel[axis], s = l->stride[axis], before = l->pad_before[axis];
	size_t padded = before + in + l->pad_after[axis];

	if (k > padded)
		onnx_bad(r, "a window of %zux%zu does not fit into %s", l->kernel[0], l->kernel[1],
		         shape_text(l->in, false));
	size_t out = (padded - k) / s + 1;
	if (ceil && (padded - k) % s && out * s < before + in) {
		l->pad_after[axis] = out * s + k - before - in;
		out++;
	}
	return out;
}

/* As many windows as strides begin in the image, and the zeros that they need. */
static void pad_same(struct layer *l, int axis, size_t in)
{
	size_t out = (in - 1) / l->stride[axis] + 1;
	size_t reach = (out - 1) * l->stride[axis] + l->kernel[axis];
	size_t pad = reach > in ? reach - in : 0;

	l->pad_before[axis] = pad / 2;
	l->pad_after[axis] = pad - pad / 2;
}

static bool has_same_pads(const struct layer *l)
{
	struct layer same = *l;

	pad_same(&same, 0, l->in.h);
	pad_same(&same, 1, l->in.w);
	return !memcmp(same.pad_before, l->pad_before, sizeof same.pad_before) &&
	       !memcmp(same.pad_after, l->pad_after, sizeof same.pad_after);
}

/* The window of a convolution or a pool; out.c is the caller's. */
static void take_window(struct reader *r, struct layer *l, bool ceil)
{
	size_t pads[4] = {0}, dilations[2] = {1, 1};

	l->stride[0] = l->stride[1] = 1;
	take_sizes(r, "kernel_shape", 2, l->kernel, 1);
	take_sizes(r, "strides", 2, l->stride, 1);
	take_sizes(r, "dilations", 2, dilations, 1);
	take_sizes(r, "pads", 4, pads, 0);
	if (dilations[0] != 1 || dilations[1] != 1)
		onnx_bad(r, "dilations of %zux%zu are not supported", dilations[0], dilations[1]);
	if (!l->kernel[0])
		onnx_bad(r, "no kernel_shape");
	bool same = onnx_get_is(r, "auto_pad", "NOTSET", "SAME_UPPER");
	bool valid = onnx_get_is(r, "auto_pad", "NOTSET", "VALID");
	if (!same && !valid && !onnx_get_is(r, "auto_pad", "NOTSET", "NOTSET"))
		onnx_bad(r, "this auto_pad is not supported");
	l->same = same;
	for (int axis = 0; axis < 2; axis++) {
		size_t in = axis ? l->in.w : l->in.h;
		if (same)
			pad_same(l, axis, in);
		else if (!valid) {
			l->pad_before[axis] = pads[axis];
			l->pad_after[axis] = pads[axis + 2];
		}
		*(axis ? &l->out.w : &l->out.h) = windows(r, l, axis, in, ceil && !same);
	}
}

/* ---- convolutions ---- */

static void read_conv(struct reader *r)
{
	const struct value *x = onnx_image(r, 0), *weight = onnx_floats(r, 1);
	const struct onnx_tensor *w = weight->tensor;
	int64_t group = onnx_get_int(r, "group", 1);

	if (w->ndim != 4)
		onnx_bad(r, "a kernel of %d dimensions, expected 4: (out,in,rows,columns)",
		         w->ndim);
	if (group != 1)
		onnx_bad(r, "group %lld is not supported", (long long)group);
	if (w->dim[1] != x->shape.c || !w->count)
		onnx_bad(r, "its kernel is for %zu channels, the input has %zu", w->dim[1],
		         x->shape.c);
	struct layer *l = onnx_layer(r, LAYER_CONV, x);
	l->kernel[0] = w->dim[2];
	l->kernel[1] = w->dim[3];
	l->out.c = w->dim[0];
	take_window(r, l, false);
	if (l->kernel[0] != w->dim[2] || l->kernel[1] != w->dim[3])
		onnx_bad(r, "kernel_shape is not that of the kernel");
	l->same = memcmp(l->pad_before, l->pad_after, sizeof l->pad_before) != 0;
	/* Of a vector, as a global pool gives it, one of 1x1 is a dense layer. */
	if (l->vector) {
		if (l->out.h != 1 || l->out.w != 1 || w->dim[2] != 1 || w->dim[3] != 1)
			onnx_bad(r, "a convolution of a global pool's output is not supported");
		l->kind = LAYER_DENSE;
	}
	onnx_parameter(r, "weight", weight, 0);
	onnx_take_bias(r, l);
	onnx_give_layer(r, 4);
}

/* ---- pools ---- */

static void read_pool(struct reader *r, enum layer_kind kind)
{
	const struct value *x = onnx_image(r, 0);
	bool ceil = onnx_get_int(r, "ceil_mode", 0) != 0;
	bool count = onnx_get_int(r, "count_include_pad", 0) != 0;
	size_t pads[4] = {0};

	onnx_get_int(r, "storage_order", 0); /* of indices, which are not supported */
	struct layer *l = onnx_layer(r, kind, x);
	take_window(r, l, ceil);
	take_sizes(r, "pads", 4, pads, 0);
	l->same = l->same &&
	          (l->pad_before[0] || l->pad_before[1] || l->pad_after[0] || l->pad_after[1]);
	/* A window that ceil_mode adds counts what it covers of the image, with either. */
	if (count && (l->same || pads[0] || pads[1] || pads[2] || pads[3]))
		onnx_bad(r, "count_include_pad with pads is not supported");
	bool uneven = memcmp(l->pad_before, l->pad_after, sizeof l->pad_before) != 0;
	l->same |= uneven && !ceil && has_same_pads(l);
	l->ceil = uneven && !l->same;
	onnx_give_layer(r, 4);
}

static void read_maxpool(struct reader *r)
{
	read_pool(r, LAYER_MAXPOOL);
}

static void read_avgpool(struct reader *r)
{
	read_pool(r, LAYER_AVGPOOL);
}

static void give_global(struct reader *r, enum layer_kind kind, int rank)
{
	const struct value *x = onnx_image(r, 0);

	/* Of a vector it is itself. */
	if (x->layer >= 0 && r->draft.layer[x->layer].vector) {
		struct value same = *x;
		same.rank = rank;
		onnx_give(r, &same);
		return;
	}
	struct layer *l = onnx_layer(r, kind, x);
	l->global = l->vector = true;
	l->out = (struct shape){x->shape.c, 1, 1};
	onnx_give_layer(r, rank);
}

static void read_global_max(struct reader *r)
{
	give_global(r, LAYER_MAXPOOL, 4);
}

static void read_global_mean(struct reader *r)
{
	give_global(r, LAYER_AVGPOOL, 4);
}

/* Over rows and columns, as x.mean((2, 3)) does. */
static void read_reduce(struct reader *r, enum layer_kind kind)
{
	struct value axes = {0};
	bool seen[4] = {false};

	if (onnx_has(r, 1))
		axes = onnx_sizes(r, 1);
	else
		axes.n = onnx_get_ints(r, "axes", axes.size);
	for (int i = 0; i < axes.n; i++) {
		int64_t axis = axes.size[i] < 0 ? axes.size[i] + 4 : axes.size[i];
		if (axis >= 0 && axis < 4)
			seen[axis] = true;
	}
	if (axes.n != 2 || !seen[2] || !seen[3])
		onnx_bad(r, "expected the axes 2 and 3, rows and columns");
	onnx_get_int(r, "noop_with_empty_axes", 0);
	give_global(r, kind, onnx_get_int(r, "keepdims", 1) ? 4 : 2);
}

static void read_reduce_max(struct reader *r)
{
	read_reduce(r, LAYER_MAXPOOL);
}

static void read_reduce_mean(struct reader *r)
{
	read_reduce(r, LAYER_AVGPOOL);
}

const struct onnx_ops onnx_window_ops[] = {
	{"AveragePool", read_avgpool},
	{"Conv", read_conv},
	{"GlobalAveragePool", read_global_mean},
	{"GlobalMaxPool", read_global_max},
	{"MaxPool", read_maxpool},
	{"ReduceMax", read_reduce_max},
	{"ReduceMean", read_reduce_mean},
	{NULL, NULL},
};
