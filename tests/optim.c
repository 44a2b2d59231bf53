/* optim - updates element by element, schedules at their ends; trace.py checks the formulas */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/base.h"
#include "optim/optim.h"

/* More than a thread takes at a time, and an odd number. */
enum { MANY = 40001 };

/* cmocka's own compares floats. */
static void assert_near(double found, double want, double within)
{
	if (!(fabs(found - want) <= within))
		fail_msg("found %.12g, want %.12g", found, want);
}

static struct optim new_of(const struct optimizer *kind, enum npy_type type, size_t n)
{
	struct optim_options options = kind->defaults;

	options.weight_decay = 0.1;
	return optim_new(kind, &options, type, n, n);
}

static void step(const struct optimizer *kind, float *values, const float *gradients, size_t n)
{
	struct optim o = new_of(kind, NPY_F4, n);

	for (int i = 0; i < 3; i++)
		optim_step(&o, values, gradients, 0.1, 0.5);
	assert_int_equal(o.steps, 3);
	optim_free(&o);
}

static const struct optimizer *next(const struct optimizer *kind)
{
	for (int i = 0;; i++)
		if (optim_kind(i) == kind)
			return optim_kind(i + 1);
}

/* An element's update does not depend on its place, nor on how many there are. */
static void test_elements(void **state)
{
	float *values = xaligned(MANY, sizeof *values), *gradients = xaligned(MANY, sizeof *values);

	(void)state;
	for (const struct optimizer *kind = optim_kind(0); kind; kind = next(kind)) {
		for (int i = 0; i < MANY; i++) {
			values[i] = (float)sin(i);
			gradients[i] = (float)cos(2 * i);
		}
		step(kind, values, gradients, MANY);
		for (int i = 0; i < MANY; i += 1234) {
			float alone = (float)sin(i), gradient = (float)cos(2 * i);
			step(kind, &alone, &gradient, 1);
			assert_memory_equal(&alone, &values[i], sizeof alone);
		}
	}
	free(values);
	free(gradients);
}

/* Every row is found by its name, once. */
static void test_table(void **state)
{
	(void)state;
	for (const struct optimizer *kind = optim_kind(0); kind; kind = next(kind)) {
		assert_ptr_equal(optim_find("--optimizer", kind->name), kind);
		assert_non_null(strstr(optim_names(), kind->name));
	}
	assert_string_equal(optim_names(),
	                    "sgd, momentum, nesterov, adagrad, rmsprop, adam, adamw");
}

/* Layouts are padded with zeros, which must stay. */
static void test_zeros_stay(void **state)
{
	(void)state;
	for (const struct optimizer *kind = optim_kind(0); kind; kind = next(kind)) {
		float value = 0, gradient = 0;
		step(kind, &value, &gradient, 1);
		assert_true(value == 0);
	}
}

/* In doubles the same is computed as in floats, only more precisely. */
static void test_doubles(void **state)
{
	(void)state;
	for (const struct optimizer *kind = optim_kind(0); kind; kind = next(kind)) {
		struct optim o = new_of(kind, NPY_F8, 3);
		float values[] = {1, -0.5F, 0}, gradients[] = {0.25F, 3, -1e-3F};
		double precise[] = {1, -0.5, 0};
		const double slopes[] = {0.25, 3, (double)gradients[2]};

		step(kind, values, gradients, 3);
		for (int i = 0; i < 3; i++)
			optim_step(&o, precise, slopes, 0.1, 0.5);
		for (int i = 0; i < 3; i++)
			assert_near(precise[i], (double)values[i], 1e-6);
		optim_free(&o);
	}

	/* The first step of adam is the rate times g / (|g| + epsilon). */
	const struct optimizer *adam = optim_find("--optimizer", "adam");
	struct optim o = optim_new(adam, &adam->defaults, NPY_F8, 1, 1);
	double value = 1, slope = 1.0 / 3;
	optim_step(&o, &value, &slope, 0.1, 1);
	assert_near(value, 1 - 0.1 * slope / (slope + 1e-8), 1e-15);
	optim_free(&o);
}

