/*
 * onnx - a model <-> an ONNX file (onnx.ai, "Open Neural Network Exchange Intermediate
 * Representation"), for ONNX Runtime and other programs, and from PyTorch's exporters.
 *
 * An ONNX file is a protobuf message: a graph of nodes, each of which applies an operator of ONNX
 * to values by name, and tensors.  nntoonnx(1) and onnxtonn(1) say which layer is which operators.
 */
#ifndef ONNX_H
#define ONNX_H

#include "model/model.h"

/*
 * Write a model to stdout as ONNX: opset 17, which ONNX Runtime reads since 1.12 of 2022.  The
 * input is "input", floats (N,C,H,W) of pixels from 0 to 255; the output is what nn-run(1) writes,
 * or with `probabilities` the softmax of this.  A layer's output is named as the layer, a tensor as
 * in the model.  The file's metadata has the model's history.
 */
void onnx_write(const struct model *m, bool probabilities);

struct onnx_options {
	/* The file's input is (pixel - mean) / scale, scale > 0: each one number, or one for each
	 * channel. */
	size_t means, scales;
	double *mean, *scale;
	const char *input; /* "1x28x28", where the file does not say so; else null */
};

/*
 * Read an ONNX file, "-" being stdin, as a model; what a network cannot say is refused through
 * die(), with the node's name and operator.  Tensors outside the file, where PyTorch's newer
 * exporter puts them, are read from the folder of the file, no other.  Memory is a small multiple
 * of what was read.
 */
struct model onnx_read(const char *path, const struct onnx_options *o);

#endif
