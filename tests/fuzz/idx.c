/* IDX files: what is read is of the size that was described, in any pieces. */
#include "idx/idx.h"

#include <stdlib.h>

#include "base/base.h"
#include "fuzz/fuzz.h"

void fuzz(const uint8_t *data, size_t size)
{
	struct npy head;

	fuzz_stdin(data, size);
	struct idx_in *in = idx_open("-");
	idx_head(in, &head);

	size_t piece = 1 + size % 61;
	char *elements = xcalloc(piece, npy_size(head.type));
	for (size_t left = npy_count(&head); left > 0;) {
		size_t n = left < piece ? left : piece;
		idx_take(in, elements, n);
		left -= n;
	}
	free(elements);
	idx_close(in);
}
