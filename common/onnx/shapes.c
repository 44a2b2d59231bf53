/* Operators that compute with shapes, give values another shape, or pass them on. */
#include <string.h>

#include "onnx/fields.h"
#include "onnx/read.h"

static void read_identity(struct reader *r)
{
	onnx_give(r, onnx_any(r, 0));
}

static void read_cast(struct reader *r)
{
	const struct value *x = onnx_any(r, 0);
	int64_t to = onnx_get_int(r, "to", 0);

	onnx_get_int(r, "saturate", 0);
	if (x->kind == VALUE_SIZES ? to != DATA_INT64 : to != DATA_FLOAT)
		onnx_bad(r, "another type than float is not supported");
	onnx_give(r, x);
}

/* ---- constants ---- */

static void read_constant(struct reader *r)
{
	const struct onnx_attribute *value = onnx_get(r, "value");
	struct value v = {.kind = VALUE_CONSTANT};

	if (value && value->tensor)
		v.tensor = value->tensor;
	else if (onnx_get(r, "value_int"))
		v = (struct value){
			.kind = VALUE_SIZES, .n = 1, .size = {onnx_get_int(r, "value_int", 0)}};
	else {
		v.kind = VALUE_SIZES;
		v.n = onnx_get_ints(r, "value_ints", v.size);
		if (!v.n)
			onnx_bad(r, "expected a tensor or whole numbers as value");
	}
	onnx_give(r, &v);
}

/* Of a matrix of weights. */
static void read_transpose(struct reader *r)
{
	struct value v = *onnx_floats(r, 0);
	int64_t perm[ONNX_INTS];
	int n = onnx_get_ints(r, "perm", perm);

	if (v.tensor->ndim != 2 || (n && (n != 2 || perm[0] != 1 || perm[1] != 0)))
		onnx_bad(r, "expected a matrix, and its axes exchanged");
	v.transposed ^= true;
	onnx_give(r, &v);
}

/* ---- sizes ---- */

/* The axes of maps of this rank. */
static struct value shape_of(const struct value *x)
{
	const struct shape s = x->shape;
	struct value v = {.kind = VALUE_SIZES, .n = x->rank, .size = {ONNX_BATCH}};

	if (x->rank == 2)
		v.size[1] = (int64_t)shape_count(s);
	else {
		v.size[1] = (int64_t)s.c;
		v.size[2] = (int64_t)s.h;
		v.size[3] = (int64_t)s.w;
	}
	return v;
}

static void read_shape(struct reader *r)
{
	struct value all = shape_of(onnx_maps(r, 0)), v = {.kind = VALUE_SIZES};
	int64_t start = onnx_get_int(r, "start", 0), end = onnx_get_int(r, "end", all.n);

	if (start < 0)
		start += all.n;
	if (end < 0)
		end += all.n;
	for (int64_t i = start < 0 ? 0 : start; i < end && i < all.n; i++)
		v.size[v.n++] = all.size[i];
	onnx_give(r, &v);
}

static void read_gather(struct reader *r)
{
	struct value from = onnx_sizes(r, 0), at = onnx_sizes(r, 1);
	struct value v = {.kind = VALUE_SIZES, .n = at.n};

	if (onnx_get_int(r, "axis", 0))
		onnx_bad(r, "expected axis 0");
	for (int i = 0; i < at.n; i++) {
		int64_t j = at.size[i] < 0 ? at.size[i] + from.n : at.size[i];
		if (j < 0 || j >= from.n)
			onnx_bad(r, "there is no index %lld of %d sizes", (long long)at.size[i],
			         from.n);
		v.size[i] = from.size[j];
	}
	onnx_give(r, &v);
}

static void read_concat(struct reader *r)
{
	struct value v = {.kind = VALUE_SIZES};

	if (onnx_get_int(r, "axis", 0))
		onnx_bad(r, "only sizes can be joined, not maps");
	for (size_t i = 0; i < r->node->inputs; i++) {
		struct value part = onnx_sizes(r, i);
		if (v.n + part.n > ONNX_INTS)
			onnx_bad(r, "more than %d sizes", ONNX_INTS);
		memcpy(v.size + v.n, part.size, (size_t)part.n * sizeof *v.size);
		v.n += part.n;
	}
	onnx_give(r, &v);
}

