/* linear - products in their documented order, eigenvectors that are known, orthogonal rows */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/base.h"
#include "linear/linear.h"
#include "rng/rng.h"

static double *numbers(const char *name, size_t n)
{
	double *x = xcalloc(n, sizeof *x);

	for (size_t i = 0; i < n; i++)
		x[i] = rng_normal((struct rng){1, rng_stream(name)}, i);
	return x;
}

/* Row i of A times column j of B, as linear.h says that it is summed. */
static double element(struct matrix a, struct matrix b, size_t i, size_t j, double sum)
{
	for (size_t first = 0; first < b.rows; first += 256) {
		double part = 0;
		for (size_t k = first; k < b.rows && k < first + 256; k++)
			part += a.x[i * a.down + k * a.right] * b.x[k * b.down + j * b.right];
		sum += part;
	}
	return sum;
}

static void check_product(struct matrix a, struct matrix b, enum linear_part part)
{
	double *c = numbers("c", a.rows * b.columns), *before = numbers("c", a.rows * b.columns);

	linear_multiply(a, b, c, part);
	for (size_t i = 0; i < a.rows; i++)
		for (size_t j = part == LINEAR_UPPER ? i : 0; j < b.columns; j++) {
			size_t at = i * b.columns + j;
			double want = element(a, b, i, j, before[at]);
			/* The same bits, or the order is another. */
			if (c[at] != want)
				fail_msg("(%zu,%zu) (%zu,%zu): element %zu, %zu is %.17g, want "
				         "%.17g",
				         a.rows, a.columns, b.rows, b.columns, i, j, c[at], want);
		}
	free(c);
	free(before);
}

/* Sizes around those of tiles and blocks. */
static const size_t shapes[][3] = {{1, 1, 1},     {7, 3, 9},     {8, 256, 8},     {9, 257, 17},
                                   {40, 600, 24}, {3, 2, 2051},  {17, 300, 2049}, {5, 0, 4},
                                   {0, 3, 4},     {100, 10, 100}};

static void test_product(void **state)
{
	(void)state;
	for (int count = 1; count <= 3; count++) {
		threads_use(count);
		for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++) {
			size_t n = shapes[s][0], k = shapes[s][1], m = shapes[s][2];
			double *x = numbers("a", n * k), *y = numbers("b", k * m);
			struct matrix a = linear_matrix(x, n, k), b = linear_matrix(y, k, m);
			check_product(a, b, LINEAR_ALL);
			check_product(a, linear_transposed(linear_matrix(y, m, k)), LINEAR_ALL);
			check_product(linear_transposed(linear_matrix(x, k, n)), b, LINEAR_ALL);
			free(x);
			free(y);
		}
	}
}

static void test_upper(void **state)
{
	double *x = numbers("a", 2060 * 3);
	const size_t sizes[] = {1, 8, 17, 2060};

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		struct matrix a = linear_matrix(x, 3, sizes[i]);
		check_product(linear_transposed(a), a, LINEAR_UPPER);
	}
	free(x);
}

/* The matrix with 2 on its diagonal and -1 beside it has the eigenvalues 2 + 2 cos(pi j / (n + 1))
 * and vectors that are sines, with alternating signs. */
static void test_eigen(void **state)
{
	enum { N = 30, K = 5 };
	const double pi = acos(-1);
	double *a = xcalloc(N, N * sizeof *a), values[K], vectors[K][N];

	(void)state;
	for (size_t i = 0; i < N; i++)
		for (size_t j = i; j < N; j++)
			a[i * N + j] = i == j ? 2 : j == i + 1 ? -1 : 0;
	for (size_t i = 1; i < N; i++) /* the lower half is not read */
		a[i * N] = NAN;
	assert_true(linear_eigen(a, N, K, values, vectors[0]));
	for (int k = 0; k < K; k++) {
		double angle = pi * (k + 1) / (N + 1), sign = vectors[k][0] < 0 ? -1 : 1;
		/* Rounding of a few operations on numbers up to 4; gaps are .01 and more. */
		assert_true(fabs(values[k] - (2 + 2 * cos(angle))) < 1e-13);
		for (int i = 0; i < N; i++) {
			double want = sqrt(2. / (N + 1)) * sin(angle * (i + 1)) * (i % 2 ? -1 : 1);
			assert_true(fabs(sign * vectors[k][i] - want) < 1e-12);
		}
	}
	free(a);
}

static void test_orthogonal(void **state)
{
	enum { K = 4, N = 50 };
	double *x = numbers("a", K * N), *q = numbers("a", K * N);

	(void)state;
	assert_true(linear_orthogonal(q, K, N));
	for (int i = 0; i < K; i++)
		for (int j = 0; j < K; j++) {
			double product = 0, with = 0;
			for (int k = 0; k < N; k++) {
				product += q[i * N + k] * q[j * N + k];
				with += q[i * N + k] * x[j * N + k];
			}
			assert_true(fabs(product - (i == j)) < 1e-14);
			/* Nothing of the rows before. */
			assert_true(i <= j || fabs(with) < 1e-13);
		}
	free(x);
	free(q);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_product),
		cmocka_unit_test(test_upper),
		cmocka_unit_test(test_eigen),
		cmocka_unit_test(test_orthogonal),
	};

	return cmocka_run_group_tests_name("linear", tests, NULL, NULL);
}
