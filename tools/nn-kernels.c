/* nn-kernels - show which code computes each layer of a network */
#include <inttypes.h>
#include <stdlib.h>

#include "nn/nn.h"

static void print(const struct engine_kernel *k)
{
	out_printf("%s%s%s\t%s\t%s\t", k->layer->name, k->relu ? "+relu" : "",
	           k->pool ? "+maxpool" : "", k->direction, k->by);
	if (k->layer->vector)
		out_printf("row\t");
	else if (k->block == 1)
		out_printf("nchw\t");
	else
		out_printf("nChw%zuc\t", k->block);
	if (k->slice)
		out_printf("%zu", k->slice);
	else
		out_printf("all");
	out_printf("\t%" PRIu64 "\n", k->multiply_adds);
}

int main(int argc, char *argv[])
{
	int64_t batch = 128;
	const struct cli_option options[] = {OPTION_BATCH(&batch), OPTION_END};
	const struct cli cli = {"[FILE]", 0, 1, "Show which code computes each layer of a network.",
	                        options};
	char **operands = cli_parse(argc, argv, &cli);
	struct model m = model_read_either(cli_operand(&operands));
	struct engine *e = engine_new(&m.spec, &(struct engine_options){.batch = (size_t)batch,
	                                                                .train = true,
	                                                                .input_gradient = true});
	struct engine_kernels kernels = engine_kernels(e);

	out_printf("layer\tdirection\tby\tlayout\timages\tmultiply_adds\n");
	for (int i = 0; i < kernels.n; i++)
		print(&kernels.row[i]);
	free(kernels.row);
	engine_free(e);
	model_free(&m);
	return cli_close();
}
