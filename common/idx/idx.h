/*
 * idx - MNIST's file format, on a stream.
 *
 * A file holds one array, all of it big-endian (yann.lecun.com/exdb/mnist):
 *
 *	2 bytes		zero
 *	1 byte		the elements' type, enum idx_type
 *	1 byte		the number of dimensions
 *	4 bytes each	the dimensions
 *	...		the elements, the last index running fastest
 *
 * Types become the array types of npy/npy.h so that no value changes: u1 stays, i1, i2 and i4
 * become NPY_I8, f4 and f8 stay.  What is wrong with the bytes ends the program through die(), with
 * a message that names the file.
 *
 *	struct idx_in *in = idx_open("-");
 *	struct npy head;
 *	idx_head(in, &head);
 *	... idx_take(in, buffer, n); ...
 *	idx_close(in);
 */
#ifndef IDX_H
#define IDX_H

#include <stdbool.h>
#include <stddef.h>

#include "npy/npy.h"

/* The numbers are the format's own. */
enum idx_type {
	IDX_U1 = 0x08,
	IDX_I1 = 0x09,
	IDX_I2 = 0x0b,
	IDX_I4 = 0x0c,
	IDX_F4 = 0x0d,
	IDX_F8 = 0x0e
};

/* ---- reading ---- */

struct idx_in;

/* A file; "-" is stdin. */
struct idx_in *idx_open(const char *path);

/* Describe the array, 1 to 8 dimensions whose product, and its bytes, fit a size_t (data = null).
 */
void idx_head(struct idx_in *in, struct npy *head);

/* The next n elements, in the type of the description; more than are left is a bug.  The last of
 * them are given only if the file ends with them. */
void idx_take(struct idx_in *in, void *elements, size_t n);

void idx_close(struct idx_in *in);

/* ---- writing ---- */

/* Does x survive as an element of this type?  Integers must be whole and in range; floats are
 * rounded to nearest, but a finite number must not become infinite. */
bool idx_holds(enum idx_type type, double x);

/* The header on stdout.  Dies, calling the array `name`, unless it has 1 to 8 dimensions below
 * 2^32.
 */
void idx_put_head(enum idx_type type, const struct npy *head, const char *name);

/* n elements on stdout.  Dies at the first one that idx_holds() denies. */
void idx_put(enum idx_type type, const struct npy *chunk, size_t n, const char *name);

#endif
