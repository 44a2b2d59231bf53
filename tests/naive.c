/* The naive implementation: values by hand, gradients by central differences. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
/* cmocka.h wants those first. */
#include <cmocka.h>

#include "base/base.h"
#include "reference/draw.h"
#include "reference/naive.h"

static void near(double a, double b, double most)
{
	if (!(fabs(a - b) <= most))
		fail_msg("%.17g and %.17g are more than %g apart", a, b, most);
}

/* The outputs of all images. */
static size_t outputs(const struct naive *m)
{
	return m->n * shape_count(m->spec->layer[m->spec->layers - 1].out);
}

/* ---- values ---- */

/* The network's outputs for these pixels, parameters being 1, 2, 3 ... */
static void expect(const char *text, bool train, size_t n, const double *pixels,
                   const double *expected)
{
	struct spec s = spec_parse("network", text);
	struct naive m = naive_new(&s, n, train);
	double next = 1;

	for (int i = 0; i < s.parameters; i++)
		for (size_t k = 0; k < parameter_count(&s.parameter[i]); k++)
			m.parameter[i][k] = next++;
	memcpy(m.pixels, pixels, n * shape_count(s.input) * sizeof *pixels);
	naive_forward(&m);
	for (size_t k = 0; k < outputs(&m); k++)
		near(m.y[s.layers][k], expected[k], 1e-12);
	naive_free(&m);
	spec_free(&s);
}

#define LIST(...) ((const double[]){__VA_ARGS__})

static void values(void **state)
{
	(void)state;
	/* 1 2; 3 4 under the kernel 1 2; 3 4, bias 5 */
	expect("input 1x2x2\nconv 1 2x2\n", false, 1, LIST(1, 2, 3, 4), LIST(35));
	/* `same` puts the odd zero behind: columns 0 and 1, 1 and 2, 2 and the zero */
	expect("input 1x1x3\nconv 1 1x2 pad same nobias\n", false, 1, LIST(10, 20, 30),
	       LIST(50, 80, 30));
	expect("input 2x1x1\ndense 2\n", false, 2, LIST(1, 10, 0, 1), LIST(26, 49, 7, 10));
	/* The last window of ceil has but one column, which is all the mean is of. */
	expect("input 1x1x3\nmaxpool 1x2 ceil\n", false, 1, LIST(1, 5, 3), LIST(5, 3));
	expect("input 1x1x3\navgpool 1x2 ceil\n", false, 1, LIST(1, 5, 3), LIST(3, 3));
	/* Pads are no zeros: before -1, and behind -3. */
	expect("input 1x1x3\nmaxpool 1x3 stride 2 pad 0x1\n", false, 1, LIST(-1, -5, -3),
	       LIST(-1, -3));
	expect("input 1x1x3\navgpool 1x3 stride 2 pad 0x1\n", false, 1, LIST(-1, -5, -3),
	       LIST(-3, -4));
	expect("input 1x1x3 mean 1 scale 2\nrelu\n", false, 1, LIST(0, 1, 7), LIST(0, 0, 3));
	expect("input 2x1x2 mean 1 5 scale 2 4\nrelu\n", false, 1, LIST(3, 5, 7, 13),
	       LIST(1, 2, 0.5, 2));
	expect("input 1x1x1\nsigmoid\ntanh\n", false, 1, LIST(0), LIST(tanh(0.5)));
	/* weight 1, bias 2, mean 3, variance 4 */
	expect("input 1x1x1\nbatchnorm\n", false, 1, LIST(7), LIST(4 / sqrt(4 + 1e-5) + 2));
	expect("input 1x1x2\navgpool global\n", false, 1, LIST(1, 5), LIST(3));
	expect("input 1x1x2\nmaxpool global\n", false, 1, LIST(1, 5), LIST(5));
	expect("input 2x1x2\nupsample 2\n", false, 1, LIST(1, 2, 3, 4),
	       LIST(1, 1, 2, 2, 1, 1, 2, 2, 3, 3, 4, 4, 3, 3, 4, 4));
	/* Of 4 columns: the peak, its neighbors at 1 - 4/4 = 0; of 8, 1 - 4/8, and the first of two
	 * peaks. */
	expect("input 1x1x4\ntemplate\n", false, 1, LIST(2, 3, 5, 1), LIST(0, 0, 5, 0));
	expect("input 1x2x8\ntemplate\n", false, 1,
	       LIST(2, 3, 2, 1, 1, 1, 1, 9, 1, 4, 1, 1, 1, 1, 9, 9),
	       LIST(0, 0, 0, 0, 0, 0, 0.5, 9, 0, 0, 0, 0, 0, 0, 0, 4.5));
	/* relu(-1), relu(3), and both added to what they are of, twice */
	expect("input 1x1x2\ndropout 0.5 as x\nrelu\nadd x\nadd x\n", false, 1, LIST(-1, 3),
	       LIST(-2, 9));
	/* x = 1 p + 2, then 3 x + 4 on one way and 5 x + 6 on the other */
	expect("input 1x1x1\ndense 1 as x\ndense 1 as a\ndense 1 from x as b\nadd a\n", false, 1,
	       LIST(7), LIST((7 + 2) * 3 + 4 + (7 + 2) * 5 + 6));
	/* 0 and 2 have the mean 1 and the biased variance 1 */
	expect("input 1x1x1\nbatchnorm\n", true, 2, LIST(0, 2),
	       LIST(2 - 1 / sqrt(1 + 1e-5), 2 + 1 / sqrt(1 + 1e-5)));
}

