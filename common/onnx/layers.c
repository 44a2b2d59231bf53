/* Operators that become dense layers and layers that work element by element, and those whose
 * numbers become a part of one. */
#include <math.h>
#include <string.h>

#include "onnx/fields.h"
#include "onnx/read.h"
#include "spec/spec.h"

/* Batch norm adds it to the variance: model(5). */
#define EPSILON 1e-5

/* ---- dense layers ---- */

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
	onnx_take_bias(r, l);
	onnx_give_layer(r, 2);
}

static void read_matmul(struct reader *r)
{
	add_dense(r, true);
	onnx_give_layer(r, 2);
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
	onnx_image(r, 0);
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

/* How many nodes read a value, and who runs the network. */
static int count_readers(const struct reader *r, struct onnx_text name)
{
	int readers = 0;

	for (size_t i = 0; i < r->graph.nodes; i++)
		for (size_t j = 0; j < r->graph.node[i].inputs; j++)
			readers += onnx_same(r->graph.node[i].input[j], name);
	for (size_t i = 0; i < r->graph.outputs; i++)
		readers += onnx_same(r->graph.output[i].name, name);
	return readers;
}

/* Whether nobody else reads what x is, be it under another name, as Identity and Flatten give. */
static bool is_read_once(const struct reader *r, const struct value *x)
{
	for (size_t i = 0; i < r->values; i++) {
		const struct value *v = &r->value[i];
		if (v->kind == VALUE_MAPS && v->layer == x->layer && count_readers(r, v->name) != 1)
			return false;
	}
	return true;
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

static bool is_constant(const struct reader *r, size_t i)
{
	return onnx_any(r, i)->kind == VALUE_CONSTANT;
}

static void read_constant(struct reader *r, const char *op)
{
	/* A sum and a product may begin with the constant. */
	bool swaps = (*op == 'A' || *op == 'M') && is_constant(r, 0) && !is_constant(r, 1);
	const struct value *x = onnx_maps(r, swaps), *by = onnx_floats(r, !swaps);

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
	if (is_constant(r, 0) || is_constant(r, 1)) {
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
		return sizes.n == 4 && sizes.size[1] == (int64_t)x->shape.c
		               ? (double)sizes.size[axis] / in
		               : 0;
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
	const struct value *x = onnx_image(r, 0);
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
	{"BatchNormalization", read_batchnorm},
	{"Div", read_div},
	{"Dropout", read_dropout},
	{"Gemm", read_gemm},
	{"MatMul", read_matmul},
	{"Mul", read_mul},
	{"Relu", read_relu},
	{"Resize", read_resize},
	{"Sigmoid", read_sigmoid},
	{"Sub", read_sub},
	{"Tanh", read_tanh},
	{ONNX_TEMPLATE, read_template},
	{NULL, NULL},
};
