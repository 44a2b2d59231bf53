/* The node at hand: its inputs, attributes and outputs. */
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "onnx/read.h"

/* "node 'conv1'", or by its number where it has no name. */
static const char *node_name(const struct onnx_node *n)
{
	static char name[128];

	if (n->name.n)
		snprintf(name, sizeof name, "node '%s'", onnx_show(n->name));
	else
		snprintf(name, sizeof name, "node %d", n->number);
	return name;
}

void onnx_bad(const struct reader *r, const char *format, ...)
{
	char what[256];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(what, sizeof what, format, arguments);
	va_end(arguments);
	die("%s: %s (%s): %s", r->graph.name, node_name(r->node), onnx_show(r->node->op), what);
}

/* ---- inputs ---- */

bool onnx_has(const struct reader *r, size_t i)
{
	return i < r->node->inputs && r->node->input[i].n;
}

/* The newest first, since most nodes read the node above. */
const struct value *onnx_find(const struct reader *r, struct onnx_text name)
{
	for (size_t i = r->values; i-- > 0;)
		if (onnx_same(r->value[i].name, name))
			return &r->value[i];
	return NULL;
}

const struct value *onnx_any(const struct reader *r, size_t i)
{
	if (!onnx_has(r, i))
		onnx_bad(r, "input %zu is missing", i);
	const struct value *v = onnx_find(r, r->node->input[i]);
	if (!v)
		onnx_bad(r, "reads '%s', which no node above gives", onnx_show(r->node->input[i]));
	return v;
}

const struct value *onnx_maps(const struct reader *r, size_t i)
{
	const struct value *v = onnx_any(r, i);

	if (v->kind != VALUE_MAPS)
		onnx_bad(r, "expected the output of a layer as input %zu, found a constant", i);
	return v;
}

const struct value *onnx_image(const struct reader *r, size_t i)
{
	const struct value *x = onnx_maps(r, i);

	if (x->rank != 4)
		onnx_bad(r, "expected an image (N,C,H,W) as input %zu, found (N,%zu)", i,
		         shape_count(x->shape));
	return x;
}

const struct value *onnx_floats(const struct reader *r, size_t i)
{
	const struct value *v = onnx_any(r, i);

	if (v->kind != VALUE_CONSTANT)
		onnx_bad(r, "expected a constant as input %zu, found what is computed", i);
	if (!v->tensor->f4)
		onnx_bad(r, "expected 32-bit floats in '%s'", onnx_show(v->name));
	return v;
}

struct value onnx_sizes(const struct reader *r, size_t i)
{
	const struct value *v = onnx_any(r, i);

	if (v->kind == VALUE_SIZES)
		return *v;
	if (v->kind != VALUE_CONSTANT || !v->tensor->i8 || v->tensor->count > ONNX_INTS)
		onnx_bad(r, "expected a few whole numbers as input %zu", i);
	struct value sizes = {.kind = VALUE_SIZES, .n = (int)v->tensor->count};
	memcpy(sizes.size, v->tensor->i8, v->tensor->count * sizeof *sizes.size);
	return sizes;
}

double onnx_meant(float x)
{
	char text[32];

	for (int digits = 1; digits <= 9; digits++) {
		snprintf(text, sizeof text, "%.*g", digits, (double)x);
		if (strtof(text, NULL) == x)
			break;
	}
	return strtod(text, NULL);
}

bool onnx_number(const struct onnx_tensor *t, double *x)
{
	for (size_t i = 0; i < t->count; i++)
		if (t->f4[i] != t->f4[0])
			return false;
	if (!t->count || !isfinite(t->f4[0]))
		return false;
	*x = onnx_meant(t->f4[0]);
	return true;
}

bool onnx_is_each(const struct onnx_tensor *t, const struct value *x)
{
	size_t behind = x->rank == 2 ? 0 : 2; /* axes behind the channels */
	bool flat = x->rank == 2 && (x->shape.h > 1 || x->shape.w > 1);

	return t->count == x->shape.c && !flat && (size_t)t->ndim > behind &&
	       t->dim[(size_t)t->ndim - 1 - behind] == t->count;
}

/* ---- attributes ---- */

const struct onnx_attribute *onnx_get(const struct reader *r, const char *name)
{
	for (size_t i = 0; i < r->node->attributes; i++) {
		struct onnx_attribute *a = &r->node->attribute[i];
		if (onnx_is(a->name, name)) {
			a->used = true;
			return a;
		}
	}
	return NULL;
}

