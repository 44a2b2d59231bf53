/* nn-weights - list a model's tensors, or write one of them */
#include <string.h>

#include "base/base.h"
#include "model/model.h"
#include "npy/npy.h"
#include "num/num.h"

static struct npy tensor(const struct model *m, int i)
{
	const struct parameter *p = &m->spec.parameter[i];
	struct npy a = {.type = NPY_F4, .ndim = p->ndim};

	memcpy(a.dim, p->dim, (size_t)p->ndim * sizeof *p->dim);
	a.f4 = m->tensor[i];
	return a;
}

static void print(const char *name, const struct npy *a)
{
	struct summary s = summary_new();

	for (size_t i = 0; i < npy_count(a); i++)
		summary_add(&s, (double)a->f4[i]);
	out_printf("%s\t%s\t%.10g\t%.10g\t%.10g\t%.10g\n", name, npy_shape(a), s.min, s.max, s.mean,
	           summary_std(&s));
}

static void print_table(const struct model *m)
{
	out_printf("name\tshape\tmin\tmax\tmean\tstd\n");
	for (int i = 0; i < m->spec.parameters; i++) {
		struct npy a = tensor(m, i);
		print(m->spec.parameter[i].name, &a);
	}
}

int main(int argc, char *argv[])
{
	const struct cli_option options[] = {OPTION_END};
	const struct cli cli = {"MODEL [TENSOR]", 1, 2,
	                        "List a model's tensors, or write the one named as NPY.", options};
	char **operands = cli_parse(argc, argv, &cli);
	struct model m = model_read(*operands++);

	if (*operands) {
		struct npy a = tensor(&m, model_find(&m, *operands));
		npy_write(&a);
	} else {
		print_table(&m);
	}
	model_free(&m);
	return cli_close();
}
