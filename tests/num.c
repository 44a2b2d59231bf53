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

static int32_t classes[ROWS] = {1, 3, 0};

/* Of the same classes, but for the second row, of which two are the most probable, the first
 * counts; the third row's sum is off by as much as data sets may be. */
static float distributions[ROWS * CLASSES] = {0,     1,     0,   0,    .375F, .125F,
                                              .125F, .375F, .5F, .25F, .125F, .126F};

static const struct labels hard = {.hard = classes}, soft = {.soft = distributions};

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

	double y[] = {log(1), log(2), log(3), log(4)}, far[] = {-1e300, 1e300, -INFINITY};
	num_softmax_double(y, 4);
	for (int c = 0; c < 4; c++)
		assert_near(y[c], (c + 1) / 10.0, 1e-16);
	num_softmax_double(far, 3);
	assert_true(far[0] == 0 && far[1] == 1 && far[2] == 0);
	num_softmax_double(y, 0);
}

/* A row without probabilities. */
static void test_softmax_of_nothing(void **state)
{
	const double rows[][3] = {{NAN, 1, 2},      {1, NAN, 2},
	                          {1, 2, NAN},      {INFINITY, 1, 2},
	                          {1, 2, INFINITY}, {-INFINITY, -INFINITY, -INFINITY}};

	(void)state;
	for (int i = 0; i < 6; i++) {
		float x[3];
		double y[3];
		for (int c = 0; c < 3; c++)
			x[c] = (float)(y[c] = rows[i][c]);
		num_softmax(x, 1, 3, x);
		num_softmax_double(y, 3);
		for (int c = 0; c < 3; c++)
			assert_true(isnan(x[c]) && isnan(y[c]));
	}
}

static void test_mode(void **state)
{
	double x[] = {3, -1, 2, 3, -1, 0};
	int64_t i[] = {INT64_MAX, INT64_MAX - 1, INT64_MIN, INT64_MAX - 1};

	(void)state;
	assert_true(num_mode(x, 6) == -1);
	assert_true(num_mode(x, 1) == -1); /* sorted */
	assert_true(num_mode_whole(i, 4) == INT64_MAX - 1);
	assert_true(num_mode_whole(i, 2) == INT64_MIN);
}

static double loss_of(const float *logits, struct labels labels, double smoothing)
{
	return num_cross_entropy(logits, labels, ROWS, CLASSES, smoothing, NULL, NULL) / ROWS;
}

/* The definition, without care for large logits. */
static double naive_loss_of(const float *logits, const float *p, double smoothing)
{
	double loss = 0;

	for (int i = 0; i < ROWS; i++, logits += CLASSES, p += CLASSES) {
		double sum = 0;
		for (int c = 0; c < CLASSES; c++)
			sum += exp((double)logits[c]);
		for (int c = 0; c < CLASSES; c++)
			loss -= ((1 - smoothing) * (double)p[c] + smoothing / CLASSES) *
			        log(exp((double)logits[c]) / sum);
	}
	return loss / ROWS;
}

static void fill(float logits[ROWS * CLASSES])
{
	for (int i = 0; i < ROWS * CLASSES; i++)
		logits[i] = (float)sin(3 * i);
}

/* Central differences: 1e-2 apart, so that what float cuts off is 1e-5 of them. */
static void check_gradient(struct labels labels)
{
	const double step = 1e-2;
	float logits[ROWS * CLASSES], gradient[ROWS * CLASSES];

	fill(logits);
	for (int quarters = 0; quarters <= 4; quarters++) {
		double smoothing = quarters / 4.0;
		num_cross_entropy(logits, labels, ROWS, CLASSES, smoothing, gradient, NULL);
		for (int i = 0; i < ROWS * CLASSES; i++) {
			float x = logits[i], high = x + (float)step, low = x - (float)step;
			logits[i] = high;
			double more = loss_of(logits, labels, smoothing);
			logits[i] = low;
			double less = loss_of(logits, labels, smoothing);
			logits[i] = x;
			double slope = (more - less) / ((double)high - (double)low);
			assert_near(gradient[i], slope, 1e-5);
		}
	}
}

static void test_gradient(void **state)
{
	(void)state;
	check_gradient(hard);
	check_gradient(soft);
}

/* Both kinds of labels; doubles around 1 from some 20 operations. */
static void test_definition(void **state)
{
	float logits[ROWS * CLASSES], one_hot[ROWS * CLASSES] = {0};

	(void)state;
	fill(logits);
	for (int i = 0; i < ROWS; i++)
		one_hot[i * CLASSES + classes[i]] = 1;
	for (int tenths = 0; tenths <= 10; tenths++) {
		double s = tenths / 10.0;
		assert_near(loss_of(logits, hard, s), naive_loss_of(logits, one_hot, s), 1e-14);
		assert_near(loss_of(logits, soft, s), naive_loss_of(logits, distributions, s),
		            1e-14);
	}
}