static void running_statistics(void **state)
{
	struct spec s = spec_parse("network", "input 1x1x1\nbatchnorm\n");
	struct naive m = naive_new(&s, 2, true);

	(void)state;
	m.parameter[3][0] = 1;
	m.pixels[1] = 2;
	naive_forward(&m);
	near(m.parameter[2][0], 0.1, 1e-15); /* a tenth of the mean 1 */
	near(m.parameter[3][0], 1.1, 1e-15); /* of the unbiased variance 2 */
	naive_free(&m);
	spec_free(&s);
}

static void ties_go_to_the_first(void **state)
{
	struct spec s = spec_parse("network", "input 1x2x2\nmaxpool 2x2\n");
	struct naive m = naive_new(&s, 1, true);

	(void)state;
	m.pixels[1] = m.pixels[2] = 7;
	naive_forward(&m);
	m.d[1][0] = 1;
	naive_backward(&m, 1);
	near(m.pixel_gradient[1], 1, 0);
	near(m.pixel_gradient[2], 0, 0);
	naive_free(&m);
	spec_free(&s);
}

/* ---- gradients ---- */

/*
 * Central differences err by step^2 times the third derivative, here of 1 to 10, and by the loss's
 * rounding, some 1e-16, over the step: each some 1e-10.  Where batch norms in a row divide by the
 * deviation of three numbers, the derivative is up to 1e5, and the error 1e-7.
 */
static const double STEP = 2e-6;

/* The loss that gradients are tested with: cross-entropy with labels 0, 1, 2, 0 ... */
static double loss(struct naive *m, double *gradient)
{
	size_t classes = outputs(m) / m->n;
	int64_t *label = xcalloc(m->n, sizeof *label);

	for (size_t i = 0; i < m->n; i++)
		label[i] = (int64_t)(i % 3 % classes);
	naive_forward(m);
	double l = naive_cross_entropy(m->n, classes, m->y[m->spec->layers], label, gradient);
	free(label);
	return l;
}

/* Compare some elements of a tensor's gradient with central differences, but where a kink is near.
 * Returns how many were compared. */
static int check(struct naive *m, struct draw *r, double *x, const double *gradient, size_t n,
                 double step)
{
	double *unused = xcalloc(outputs(m), sizeof *unused);
	int compared = 0;

	for (int k = 0; k < 8; k++) {
		size_t i = draw_below(r, n);
		double kept = x[i];
		x[i] = kept - step;
		double below = loss(m, unused);
		uint64_t decisions = m->decisions;
		x[i] = kept + step;
		double above = loss(m, unused);
		x[i] = kept;
		if (m->decisions != decisions)
			continue;
		near((above - below) / (2 * step), gradient[i], 1e-7 * (1 + fabs(gradient[i])));
		compared++;
	}
	free(unused);
	return compared;
}

/* All gradients of one random network. */
static int check_network(struct draw *r, const char *kinds, bool train)
{
	char *text = draw_network(r, kinds, false);
	struct model model = draw_model(r, text, false);
	struct naive m = naive_new(&model.spec, 3, train);
	size_t pixels = m.n * shape_count(model.spec.input);
	int compared = 0;

	naive_load(&m, model.tensor);
	for (size_t k = 0; k < pixels; k++)
		m.pixels[k] = 120 + 70 * draw_normal(r);
	loss(&m, m.d[model.spec.layers]);
	naive_backward(&m, model.spec.layers);
	for (int i = 0; i < model.spec.parameters; i++)
		if (model.spec.parameter[i].trained)
			compared += check(&m, r, m.parameter[i], m.gradient[i],
			                  parameter_count(&model.spec.parameter[i]), STEP);
	compared += check(&m, r, m.pixels, m.pixel_gradient, pixels,
	                  STEP * mapping_scale(&model.spec.mapping, 0));
	naive_free(&m);
	model_free(&model);
	free(text);
	return compared;
}

static void gradients(void **state)
{
	static const char *const kinds[] = {
		"conv",
		"dense",
		"conv maxpool dense",
		"conv avgpool dense",
		"conv batchnorm relu dense",
		"conv relu maxpool conv relu maxpool dense relu dense",
		"conv sigmoid dense tanh dense",
		"conv avgpool conv upsample conv sigmoid",
		"conv relu template dense",
		"conv template conv relu template conv",
		"batchnorm conv batchnorm tanh avgpool dense batchnorm relu dense",
		"conv relu branch sigmoid add dense tanh add dense",
		"conv batchnorm relu branch relu branch avgpool dense relu branch add dense",
	};
	struct draw r = {{1, rng_stream("gradients")}, 0};
	int compared = 0;

	(void)state;
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		for (int k = 0; k < 8; k++)
			compared += check_network(&r, kinds[i], k % 2);
	assert_in_range(compared, 2000, 1000000); /* kinks are rare */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values),
		cmocka_unit_test(running_statistics),
		cmocka_unit_test(ties_go_to_the_first),
		cmocka_unit_test(gradients),
	};

	return cmocka_run_group_tests_name("naive", tests, NULL, NULL);
}
