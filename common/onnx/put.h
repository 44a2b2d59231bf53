/* put - parts of ONNX's messages that are written: onnx's inside. */
#ifndef ONNX_PUT_H
#define ONNX_PUT_H

#include <stddef.h>

#include "protobuf/protobuf.h"

/* A NodeProto of this operator, to add inputs, outputs and attributes to; a null name is none. */
struct protobuf_out onnx_node(const char *op, const char *name);

/* An attribute of a node. */
void onnx_int(struct protobuf_out *node, const char *name, int64_t x);
void onnx_float(struct protobuf_out *node, const char *name, float x);
void onnx_text(struct protobuf_out *node, const char *name, const char *text);
void onnx_ints(struct protobuf_out *node, const char *name, int n, const size_t x[]);

/* An OperatorSetIdProto in this field. */
void onnx_opset(struct protobuf_out *o, int field, const char *domain, int version);

/* The function of the model that the layer template calls: the operators that it is made of. */
void onnx_put_template(struct protobuf_out *model);

#endif