/* The same bits: a product with 1 and a sum with 0 are exact. */
static void test_one_hot(void **state)
{
	float logits[ROWS * CLASSES], one_hot[ROWS * CLASSES] = {0};
	float gradient[2][ROWS * CLASSES];
	const struct labels labels = {.soft = one_hot};

	(void)state;
	fill(logits);
	for (int i = 0; i < ROWS; i++)
		one_hot[i * CLASSES + classes[i]] = 1;
	for (int i = 0; i <= 1000; i++) {
		double smoothing = i / 1000.0;
		double a = num_cross_entropy(logits, hard, ROWS, CLASSES, smoothing, gradient[0],
		                             NULL);
		double b = num_cross_entropy(logits, labels, ROWS, CLASSES, smoothing, gradient[1],
		                             NULL);
		assert_memory_equal(&a, &b, sizeof a);
		assert_memory_equal(gradient[0], gradient[1], sizeof gradient[0]);
	}
}

static void test_wrong(void **state)
{
	const float logits[ROWS * CLASSES] = {0, 1, 0, 0, 0, 9, 0, 8, 1, 1, 1, 1};
	size_t wrong = 10;

	(void)state;
	num_cross_entropy(logits, hard, ROWS, CLASSES, 0, NULL, &wrong);
	assert_int_equal(wrong, 11);
	/* The second row's most probable class is 0, its largest logit 1. */
	num_cross_entropy(logits, soft, ROWS, CLASSES, 0, NULL, &wrong);
	assert_int_equal(wrong, 12);
	assert_int_equal(num_label(hard, 1, CLASSES), 3);
	assert_int_equal(num_label(soft, 1, CLASSES), 0);
}

/* What trains on a network that has diverged must see it. */
static void test_not_finite(void **state)
{
	const float bad[] = {NAN, INFINITY, -INFINITY};

	(void)state;
	for (int i = 0; i < 3; i++) {
		float x[ROWS * CLASSES] = {0};
		assert_true(num_finite(x, ROWS * CLASSES));
		assert_true(isfinite(loss_of(x, hard, 0)) && isfinite(loss_of(x, soft, 0)));
		x[1] = bad[i];
		assert_false(num_finite(x, ROWS * CLASSES));
		assert_false(isfinite(loss_of(x, hard, 0)) || isfinite(loss_of(x, soft, 0)));
	}
	assert_true(num_finite((float[]){-3e38F, 3e38F, -0.0F}, 3));
	assert_true(num_finite(NULL, 0));
}

/* Two-sided, from the tables of every textbook (NIST/SEMATECH e-Handbook of Statistical Methods,
 * 1.3.6.7.2), which round to three decimals. */
static void test_student_tables(void **state)
{
	static const struct {
		size_t df;
		double t90, t95, t99;
	} table[] = {
		{1, 6.314, 12.706, 63.657}, {2, 2.920, 4.303, 9.925},  {3, 2.353, 3.182, 5.841},
		{4, 2.132, 2.776, 4.604},   {5, 2.015, 2.571, 4.032},  {9, 1.833, 2.262, 3.250},
		{10, 1.812, 2.228, 3.169},  {30, 1.697, 2.042, 2.750}, {60, 1.671, 2.000, 2.660},
		{100, 1.660, 1.984, 2.626},
	};

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		assert_near(num_student(table[i].df, 0.90), table[i].t90, 0.00051);
		assert_near(num_student(table[i].df, 0.95), table[i].t95, 0.00051);
		assert_near(num_student(table[i].df, 0.99), table[i].t99, 0.00051);
	}
}

/* The distribution's density in the angle atan(t / sqrt(df)) is proportional to cos(angle)^(df -
 * 1); the part of its integral up to x, by Simpson's rule. */
static double density_until(double x, size_t df)
{
	const int steps = 20000;
	double sum = 0;

	for (int i = 0; i <= steps; i++) {
		double weight = i % steps == 0 ? 1 : i % 2 ? 4 : 2;
		sum += weight * pow(cos(x * i / steps), (double)df - 1);
	}
	return sum * x / (3.0 * steps);
}

/* Against the integral, and against closed forms.  Simpson's error is below 1e-12 here, and the
 * header promises ten digits. */
