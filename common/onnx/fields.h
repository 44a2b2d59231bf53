/* fields - the fields of ONNX's messages that we write or read, and the values that some of them
 * take: onnx's inside.  The source is onnx/onnx.proto of github.com/onnx/onnx. */
#ifndef ONNX_FIELDS_H
#define ONNX_FIELDS_H

/* ModelProto */
enum {
	MODEL_IR_VERSION = 1,
	MODEL_PRODUCER = 2,
	MODEL_PRODUCER_VERSION = 3,
	MODEL_GRAPH = 7,
	MODEL_OPSET = 8,
	MODEL_METADATA = 14,
	MODEL_FUNCTION = 25
};

/* OperatorSetIdProto */
enum { OPSET_DOMAIN = 1, OPSET_VERSION = 2 };

/* StringStringEntryProto */
enum { ENTRY_KEY = 1, ENTRY_VALUE = 2 };

/* GraphProto */
enum {
	GRAPH_NODE = 1,
	GRAPH_NAME = 2,
	GRAPH_TENSOR = 5, /* initializer */
	GRAPH_INPUT = 11,
	GRAPH_OUTPUT = 12,
	GRAPH_SPARSE = 15 /* sparse_initializer */
};

/* FunctionProto */
enum {
	FUNCTION_NAME = 1,
	FUNCTION_INPUT = 4,
	FUNCTION_OUTPUT = 5,
	FUNCTION_NODE = 7,
	FUNCTION_OPSET = 9,
	FUNCTION_DOMAIN = 10
};

/* NodeProto */
enum {
	NODE_INPUT = 1,
	NODE_OUTPUT = 2,
	NODE_NAME = 3,
	NODE_OP = 4,
	NODE_ATTRIBUTE = 5,
	NODE_DOMAIN = 7
};

/* AttributeProto */
enum {
	ATTRIBUTE_NAME = 1,
	ATTRIBUTE_FLOAT = 2,
	ATTRIBUTE_INT = 3,
	ATTRIBUTE_TEXT = 4,
	ATTRIBUTE_TENSOR = 5,
	ATTRIBUTE_INTS = 8,
	ATTRIBUTE_TYPE = 20
};

/* AttributeProto.AttributeType */
enum { TYPE_FLOAT = 1, TYPE_INT = 2, TYPE_TEXT = 3, TYPE_TENSOR = 4, TYPE_INTS = 7 };

/* TensorProto */
enum {
	TENSOR_DIM = 1,
	TENSOR_TYPE = 2,
	TENSOR_FLOATS = 4,
	TENSOR_INT32S = 5,
	TENSOR_INT64S = 7,
	TENSOR_NAME = 8,
	TENSOR_RAW = 9,
	TENSOR_EXTERNAL = 13,
	TENSOR_LOCATION = 14
};

/* TensorProto.DataType */
enum { DATA_FLOAT = 1, DATA_INT32 = 6, DATA_INT64 = 7, DATA_BOOL = 9 };

/* ValueInfoProto, TypeProto, TypeProto.Tensor, TensorShapeProto, TensorShapeProto.Dimension */
enum {
	VALUE_NAME = 1,
	VALUE_TYPE = 2,
	TYPE_OF_TENSOR = 1,
	OF_TENSOR_ELEMENTS = 1,
	OF_TENSOR_SHAPE = 2,
	SHAPE_DIM = 1,
	DIM_VALUE = 1,
	DIM_NAME = 2
};

/* What our own files say of themselves. */
#define ONNX_PRODUCER "nnutils"
/* The domain and the name of the function that the layer template is written as. */
#define ONNX_DOMAIN   "nnutils"
#define ONNX_TEMPLATE "Template"
enum { ONNX_IR = 8, ONNX_OPSET = 17 };

#endif
