/* num - scores, their derivatives, and numbers that are large */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "num/num.h"

enum { ROWS = 3, CLASSES = 4 };

/* cmocka's own compares floats. */
static void assert_near(double found, double want, double within)
{
	if (!(fabs(found - want) <= within))
		fail_msg("found %.12g, want %.12g", found, want);
}

static const int32_t labels[ROWS] = {1, 3, 0};

static void test_argmax(void **state)
{
	(void)state;
	assert_int_equal(num_argmax((float[]){7}, 1), 0);
	assert_int_equal(num_argmax((float[]){1, 3, 2, 3}, 4), 1); /* the first of equals */
	assert_int_equal(num_argmax((float[]){-INFINITY, -1e30F}, 2), 1);
}

static void test_softmax(void **state)
{
	/* log 1 ... log 4, however far from 0 */
	float x[8], p[8];

	(void)state;
	for (int c = 0; c < 4; c++) {
		x[c] = logf((float)(c + 1));
		x[4 + c] = (float)(c == 2 ? 1e30 : -1e30);
	}
	num_softmax(x, 2, 4, p);
	for (int c = 0; c < 4; c++) {
		assert_near(p[c], (c + 1) / 10.0, 1e-7);
		assert_true(p[4 + c] == (c == 2));
	}
	num_softmax(x, 2, 4, x);
	assert_memory_equal(x, p, sizeof p);
}

static double loss_of(const float *logits, double smoothing)
{
	return num_cross_entropy(logits, labels, ROWS, CLASSES, smoothing, NULL, NULL) / ROWS;
}

/* Central differences: 1e-2 apart, so that what float cuts off is 1e-5 of them. */
static void test_gradient(void **state)
{
	const double step = 1e-2;
	float logits[ROWS * CLASSES], gradient[ROWS * CLASSES];

	(void)state;
	for (int i = 0; i < ROWS * CLASSES; i++)
		logits[i] = (float)sin(3 * i);
	for (int quarters = 0; quarters <= 4; quarters++) {
		double smoothing = quarters / 4.0;
		num_cross_entropy(logits, labels, ROWS, CLASSES, smoothing, gradient, NULL);
		for (int i = 0; i < ROWS * CLASSES; i++) {
			float x = logits[i], high = x + (float)step, low = x - (float)step;
			logits[i] = high;
			double more = loss_of(logits, smoothing);
			logits[i] = low;
			double less = loss_of(logits, smoothing);
			logits[i] = x;
			double slope = (more - less) / ((double)high - (double)low);
			assert_near(gradient[i], slope, 1e-5);
		}
	}
}

static void test_wrong(void **state)
{
	const float logits[ROWS * CLASSES] = {0, 1, 0, 0, 0, 9, 0, 8, 1, 1, 1, 1};
	size_t wrong = 10;

	(void)state;
	num_cross_entropy(logits, labels, ROWS, CLASSES, 0, NULL, &wrong);
	assert_int_equal(wrong, 11);
}

/* What trains on a network that has diverged must see it. */
static void test_not_finite(void **state)
{
	const float bad[] = {NAN, INFINITY, -INFINITY};

	(void)state;
	for (int i = 0; i < 3; i++) {
		float x[ROWS * CLASSES] = {0};
		assert_true(num_finite(x, ROWS * CLASSES));
		assert_true(isfinite(loss_of(x, 0)));
		x[1] = bad[i];
		assert_false(num_finite(x, ROWS * CLASSES));
		assert_false(isfinite(loss_of(x, 0)));
	}
	assert_true(num_finite((float[]){-3e38F, 3e38F, -0.0F}, 3));
	assert_true(num_finite(NULL, 0));
}

static void test_wilson(void **state)
{
	double low, high;

	(void)state;
	num_wilson(0, 10, &low, &high);
	assert_true(low == 0);
	assert_near(high, 0.27753279, 1e-8); /* z^2 / (n + z^2) */
	num_wilson(10, 10, &low, &high);
	assert_true(high == 1);
	assert_near(low, 1 - 0.27753279, 1e-8);
	num_wilson(5000000, 10000000, &low, &high);
	assert_near(high - low, 2 * 1.959964 * 0.5 / sqrt(1e7), 1e-9);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_argmax),     cmocka_unit_test(test_softmax),
		cmocka_unit_test(test_gradient),   cmocka_unit_test(test_wrong),
		cmocka_unit_test(test_not_finite), cmocka_unit_test(test_wilson),
	};

	return cmocka_run_group_tests_name("num", tests, NULL, NULL);
}
