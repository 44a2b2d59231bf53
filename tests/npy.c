/* npy - what is written is read back, whole or in pieces; conversions; shapes as text */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/base.h"
#include "npy/npy.h"

static const size_t dims[] = {2, 3, 1, 2, 1, 1, 2, 2};

/* An array of this rank whose bytes are all different from their neighbors'. */
static struct npy sample(enum npy_type type, int ndim)
{
	struct npy a = npy_new(type, ndim, dims);

	for (size_t i = 0; i < npy_count(&a); i++)
		switch (type) {
		case NPY_U1: a.u1[i] = (uint8_t)(7 * i); break;
		case NPY_I8: a.i8[i] = INT64_MIN + (int64_t)i * 0x0123456789abcdef; break;
		case NPY_F4: a.f4[i] = (float)i / 3; break;
		case NPY_F8: a.f8[i] = (double)i / 3; break;
		}
	return a;
}

/* A new file for each test; removed when it is read. */
static const char *temporary(FILE **stream)
{
	static char path[] = "/tmp/nnutils-XXXXXX";

	strcpy(path + sizeof path - 7, "XXXXXX");
	*stream = fdopen(mkstemp(path), "wb");
	assert_non_null(*stream);
	return path;
}

static void assert_same(const struct npy *a, const struct npy *b)
{
	assert_int_equal(a->type, b->type);
	assert_true(npy_same_shape(a, b));
	assert_memory_equal(a->data, b->data, npy_count(a) * npy_size(a->type));
}

static void test_round_trip(void **state)
{
	(void)state;
	for (enum npy_type type = NPY_U1; type <= NPY_F8; type++)
		for (int ndim = 0; ndim <= NPY_MAXDIM; ndim++) {
			struct npy a = sample(type, ndim);
			FILE *stream;
			const char *path = temporary(&stream);
			assert_true(npy_write_to(stream, &a));
			/* The data begins on a multiple of 64 bytes, for those who map files. */
			assert_int_equal(
				(ftell(stream) - (long)(npy_count(&a) * npy_size(type))) % 64, 0);
			fclose(stream);
			struct npy b = npy_read(path);
			assert_same(&a, &b);
			unlink(path);
			npy_free(&a);
			npy_free(&b);
		}
}

static void add_bytes(void *sum, const void *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		*(size_t *)sum += ((const unsigned char *)bytes)[i] * (size_t)(i + 1);
	((size_t *)sum)[1] += n;
}

/* Taking in pieces of every size, and leaving a rest, gives what loading gives. */
static void test_pieces(void **state)
{
	struct npy a = sample(NPY_F4, 8), b = sample(NPY_I8, 2);
	size_t count = npy_count(&a), tapped[2] = {0};
	FILE *stream;
	const char *path = temporary(&stream);

	(void)state;
	for (size_t piece = 1; piece <= count; piece++) {
		assert_true(npy_write_to(stream, &a));
		assert_true(npy_write_to(stream, &b));
	}
	size_t bytes = (size_t)ftell(stream);
	fclose(stream);

	struct npy_in *in = npy_open(path);
	npy_tap(in, add_bytes, tapped);
	for (size_t piece = 1; piece <= count; piece++) {
		struct npy head;
		float got[48] = {0};
		size_t whole = count / piece * piece;
		assert_true(npy_next(in, &head));
		assert_null(head.data);
		assert_int_equal(npy_count(&head), count);
		for (size_t at = 0; at < whole; at += piece)
			npy_take(in, got + at, piece);
		assert_memory_equal(got, a.f4, whole * sizeof got[0]);
		assert_true(npy_next(in, &head));
		struct npy loaded;
		npy_load(in, &loaded);
		assert_same(&loaded, &b);
		npy_free(&loaded);
	}
	npy_close(in);
	assert_int_equal(tapped[1], bytes);
	assert_true(tapped[0] > 0);
	unlink(path);
	npy_free(&a);
	npy_free(&b);
}

static void test_conversions(void **state)
{
	static const double in[] = {-1, 0.5, 1.5, 2.5, 254.5, 255.6, 1e300, -1e300, NAN, 0x1p62};
	static const uint8_t u1[] = {0, 0, 2, 2, 254, 255, 255, 0, 0, 255};
	static const int64_t i8[] = {-1,  0,         2,         2, 254,
	                             256, INT64_MAX, INT64_MIN, 0, (int64_t)1 << 62};
	enum { N = sizeof in / sizeof in[0] };
	uint8_t got_u1[N];
	int64_t got_i8[N];
	float got_f4[N];
	double back[N];

	(void)state;
	npy_convert_elements(NPY_U1, got_u1, NPY_F8, in, N);
	assert_memory_equal(got_u1, u1, sizeof u1);
	npy_convert_elements(NPY_I8, got_i8, NPY_F8, in, N);
	assert_memory_equal(got_i8, i8, sizeof i8);
	npy_convert_elements(NPY_F4, got_f4, NPY_F8, in, N);
	assert_true(got_f4[4] == 254.5f && isinf(got_f4[6]) && isnan(got_f4[8]));
	npy_convert_elements(NPY_F8, back, NPY_U1, u1, N);
	for (int i = 0; i < N; i++)
		assert_true(back[i] == u1[i]);

	struct npy a = sample(NPY_U1, 3), b = sample(NPY_U1, 3);
	for (enum npy_type type = NPY_F8; type > NPY_U1; type--) {
		npy_convert(&a, type);
		assert_int_equal(a.type, type);
		assert_true(npy_get(&a, 5) == b.u1[5]);
	}
	npy_convert(&a, NPY_U1);
	assert_same(&a, &b);
	npy_free(&a);
	npy_free(&b);
}