int64_t onnx_get_int(const struct reader *r, const char *name, int64_t otherwise)
{
	const struct onnx_attribute *a = onnx_get(r, name);

	return a ? a->i : otherwise;
}

double onnx_get_float(const struct reader *r, const char *name, double otherwise)
{
	const struct onnx_attribute *a = onnx_get(r, name);

	return a ? onnx_meant(a->f) : otherwise;
}

int onnx_get_ints(const struct reader *r, const char *name, int64_t ints[ONNX_INTS])
{
	const struct onnx_attribute *a = onnx_get(r, name);

	if (!a)
		return 0;
	memcpy(ints, a->ints, sizeof a->ints);
	return a->n;
}

bool onnx_get_is(const struct reader *r, const char *name, const char *otherwise, const char *word)
{
	const struct onnx_attribute *a = onnx_get(r, name);

	return a ? onnx_is(a->text, word) : !strcmp(otherwise, word);
}

void onnx_check_attributes(const struct reader *r)
{
	for (size_t i = 0; i < r->node->attributes; i++)
		if (!r->node->attribute[i].used)
			onnx_bad(r, "the attribute '%s' is not supported",
			         onnx_show(r->node->attribute[i].name));
}

/* ---- outputs ---- */

void onnx_add_value(struct reader *r, const struct value *v)
{
	struct value copy = *v;

	if (copy.name.n && onnx_find(r, copy.name))
		die("%s: two values have the name '%s'", r->graph.name, onnx_show(copy.name));
	if (!(r->values & (r->values + 1)))
		r->value = xrealloc(r->value, 2 * r->values + 1, sizeof *r->value);
	r->value[r->values++] = copy;
}

void onnx_give(struct reader *r, const struct value *v)
{
	struct value named = *v;

	if (!r->node->outputs)
		onnx_bad(r, "no output");
	named.name = r->node->output[0];
	onnx_add_value(r, &named);
}

/* Only the first layer of a network reads its input, whose mapping is the network's. */
static void check_input(struct reader *r, const struct value *v)
{
	if (v->layer < 0 && r->draft.layers)
		onnx_bad(r, "reads the input of the network, which only the first layer can");
	if (v->layer < 0)
		r->draft.mapping = r->mapping[v->mapping];
}

struct layer *onnx_layer(struct reader *r, enum layer_kind kind, const struct value *v)
{
	struct spec *s = &r->draft;
	size_t n = (size_t)s->layers + 1;
	struct layer l = {.kind = kind,
	                  .from = v->layer,
	                  .add = -1,
	                  .in = v->shape,
	                  .out = v->shape,
	                  .vector = v->layer >= 0 && s->layer[v->layer].vector};

	check_input(r, v);
	s->layer = xrealloc(s->layer, n, sizeof *s->layer);
	r->maker = xrealloc(r->maker, n, sizeof *r->maker);
	r->maker[s->layers] = r->node->number;
	s->layer[s->layers] = l;
	return &s->layer[s->layers++];
}

void onnx_parameter(struct reader *r, const char *part, const struct value *v, double plus)
{
	r->source = xrealloc(r->source, r->sources + 1, sizeof *r->source);
	r->source[r->sources++] = (struct source){.layer = r->draft.layers - 1,
	                                          .part = part,
	                                          .tensor = v->tensor,
	                                          .transposed = v->transposed,
	                                          .plus = plus};
}

void onnx_take_bias(struct reader *r, struct layer *l)
{
	l->bias = onnx_has(r, 2);
	if (!l->bias)
		return;
	const struct value *bias = onnx_floats(r, 2);
	const struct onnx_tensor *t = bias->tensor;
	if (t->count > 1 && t->dim[t->ndim - 1] != t->count)
		onnx_bad(r, "a bias whose elements are not along its last axis");
	onnx_parameter(r, "bias", bias, 0);
}

bool onnx_is_small(struct shape s)
{
	size_t n;

	return size_multiply(s.c, s.h, &n) && size_multiply(n, s.w, &n) && n <= INT32_MAX;
}

void onnx_give_layer(struct reader *r, int rank)
{
	struct value v = {.kind = VALUE_MAPS, .layer = r->draft.layers - 1, .rank = rank};

	v.shape = r->draft.layer[v.layer].out;
	if (!onnx_is_small(v.shape))
		onnx_bad(r, "an output %s is too large", shape_text(v.shape, false));
	onnx_give(r, &v);
}
