/* minimal - the formulas that are its own, by finite differences and by double precision */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "minimal/constant.h"
#include "minimal/goal.h"
#include "minimal/loops.h"
#include "minimal/tanh.h"

#define COUNT(list) (sizeof(list) / sizeof *(list))

/* Not a multiple of any vector's length. */
enum { MANY = 1037 };

/* cmocka's own compares floats. */
static void assert_near(double found, double want, double within)
{
	if (!(fabs(found - want) <= within))
		fail_msg("found %.12g, want %.12g", found, want);
}

/* ---- pixels by tanh ---- */

static double pixel_of(double w)
{
	return 127.5 * (tanh(w) + 1);
}

/* Through all w that Adam may reach, and beyond: x to 3 units in a float's last place, the slope to
 * 8 of its own, however near x is to 0 or 255. */
static void pixels_and_slopes(void **state)
{
	float w[MANY], x[MANY], slope[MANY];

	(void)state;
	for (size_t k = 0; k < MANY; k++)
		w[k] = 0.04F * (float)k - 20;
	tanh_to(w, x, slope, MANY);
	for (size_t k = 0; k < MANY; k++) {
		double e = exp(-2 * (double)w[k]), want = 255 / (1 + e);
		assert_near((double)x[k], want, 3 * 0x1p-23 * want);
		want = 510 * (e / (1 + e)) / (1 + e);
		assert_near((double)slope[k], want, 8 * 0x1p-23 * want);
	}
	const float far[] = {-1e30F, -500, 500, 1e30F};
	tanh_to(far, x, slope, COUNT(far));
	for (size_t k = 0; k < COUNT(far); k++) {
		assert_true(k < 2 ? x[k] >= 0 && x[k] < 1e-30F : x[k] == 255);
		assert_true(slope[k] >= 0 && slope[k] < 1e-30F);
	}
}

/* There and back: the pixel, but what .000001 of 127.5 and a float's w lose. */
static void from_pixels(void **state)
{
	float pixels[256], w[256], x[256], slope[256];

	(void)state;
	for (int k = 0; k < 256; k++)
		pixels[k] = (float)k;
	tanh_from(w, pixels, 256);
	tanh_to(w, x, slope, 256);
	for (int k = 0; k < 256; k++)
		assert_near((double)x[k], k, 1.3e-4 + 2e-5);
}

/* What the first step of Adam leaves in m is a tenth of the derivative by w, that of
 * |x - start|^2 / 255^2 + factor g x. */
static void step_by_differences(void **state)
{
	float w[MANY], x[MANY], slope[MANY], g[MANY], start[MANY], m[MANY] = {0}, v[MANY] = {0};
	const float factor = 0.7F;

	(void)state;
	for (size_t k = 0; k < MANY; k++) {
		w[k] = (float)(3 * sin((double)k));
		g[k] = (float)(0.01 * cos(5 * (double)k));
		start[k] = (float)(k * 7 % 256);
	}
	tanh_to(w, x, slope, MANY);
	float before[MANY];
	memcpy(before, w, sizeof w);
	struct adam a = adam_of(0.01, 1);
	tanh_step(&a, factor, g, start, w, m, v, x, slope, MANY);
	for (size_t k = 0; k < MANY; k++) {
		const double h = 1e-4;
		double value[2];
		for (int i = 0; i < 2; i++) {
			double at = pixel_of((double)before[k] + (i ? h : -h));
			double far = (at - (double)start[k]) / 255;
			value[i] = far * far + (double)factor * (double)g[k] * at;
		}
		double d = (value[1] - value[0]) / (2 * h);
		/* Floats, and the h^2 of central differences, of terms of up to 2. */
		assert_near(10 * (double)m[k], d, 2e-6);
		assert_near(1000 * (double)v[k], d * d, 1e-5 * fabs(d) + 1e-9);
		/* Adam's first step has the length of its rate; where d is not near its epsilon. */
		if (fabs(d) > 1e-4)
			assert_near((double)before[k] - (double)w[k], d > 0 ? 0.01 : -0.01, 2e-6);
		assert_near((double)x[k], pixel_of((double)w[k]), 1e-4);
	}
}

/* Steps of Adam find the minimum, which is the start where g is 0. */
static void steps_to_the_start(void **state)
{
	float w[256], x[256], slope[256], g[256] = {0}, start[256], m[256] = {0}, v[256] = {0};

	(void)state;
	for (int k = 0; k < 256; k++) {
		start[k] = (float)(20 + 0.8 * k);
		w[k] = (float)sin(k);
	}
	tanh_to(w, x, slope, 256);
	for (uint64_t t = 1; t <= 3000; t++) {
		struct adam a = adam_of(0.01, t);
		tanh_step(&a, 1, g, start, w, m, v, x, slope, 256);
	}
	for (int k = 0; k < 256; k++)
		assert_near((double)x[k], (double)start[k], 0.5);
}

/* ---- goals ---- */

