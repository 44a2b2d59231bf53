/*
 * npy - tensors on a stream: NPY arrays, back to back, without ever seeking.
 *
 * NPY versions 1.0, 2.0 and 3.0 are read, with every integer, bool and float type of NumPy up to 64
 * bits, in either byte order, in C or Fortran order.  In memory, and in what is written (version
 * 1.0, little-endian, C order), there are four types, chosen so that no value changes:
 *
 *	read			in memory and written
 *	b1 u1			NPY_U1	|u1
 *	i1 u2 i2 u4 i4 u8 i8	NPY_I8	<i8	(a u8 of 2^63 or more is refused)
 *	f2 f4			NPY_F4	<f4
 *	f8			NPY_F8	<f8
 *
 * Whatever is wrong with the bytes ends the program through die(), with a message that names the
 * file, which array of it (counted from 0), what was expected and what was found.
 *
 * To pass an array of any size through constant memory:
 *
 *	struct npy_in *in = npy_open("-");
 *	struct npy a;
 *	while (npy_next(in, &a)) {
 *		npy_put_head(&a);
 *		... npy_take(in, buffer, n); npy_put(&a, buffer, n); ...
 *	}
 *	npy_close(in);
 *
 * To have it whole: npy_load(in, &a) in place of npy_take(), or npy_read() for a file's only array.
 */
#ifndef NPY_H
#define NPY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum npy_type { NPY_U1, NPY_I8, NPY_F4, NPY_F8 };
enum { NPY_MAXDIM = 8 };

/* An array, or only its description where data is null.  C order: the last index runs fastest. */
struct npy {
	enum npy_type type;
	int ndim; /* 0 is a scalar: one element */
	size_t dim[NPY_MAXDIM];
	union {
		void *data;
		uint8_t *u1;
		int64_t *i8;
		float *f4;
		double *f8;
	};
};

/* ---- descriptions ---- */

/* The number of elements; reading has checked that it, and its bytes, fit a size_t. */
size_t npy_count(const struct npy *a);

/* Whether the elements, in any type, are fewer bytes than memory can hold.  A size of 0 does not
 * make up for the others. */
bool npy_fits(const struct npy *a);

/* Elements behind one index of the first axis: the product of dim[1], dim[2] ...; 1 for a scalar.
 */
size_t npy_row(const struct npy *a);

/* Bytes of an element. */
size_t npy_size(enum npy_type type);

/* NPY_U1 and NPY_I8: integers. */
bool npy_is_whole(enum npy_type type);

/* The least type that holds both, as numpy.result_type() has it: i8 and f4 give f8. */
enum npy_type npy_common_type(enum npy_type a, enum npy_type b);

/* "|u1", "<i8", "<f4", "<f8" */
const char *npy_type_name(enum npy_type type);

/* The type that a user calls u1, i8, f4 or f8, or as npy_type_name() does, or death with a message
 * that names `what`. */
enum npy_type npy_parse_type(const char *what, const char *text);

/* The shape as Python prints it, "(10,28,28)", "(10,)", "()"; in one of a few static buffers. */
const char *npy_shape(const struct npy *a);

/* Give the description the shape that a user writes as "10,28,28", or as npy_shape() does. */
void npy_parse_shape(struct npy *a, const char *text);

/* The index of an axis that counts from the end if negative; death where there is none. */
int npy_axis(const struct npy *a, const char *name, int64_t axis);

bool npy_same_shape(const struct npy *a, const struct npy *b);

/* ---- whole arrays ---- */

/* A zeroed array of this type and shape; free with npy_free(). Sizes are checked. */
struct npy npy_new(enum npy_type type, int ndim, const size_t dim[]);
void npy_free(struct npy *a);

/* Element i in C order as a double; every value but integers beyond 2^53 is exact. */
double npy_get(const struct npy *a, size_t i);

/* Give the array another type in place: to floats by rounding to nearest, to integers by rounding
 * to nearest even and clamping to the type's range (NaN to 0). */
void npy_convert(struct npy *a, enum npy_type type);

/* n elements from one type to another, as npy_convert() does it. */
void npy_convert_elements(enum npy_type to, void *out, enum npy_type from, const void *in,
                          size_t n);

/* The float that is the number of these bits as an f2, IEEE 754's binary16: all are. */
float npy_half(uint16_t bits);

/* Die unless the array has ndim dimensions; `expected` describes them: "(N,H,W)". */
void npy_expect(const struct npy *a, const char *name, int ndim, const char *expected);

/* ---- reading ---- */

struct npy_in;

/* A stream of arrays; "-" is stdin. */
struct npy_in *npy_open(const char *path);

/* The arrays of a stream that is open, from where it is; messages call it `name`. */
struct npy_in *npy_stream(FILE *stream, const char *name);

/* In place of npy_close(): leave that stream open, behind the array at hand. */
void npy_leave(struct npy_in *in);

/* What messages call this stream. */
const char *npy_name(const struct npy_in *in);

/* Have every byte, as read, also passed to tap(argument, bytes, n): for digests.  Before npy_next.
 */
void npy_tap(struct npy_in *in, void (*tap)(void *, const void *, size_t), void *argument);

/* Describe the next array (data = null); false at the end.  What the caller has not taken of the
 * array before is read past. */
bool npy_next(struct npy_in *in, struct npy *head);

/* The next n elements of the array at hand, in its memory type; more than it has left is a bug. */
void npy_take(struct npy_in *in, void *elements, size_t n);

/* The whole of the array that npy_next() described.  Memory grows with what really arrives. */
void npy_load(struct npy_in *in, struct npy *a);

/* Die unless the stream is at its end. */
void npy_close(struct npy_in *in);

/* The only array of a file: open, load, close. */
struct npy npy_read(const char *path);

/* ---- writing ---- */

/* The same to any stream; true if every byte was taken. */
bool npy_write_head_to(FILE *stream, const struct npy *a);
bool npy_write_to(FILE *stream, const struct npy *a);

/* To stdout, dying as out_write() does; a terminal is refused. */
void npy_put_head(const struct npy *head);
void npy_put(const struct npy *head, const void *elements, size_t n);
void npy_write(const struct npy *a);

/* The array that npy_next() described, as it comes, under a head of its type and as many elements.
 */
void npy_pass(struct npy_in *in, const struct npy *head);

#endif
