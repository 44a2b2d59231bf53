/* nntoonnx - convert a model to an ONNX file */
#include "base/base.h"
#include "onnx/onnx.h"

int main(int argc, char *argv[])
{
	bool probabilities = false;
	const struct cli_option options[] = {
		OPTION_FLAG('p', "probabilities", &probabilities,
	                    "write probabilities, not logits: the softmax"),
		OPTION_END};
	const struct cli cli = {"[MODEL]", 0, 1, "Convert a model to an ONNX file.", options};
	char **operands = cli_parse(argc, argv, &cli);
	struct model m = model_read(cli_operand(&operands));

	onnx_write(&m, probabilities);
	model_free(&m);
	return cli_close();
}
