/* onnxtonn - convert an ONNX file to a model */
#include <float.h>
#include <stdlib.h>

#include "base/base.h"
#include "onnx/onnx.h"

int main(int argc, char *argv[])
{
	const char *mean = "0", *scale = "1";
	struct onnx_options o = {.input = NULL};
	const struct cli_option options[] = {
		OPTION_TEXT('i', "input", "CxHxW", &o.input,
	                    "shape of an image, where the file does not say it"),
		OPTION_TEXT('m', "mean", "M", &mean,
	                    "the file's input is (pixel - M) / S; M,M,M: for each channel"),
		OPTION_TEXT('s', "scale", "S", &scale,
	                    "255 for an input of 0 to 1; S,S,S: for each channel"),
		OPTION_END};
	const struct cli cli = {"[FILE]", 0, 1, "Convert an ONNX file to a model.", options};
	char **operands = cli_parse(argc, argv, &cli);

	o.mean = cli_reals("--mean", mean, -1e30, 1e30, &o.means);
	o.scale = cli_reals("--scale", scale, FLT_MIN, 1e30, &o.scales);
	out_binary();
	struct model m = onnx_read(cli_operand(&operands), &o);
	model_write(&m);
	model_free(&m);
	free(o.mean);
	free(o.scale);
	return cli_close();
}
