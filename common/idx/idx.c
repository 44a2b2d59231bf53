#include "idx/idx.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"

enum { CHUNK = 1 << 12 };

struct idx_in {
	FILE *stream;
	const char *name;
	enum idx_type type;
	struct npy head;
	size_t left;
};

static const char *type_name(enum idx_type type)
{
	static const char *const name[] = {[IDX_U1] = "u1", [IDX_I1] = "i1", [IDX_I2] = "i2",
	                                   [IDX_I4] = "i4", [IDX_F4] = "f4", [IDX_F8] = "f8"};

	return name[type];
}

/* Bytes of an element in the file. */
static size_t type_size(enum idx_type type)
{
	switch (type) {
	case IDX_U1:
	case IDX_I1: return 1;
	case IDX_I2: return 2;
	case IDX_I4:
	case IDX_F4: return 4;
	case IDX_F8: return 8;
	}
	return 0;
}

static enum npy_type type_in_memory(enum idx_type type)
{
	switch (type) {
	case IDX_U1: return NPY_U1;
	case IDX_F4: return NPY_F4;
	case IDX_F8: return NPY_F8;
	default: return NPY_I8;
	}
}

/* ---- reading ---- */

struct idx_in *idx_open(const char *path)
{
	struct idx_in *in = xcalloc(1, sizeof *in);

	in->stream = file_open(path);
	in->name = file_name(path);
	return in;
}

/* Up to n bytes. */
static size_t get_some(struct idx_in *in, void *bytes, size_t n)
{
	size_t got = fread(bytes, 1, n, in->stream);

	if (got < n && ferror(in->stream))
		die("%s: %s", in->name, strerror(errno));
	return got;
}

static void get_magic(struct idx_in *in)
{
	unsigned char magic[4];
	size_t got = get_some(in, magic, sizeof magic);

	if (!got)
		die("%s: empty: expected an IDX file", in->name);
	if (magic[0] || (got > 1 && magic[1]))
		die("%s: expected an IDX file, found %s", in->name,
		    file_kind(in->stream, magic, got));
	if (got < sizeof magic)
		die("%s: truncated in the IDX header", in->name);
	in->type = magic[2];
	if (!type_size(in->type))
		die("%s: 0x%02x is not a type of IDX elements (0x08, 0x09, 0x0b ... 0x0e)",
		    in->name, magic[2]);
	if (magic[3] < 1 || magic[3] > NPY_MAXDIM)
		die("%s: %d dimensions, expected 1 to %d", in->name, magic[3], NPY_MAXDIM);
	in->head = (struct npy){.type = type_in_memory(in->type), .ndim = magic[3]};
}

static void check_end(struct idx_in *in)
{
	char extra;

	if (!in->left && get_some(in, &extra, 1))
		die("%s: goes on after its array of shape %s", in->name, npy_shape(&in->head));
}

void idx_head(struct idx_in *in, struct npy *head)
{
	size_t product = 1, bytes;

	get_magic(in);
	in->left = 1;
	for (int i = 0; i < in->head.ndim; i++) {
		unsigned char b[4];
		if (get_some(in, b, sizeof b) < sizeof b)
			die("%s: truncated in the IDX header", in->name);
		size_t dim = (size_t)b[0] << 24 | (size_t)b[1] << 16 | (size_t)b[2] << 8 | b[3];
		in->head.dim[i] = dim;
		in->left *= dim;
		/* A zero anywhere must not hide an overflow elsewhere. */
		if (dim && !size_multiply(product, dim, &product))
			die("%s: the product of the sizes in the IDX header is too large",
			    in->name);
	}
	if (!size_multiply(product, 8, &bytes) || bytes > PTRDIFF_MAX)
		die("%s: the product of the sizes in the IDX header is too large", in->name);
	check_end(in);
	*head = in->head;
}