static void test_common_types(void **state)
{
	/* numpy.result_type, in the order of enum npy_type. */
	static const enum npy_type common[4][4] = {
		{NPY_U1, NPY_I8, NPY_F4, NPY_F8},
		{NPY_I8, NPY_I8, NPY_F8, NPY_F8},
		{NPY_F4, NPY_F8, NPY_F4, NPY_F8},
		{NPY_F8, NPY_F8, NPY_F8, NPY_F8},
	};

	(void)state;
	for (enum npy_type a = NPY_U1; a <= NPY_F8; a++)
		for (enum npy_type b = NPY_U1; b <= NPY_F8; b++)
			assert_int_equal(npy_common_type(a, b), common[a][b]);
}

static void test_shapes(void **state)
{
	static const char *const texts[] = {"()", "(2,)", "(2,3)", "(2,3,1,2,1,1,2,2)"};
	static const int ranks[] = {0, 1, 2, 8};

	(void)state;
	for (int i = 0; i < 4; i++) {
		struct npy a = {.ndim = ranks[i]}, b = {.ndim = -1};
		memcpy(a.dim, dims, sizeof dims);
		assert_string_equal(npy_shape(&a), texts[i]);
		npy_parse_shape(&b, texts[i]);
		assert_true(npy_same_shape(&a, &b));
	}
	struct npy a = {.ndim = 3, .dim = {4, 5, 6}};
	assert_int_equal(npy_count(&a), 120);
	assert_int_equal(npy_row(&a), 30);
	for (int axis = 0; axis < 3; axis++) {
		assert_int_equal(npy_axis(&a, "a", axis), axis);
		assert_int_equal(npy_axis(&a, "a", axis - 3), axis);
	}
	assert_int_equal(npy_parse_type("type", "<f4"), NPY_F4);
	assert_int_equal(npy_parse_type("type", "i8"), NPY_I8);
}

static void test_sizes(void **state)
{
	struct npy a = {.ndim = 2, .dim = {(size_t)1 << 30, ((size_t)1 << 30) - 1}};

	(void)state;
	assert_true(npy_fits(&a));
	a.dim[1] = (size_t)1 << 30;
	assert_false(npy_fits(&a));
	a = (struct npy){.ndim = 3, .dim = {0, SIZE_MAX, 2}};
	assert_false(npy_fits(&a));
}

/* ---- refusals: die_hook comes back here instead of ending the test ---- */

static jmp_buf refusal;

static void come_back(void)
{
	longjmp(refusal, 1);
}

#define assert_refused(call)                                \
	do {                                                \
		die_hook = come_back;                       \
		if (!setjmp(refusal)) {                     \
			call;                               \
			fail_msg("not refused: %s", #call); \
		}                                           \
		die_hook = NULL;                            \
	} while (0)

/* A function of its own, for longjmp() leaves its caller's variables in doubt. */
static void refuse_shape(const char *text)
{
	struct npy a;

	assert_refused(npy_parse_shape(&a, text));
}

static void test_refusals(void **state)
{
	static const char *const shapes[] = {"",
	                                     ",",
	                                     "1,,2",
	                                     "(1",
	                                     "1)",
	                                     "3x3",
	                                     "-1",
	                                     "1 2",
	                                     "1,1,1,1,1,1,1,1,1",
	                                     "0x3",
	                                     "(,)",
	                                     "1.5,",
	                                     "(1))",
	                                     "99999999999999999999"};
	struct npy a = {.ndim = 3, .dim = {4, 5, 6}};

	(void)state;
	for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++)
		refuse_shape(shapes[i]);
	assert_refused(npy_axis(&a, "a", 3));
	assert_refused(npy_axis(&a, "a", -4));
	assert_refused(npy_expect(&a, "a", 2, "(H,W)"));
	assert_refused(npy_parse_type("type", "i4"));
	assert_refused(npy_new(NPY_U1, 2, (size_t[]){SIZE_MAX, 2}));
	npy_expect(&a, "a", 3, "(N,H,W)");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),  cmocka_unit_test(test_pieces),
		cmocka_unit_test(test_conversions), cmocka_unit_test(test_common_types),
		cmocka_unit_test(test_shapes),      cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_refusals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
