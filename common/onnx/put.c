#include "onnx/put.h"

#include "onnx/fields.h"

struct protobuf_out onnx_node(const char *op, const char *name)
{
	struct protobuf_out node = {0};

	protobuf_put_text(&node, NODE_OP, op);
	if (name)
		protobuf_put_text(&node, NODE_NAME, name);
	return node;
}

static struct protobuf_out attribute(const char *name, int type)
{
	struct protobuf_out a = {0};

	protobuf_put_text(&a, ATTRIBUTE_NAME, name);
	protobuf_put_int(&a, ATTRIBUTE_TYPE, type);
	return a;
}

void onnx_int(struct protobuf_out *node, const char *name, int64_t x)
{
	struct protobuf_out a = attribute(name, TYPE_INT);

	protobuf_put_int(&a, ATTRIBUTE_INT, x);
	protobuf_put_message(node, NODE_ATTRIBUTE, &a);
}

void onnx_float(struct protobuf_out *node, const char *name, float x)
{
	struct protobuf_out a = attribute(name, TYPE_FLOAT);

	protobuf_put_float(&a, ATTRIBUTE_FLOAT, x);
	protobuf_put_message(node, NODE_ATTRIBUTE, &a);
}

void onnx_text(struct protobuf_out *node, const char *name, const char *text)
{
	struct protobuf_out a = attribute(name, TYPE_TEXT);

	protobuf_put_text(&a, ATTRIBUTE_TEXT, text);
	protobuf_put_message(node, NODE_ATTRIBUTE, &a);
}

void onnx_ints(struct protobuf_out *node, const char *name, int n, const size_t x[])
{
	struct protobuf_out a = attribute(name, TYPE_INTS);

	for (int i = 0; i < n; i++)
		protobuf_put_int(&a, ATTRIBUTE_INTS, (int64_t)x[i]);
	protobuf_put_message(node, NODE_ATTRIBUTE, &a);
}

void onnx_opset(struct protobuf_out *o, int field, const char *domain, int version)
{
	struct protobuf_out opset = {0};

	protobuf_put_text(&opset, OPSET_DOMAIN, domain);
	protobuf_put_int(&opset, OPSET_VERSION, version);
	protobuf_put_message(o, field, &opset);
}
