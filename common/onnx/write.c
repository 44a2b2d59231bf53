#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "onnx/fields.h"
#include "onnx/onnx.h"
#include "onnx/put.h"

/* What precedes the first layer and is no layer, and what follows a layer as a part of it: a name
 * with a slash is no layer's. */
static const char input[] = "input", pixels[] = "input/centered", mapped[] = "input/scaled";

/* ---- tensors ---- */

/* Of floats. */
static void put_tensor(struct protobuf_out *graph, const char *name, const struct npy *a)
{
	struct protobuf_out t = {0};

	for (int i = 0; i < a->ndim; i++)
		protobuf_put_int(&t, TENSOR_DIM, (int64_t)a->dim[i]);
	protobuf_put_int(&t, TENSOR_TYPE, DATA_FLOAT);
	protobuf_put_text(&t, TENSOR_NAME, name);
	protobuf_put_bytes(&t, TENSOR_RAW, a->f4, npy_count(a) * sizeof *a->f4);
	protobuf_put_message(graph, GRAPH_TENSOR, &t);
}

static void put_scalar(struct protobuf_out *graph, const char *name, double x)
{
	float f = (float)x;

	put_tensor(graph, name, &(struct npy){.type = NPY_F4, .f4 = &f});
}

static void put_parameters(struct protobuf_out *graph, const struct model *m)
{
	for (int i = 0; i < m->spec.parameters; i++) {
		const struct parameter *p = &m->spec.parameter[i];
		const struct npy a = parameter_array(p, m->tensor[i]);
		put_tensor(graph, p->name, &a);
	}
}

/* ---- layers ---- */

/* A layer on its way into the graph. */
struct writer {
	struct protobuf_out *graph;
	const struct spec *spec;
	const struct layer *layer;
	const char *from; /* the value that it reads */
};

/* "conv1.weight", "conv1/flat": a tensor or a value of the layer, in one of a few buffers. */
static const char *part(const struct writer *w, const char *of)
{
	static char buffer[4][SPEC_NAME + 32];
	static unsigned next;
	char *text = buffer[next++ % 4];

	snprintf(text, sizeof *buffer, "%s%s", w->layer->name, of);
	return text;
}

static void put_node(const struct writer *w, struct protobuf_out *node, const char *output)
{
	protobuf_put_text(node, NODE_OUTPUT, output);
	protobuf_put_message(w->graph, GRAPH_NODE, node);
}

/* A node of one input, with its output's name. */
static void put_simple(const struct writer *w, const char *op, const char *from, const char *output)
{
	struct protobuf_out n = onnx_node(op, output);

	protobuf_put_text(&n, NODE_INPUT, from);
	put_node(w, &n, output);
}

static void put_window(struct protobuf_out *n, const struct layer *l)
{
	const size_t pads[] = {l->pad_before[0], l->pad_before[1], l->pad_after[0],
	                       l->pad_after[1]};

	onnx_ints(n, "kernel_shape", 2, l->kernel);
	onnx_ints(n, "strides", 2, l->stride);
	onnx_ints(n, "pads", 4, pads);
}

static void put_weights(const struct writer *w, struct protobuf_out *n)
{
	protobuf_put_text(n, NODE_INPUT, part(w, ".weight"));
	if (w->layer->bias)
		protobuf_put_text(n, NODE_INPUT, part(w, ".bias"));
}

static void put_conv(const struct writer *w)
{
	struct protobuf_out n = onnx_node("Conv", w->layer->name);

	protobuf_put_text(&n, NODE_INPUT, w->from);
	put_weights(w, &n);
	put_window(&n, w->layer);
	put_node(w, &n, w->layer->name);
}

static void put_dense(const struct writer *w)
{
	struct protobuf_out n = onnx_node("Gemm", w->layer->name);
	int from = w->layer->from;
	bool flatten = from < 0 || !w->spec->layer[from].vector;

	if (flatten)
		put_simple(w, "Flatten", w->from, part(w, "/flat"));
	protobuf_put_text(&n, NODE_INPUT, flatten ? part(w, "/flat") : w->from);
	put_weights(w, &n);
	onnx_int(&n, "transB", 1);
	put_node(w, &n, w->layer->name);
}

static void put_global_pool(const struct writer *w)
{
	bool max = w->layer->kind == LAYER_MAXPOOL;

	put_simple(w, max ? "GlobalMaxPool" : "GlobalAveragePool", w->from, part(w, "/pool"));
	put_simple(w, "Flatten", part(w, "/pool"), w->layer->name);
}

