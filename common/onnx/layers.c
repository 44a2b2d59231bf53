/* Operators that become layers, and those whose numbers become a part of one. */
#include <math.h>
#include <string.h>

#include "onnx/fields.h"
#include "onnx/read.h"
#include "spec/spec.h"

/* Batch norm adds it to the variance: model(5). */
#define EPSILON 1e-5

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

static const struct value *take_image(struct reader *r)
{
	const struct value *x = onnx_maps(r, 0);

	if (x->rank != 4)
		onnx_bad(r, "expected an image (N,C,H,W) as input, found (N,%zu)",
		         shape_count(x->shape));
	return x;
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

/* ---- convolutions and dense layers ---- */

static void take_bias(struct reader *r, struct layer *l)
{
	l->bias = onnx_has(r, 2);
	if (l->bias)
		onnx_parameter(r, "bias", onnx_floats(r, 2), 0);
}

static void read_conv(struct reader *r)
{
	const struct value *x = take_image(r), *weight = onnx_floats(r, 1);
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
	take_bias(r, l);
	onnx_give_layer(r, 4);
}

/* A dense layer of the weight of input 1, (out,in), or (in,out) where it is turned. */
static struct layer *add_dense(struct reader *r, bool turned)
{
	const struct value *x = onnx_maps(r, 0);
	struct value weight = *onnx_floats(r, 1);
	const struct onnx_tensor *w = weight.tensor;

	if (x->rank != 2)
		onnx_bad(r, "expected a vector (N,C) as input, found an image");
	if (w->ndim != 2)
		onnx_bad(r, "weights of %d dimensions, expected 2", w->ndim);
	weight.transposed ^= turned;
	size_t out = w->dim[weight.transposed], in = w->dim[!weight.transposed];
	if (in != shape_count(x->shape) || !out)
		onnx_bad(r, "its weights are for %zu inputs, found %zu", in, shape_count(x->shape));
	struct layer *l = onnx_layer(r, LAYER_DENSE, x);
	l->out = (struct shape){out, 1, 1};
	l->vector = true;
	onnx_parameter(r, "weight", &weight, 0);
	return l;
}

static void read_gemm(struct reader *r)
{
	if (onnx_get_float(r, "alpha", 1) != 1 || onnx_get_float(r, "beta", 1) != 1)
		onnx_bad(r, "alpha and beta other than 1 are not supported");
	if (onnx_get_int(r, "transA", 0))
		onnx_bad(r, "transA is not supported");
	struct layer *l = add_dense(r, !onnx_get_int(r, "transB", 0));
	take_bias(r, l);
	onnx_give_layer(r, 2);
}

static void read_matmul(struct reader *r)
{
	add_dense(r, true);
	onnx_give_layer(r, 2);
}

/* ---- pools ---- */

static void read_pool(struct reader *r, enum layer_kind kind)
{
	const struct value *x = take_image(r);
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
	const struct value *x = take_image(r);

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

/* ---- element by element ---- */

static void read_same(struct reader *r, enum layer_kind kind)
{
	const struct value *x = onnx_maps(r, 0);
	int rank = x->rank;

	onnx_layer(r, kind, x);
	onnx_give_layer(r, rank);
}

static void read_relu(struct reader *r)
{
	read_same(r, LAYER_RELU);
}

static void read_sigmoid(struct reader *r)
{
	read_same(r, LAYER_SIGMOID);
}

static void read_tanh(struct reader *r)
{
	read_same(r, LAYER_TANH);
}

static void read_template(struct reader *r)
{
	take_image(r);
	read_same(r, LAYER_TEMPLATE);
}

static void read_batchnorm(struct reader *r)
{
	static const char *const part[] = {"weight", "bias", "running_mean", "running_var"};
	const struct value *x = onnx_maps(r, 0);
	double epsilon = onnx_get_float(r, "epsilon", EPSILON);
	int rank = x->rank;

	onnx_get_float(r, "momentum", 0); /* of training */
	if (onnx_get_int(r, "training_mode", 0))
		onnx_bad(r, "training_mode is not supported: export in evaluation mode");
	if (rank == 2 && (x->shape.h > 1 || x->shape.w > 1))
		onnx_bad(r, "the norm of a flattened image is not supported");
	onnx_layer(r, LAYER_BATCHNORM, x);
	for (size_t i = 0; i < sizeof part / sizeof *part; i++)
		onnx_parameter(r, part[i], onnx_floats(r, i + 1), i == 3 ? epsilon - EPSILON : 0);
	onnx_give_layer(r, rank);
}

static void read_dropout(struct reader *r)
{
	const struct value *x = onnx_maps(r, 0);
	double ratio = onnx_get_float(r, "ratio", 0.5);
	int rank = x->rank;

	onnx_get_int(r, "seed", 0);
	if (onnx_has(r, 1) && !onnx_number(onnx_floats(r, 1)->tensor, &ratio))
		onnx_bad(r, "expected one ratio");
	if (onnx_has(r, 2) && (onnx_sizes(r, 2).n != 1 || onnx_sizes(r, 2).size[0]))
		onnx_bad(r, "training_mode is not supported: export in evaluation mode");
	if (!(ratio >= 0 && ratio < 1))
		onnx_bad(r, "a ratio of %g", ratio);
	onnx_layer(r, LAYER_DROPOUT, x)->drop = ratio;
	onnx_give_layer(r, rank);
}

/* ---- numbers added and multiplied ---- */

/* Whether no other node reads x, nor does who runs the network. */
static bool is_read_once(const struct reader *r, const struct value *x)
{
	int readers = 0;

	for (size_t i = 0; i < r->graph.nodes; i++)
		for (size_t j = 0; j < r->graph.node[i].inputs; j++)
			readers += onnx_same(r->graph.node[i].input[j], x->name);
	for (size_t i = 0; i < r->graph.outputs; i++)
		readers += onnx_same(r->graph.output[i].name, x->name);
	return readers == 1;
}

static void add_bias(struct reader *r, const struct value *x, const struct value *by)
{
	struct layer *l = x->layer < 0 ? NULL : &r->draft.layer[x->layer];
	int rank = x->rank;

	if (!l || x->layer != r->draft.layers - 1 || l->bias ||
	    (l->kind != LAYER_CONV && l->kind != LAYER_DENSE) || !is_read_once(r, x) ||
	    !onnx_is_each(by->tensor, x))
		onnx_bad(r, "a constant can be added to the input, and once to the output of a "
		            "convolution or a dense layer");
	l->bias = true;
	onnx_parameter(r, "bias", by, 0);
	onnx_give_layer(r, rank);
}

static void read_constant(struct reader *r, const char *op)
{
	const struct value *x = onnx_maps(r, 0), *by = onnx_floats(r, 1);

	if (x->layer < 0)
		onnx_map(r, op, x, by->tensor);
	else if (*op == 'A')
		add_bias(r, x, by);
	else
		onnx_bad(r, "expected the input of the network, found the output of a layer");
}

static void read_sub(struct reader *r)
{
	read_constant(r, "Sub");
}

static void read_mul(struct reader *r)
{
	read_constant(r, "Mul");
}

static void read_div(struct reader *r)
{
	read_constant(r, "Div");
}

static void read_add(struct reader *r)
{
	if (onnx_any(r, 1)->kind == VALUE_CONSTANT) {
		read_constant(r, "Add");
		return;
	}
	const struct value *a = onnx_maps(r, 0), *b = onnx_maps(r, 1);
	int rank = a->rank, other = b->layer;
	if (memcmp(&a->shape, &b->shape, sizeof a->shape) != 0 || a->rank != b->rank)
		onnx_bad(r, "expected two outputs of one shape, found %s and %s",
		         shape_text(a->shape, a->rank == 2), shape_text(b->shape, b->rank == 2));
	if (a->layer < 0 || b->layer < 0 || a->layer == b->layer)
		onnx_bad(r, "expected the outputs of two layers");
	onnx_layer(r, LAYER_ADD, a)->add = other;
	onnx_give_layer(r, rank);
}

/* ---- upsample ---- */

/* How many times as many rows, or columns, there are: input 2 has the ratios, input 3 the sizes. */
static double ratio(const struct reader *r, const struct value *x, int axis)
{
	double in = (double)(axis == 2 ? x->shape.h : x->shape.w);

	if (onnx_has(r, 3)) {
		struct value sizes = onnx_sizes(r, 3);
		return sizes.n == 4 ? (double)sizes.size[axis] / in : 0;
	}
	const struct onnx_tensor *scales = onnx_floats(r, 2)->tensor;
	return scales->count == 4 && scales->f4[0] == 1 && scales->f4[1] == 1
	               ? (double)scales->f4[axis]
	               : 0;
}

static void read_resize(struct reader *r)
{
	static const char mode[] = "coordinate_transformation_mode", nearest[] = "nearest_mode";
	static const char half[] = "half_pixel", round[] = "round_prefer_floor";
	const struct value *x = take_image(r);
	double k = ratio(r, x, 2);
	bool corner =
		onnx_get_is(r, mode, half, "asymmetric") && onnx_get_is(r, nearest, round, "floor");
	bool center = onnx_get_is(r, mode, half, half) && onnx_get_is(r, nearest, round, round);

	/* Of other modes. */
	onnx_get_float(r, "cubic_coeff_a", 0);
	onnx_get_float(r, "extrapolation_value", 0);
	onnx_get_int(r, "exclude_outside", 0);
	onnx_get_int(r, "antialias", 0);
	/* For whole ratios both ways to find the nearest are floor(i / k). */
	if (!onnx_get_is(r, "mode", "nearest", "nearest") || (!corner && !center) ||
	    !onnx_get_is(r, "keep_aspect_ratio_policy", "stretch", "stretch"))
		onnx_bad(r, "expected the nearest element, without align_corners");
	if (!(k >= 1 && k <= INT32_MAX) || k != floor(k) || k != ratio(r, x, 3))
		onnx_bad(r, "expected one whole number of times for rows and columns");
	struct layer *l = onnx_layer(r, LAYER_UPSAMPLE, x);
	l->enlarge = (size_t)k;
	l->out.h *= l->enlarge;
	l->out.w *= l->enlarge;
	onnx_give_layer(r, 4);
}

const struct onnx_ops onnx_layer_ops[] = {
	{"Add", read_add},
	{"AveragePool", read_avgpool},
	{"BatchNormalization", read_batchnorm},
	{"Conv", read_conv},
	{"Div", read_div},
	{"Dropout", read_dropout},
	{"Gemm", read_gemm},
	{"GlobalAveragePool", read_global_mean},
	{"GlobalMaxPool", read_global_max},
	{"MatMul", read_matmul},
	{"MaxPool", read_maxpool},
	{"Mul", read_mul},
	{"ReduceMax", read_reduce_max},
	{"ReduceMean", read_reduce_mean},
	{"Relu", read_relu},
	{"Resize", read_resize},
	{"Sigmoid", read_sigmoid},
	{"Sub", read_sub},
	{"Tanh", read_tanh},
	{ONNX_TEMPLATE, read_template},
	{NULL, NULL},
};