static void test_student(void **state)
{
	const double confidences[] = {0.01, 0.5, 0.95, 0.9999}, right = acos(0);

	(void)state;
	for (int i = 0; i < 4; i++) {
		double c = confidences[i];
		for (size_t df = 1; df < 40; df += 3) {
			double angle = atan(num_student(df, c) / sqrt((double)df));
			assert_near(density_until(angle, df) / density_until(right, df), c, 1e-12);
		}
		double t1 = tan(right * c), t2 = c * sqrt(2 / (1 - c * c));
		assert_near(num_student(1, c) / t1, 1, 1e-10);
		assert_near(num_student(2, c) / t2, 1, 1e-10);
		/* z + (z^3 + z) / 4 df (Abramowitz and Stegun 26.7.5); the next term is below 2e-8.
		 */
		double z = num_normal(c);
		assert_near(num_student(100000, c), z + (z * z * z + z) / 4e5, 2e-8);
	}
}

static void test_normal(void **state)
{
	(void)state;
	assert_near(num_normal(0.95), 1.959963984540054, 1e-14);
	assert_near(num_normal(0.99), 2.5758293035489004, 1e-14);
	assert_near(num_normal(0.5), 0.6744897501960817, 1e-14);
}

static void test_interval(void **state)
{
	/* 1 to 5: mean 3, variance 10 / 4, t 2.7764451052 (of four degrees of freedom). */
	const double x[] = {1, 2, 3, 4, 5};
	struct interval i = num_interval(x, 5, 0.95);

	(void)state;
	assert_int_equal(i.n, 5);
	assert_true(i.mean == 3);
	assert_near(i.sd, sqrt(2.5), 1e-15);
	assert_near(i.high, 3 + 2.7764451052 * sqrt(0.5), 1e-9);
	assert_near(i.low + i.high, 6, 1e-15);
	i = num_interval(x, 1, 0.95);
	assert_true(i.mean == 1 && isnan(i.sd) && isnan(i.low) && isnan(i.high));
	i = num_interval(x, 0, 0.95);
	assert_true(isnan(i.mean) && isnan(i.sd) && isnan(i.low) && isnan(i.high));
	i = num_interval((double[]){7, 7, 7}, 3, 0.95);
	assert_true(i.mean == 7 && i.sd == 0 && i.low == 7 && i.high == 7);
	assert_true(num_interval((double[]){1, INFINITY}, 2, 0.95).mean == INFINITY);
}

/* Newcombe, "Two-sided confidence intervals for the single proportion" (Statistics in Medicine
 * 1998), table I, method 3: four decimals. */
static void test_wilson_tables(void **state)
{
	static const struct {
		size_t k, n;
		double low, high;
	} table[] = {{81, 263, 0.2553, 0.3662},
	             {15, 148, 0.0624, 0.1605},
	             {0, 20, 0, 0.1611},
	             {1, 29, 0.0061, 0.1718}};

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		double low, high;
		num_wilson(table[i].k, table[i].n, 0.95, &low, &high);
		assert_near(low, table[i].low, 0.000051);
		assert_near(high, table[i].high, 0.000051);
	}
}

static void test_wilson(void **state)
{
	double low, high;

	(void)state;
	num_wilson(0, 10, 0.95, &low, &high);
	assert_true(low == 0);
	assert_near(high, 0.27753279, 1e-8); /* z^2 / (n + z^2) */
	num_wilson(10, 10, 0.95, &low, &high);
	assert_true(high == 1);
	assert_near(low, 1 - 0.27753279, 1e-8);
	num_wilson(5000000, 10000000, 0.95, &low, &high);
	assert_near(high - low, 2 * 1.959964 * 0.5 / sqrt(1e7), 1e-9);
	num_wilson(5000000, 10000000, 0.99, &low, &high);
	assert_near(high - low, 2 * 2.575829 * 0.5 / sqrt(1e7), 1e-9);
	num_wilson(0, 0, 0.95, &low, &high);
	assert_true(low == 0 && high == 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_argmax),         cmocka_unit_test(test_mode),
		cmocka_unit_test(test_softmax),        cmocka_unit_test(test_softmax_of_nothing),
		cmocka_unit_test(test_gradient),       cmocka_unit_test(test_definition),
		cmocka_unit_test(test_one_hot),        cmocka_unit_test(test_wrong),
		cmocka_unit_test(test_not_finite),     cmocka_unit_test(test_wilson),
		cmocka_unit_test(test_wilson_tables),  cmocka_unit_test(test_student),
		cmocka_unit_test(test_student_tables), cmocka_unit_test(test_normal),
		cmocka_unit_test(test_interval),
	};

	return cmocka_run_group_tests_name("num", tests, NULL, NULL);
}
