/* idxtonpy - convert an IDX file, the format of MNIST, to an NPY array */
#include <stdlib.h>

#include "base/base.h"
#include "idx/idx.h"
#include "npy/npy.h"

enum { CHUNK = 1 << 16 };

int main(int argc, char *argv[])
{
	const struct cli_option options[] = {OPTION_END};
	const struct cli cli = {"[FILE]", 0, 1,
	                        "Convert an IDX file, the format of MNIST, to an NPY array.",
	                        options};
	char **operands = cli_parse(argc, argv, &cli);
	struct idx_in *in = idx_open(cli_operand(&operands));
	struct npy head;

	idx_head(in, &head);
	npy_put_head(&head);
	void *chunk = xcalloc(CHUNK, npy_size(head.type));
	for (size_t left = npy_count(&head); left > 0;) {
		size_t n = left < CHUNK ? left : CHUNK;
		idx_take(in, chunk, n);
		npy_put(&head, chunk, n);
		left -= n;
	}
	free(chunk);
	idx_close(in);
	return cli_close();
}
