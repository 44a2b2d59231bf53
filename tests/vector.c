/* vector - tiles at every level that the processor has, and the level that the environment allows
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine/dnn.h"
#include "vector/tile.h"

enum { DEPTH = 37, WIDEST = 32 };

/* Small whole numbers: sums of their products are exact in any order. */
static float small(size_t i)
{
	return (float)(i * 2654435761U % 17) - 8;
}

struct sizes {
	size_t rows, vectors, lanes, repeat;
	bool add, bias, relu;
};

static void check_tile(enum level level, struct sizes s)
{
	size_t high = tile_rows(level), wide = s.vectors * s.lanes, rows = high * 2;
	float a[2 * TILE_MOST * DEPTH], b[DEPTH * WIDEST], c[2 * TILE_MOST * WIDEST], bias[WIDEST];
	float expected[2 * TILE_MOST * WIDEST];
	size_t at[DEPTH];
	struct tile t = {.rows = s.rows,
	                 .vectors = s.vectors,
	                 .k = DEPTH,
	                 .a = a,
	                 .at = at,
	                 .b = b,
	                 .b_step = wide,
	                 .c = c,
	                 .c_row = WIDEST,
	                 .c_vector = s.lanes,
	                 .add = s.add,
	                 .bias = s.bias ? bias : NULL,
	                 .relu = s.relu,
	                 .repeat = s.repeat,
	                 .a_next = DEPTH * high,
	                 .c_next = high * WIDEST};

	for (size_t i = 0; i < rows * DEPTH; i++)
		a[i] = small(i);
	for (size_t i = 0; i < DEPTH * wide; i++)
		b[i] = small(i + 5);
	for (size_t p = 0; p < DEPTH; p++)
		at[p] = p * high;
	for (size_t j = 0; j < WIDEST; j++)
		bias[j] = small(j + 11);
	for (size_t i = 0; i < rows * WIDEST; i++)
		c[i] = expected[i] = small(i + 3);
	for (size_t r = 0; r < s.repeat; r++)
		for (size_t i = 0; i < s.rows; i++)
			for (size_t j = 0; j < wide; j++) {
				float *sum = &expected[(r * high + i) * WIDEST + j];
				*sum = s.add ? *sum : s.bias ? bias[j] : 0;
				for (size_t p = 0; p < DEPTH; p++)
					*sum += a[(r * DEPTH + p) * high + i] * b[p * wide + j];
				*sum = s.relu && *sum < 0 ? 0 : *sum;
			}
	tile_unit[level](&t);
	for (size_t i = 0; i < rows * WIDEST; i++)
		assert_true(c[i] == expected[i]);
}

static void test_tiles(void **state)
{
	(void)state;
	for (enum level level = LEVEL_BASE; level <= level_best(); level++)
		for (size_t rows = 1; rows <= tile_rows(level); rows++)
			for (size_t vectors = 1; vectors <= 2; vectors++)
				for (int options = 0; options < 8; options++)
					check_tile(level,
					           (struct sizes){rows, vectors, level_lanes(level),
					                          1 + (size_t)options / 4,
					                          options == 1 || options == 5,
					                          options & 2, options == 3});
}

static void test_levels(void **state)
{
	static const struct {
		const char *isa;
		enum level most;
	} allowed[] = {{"SSE41", LEVEL_BASE},         {"avx", LEVEL_BASE},
	               {"AVX2", LEVEL_AVX2},          {"avx2_vnni", LEVEL_AVX2},
	               {"AVX512_CORE", LEVEL_AVX512}, {"ALL", LEVEL_AVX512},
	               {"AVX10_1_512", LEVEL_AVX512}};

	(void)state;
	/* oneDNN reads its variable once. */
	assert_int_equal(level_best(), dnn_level());
	unsetenv("ONEDNN_MAX_CPU_ISA");
	enum level has = level_best();
	for (size_t i = 0; i < sizeof allowed / sizeof allowed[0]; i++) {
		setenv("ONEDNN_MAX_CPU_ISA", allowed[i].isa, 1);
		enum level most = allowed[i].most;
		assert_int_equal(level_best(), has < most ? has : most);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_tiles),
	                                   cmocka_unit_test(test_levels)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
