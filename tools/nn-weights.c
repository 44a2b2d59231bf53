/* nn-weights - list a model's tensors, or write one of them */
#include "base/base.h"
#include "model/model.h"
#include "npy/npy.h"
#include "num/num.h"
#include "rnn/rnn.h"

/* The parameters of a model, which may be a recurrent one, in their order. */
static struct safetensors parameters(const char *path)
{
	struct safetensors file = safetensors_open(path), found;

	if (rnn_is(&file)) {
		struct rnn m = rnn_from(&file, file_name(path));
		found = rnn_contents(&m);
		rnn_free(&m);
	} else {
		struct model m = model_from(&file, file_name(path));
		found = model_contents(&m);
		model_free(&m);
	}
	safetensors_free(&file);
	return found;
}

static void print(const char *name, const struct npy *a)
{
	struct summary s = summary_new();

	for (size_t i = 0; i < npy_count(a); i++)
		summary_add(&s, npy_get(a, i));
	out_printf("%s\t%s\t%.10g\t%.10g\t%.10g\t%.10g\n", name, npy_shape(a), s.min, s.max, s.mean,
	           summary_std(&s));
}

static void print_table(const struct safetensors *s)
{
	out_printf("name\tshape\tmin\tmax\tmean\tstd\n");
	for (size_t i = 0; i < s->tensors; i++)
		print(s->tensor[i].name, &s->tensor[i].array);
}

int main(int argc, char *argv[])
{
	const struct cli_option options[] = {OPTION_END};
	const struct cli cli = {"MODEL [TENSOR]", 1, 2,
	                        "List a model's tensors, or write the one named as NPY.", options};
	char **operands = cli_parse(argc, argv, &cli);
	struct safetensors s = parameters(*operands++);

	if (*operands)
		npy_write(&safetensors_expect(&s, *operands)->array);
	else
		print_table(&s);
	safetensors_free(&s);
	return cli_close();
}