static const float tables[][5] = {
	{0.3F, -1, 2, 0.5F, 1.9F}, {0, 0, 0, 0, 0},          {30, -20, 3, 29, 2},
	{-80, 80, 1, 0, 79},       {1e4F, 1, 2, 3, 9999.5F},
};

static void leads(void **state)
{
	size_t ahead, behind;
	const struct goal other = {.label = 2},
			  target = {.label = 2, .targeted = true, .target = 4};
	const struct goal sure = {.label = 2, .confidence = 0.2};

	(void)state;
	assert_near(goal_lead(&other, tables[0], 5, &ahead, &behind), 0.1, 1e-6);
	assert_true(ahead == 2 && behind == 4);
	assert_near(goal_lead(&target, tables[3], 5, &ahead, &behind), 1, 0);
	assert_true(ahead == 1 && behind == 4);
	assert_false(goal_reached(&other, tables[0], 5));
	assert_true(goal_reached(&other, tables[2], 5));
	assert_false(goal_reached(&target, tables[2], 5));
	/* Of equals the first is predicted. */
	assert_true(goal_reached(&other, tables[1], 5));
	assert_false(goal_reached(&sure, tables[1], 5));
	assert_false(goal_reached(&(struct goal){.label = 0}, tables[1], 5));
}

static double loss_of(const double *z, size_t n, const struct goal *g)
{
	double wanted = 0, all = 0, top = -INFINITY;

	for (size_t j = 0; j < n; j++)
		top = fmax(top, z[j]);
	for (size_t j = 0; j < n; j++) {
		all += exp(z[j] - top);
		wanted += (g->targeted ? j == g->target : j != g->label) ? exp(z[j] - top) : 0;
	}
	return -log(wanted / all);
}

static void losses_by_differences(void **state)
{
	const double h = 1e-4;

	(void)state;
	for (size_t t = 0; t < 3; t++)
		for (size_t c = 0; c < 10; c++) {
			const struct goal g = {.label = c % 5, .targeted = c >= 5, .target = c % 5};
			float gradient[5];
			double z[5];
			for (size_t j = 0; j < 5; j++)
				z[j] = (double)tables[t][j];
			assert_near(goal_loss(&g, tables[t], 5), loss_of(z, 5, &g),
			            1e-12 + 1e-6 * loss_of(z, 5, &g));
			goal_loss_gradient(&g, tables[t], 5, gradient);
			for (size_t j = 0; j < 5; j++) {
				z[j] += h;
				double up = loss_of(z, 5, &g);
				z[j] -= 2 * h;
				double d = (up - loss_of(z, 5, &g)) / (2 * h);
				z[j] += h;
				assert_near((double)gradient[j], d, 1e-7);
			}
		}
	/* Where doubles' exponentials would be 0 or infinite, the loss is the lead. */
	assert_near(goal_loss(&(struct goal){.label = 0}, tables[4], 5), log(exp(0.5) + 1), 1e-9);
	assert_near(goal_loss(&(struct goal){.label = 1}, tables[4], 5), 0, 1e-300);
	const float far[] = {9000, -9000};
	assert_near(goal_loss(&(struct goal){.label = 0}, far, 2), 18000, 1e-6);
}

/* ---- the rest ---- */

static void constants(void **state)
{
	static const struct {
		bool succeeded;
		double next;
	} row[7] = {{false, 0.1},   {false, 1},      {true, 0.55},     {false, 0.775},
	            {true, 0.6625}, {true, 0.60625}, {false, 0.634375}};
	struct constant c = constant_begin(0.01, 8);

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++) {
		assert_true(constant_next(&c, row[i].succeeded));
		assert_near(c.value, row[i].next, 1e-15);
	}
	assert_false(constant_next(&c, true));
}

static void loops(void **state)
{
	float a[MANY], b[MANY], c[MANY];
	double dot = 0, distance = 0;

	(void)state;
	for (size_t k = 0; k < MANY; k++) {
		a[k] = (float)sin((double)k);
		b[k] = (float)cos(3 * (double)k);
		dot += (double)a[k] * (double)b[k];
		distance += ((double)a[k] - (double)b[k]) * ((double)a[k] - (double)b[k]);
	}
	assert_near(loops_dot(a, b, MANY), dot, 1e-12);
	assert_near(loops_distance(a, b, MANY), distance, 1e-12 * distance);
	loops_to_box(c, a, 300, b, MANY);
	for (size_t k = 0; k < MANY; k++)
		assert_true(c[k] == fminf(fmaxf(a[k] + 300 * b[k], 0), 255));
	loops_free(b, a, c, a, MANY);
	for (size_t k = 0; k < MANY; k++)
		assert_true(b[k] ==
		            ((c[k] == 0 && a[k] < 0) || (c[k] == 255 && a[k] > 0) ? 0 : a[k]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pixels_and_slopes),
		cmocka_unit_test(from_pixels),
		cmocka_unit_test(step_by_differences),
		cmocka_unit_test(steps_to_the_start),
		cmocka_unit_test(leads),
		cmocka_unit_test(losses_by_differences),
		cmocka_unit_test(constants),
		cmocka_unit_test(loops),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
