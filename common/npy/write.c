#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "npy/npy.h"

enum { ALIGNMENT = 64, PREFIX = 10 };

/* The NPY 1.0 header: magic, version, length, a Python dictionary padded so that the data is
 * aligned (numpy.lib.format).  Returns its length. */
static size_t header(const struct npy *a, char text[static 512])
{
	static const char magic[] = "\x93NUMPY\x01\x00";
	int n = snprintf(text + PREFIX, 512 - PREFIX,
	                 "{'descr': '%s', 'fortran_order': False, 'shape': (",
	                 npy_type_name(a->type));

	for (int i = 0; i < a->ndim; i++)
		n += snprintf(text + PREFIX + n, 512 - PREFIX - (size_t)n, "%s%zu%s", i ? ", " : "",
		              a->dim[i], a->ndim == 1 ? "," : "");
	n += snprintf(text + PREFIX + n, 512 - PREFIX - (size_t)n, "), }");

	size_t length = PREFIX + (size_t)n + 1,
	       padded = (length + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
	memset(text + length - 1, ' ', padded - length);
	text[padded - 1] = '\n';
	memcpy(text, magic, 8);
	text[8] = (char)((padded - PREFIX) & 0xff);
	text[9] = (char)((padded - PREFIX) >> 8);
	return padded;
}

bool npy_write_head_to(FILE *stream, const struct npy *a)
{
	char text[512];
	size_t length = header(a, text);

	return fwrite(text, 1, length, stream) == length;
}

bool npy_write_to(FILE *stream, const struct npy *a)
{
	size_t n = npy_count(a);

	return npy_write_head_to(stream, a) && fwrite(a->data, npy_size(a->type), n, stream) == n;
}

void npy_put_head(const struct npy *head)
{
	char text[512];
	size_t length = header(head, text);

	out_binary();
	out_write(text, length);
}

void npy_put(const struct npy *head, const void *elements, size_t n)
{
	out_write(elements, n * npy_size(head->type));
}

void npy_write(const struct npy *a)
{
	npy_put_head(a);
	npy_put(a, a->data, npy_count(a));
}

void npy_pass(struct npy_in *in, const struct npy *head)
{
	enum { CHUNK = 1 << 14 };
	char *buffer = xcalloc(CHUNK, npy_size(head->type));

	npy_put_head(head);
	for (size_t left = npy_count(head); left > 0;) {
		size_t n = left < CHUNK ? left : CHUNK;
		npy_take(in, buffer, n);
		npy_put(head, buffer, n);
		left -= n;
	}
	free(buffer);
}
