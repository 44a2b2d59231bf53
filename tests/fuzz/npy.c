/* NPY streams: taking an array piece by piece gives what loading it gives, and so does reading what
 * was written. */
#include "npy/npy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "fuzz/fuzz.h"

enum { ARRAYS_MAX = 8 };

/* The arrays at most, in memory; the rest is read past. */
static int load(struct npy arrays[ARRAYS_MAX])
{
	struct npy_in *in = npy_open("-");
	struct npy a;
	int n = 0;

	while (npy_next(in, &a))
		if (n < ARRAYS_MAX) {
			npy_load(in, &a);
			arrays[n++] = a;
		}
	npy_close(in);
	return n;
}

static void expect_same(const struct npy *a, const struct npy *b, const void *elements, size_t at,
                        size_t n)
{
	size_t size = npy_size(a->type);

	FUZZ_EXPECT(a->type == b->type && npy_same_shape(a, b));
	FUZZ_EXPECT(!memcmp((char *)a->data + at * size, elements, n * size));
}

static void take(const struct npy arrays[], int n, size_t piece)
{
	struct npy_in *in = npy_open("-");
	struct npy a;

	for (int i = 0; npy_next(in, &a); i++) {
		size_t count = npy_count(&a);
		/* The pieces stop short of the end of some arrays, which has to be read past. */
		for (size_t at = 0; i < n && at + piece < count; at += piece) {
			char *elements = xcalloc(piece, npy_size(a.type));
			npy_take(in, elements, piece);
			expect_same(&arrays[i], &a, elements, at, piece);
			free(elements);
		}
	}
	npy_close(in);
}

static void write_and_read(const struct npy *a)
{
	size_t size = npy_count(a) * npy_size(a->type) + 1024;
	char *bytes = xcalloc(size, 1);
	FILE *stream = fmemopen(bytes, size, "wb");

	FUZZ_EXPECT(npy_write_to(stream, a));
	long end = ftell(stream);
	fclose(stream);
	fuzz_stdin(bytes, (size_t)end);
	struct npy b = npy_read("-");
	expect_same(a, &b, b.data, 0, npy_count(a));
	npy_free(&b);
	free(bytes);
}

void fuzz(const uint8_t *data, size_t size)
{
	struct npy arrays[ARRAYS_MAX];

	fuzz_stdin(data, size);
	int n = load(arrays);
	fuzz_stdin(data, size);
	take(arrays, n, 1 + size % 13);
	for (int i = 0; i < n; i++) {
		write_and_read(&arrays[i]);
		npy_free(&arrays[i]);
	}
}
