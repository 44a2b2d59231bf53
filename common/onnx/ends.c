/* The graph's input and output. */
#include <stdio.h>
#include <string.h>

#include "base/base.h"
#include "onnx/fields.h"
#include "onnx/read.h"

/* The input is what is not also a tensor of the file. */
static const struct onnx_value *find_input(const struct reader *r)
{
	const struct onnx_graph *g = &r->graph;
	const struct onnx_value *found = NULL;

	for (size_t i = 0; i < g->inputs; i++) {
		if (onnx_find(r, g->input[i].name))
			continue;
		if (found)
			die("%s: two inputs, '%s' and '%s', expected one", g->name,
			    onnx_show(found->name), onnx_show(g->input[i].name));
		found = &g->input[i];
	}
	if (!found)
		die("%s: expected an input, found none", g->name);
	if (found->type != DATA_FLOAT)
		die("%s: input '%s': expected 32-bit floats", g->name, onnx_show(found->name));
	return found;
}

/* "1x28x28" */
static struct shape parse_shape(const char *text)
{
	struct shape s;
	char end;

	if (strspn(text, "0123456789x") != strlen(text) ||
	    sscanf(text, "%9zux%9zux%9zu%c", &s.c, &s.h, &s.w, &end) != 3 || !s.c || !s.h || !s.w ||
	    !onnx_is_small(s))
		die("--input: expected channels, rows and columns such as 1x28x28, found '%s'",
		    text);
	return s;
}

static bool is_known(int64_t dim)
{
	return dim > 0 && dim <= INT32_MAX;
}

/* What the file says of the images' shape, if it says all of it. */
static bool file_shape(const struct onnx_value *v, struct shape *s)
{
	if (v->ndim != 4 || !is_known(v->dim[1]) || !is_known(v->dim[2]) || !is_known(v->dim[3]))
		return false;
	*s = (struct shape){(size_t)v->dim[1], (size_t)v->dim[2], (size_t)v->dim[3]};
	return onnx_is_small(*s);
}

/* Die where the shape that the user gave is not one of the file's input. */
static void check_shape(const struct reader *r, const struct onnx_value *v, struct shape s)
{
	const size_t image[] = {s.c, s.h, s.w}, flat[] = {shape_count(s)};
	const size_t *size = v->ndim == 2 ? flat : image;

	for (int i = 1; i < v->ndim; i++)
		if (is_known(v->dim[i]) && (size_t)v->dim[i] != size[i - 1])
			die("%s: input '%s': the file says that axis %d is %lld, not %zu",
			    r->graph.name, onnx_show(v->name), i, (long long)v->dim[i],
			    size[i - 1]);
}

void onnx_add_input(struct reader *r, const struct onnx_options *o)
{
	const struct onnx_value *v = find_input(r);
	struct value x = {.kind = VALUE_MAPS, .name = v->name, .layer = -1, .rank = v->ndim};

	if (v->ndim != 4 && v->ndim != 2)
		die("%s: input '%s' has %d axes, expected images (N,C,H,W)", r->graph.name,
		    onnx_show(v->name), v->ndim);
	if (o->input)
		x.shape = parse_shape(o->input);
	else if (!file_shape(v, &x.shape))
		die("%s: input '%s': the file does not say the shape of the images; --input says "
		    "it",
		    r->graph.name, onnx_show(v->name));
	check_shape(r, v, x.shape);
	r->draft.input = x.shape;
	x.mapping = onnx_mapping(r, o, x.shape.c);
	onnx_add_value(r, &x);
}

void onnx_check_output(const struct reader *r)
{
	const struct onnx_graph *g = &r->graph;
	const struct value *v = g->outputs == 1 ? onnx_find(r, g->output[0].name) : NULL;

	if (g->outputs != 1)
		die("%s: %zu outputs, expected one", g->name, g->outputs);
	if (!v || v->kind != VALUE_MAPS || v->layer < 0 || v->layer != r->draft.layers - 1)
		die("%s: expected the output of the last layer as that of the network, found '%s'",
		    g->name, onnx_show(g->output[0].name));
	if (v->rank == 2 && (v->shape.h > 1 || v->shape.w > 1))
		die("%s: the output '%s' is a flattened image, expected logits or an image",
		    g->name, onnx_show(v->name));
}
