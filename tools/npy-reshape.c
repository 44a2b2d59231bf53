/* npy-reshape - give arrays another shape */
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "npy/npy.h"

/* A shape with at most one axis left open. */
struct request {
	const char *text;
	struct npy shape; /* with 1 for the open axis */
	int open;         /* its index; negative: there is none */
};

static struct request parse(const char *text)
{
	struct request r = {.text = text, .open = -1};
	char *closed = xstrdup(text), *minus = strstr(closed, "-1");

	if (minus) {
		memmove(minus, minus + 1, strlen(minus));
		if ((minus > closed && minus[-1] != ',' && minus[-1] != '(') ||
		    !strchr(",)", minus[1]) || strchr(minus, '-'))
			die("'%s' is not a shape such as '10,-1,28', with -1 once at most", text);
		r.open = 0;
		for (char *p = closed; p < minus; p++)
			r.open += *p == ',';
	}
	npy_parse_shape(&r.shape, closed);
	free(closed);
	return r;
}

/* The description with the new shape. */
static struct npy reshape(const struct request *r, const struct npy *head, const char *name)
{
	struct npy out = r->shape;
	size_t count = npy_count(head), rest = npy_count(&out);

	out.type = head->type;
	if (r->open >= 0 && rest && count % rest == 0) {
		out.dim[r->open] = count / rest;
		rest = count;
	}
	/* With a 0 beside it, an open axis could be anything. */
	if (rest != count || (r->open >= 0 && !npy_count(&r->shape)) || !npy_fits(&out))
		die("%s: the %zu elements of shape %s do not fit the shape %s", name, count,
		    npy_shape(head), r->text);
	return out;
}

int main(int argc, char *argv[])
{
	const struct cli_option options[] = {OPTION_END};
	const struct cli cli = {"SHAPE [FILE]", 1, 2,
	                        "Give the arrays of a stream another shape, such as 10,-1,28.",
	                        options};
	char **operands = cli_parse(argc, argv, &cli);
	struct request request = parse(*operands++);
	struct npy_in *in = npy_open(cli_operand(&operands));
	struct npy head;

	while (npy_next(in, &head)) {
		struct npy out = reshape(&request, &head, npy_name(in));
		npy_pass(in, &out);
	}
	npy_close(in);
	return cli_close();
}