/* ---- maps ---- */

/* A single size and a list of one are the same here; of maps, (N,C,1,1) becomes (N,C). */
static void read_squeeze(struct reader *r)
{
	struct value v = *onnx_any(r, 0), axes = {0};

	if (onnx_has(r, 1))
		axes = onnx_sizes(r, 1);
	else
		axes.n = onnx_get_ints(r, "axes", axes.size);
	if (v.kind == VALUE_MAPS) {
		int64_t a = axes.size[0] < 0 ? axes.size[0] + 4 : axes.size[0];
		int64_t b = axes.size[1] < 0 ? axes.size[1] + 4 : axes.size[1];
		bool both = axes.n == 2 && ((a == 2 && b == 3) || (a == 3 && b == 2));
		if (v.rank != 4 || v.shape.h > 1 || v.shape.w > 1 || !both)
			onnx_bad(r, "expected (N,C,1,1), and the axes 2 and 3");
		v.rank = 2;
	} else
		v = onnx_sizes(r, 0);
	onnx_give(r, &v);
}

static void read_unsqueeze(struct reader *r)
{
	struct value v = onnx_sizes(r, 0);

	onnx_get(r, "axes");
	onnx_give(r, &v);
}

static void read_flatten(struct reader *r)
{
	struct value v = *onnx_maps(r, 0);
	int64_t axis = onnx_get_int(r, "axis", 1);

	if (axis != 1 && axis != 1 - v.rank)
		onnx_bad(r, "expected axis 1, found %lld", (long long)axis);
	v.rank = 2;
	onnx_give(r, &v);
}

/* Whether a shape that was asked for is this one: -1 is whatever is left, 0 the same as before. */
static bool is_shape(const struct value *asked, const struct value *shape, const struct value *old)
{
	int any = asked->size[0] == -1;

	if (asked->n != shape->n)
		return false;
	for (int i = 1; i < shape->n; i++) {
		int64_t size = asked->size[i];
		if (size == 0 && i < old->n)
			size = old->size[i];
		any += size == -1;
		if (size != -1 && size != shape->size[i])
			return false;
	}
	/* The first, of whatever size the exporter had, is the batch. */
	return any <= 1 && (asked->size[0] == ONNX_BATCH || asked->size[0] >= -1);
}

static void read_reshape(struct reader *r)
{
	struct value v = *onnx_maps(r, 0), asked = onnx_sizes(r, 1), old = shape_of(&v);

	onnx_get_int(r, "allowzero", 0);
	for (v.rank = 2; v.rank <= 4; v.rank += 2) {
		struct value shape = shape_of(&v);
		if (!is_shape(&asked, &shape, &old))
			continue;
		onnx_give(r, &v);
		return;
	}
	onnx_bad(r, "images can only be flattened");
}

/* The end of a classifier is the loss's business, and nn-run --probabilities'. */
static void read_softmax(struct reader *r)
{
	const struct value *x = onnx_maps(r, 0);
	int64_t axis = onnx_get_int(r, "axis", -1);

	if (r->graph.outputs != 1 || !r->node->outputs ||
	    !onnx_same(r->node->output[0], r->graph.output[0].name))
		onnx_bad(r, "supported only as the end of a network");
	if (x->rank != 2 || (axis != 1 && axis != -1))
		onnx_bad(r, "expected the classes along axis 1");
	onnx_give(r, x);
}

const struct onnx_ops onnx_shape_ops[] = {
	{"Cast", read_cast},           {"Concat", read_concat},
	{"Constant", read_constant},   {"Flatten", read_flatten},
	{"Gather", read_gather},       {"Identity", read_identity},
	{"LogSoftmax", read_softmax},  {"Reshape", read_reshape},
	{"Shape", read_shape},         {"Softmax", read_softmax},
	{"Squeeze", read_squeeze},     {"Transpose", read_transpose},
	{"Unsqueeze", read_unsqueeze}, {NULL, NULL},
};
