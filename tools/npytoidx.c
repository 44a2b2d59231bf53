/* npytoidx - convert an NPY array to an IDX file, the format of MNIST */
#include <stdlib.h>

#include "base/base.h"
#include "idx/idx.h"
#include "npy/npy.h"

enum { CHUNK = 1 << 16 };

/* An IDX type for an array's type, as wide as the format has it. */
static enum idx_type widest(enum npy_type type)
{
	static const enum idx_type widest[] = {
		[NPY_U1] = IDX_U1, [NPY_I8] = IDX_I4, [NPY_F4] = IDX_F4, [NPY_F8] = IDX_F8};

	return widest[type];
}

int main(int argc, char *argv[])
{
	static const char *const choices[] = {"auto", "u1", "i1", "i2", "i4", "f4", "f8", NULL};
	static const enum idx_type types[] = {0, IDX_U1, IDX_I1, IDX_I2, IDX_I4, IDX_F4, IDX_F8};
	int choice = 0;
	const struct cli_option options[] = {
		OPTION_CHOICE('t', "type", "TYPE", &choice, choices,
	                      "element type: auto, u1, i1, i2, i4, f4, f8"),
		OPTION_END};
	const struct cli cli = {"[FILE]", 0, 1,
	                        "Convert an NPY array to an IDX file, the format of MNIST.",
	                        options};
	char **operands = cli_parse(argc, argv, &cli);
	struct npy_in *in = npy_open(cli_operand(&operands));
	struct npy chunk;

	npy_next(in, &chunk);
	enum idx_type type = choice ? types[choice] : widest(chunk.type);
	idx_put_head(type, &chunk, npy_name(in));
	chunk.data = xcalloc(CHUNK, npy_size(chunk.type));
	for (size_t left = npy_count(&chunk); left > 0;) {
		size_t n = left < CHUNK ? left : CHUNK;
		npy_take(in, chunk.data, n);
		idx_put(type, &chunk, n, npy_name(in));
		left -= n;
	}
	npy_free(&chunk);
	npy_close(in);
	return cli_close();
}