/* n big-endian elements to their type in memory, on a little-endian machine. */
static void decode(enum idx_type type, void *out, const unsigned char *bytes, size_t n)
{
	size_t size = type_size(type);

	if (type == IDX_U1) {
		memcpy(out, bytes, n);
		return;
	}
	for (size_t i = 0; i < n; i++, bytes += size) {
		uint64_t u = 0;
		for (size_t j = 0; j < size; j++)
			u = u << 8 | bytes[j];
		switch (type) {
		case IDX_U1: break;
		case IDX_I1: ((int64_t *)out)[i] = (int8_t)u; break;
		case IDX_I2: ((int64_t *)out)[i] = (int16_t)u; break;
		case IDX_I4: ((int64_t *)out)[i] = (int32_t)u; break;
		case IDX_F4: memcpy((float *)out + i, &(uint32_t){(uint32_t)u}, 4); break;
		case IDX_F8: memcpy((double *)out + i, &u, 8); break;
		}
	}
}

void idx_take(struct idx_in *in, void *elements, size_t n)
{
	unsigned char bytes[CHUNK * 8];
	size_t size = type_size(in->type), memory = npy_size(in->head.type);
	char *to = elements;

	if (n > in->left)
		die("internal error: %zu elements wanted of %zu", n, in->left);
	while (n > 0) {
		size_t some = n < CHUNK ? n : CHUNK, got = get_some(in, bytes, some * size);
		if (got < some * size)
			die("%s: truncated: an array of shape %s lacks its last %zu bytes",
			    in->name, npy_shape(&in->head), in->left * size - got);
		decode(in->type, to, bytes, some);
		to += some * memory;
		in->left -= some;
		n -= some;
	}
	check_end(in);
}

void idx_close(struct idx_in *in)
{
	if (in->stream != stdin)
		fclose(in->stream);
	free(in);
}

/* ---- writing ---- */

bool idx_holds(enum idx_type type, double x)
{
	switch (type) {
	case IDX_U1: return x == rint(x) && x >= 0 && x <= UINT8_MAX;
	case IDX_I1: return x == rint(x) && x >= INT8_MIN && x <= INT8_MAX;
	case IDX_I2: return x == rint(x) && x >= INT16_MIN && x <= INT16_MAX;
	case IDX_I4: return x == rint(x) && x >= INT32_MIN && x <= INT32_MAX;
	case IDX_F4: return !isfinite(x) || isfinite((float)x);
	case IDX_F8: return true;
	}
	return false;
}

static void store_big_endian(unsigned char *bytes, uint64_t bits, size_t size)
{
	for (size_t i = size; i-- > 0; bits >>= 8)
		bytes[i] = (unsigned char)bits;
}

void idx_put_head(enum idx_type type, const struct npy *head, const char *name)
{
	unsigned char bytes[4 + 4 * NPY_MAXDIM] = {0, 0, (unsigned char)type,
	                                           (unsigned char)head->ndim};

	if (head->ndim < 1)
		die("%s: a scalar, expected an array of 1 to %d dimensions", name, NPY_MAXDIM);
	for (int i = 0; i < head->ndim; i++) {
		if (head->dim[i] > UINT32_MAX)
			die("%s: a dimension of %zu does not fit an IDX file", name, head->dim[i]);
		store_big_endian(bytes + 4 + 4 * i, head->dim[i], 4);
	}
	out_binary();
	out_write(bytes, 4 + 4 * (size_t)head->ndim);
}

/* The bits of an element that idx_holds() accepts. */
static uint64_t encode(enum idx_type type, double x)
{
	float f = (float)x;
	uint32_t bits32;
	uint64_t bits64;

	switch (type) {
	case IDX_F4: memcpy(&bits32, &f, sizeof f); return bits32;
	case IDX_F8: memcpy(&bits64, &x, sizeof x); return bits64;
	default: return (uint64_t)(int64_t)x;
	}
}

void idx_put(enum idx_type type, const struct npy *chunk, size_t n, const char *name)
{
	unsigned char bytes[CHUNK * 8];
	size_t size = type_size(type);

	for (size_t done = 0; done < n;) {
		size_t some = n - done < CHUNK ? n - done : CHUNK;
		for (size_t i = 0; i < some; i++) {
			double x = npy_get(chunk, done + i);
			if (!idx_holds(type, x))
				die("%s: %.17g does not fit an IDX element of type %s", name, x,
				    type_name(type));
			store_big_endian(bytes + i * size, encode(type, x), size);
		}
		out_write(bytes, some * size);
		done += some;
	}
}