static void test_clip(void **state)
{
	(void)state;
	assert_true(optim_norm(NPY_F4, (float[]){3, 0, -4}, 3) == 5);
	assert_true(optim_norm(NPY_F8, (double[]){3, 0, -4}, 3) == 5);
	/* The squares do not fit a float. */
	assert_near(optim_norm(NPY_F4, (float[]){3e30F, -4e30F}, 2) / 5e30, 1, 1e-6);
	/* 4 + 9 + 4 + 9 ...: exact, however it is added up. */
	float *many = xaligned(MANY, sizeof *many);
	for (size_t i = 0; i < MANY; i++)
		many[i] = i % 2 ? 3 : -2;
	assert_near(optim_norm(NPY_F4, many, MANY), sqrt(13.0 * 20000 + 4), 0);
	free(many);
	assert_true(optim_clip(5, 5.1) == 1);
	assert_near(optim_clip(5, 1), 0.2, 1e-7);
	assert_true(optim_clip(0, 1) == 1);
}

static void test_average(void **state)
{
	float average[] = {1, 1}, values[] = {3, -1};
	double precise[] = {1, 1};

	(void)state;
	optim_average(NPY_F4, average, values, 2, 0.75);
	assert_true(average[0] == 1.5F && average[1] == 0.5F);
	optim_average(NPY_F4, average, values, 2, 0);
	assert_true(average[0] == 3 && average[1] == -1);
	optim_average(NPY_F8, precise, (double[]){3, -1}, 2, 0.75);
	assert_true(precise[0] == 1.5 && precise[1] == 0.5);
}

static double rate_at(const char *text, uint64_t warmup, uint64_t at, uint64_t steps)
{
	struct schedule s = schedule_parse("schedule", text);

	s.warmup = warmup;
	return schedule_rate(&s, 1, at, steps, 10);
}

static void test_schedules(void **state)
{
	(void)state;
	assert_true(rate_at("constant", 0, 99, 100) == 1);
	assert_true(rate_at("step:2:0.5", 0, 19, 100) == 1);
	assert_true(rate_at("step:2:0.5", 0, 20, 100) == 0.5);
	assert_true(rate_at("step:2:0.5", 0, 40, 100) == 0.25);
	assert_true(rate_at("step:0.5:0.5", 0, 15, 100) == 0.125);
	for (uint64_t at = 0; at < 1000; at++) {
		uint64_t thirds = at / 3;
		assert_true(rate_at("step:0.1:2", 0, at, 1000) == exp2((double)at));
		assert_true(rate_at("step:0.3:2", 0, at, 1000) == exp2((double)thirds));
	}
	assert_true(rate_at("cosine", 0, 0, 100) == 1);
	assert_near(rate_at("cosine", 0, 50, 100), 0.5, 1e-12);
	assert_near(rate_at("onecycle", 0, 0, 100), 0.04, 1e-12);
	assert_near(rate_at("onecycle", 0, 29, 100), 1, 1e-12);
	assert_near(rate_at("onecycle", 0, 99, 100), 4e-6, 1e-12);
	assert_true(rate_at("constant", 3, 0, 100) == 0.25);
	assert_true(rate_at("constant", 3, 2, 100) == 0.75);
	assert_true(rate_at("constant", 3, 3, 100) == 1);
	/* Trainings of a few steps, where the way up or down has no room. */
	for (uint64_t steps = 1; steps < 8; steps++)
		for (uint64_t at = 0; at < steps; at++) {
			double rate = rate_at("onecycle", 0, at, steps);
			assert_true(rate >= 4e-6 * 0.999 && rate <= 1);
		}
}

static void test_schedule_text(void **state)
{
	static const char *const texts[] = {"constant", "step:2:0.5", "cosine", "onecycle"};

	(void)state;
	for (int i = 0; i < 4; i++) {
		struct schedule s = schedule_parse("schedule", texts[i]);
		char *text = schedule_text(&s);
		assert_string_equal(text, texts[i]);
		assert_true(schedule_looks_ahead(&s) == (i > 1));
		free(text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),      cmocka_unit_test(test_elements),
		cmocka_unit_test(test_zeros_stay), cmocka_unit_test(test_doubles),
		cmocka_unit_test(test_clip),       cmocka_unit_test(test_average),
		cmocka_unit_test(test_schedules),  cmocka_unit_test(test_schedule_text),
	};

	return cmocka_run_group_tests_name("optim", tests, NULL, NULL);
}
