/*
 * onnx - a model -> an ONNX file (onnx.ai, "Open Neural Network Exchange Intermediate
 * Representation"), for ONNX Runtime and other programs.
 *
 * An ONNX file is a protobuf message: a graph of nodes, each of which applies an operator of ONNX
 * to values by name, and tensors.  nntoonnx(1) says which layer is which operators.
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

#endif
