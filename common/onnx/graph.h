/*
 * graph - an ONNX file as structures, checked as a message but not yet for sense: onnx's inside.
 *
 * Texts lie in the bytes of the file; tensors are copied, so that they are aligned.
 */
#ifndef ONNX_GRAPH_H
#define ONNX_GRAPH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "npy/npy.h"
#include "protobuf/protobuf.h"

/* No file of a network has more of them: 4096 layers at most. */
enum { ONNX_NODES = 8192, ONNX_TENSORS = 16384, ONNX_ATTRIBUTES = 32, ONNX_INTS = 16 };

/* Bytes of the file, not ended by a NUL. */
struct onnx_text {
	const char *at;
	size_t n;
};

struct onnx_tensor {
	struct onnx_text name;
	int64_t type; /* TensorProto.DataType */
	int ndim;
	size_t dim[NPY_MAXDIM];
	size_t count; /* of elements */
	float *f4;    /* of a DATA_FLOAT */
	int64_t *i8;  /* of integers; of another type, both are null */
};

struct onnx_attribute {
	struct onnx_text name;
	bool used; /* read by whom the node is for; what nobody knows is refused */
	int64_t type;
	int64_t i;
	float f;
	struct onnx_text text;
	int n;
	int64_t ints[ONNX_INTS];
	struct onnx_tensor *tensor;
};

struct onnx_node {
	struct onnx_text name, op, domain;
	int number; /* from 0 */
	size_t inputs, outputs, attributes;
	struct onnx_text *input, *output; /* an empty name is an optional input left out */
	struct onnx_attribute *attribute;
};

/* An input or an output of the graph. */
struct onnx_value {
	struct onnx_text name;
	int64_t type;
	int ndim;
	int64_t dim[NPY_MAXDIM]; /* -1: not known */
};

struct onnx_graph {
	const char *name; /* of the file */
	char *folder;     /* of the file, "" or with a slash at its end */
	char *bytes;      /* of the file */
	size_t size;
	bool versioned; /* the file says which operators it means */
	struct onnx_text producer, history;
	size_t nodes, tensors, inputs, outputs;
	struct onnx_node *node;
	struct onnx_tensor *tensor;
	struct onnx_value *input, *output;
	size_t elements; /* of all tensors together */

	/* Another file of the folder, with tensors. */
	char *other, *other_bytes;
	size_t other_size, other_taken;
};

/* Read a whole file, "-" being stdin. */
struct onnx_graph onnx_graph_read(const char *path);
void onnx_graph_free(struct onnx_graph *g);

/* The bytes of the tensor's elements that its list of TENSOR_EXTERNAL entries points to; `entries`
 * is the whole tensor's message.  A tensor's file has to be in the folder of the graph's; all
 * tensors have to be in one. */
struct protobuf onnx_external(struct onnx_graph *g, struct protobuf entries, const char *tensor);

bool onnx_is(struct onnx_text text, const char *word);
bool onnx_same(struct onnx_text a, struct onnx_text b);

/* The text for a message, ended by a NUL, in one of a few static buffers; the end of a long one is
 * left out. */
const char *onnx_show(struct onnx_text text);

#endif