/* Pads count neither for the largest element nor for the mean, as is ONNX's default. */
static void put_pool(const struct writer *w)
{
	bool max = w->layer->kind == LAYER_MAXPOOL;

	if (w->layer->global) {
		put_global_pool(w);
		return;
	}
	struct protobuf_out n = onnx_node(max ? "MaxPool" : "AveragePool", w->layer->name);
	protobuf_put_text(&n, NODE_INPUT, w->from);
	put_window(&n, w->layer);
	put_node(w, &n, w->layer->name);
}

static void put_batchnorm(const struct writer *w)
{
	static const char *const tensor[] = {".weight", ".bias", ".running_mean", ".running_var"};
	struct protobuf_out n = onnx_node("BatchNormalization", w->layer->name);

	protobuf_put_text(&n, NODE_INPUT, w->from);
	for (size_t i = 0; i < sizeof tensor / sizeof *tensor; i++)
		protobuf_put_text(&n, NODE_INPUT, part(w, tensor[i]));
	put_node(w, &n, w->layer->name);
}

/* In ONNX too nothing is done, unless training_mode is set. */
static void put_dropout(const struct writer *w)
{
	struct protobuf_out n = onnx_node("Dropout", w->layer->name);

	put_scalar(w->graph, part(w, "/ratio"), w->layer->drop);
	protobuf_put_text(&n, NODE_INPUT, w->from);
	protobuf_put_text(&n, NODE_INPUT, part(w, "/ratio"));
	put_node(w, &n, w->layer->name);
}

static void put_add(const struct writer *w)
{
	struct protobuf_out n = onnx_node("Add", w->layer->name);

	protobuf_put_text(&n, NODE_INPUT, w->from);
	protobuf_put_text(&n, NODE_INPUT, w->spec->layer[w->layer->add].name);
	put_node(w, &n, w->layer->name);
}

/* Output element i is input element floor(i / enlarge). */
static void put_upsample(const struct writer *w)
{
	struct protobuf_out n = onnx_node("Resize", w->layer->name);
	float k = (float)w->layer->enlarge, scale[] = {1, 1, k, k};

	put_tensor(w->graph, part(w, "/scales"),
	           &(struct npy){.type = NPY_F4, .ndim = 1, .dim = {4}, .f4 = scale});
	protobuf_put_text(&n, NODE_INPUT, w->from);
	protobuf_put_text(&n, NODE_INPUT, ""); /* the region, of another mode */
	protobuf_put_text(&n, NODE_INPUT, part(w, "/scales"));
	onnx_text(&n, "mode", "nearest");
	onnx_text(&n, "coordinate_transformation_mode", "asymmetric");
	onnx_text(&n, "nearest_mode", "floor");
	put_node(w, &n, w->layer->name);
}

static void put_template(const struct writer *w)
{
	struct protobuf_out n = onnx_node(ONNX_TEMPLATE, w->layer->name);

	protobuf_put_text(&n, NODE_DOMAIN, ONNX_DOMAIN);
	protobuf_put_text(&n, NODE_INPUT, w->from);
	put_node(w, &n, w->layer->name);
}

static void put_layer(const struct writer *w)
{
	switch (w->layer->kind) {
	case LAYER_CONV: put_conv(w); break;
	case LAYER_DENSE: put_dense(w); break;
	case LAYER_MAXPOOL:
	case LAYER_AVGPOOL: put_pool(w); break;
	case LAYER_BATCHNORM: put_batchnorm(w); break;
	case LAYER_DROPOUT: put_dropout(w); break;
	case LAYER_RELU: put_simple(w, "Relu", w->from, w->layer->name); break;
	case LAYER_SIGMOID: put_simple(w, "Sigmoid", w->from, w->layer->name); break;
	case LAYER_TANH: put_simple(w, "Tanh", w->from, w->layer->name); break;
	case LAYER_ADD: put_add(w); break;
	case LAYER_UPSAMPLE: put_upsample(w); break;
	case LAYER_TEMPLATE: put_template(w); break;
	case LAYER_KINDS: break;
	}
}

/* ---- from pixels to logits ---- */

/* By a number for all channels, or by one for each: a tensor (C,1,1). */
static const char *put_affine(const struct writer *w, const char *op, const char *from,
                              const double by[], const char *output)
{
	struct protobuf_out n = onnx_node(op, output);
	size_t channels = w->spec->mapping.n;
	struct npy a = npy_new(NPY_F4, channels > 1 ? 3 : 0, (const size_t[]){channels, 1, 1});
	char *name = xprintf("%s.by", output);

	for (size_t c = 0; c < channels; c++)
		a.f4[c] = (float)by[c];
	put_tensor(w->graph, name, &a);
	protobuf_put_text(&n, NODE_INPUT, from);
	protobuf_put_text(&n, NODE_INPUT, name);
	put_node(w, &n, output);
	free(name);
	npy_free(&a);
	return output;
}

static bool all_are(size_t n, const double list[], double x)
{
	for (size_t i = 0; i < n; i++)
		if (list[i] != x)
			return false;
	return true;
}

