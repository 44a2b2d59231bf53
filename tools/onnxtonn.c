/* onnxtonn - convert an ONNX file to a model */
#include <float.h>

#include "base/base.h"
#include "onnx/onnx.h"

int main(int argc, char *argv[])
{
	struct onnx_options o = {.scale = 1};
	const struct cli_option options[] = {
		OPTION_TEXT('i', "input", "CxHxW", &o.input,
	                    "shape of an image, where the file does not say it"),
		OPTION_REAL('m', "mean", "M", &o.mean, -1e30, 1e30,
	                    "the file's input is (pixel - M) / S"),
		OPTION_REAL('s', "scale", "S", &o.scale, FLT_MIN, 1e30,
	                    "255 for an input of 0 to 1"),
		OPTION_END};
	const struct cli cli = {"[FILE]", 0, 1, "Convert an ONNX file to a model.", options};
	char **operands = cli_parse(argc, argv, &cli);

	out_binary();
	struct model m = onnx_read(cli_operand(&operands), &o);
	model_write(&m);
	model_free(&m);
	return cli_close();
}
