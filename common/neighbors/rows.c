#include <math.h>

#include "neighbors/neighbors.h"

/* The sum of a row of squares fits a double, its root a float. */
static const double largest = 1e30;

/* Rows are counted in 32 bits. */
#define MOST_ROWS ((size_t)UINT32_MAX)

static void check_numbers(const struct rows *r, const char *name)
{
	for (size_t i = 0; i < r->n * r->d; i++) {
		double x = npy_get(&r->data, i);
		if (!(fabs(x) <= largest))
			die("%s: number %zu of row %zu is %s", name, i % r->d, i / r->d,
			    isfinite(x) ? "larger than 1e30" : "not finite");
	}
}

struct rows rows_read(const char *path)
{
	struct npy_in *in = npy_open(path);
	struct npy a, other;

	if (!npy_next(in, &a))
		die("%s: expected rows (N,...) of numbers, found nothing", npy_name(in));
	struct rows r = {.n = a.ndim ? a.dim[0] : 0, .d = npy_row(&a)};
	if (!r.n || !r.d)
		die("%s: expected rows (N,...) of numbers, found %s", npy_name(in), npy_shape(&a));
	if (r.n > MOST_ROWS || r.d > ROWS_LONGEST)
		die("%s: %s is too large", npy_name(in), npy_shape(&a));
	npy_load(in, &a);
	if (a.type == NPY_I8)
		npy_convert(&a, NPY_F8);
	r.data = a;
	if (a.type != NPY_U1)
		check_numbers(&r, npy_name(in));
	while (npy_next(in, &other))
		continue;
	npy_close(in);
	return r;
}

void rows_match(struct rows *a, const char *a_name, struct rows *b, const char *b_name)
{
	enum npy_type type = npy_common_type(a->data.type, b->data.type);

	if (a->d != b->d)
		die("%s: expected rows of %zu numbers as in %s, found %zu", b_name, a->d, a_name,
		    b->d);
	npy_convert(&a->data, type);
	npy_convert(&b->data, type);
}

void rows_free(struct rows *r)
{
	npy_free(&r->data);
}

void rows_get(const struct rows *r, size_t i, double *row)
{
	enum npy_type type = r->data.type;

	npy_convert_elements(NPY_F8, row, type, r->data.u1 + i * r->d * npy_size(type), r->d);
}

/* Bytes have exact sums, and so many have one of 32 bits. */
MULTIVERSION static double squares_u1(const uint8_t *restrict x, const uint8_t *restrict y,
                                      size_t d)
{
	enum { FIT = 1 << 16 };
	uint64_t sum = 0;

	for (size_t p = 0; p < d; p += FIT) {
		size_t end = d - p < FIT ? d : p + FIT;
		uint32_t part = 0;
		for (size_t q = p; q < end; q++) {
			int by = x[q] - y[q];
			part += (uint32_t)(by * by);
		}
		sum += part;
	}
	return (double)sum;
}

/* Eight sums side by side, in an order that is the same for all processors. */
#define SQUARES(name, type)                                                                       \
	MULTIVERSION static double name(const type *restrict x, const type *restrict y, size_t d) \
	{                                                                                         \
		double sum[8] = {0}, rest = 0;                                                    \
		size_t p = 0;                                                                     \
                                                                                                  \
		for (; p + 8 <= d; p += 8)                                                        \
			for (size_t q = 0; q < 8; q++) {                                          \
				double by = (double)x[p + q] - (double)y[p + q];                  \
				sum[q] += by * by;                                                \
			}                                                                         \
		for (; p < d; p++) {                                                              \
			double by = (double)x[p] - (double)y[p];                                  \
			rest += by * by;                                                          \
		}                                                                                 \
		return ((sum[0] + sum[4]) + (sum[2] + sum[6])) +                                  \
		       ((sum[1] + sum[5]) + (sum[3] + sum[7])) + rest;                            \
	}

SQUARES(squares_f4, float)
SQUARES(squares_f8, double)

double rows_distance(const struct rows *x, size_t i, const struct rows *y, size_t j)
{
	size_t d = x->d, a = i * d, b = j * d;

	switch (x->data.type) {
	case NPY_U1: return squares_u1(x->data.u1 + a, y->data.u1 + b, d);
	case NPY_F4: return squares_f4(x->data.f4 + a, y->data.f4 + b, d);
	default: return squares_f8(x->data.f8 + a, y->data.f8 + b, d);
	}
}