/* (pixel - mean) / scale; returns the name of the result. */
static const char *put_mapping(const struct writer *w)
{
	const struct mapping *m = &w->spec->mapping;
	const char *value = input;

	if (!all_are(m->n, m->mean, 0))
		value = put_affine(w, "Sub", value, m->mean, pixels);
	if (!all_are(m->n, m->scale, 1))
		value = put_affine(w, "Div", value, m->scale, mapped);
	return value;
}

/* The last layer's output as nn-run writes it, and perhaps its softmax; returns its name. */
static const char *put_end(struct writer *w, bool probabilities)
{
	int last = w->spec->layers - 1;
	const char *value = w->layer->name;

	if (spec_is_vector(w->spec, last) && !w->layer->vector) {
		put_simple(w, "Flatten", value, part(w, "/flat"));
		value = part(w, "/flat");
	}
	if (probabilities) {
		spec_classes(w->spec);
		put_simple(w, "Softmax", value, part(w, "/softmax"));
		value = part(w, "/softmax");
	}
	return value;
}

/* An input or an output of the graph: floats (N,C,H,W), or (N,C) for a vector. */
static void put_value(struct protobuf_out *graph, int field, const char *name, struct shape s,
                      bool vector)
{
	struct protobuf_out value = {0}, type = {0}, tensor = {0}, shape = {0}, dim = {0};
	const size_t size[] = {s.c, s.h, s.w};

	protobuf_put_text(&dim, DIM_NAME, "N");
	protobuf_put_message(&shape, SHAPE_DIM, &dim);
	for (int i = 0; i < (vector ? 1 : 3); i++) {
		protobuf_put_int(&dim, DIM_VALUE, (int64_t)size[i]);
		protobuf_put_message(&shape, SHAPE_DIM, &dim);
	}
	protobuf_put_int(&tensor, OF_TENSOR_ELEMENTS, DATA_FLOAT);
	protobuf_put_message(&tensor, OF_TENSOR_SHAPE, &shape);
	protobuf_put_message(&type, TYPE_OF_TENSOR, &tensor);
	protobuf_put_text(&value, VALUE_NAME, name);
	protobuf_put_message(&value, VALUE_TYPE, &type);
	protobuf_put_message(graph, field, &value);
}

static struct protobuf_out graph_of(const struct model *m, bool probabilities)
{
	const struct spec *s = &m->spec;
	struct protobuf_out graph = {0};
	struct writer w = {.graph = &graph, .spec = s};

	protobuf_put_text(&graph, GRAPH_NAME, "network");
	put_value(&graph, GRAPH_INPUT, input, s->input, false);
	put_parameters(&graph, m);
	const char *first = put_mapping(&w);
	for (int i = 0; i < s->layers; i++) {
		w.layer = &s->layer[i];
		w.from = w.layer->from < 0 ? first : s->layer[w.layer->from].name;
		put_layer(&w);
	}
	const char *output = put_end(&w, probabilities);
	put_value(&graph, GRAPH_OUTPUT, output, w.layer->out, spec_is_vector(s, s->layers - 1));
	return graph;
}

/* ---- the file ---- */

static bool has(const struct spec *s, enum layer_kind kind)
{
	for (int i = 0; i < s->layers; i++)
		if (s->layer[i].kind == kind)
			return true;
	return false;
}

static void put_history(struct protobuf_out *file, const char *history)
{
	struct protobuf_out entry = {0};

	protobuf_put_text(&entry, ENTRY_KEY, "history");
	protobuf_put_text(&entry, ENTRY_VALUE, history);
	protobuf_put_message(file, MODEL_METADATA, &entry);
}

void onnx_write(const struct model *m, bool probabilities)
{
	struct protobuf_out file = {0}, graph = graph_of(m, probabilities);

	protobuf_put_int(&file, MODEL_IR_VERSION, ONNX_IR);
	protobuf_put_text(&file, MODEL_PRODUCER, ONNX_PRODUCER);
	protobuf_put_text(&file, MODEL_PRODUCER_VERSION, NNUTILS_VERSION);
	onnx_opset(&file, MODEL_OPSET, "", ONNX_OPSET);
	put_history(&file, m->history);
	if (has(&m->spec, LAYER_TEMPLATE)) {
		onnx_opset(&file, MODEL_OPSET, ONNX_DOMAIN, 1);
		onnx_put_template(&file);
	}
	/* Last, so that no truncated file is a whole one. */
	protobuf_put_message(&file, MODEL_GRAPH, &graph);
	if (file.n > INT32_MAX)
		die("the network takes %zu bytes, an ONNX file has at most 2 GiB", file.n);
	out_binary();
	out_write(file.bytes, file.n);
	free(file.bytes);
}
