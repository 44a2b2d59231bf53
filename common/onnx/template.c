/* The layer template as a function of ONNX's operators, so that every runtime can compute it. */
#include <string.h>

#include "onnx/fields.h"
#include "onnx/put.h"
#include "spec/spec.h"

enum { NONE, INTEGER, REAL };

/*
 * y = x * max(1 - TEMPLATE_SLOPE d / n, 0), with d = |rows| + |columns| from the first largest
 * element of each channel's map, and n the longer of rows and columns: spec.h.  A place of a map,
 * counted row by row, is a whole number; its row is place / columns, its column the remainder.
 */
static const struct step {
	const char *op, *inputs, *output; /* inputs: words */
	const char *attribute;
	int type;
	int value;
} steps[] = {
	{"Constant", "", "zero", "value_int", INTEGER, 0},
	{"Constant", "", "one", "value_int", INTEGER, 1},
	{"Constant", "", "two", "value_int", INTEGER, 2},
	{"Constant", "", "three", "value_int", INTEGER, 3},
	{"Constant", "", "top", "value_float", REAL, 1},
	{"Constant", "", "slope", "value_float", REAL, TEMPLATE_SLOPE},
	{"Shape", "x", "shape", NULL, NONE, 0},
	{"Gather", "shape two", "rows", NULL, NONE, 0},
	{"Gather", "shape three", "columns", NULL, NONE, 0},
	{"Flatten", "x", "maps", "axis", INTEGER, 2}, /* (N C, rows columns) */
	{"ArgMax", "maps", "peak", "axis", INTEGER, 1},
	{"Mul", "rows columns", "places", NULL, NONE, 0},
	{"Range", "zero places one", "place", NULL, NONE, 0},
	{"Div", "place columns", "row", NULL, NONE, 0},
	{"Div", "peak columns", "peak_row", NULL, NONE, 0},
	{"Sub", "row peak_row", "down", NULL, NONE, 0},
	{"Abs", "down", "vertical", NULL, NONE, 0},
	{"Mod", "place columns", "column", NULL, NONE, 0},
	{"Mod", "peak columns", "peak_column", NULL, NONE, 0},
	{"Sub", "column peak_column", "right", NULL, NONE, 0},
	{"Abs", "right", "horizontal", NULL, NONE, 0},
	{"Add", "vertical horizontal", "whole_d", NULL, NONE, 0},
	{"Cast", "whole_d", "d", "to", INTEGER, DATA_FLOAT},
	{"Max", "rows columns", "whole_n", NULL, NONE, 0},
	{"Cast", "whole_n", "n", "to", INTEGER, DATA_FLOAT},
	{"Mul", "slope d", "fall", NULL, NONE, 0},
	{"Div", "fall n", "share", NULL, NONE, 0},
	{"Sub", "top share", "cone", NULL, NONE, 0},
	{"Relu", "cone", "mask", NULL, NONE, 0},
	{"Mul", "maps mask", "kept", NULL, NONE, 0},
	{"Reshape", "kept shape", "y", NULL, NONE, 0},
};

static void put_step(struct protobuf_out *function, const struct step *s)
{
	struct protobuf_out node = onnx_node(s->op, NULL);

	for (const char *word = s->inputs; *word;) {
		size_t n = strcspn(word, " ");
		protobuf_put_bytes(&node, NODE_INPUT, word, n);
		word += n + (word[n] == ' ');
	}
	protobuf_put_text(&node, NODE_OUTPUT, s->output);
	if (s->type == INTEGER)
		onnx_int(&node, s->attribute, s->value);
	if (s->type == REAL)
		onnx_float(&node, s->attribute, (float)s->value);
	protobuf_put_message(function, FUNCTION_NODE, &node);
}

void onnx_put_template(struct protobuf_out *model)
{
	struct protobuf_out function = {0};

	protobuf_put_text(&function, FUNCTION_NAME, ONNX_TEMPLATE);
	protobuf_put_text(&function, FUNCTION_DOMAIN, ONNX_DOMAIN);
	protobuf_put_text(&function, FUNCTION_INPUT, "x");
	protobuf_put_text(&function, FUNCTION_OUTPUT, "y");
	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
		put_step(&function, &steps[i]);
	onnx_opset(&function, FUNCTION_OPSET, "", ONNX_OPSET);
	protobuf_put_message(model, MODEL_FUNCTION, &function);
}
