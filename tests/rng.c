/* rng - known answers, and what distributions promise */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "rng/rng.h"

enum { DRAWS = 100000 };

/* Random123's kat_vectors, philox4x32 with 10 rounds. */
static void test_known_answers(void **state)
{
	static const struct {
		struct rng rng;
		uint64_t index;
		uint32_t block[4];
	} known[] = {
		{{0, 0}, 0, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
		{{UINT64_MAX, UINT64_MAX},
	         UINT64_MAX,
	         {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
		{{0x299f31d0a4093822, 0x0370734413198a2e},
	         0x85a308d3243f6a88,
	         {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
	};

	(void)state;
	for (int i = 0; i < 3; i++) {
		uint32_t block[4];
		rng_block(known[i].rng, known[i].index, block);
		assert_memory_equal(block, known[i].block, sizeof block);
		assert_int_equal(rng_u32(known[i].rng, known[i].index), known[i].block[0]);
		assert_true(rng_u64(known[i].rng, known[i].index) ==
		            (known[i].block[0] | (uint64_t)known[i].block[1] << 32));
	}
}

/* Words are those of the blocks, however many are asked for, and where an index goes beyond 32
 * bits. */
static void test_words(void **state)
{
	const struct rng r = {3, 5};
	const uint64_t first = UINT32_MAX - 20ull;

	(void)state;
	for (size_t n = 0; n < 200; n++) {
		uint32_t words[200] = {0}, block[4];
		rng_words(r, first, words, n);
		for (size_t i = 0; i < 200; i++) {
			rng_block(r, first + i / 4, block);
			assert_int_equal(words[i], i < n ? block[i % 4] : 0);
		}
	}
}

/* The 64-bit FNV-1a values of the authors' test suite. */
static void test_streams(void **state)
{
	(void)state;
	assert_true(rng_stream("") == 0xcbf29ce484222325);
	assert_true(rng_stream("a") == 0xaf63dc4c8601ec8c);
	assert_true(rng_stream("foobar") == 0x85944171f73967e8);
}

/* Moments are given five standard errors. */
static void test_uniform(void **state)
{
	struct rng r = {1, rng_stream("uniform")};
	double sum = 0, squares = 0;

	(void)state;
	for (uint64_t i = 0; i < DRAWS; i++) {
		double x = rng_uniform(r, i);
		assert_true(x >= 0 && x < 1);
		assert_true(x == (double)(rng_u64(r, i) >> 11) * 0x1p-53);
		sum += x;
		squares += x * x;
	}
	assert_true(fabs(sum / DRAWS - 0.5) < 5 * sqrt(1. / 12 / DRAWS));
	assert_true(fabs(squares / DRAWS - 1. / 3) < 5 * sqrt(4. / 45 / DRAWS));
}

static void test_normal(void **state)
{
	struct rng r = {1, rng_stream("normal")};
	double moment[5] = {0}, beyond = 0;

	(void)state;
	for (uint64_t i = 0; i < DRAWS; i++) {
		double x = rng_normal(r, i), power = 1;
		assert_true(isfinite(x));
		for (int k = 1; k <= 4; k++)
			moment[k] += power *= x;
		beyond += fabs(x) > 1.959963984540054;
	}
	assert_true(fabs(moment[1] / DRAWS) < 5 * sqrt(1. / DRAWS));
	assert_true(fabs(moment[2] / DRAWS - 1) < 5 * sqrt(2. / DRAWS));
	assert_true(fabs(moment[3] / DRAWS) < 5 * sqrt(15. / DRAWS));
	assert_true(fabs(moment[4] / DRAWS - 3) < 5 * sqrt(96. / DRAWS));
	assert_true(fabs(beyond / DRAWS - 0.05) < 5 * sqrt(0.05 * 0.95 / DRAWS));
}

static void test_below(void **state)
{
	struct rng r = {1, rng_stream("below")};
	int count[7] = {0};

	(void)state;
	for (uint64_t i = 0; i < DRAWS; i++) {
		uint64_t x = rng_below(r, i, 7);
		assert_true(x < 7);
		count[x]++;
	}
	for (int i = 0; i < 7; i++)
		assert_true(fabs(count[i] - DRAWS / 7.) < 5 * sqrt(DRAWS * 6. / 49));
	for (uint64_t i = 0; i < 100; i++) {
		assert_true(rng_below(r, i, 1) == 0);
		assert_true(rng_below(r, i, UINT64_MAX) <= rng_u64(r, i));
	}
}

/* Each of the six orders of three things is as likely as the others. */
static void test_permutation(void **state)
{
	int count[27] = {0};

	(void)state;
	for (uint64_t seed = 0; seed < 6000; seed++) {
		size_t p[3];
		rng_permutation((struct rng){seed, 0}, p, 3);
		assert_int_equal(1 << p[0] | 1 << p[1] | 1 << p[2], 7);
		count[9 * p[0] + 3 * p[1] + p[2]]++;
	}
	for (int i = 0; i < 27; i++)
		if (count[i])
			assert_true(abs(count[i] - 1000) < 5 * 29);
	rng_permutation((struct rng){0, 0}, NULL, 0);
}

/* One draw tells nothing about the next, nor about that of another stream or seed. */
static void test_independence(void **state)
{
	struct rng r = {1, 1}, other[] = {{1, 2}, {2, 1}, {1 + (1ull << 32), 1}};
	double limit = 5 * sqrt(1. / 144 / DRAWS), next = 0, across[3] = {0};

	(void)state;
	for (uint64_t i = 0; i < DRAWS; i++) {
		double x = rng_uniform(r, i) - 0.5;
		next += x * (rng_uniform(r, i + 1) - 0.5);
		for (int k = 0; k < 3; k++)
			across[k] += x * (rng_uniform(other[k], i) - 0.5);
	}
	assert_true(fabs(next / DRAWS) < limit);
	for (int k = 0; k < 3; k++)
		assert_true(fabs(across[k] / DRAWS) < limit);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_known_answers), cmocka_unit_test(test_words),
		cmocka_unit_test(test_streams),       cmocka_unit_test(test_uniform),
		cmocka_unit_test(test_normal),        cmocka_unit_test(test_below),
		cmocka_unit_test(test_permutation),   cmocka_unit_test(test_independence),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
