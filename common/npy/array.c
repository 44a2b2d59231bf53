#include "npy/npy.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"

size_t npy_size(enum npy_type type)
{
	static const size_t size[] = {[NPY_U1] = 1, [NPY_I8] = 8, [NPY_F4] = 4, [NPY_F8] = 8};

	return size[type];
}

bool npy_is_whole(enum npy_type type)
{
	return type == NPY_U1 || type == NPY_I8;
}

enum npy_type npy_common_type(enum npy_type a, enum npy_type b)
{
	if ((a == NPY_I8 && b == NPY_F4) || (a == NPY_F4 && b == NPY_I8))
		return NPY_F8;
	return a > b ? a : b;
}

const char *npy_type_name(enum npy_type type)
{
	static const char *const name[] = {
		[NPY_U1] = "|u1", [NPY_I8] = "<i8", [NPY_F4] = "<f4", [NPY_F8] = "<f8"};

	return name[type];
}

enum npy_type npy_parse_type(const char *what, const char *text)
{
	/* In the order of enum npy_type. */
	static const char *const names[] = {"u1", "i8", "f4", "f8", NULL};

	for (enum npy_type type = NPY_U1; type <= NPY_F8; type++)
		if (!strcmp(text, npy_type_name(type)))
			return type;
	return (enum npy_type)cli_choice(what, text, names);
}

size_t npy_count(const struct npy *a)
{
	size_t n = 1;

	for (int i = 0; i < a->ndim; i++)
		n *= a->dim[i];
	return n;
}

bool npy_fits(const struct npy *a)
{
	size_t bytes = sizeof(double);

	for (int i = 0; i < a->ndim; i++)
		if (a->dim[i] && !size_multiply(bytes, a->dim[i], &bytes))
			return false;
	return bytes <= PTRDIFF_MAX;
}

size_t npy_row(const struct npy *a)
{
	size_t n = 1;

	for (int i = 1; i < a->ndim; i++)
		n *= a->dim[i];
	return n;
}

const char *npy_shape(const struct npy *a)
{
	static char buffers[4][NPY_MAXDIM * 21 + 4];
	static int turn;
	char *text = buffers[turn++ % 4], *end = text + sizeof buffers[0];
	char *p = text + sprintf(text, "(");

	for (int i = 0; i < a->ndim; i++)
		p += snprintf(p, (size_t)(end - p), "%s%zu", i ? "," : "", a->dim[i]);
	snprintf(p, (size_t)(end - p), "%s)", a->ndim == 1 ? "," : "");
	return text;
}

void npy_parse_shape(struct npy *a, const char *text)
{
	const char *p = text;
	bool open = *p == '(';

	a->ndim = 0;
	p += open;
	while (isdigit((unsigned char)*p)) {
		char *end;
		errno = 0;
		unsigned long long n = strtoull(p, &end, 10);
		if (a->ndim == NPY_MAXDIM)
			die("shape '%s' has more than %d dimensions", text, NPY_MAXDIM);
		a->dim[a->ndim++] = (size_t)n;
		if (errno || n > SIZE_MAX || !npy_fits(a))
			die("shape '%s' is too large", text);
		p = end + (*end == ',');
		if (*end != ',')
			break;
	}
	if (open ? strcmp(p, ")") : *p || !a->ndim)
		die("'%s' is not a shape such as '10,28,28'", text);
}

int npy_axis(const struct npy *a, const char *name, int64_t axis)
{
	if (axis < -a->ndim || axis >= a->ndim)
		die("%s: axis %" PRId64 " is not one of the %d of shape %s", name, axis, a->ndim,
		    npy_shape(a));
	return (int)(axis < 0 ? axis + a->ndim : axis);
}

bool npy_same_shape(const struct npy *a, const struct npy *b)
{
	return a->ndim == b->ndim && !memcmp(a->dim, b->dim, (size_t)a->ndim * sizeof a->dim[0]);
}

struct npy npy_new(enum npy_type type, int ndim, const size_t dim[])
{
	struct npy a = {.type = type, .ndim = ndim};
	size_t n = 1;

	for (int i = 0; i < ndim; i++) {
		a.dim[i] = dim[i];
		if (!size_multiply(n, dim[i], &n))
			die("an array of shape %s is too large", npy_shape(&a));
	}
	a.data = xaligned(n, npy_size(type));
	return a;
}

void npy_free(struct npy *a)
{
	free(a->data);
	a->data = NULL;
}

double npy_get(const struct npy *a, size_t i)
{
	switch (a->type) {
	case NPY_U1: return a->u1[i];
	case NPY_I8: return (double)a->i8[i];
	case NPY_F4: return (double)a->f4[i];
	default: return a->f8[i];
	}
}

static int64_t to_integer(double x, double min, double max)
{
	if (isnan(x))
		return 0;
	x = rint(x);
	/* 2^63 itself is a double but no int64_t. */
	if (x >= max)
		return max >= 0x1p63 ? INT64_MAX : (int64_t)max;
	return (int64_t)(x <= min ? min : x);
}

void npy_convert_elements(enum npy_type to, void *out, enum npy_type from, const void *in, size_t n)
{
	const struct npy source = {.type = from, .data = (void *)in};

	if (to == from) {
		memcpy(out, in, n * npy_size(to));
		return;
	}
	switch (to) {
	case NPY_U1:
		for (size_t i = 0; i < n; i++)
			((uint8_t *)out)[i] = (uint8_t)to_integer(npy_get(&source, i), 0, 255);
		break;
	case NPY_I8:
		for (size_t i = 0; i < n; i++)
			((int64_t *)out)[i] = to_integer(npy_get(&source, i), -0x1p63, 0x1p63);
		break;
	case NPY_F4:
		for (size_t i = 0; i < n; i++)
			((float *)out)[i] = (float)npy_get(&source, i);
		break;
	case NPY_F8:
		for (size_t i = 0; i < n; i++)
			((double *)out)[i] = npy_get(&source, i);
		break;
	}
}

void npy_convert(struct npy *a, enum npy_type type)
{
	if (a->type == type)
		return;
	struct npy b = npy_new(type, a->ndim, a->dim);
	npy_convert_elements(type, b.data, a->type, a->data, npy_count(a));
	npy_free(a);
	*a = b;
}

void npy_expect(const struct npy *a, const char *name, int ndim, const char *expected)
{
	if (a->ndim != ndim)
		die("%s: expected an array of shape %s, found %s", name, expected, npy_shape(a));
}
