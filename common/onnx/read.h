/*
 * read - from a graph of operators to layers, node by node: onnx's inside.
 *
 * A node is read by the function of its operator, which finds its inputs among the values, adds a
 * layer or not, and adds the value of its output.  Whatever it does not understand it refuses with
 * onnx_bad(); an attribute that it has not asked for is refused as well.
 */
#ifndef ONNX_READ_H
#define ONNX_READ_H

#include <stdnoreturn.h>

#include "onnx/graph.h"
#include "onnx/onnx.h"
#include "spec/spec.h"

/* In place of a size: that of the batch, which no layer may depend on. */
#define ONNX_BATCH INT64_MIN

/* What a name in the graph stands for. */
struct value {
	struct onnx_text name;
	enum {
		VALUE_MAPS,     /* what a layer gives, or the input */
		VALUE_CONSTANT, /* a tensor of the file */
		VALUE_SIZES     /* whole numbers of which a shape is made */
	} kind;

	/* VALUE_MAPS.  Of rank 2 the values are (N, C H W), flattened; of rank 4 (N,C,H,W). */
	int layer; /* -1: the input */
	int rank;
	struct shape shape;
	int mapping; /* the input: which of the reader's it has been through */

	/* VALUE_CONSTANT */
	const struct onnx_tensor *tensor;
	bool transposed; /* a matrix */

	/* VALUE_SIZES */
	int n;
	int64_t size[ONNX_INTS];
};

/* Where a parameter of a layer comes from: "weight". */
struct source {
	int layer;
	const char *part;
	const struct onnx_tensor *tensor;
	bool transposed;
	double plus; /* added to each element */
};

struct reader {
	struct onnx_graph graph;
	const struct onnx_node *node; /* at hand */
	size_t values, sources;
	struct value *value;
	struct source *source;
	int mappings;
	struct mapping *mapping;
	struct spec draft; /* input, mapping and layers alone */
	int *maker;        /* of each layer: the number of its node */
};

/* Die: "FILE: node 'NAME' (Conv): what". */
noreturn void onnx_bad(const struct reader *r, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* ---- values ---- */

/* The value of this name, or null. */
const struct value *onnx_find(const struct reader *r, struct onnx_text name);

/* Add a copy of v; death where its name is another's. */
void onnx_add_value(struct reader *r, const struct value *v);

/* Whether an image of this shape has no more elements than int32_t counts. */
bool onnx_is_small(struct shape s);

/* ---- the node at hand: inputs ---- */

/* Whether it has input i. */
bool onnx_has(const struct reader *r, size_t i);

/* Input i, or death where there is none, or one of another kind. */
const struct value *onnx_any(const struct reader *r, size_t i);
const struct value *onnx_maps(const struct reader *r, size_t i);
const struct value *onnx_image(const struct reader *r, size_t i); /* (N,C,H,W) */
const struct value *onnx_floats(const struct reader *r, size_t i);
struct value onnx_sizes(const struct reader *r, size_t i);

/* The shortest decimal that is this float: what was meant by it, 0.3, not 0.30000001192. */
double onnx_meant(float x);

/* The one number of a tensor of floats whose elements are all equal, as onnx_meant() has it; false
 * where they are not. */
bool onnx_number(const struct onnx_tensor *t, double *x);

/* Whether the tensor has a number for each channel of an image, or for each element of a vector. */
bool onnx_is_each(const struct onnx_tensor *t, const struct value *x);

/* ---- attributes ---- */

/* A float is what onnx_meant() says. */
int64_t onnx_get_int(const struct reader *r, const char *name, int64_t otherwise);
double onnx_get_float(const struct reader *r, const char *name, double otherwise);

/* Its numbers; 0 without the attribute. */
int onnx_get_ints(const struct reader *r, const char *name, int64_t ints[ONNX_INTS]);

/* Whether the attribute, `otherwise` where it is left out, is this word. */
bool onnx_get_is(const struct reader *r, const char *name, const char *otherwise, const char *word);

/* The attribute, or null. */
const struct onnx_attribute *onnx_get(const struct reader *r, const char *name);

/* Die where the node has one that none of these has asked for: it may mean anything. */
void onnx_check_attributes(const struct reader *r);

/* ---- outputs ---- */

/* The value of the node's first output: a copy of v under its name. */
void onnx_give(struct reader *r, const struct value *v);

/* A further layer that reads v, its output of the same shape; valid until the next. */
struct layer *onnx_layer(struct reader *r, enum layer_kind kind, const struct value *v);

/* A parameter of the last layer. */
void onnx_parameter(struct reader *r, const char *part, const struct value *v, double plus);

/* The bias of the last layer, l: input 2, where there is one. */
void onnx_take_bias(struct reader *r, struct layer *l);

/* The value of the node's first output: what the last layer gives, of this rank.  Death where it is
 * too large. */
void onnx_give_layer(struct reader *r, int rank);

/* ---- the input's mapping ---- */

/* The index of the one that the options say, for images of so many channels. */
int onnx_mapping(struct reader *r, const struct onnx_options *o, size_t channels);

/* The value of the node's first output: the input x, to which a constant is added ("Add"),
 * and so on. */
void onnx_map(struct reader *r, const char *op, const struct value *x,
              const struct onnx_tensor *by);

/* ---- operators ---- */

typedef void onnx_op(struct reader *r);

struct onnx_ops {
	const char *name;
	onnx_op *read;
};

/* Operators that become layers with windows, other layers, and those on shapes and constants; a
 * null name is behind the last. */
extern const struct onnx_ops onnx_window_ops[], onnx_layer_ops[], onnx_shape_ops[];

/* ---- the graph's ends ---- */

/* The value of the graph's input, of the shape that the file or the options say. */
void onnx_add_input(struct reader *r, const struct onnx_options *o);

/* Die unless the graph's one output is that of the last layer. */
void onnx_check_output(const struct reader *r);

/* ---- the model ---- */

/* The layers of the draft, named, with their parameters. */
struct model onnx_make_model(struct reader *r);

#endif
