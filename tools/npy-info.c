/* npy-info - describe the arrays of a stream */
#include <stdlib.h>

#include "base/base.h"
#include "npy/npy.h"
#include "num/num.h"

enum { CHUNK = 1 << 15 };

static struct summary summarize(struct npy_in *in, const struct npy *head)
{
	struct summary s = summary_new();
	struct npy chunk = {.type = head->type, .data = xcalloc(CHUNK, npy_size(head->type))};

	for (size_t left = npy_count(head); left > 0;) {
		size_t n = left < CHUNK ? left : CHUNK;
		npy_take(in, chunk.data, n);
		for (size_t i = 0; i < n; i++)
			summary_add(&s, npy_get(&chunk, i));
		left -= n;
	}
	npy_free(&chunk);
	return s;
}

static void print(const struct npy *head, const struct summary *s)
{
	out_printf("%s\t%s\t", npy_type_name(head->type), npy_shape(head));
	if (s->finite)
		out_printf("%.10g\t%.10g\t%.10g\t%.10g", s->min, s->max, s->mean, summary_std(s));
	else
		out_printf("-\t-\t-\t-");
	out_printf("\t%zu\t%zu\n", s->nan, s->inf);
}

/* As npy-reshape takes it: 60000,28,28; a scalar's line is empty. */
static void print_shape(const struct npy *head)
{
	for (int i = 0; i < head->ndim; i++)
		out_printf("%s%zu", i ? "," : "", head->dim[i]);
	out_printf("\n");
}

int main(int argc, char *argv[])
{
	bool shape = false;
	const struct cli_option options[] = {
		OPTION_FLAG('s', "shape", &shape, "write only the shapes, as 60000,28,28"),
		OPTION_END};
	const struct cli cli = {"[FILE]", 0, 1,
	                        "Describe each array of a stream: type, shape, range, mean, NaNs.",
	                        options};
	char **operands = cli_parse(argc, argv, &cli);
	struct npy_in *in = npy_open(cli_operand(&operands));
	struct npy head;
	bool headed = false;

	while (npy_next(in, &head)) {
		if (shape) {
			print_shape(&head);
			continue;
		}
		struct summary s = summarize(in, &head);
		if (!headed)
			out_printf("type\tshape\tmin\tmax\tmean\tstd\tnan\tinf\n");
		headed = true;
		print(&head, &s);
	}
	npy_close(in);
	return cli_close();
}
