/* spec - shapes, padding, receptive fields and fans against values worked out by hand */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/base.h"
#include "spec/spec.h"

static void assert_shape(const struct layer *l, size_t c, size_t h, size_t w)
{
	assert_int_equal(l->out.c, c);
	assert_int_equal(l->out.h, h);
	assert_int_equal(l->out.w, w);
}

static void assert_field(const struct spec *s, int i, size_t rows, size_t columns, size_t jump)
{
	size_t f[2], j[2];

	spec_receptive_field(s, i, f, j);
	assert_int_equal(f[0], rows);
	assert_int_equal(f[1], columns);
	assert_int_equal(j[0], jump);
	assert_int_equal(j[1], jump);
}

static void assert_pad(const struct layer *l, int axis, size_t before, size_t after)
{
	assert_int_equal(l->pad_before[axis], before);
	assert_int_equal(l->pad_after[axis], after);
}

static void test_input(void **state)
{
	struct spec s = spec_parse("net", "input 3x20x30 scale 64 mean 127.5\nrelu");
	const double scales[] = {1, 2, 3.5};

	(void)state;
	assert_int_equal(s.input.c, 3);
	assert_int_equal(s.input.h, 20);
	assert_int_equal(s.input.w, 30);
	assert_true(s.mapping.n == 1 && *s.mapping.mean == 127.5 && *s.mapping.scale == 64);
	assert_string_equal(s.text, "input 3x20x30 scale 64 mean 127.5\nrelu");
	assert_int_equal(s.parameters, 0);
	spec_free(&s);
	s = spec_parse("net", "input 3x20x30\nrelu");
	assert_true(s.mapping.n == 1 && *s.mapping.mean == 0 && *s.mapping.scale == 1);
	spec_free(&s);
	s = spec_parse("net", "input 3x20x30 scale 1 2 3.5 mean 9\nrelu");
	assert_int_equal(s.mapping.n, 3);
	for (size_t c = 0; c < 3; c++) {
		assert_true(mapping_mean(&s.mapping, c) == 9);
		assert_true(mapping_scale(&s.mapping, c) == scales[c]);
	}
	spec_free(&s);
	/* All alike is one. */
	s = spec_parse("net", "input 3x20x30 mean -9 -9 -9 scale 2 2 2\nrelu");
	assert_true(s.mapping.n == 1 && *s.mapping.mean == -9 && *s.mapping.scale == 2);
	assert_true(mapping_mean(&s.mapping, 2) == -9 && mapping_scale(&s.mapping, 2) == 2);
	spec_free(&s);
}

/* The report on sliding patches gives its sides: 24, 20, 10, 8, 6, 3. */
static void test_valid_convolutions(void **state)
{
	struct spec s = spec_parse("net", "input 1x28x28\nconv 32 5x5\nconv 32 5x5\nmaxpool 2x2\n"
	                                  "conv 64 3x3\nconv 64 3x3\nmaxpool 2x2\ndense 100\n");

	(void)state;
	assert_shape(&s.layer[0], 32, 24, 24);
	assert_shape(&s.layer[1], 32, 20, 20);
	assert_shape(&s.layer[2], 32, 10, 10);
	assert_shape(&s.layer[3], 64, 8, 8);
	assert_shape(&s.layer[4], 64, 6, 6);
	assert_shape(&s.layer[5], 64, 3, 3);
	assert_shape(&s.layer[6], 100, 1, 1);
	assert_false(s.layer[5].vector);
	assert_true(s.layer[6].vector);
	assert_field(&s, 0, 5, 5, 1);
	assert_field(&s, 1, 9, 9, 1);
	assert_field(&s, 2, 10, 10, 2);
	assert_field(&s, 3, 14, 14, 2);
	assert_field(&s, 4, 18, 18, 2);
	assert_field(&s, 5, 20, 20, 4);
	assert_field(&s, 6, 28, 28, 4); /* nothing padded: exactly the image */
	assert_int_equal(layer_multiply_adds(&s.layer[1]), 20 * 20 * 32 * 5 * 5 * 32);
	assert_int_equal(layer_multiply_adds(&s.layer[2]), 0);
	assert_int_equal(layer_multiply_adds(&s.layer[6]), 576 * 100);
	assert_int_equal(layer_neurons(&s.layer[0]), 32 * 24 * 24);
	assert_int_equal(layer_neurons(&s.layer[2]), 0);
	spec_free(&s);
}

/* TensorFlow's "SAME": ceil(in / stride) windows, the odd zero at the end. */
static void test_pad_same(void **state)
{
	struct spec s = spec_parse("net", "input 1x7x6\nconv 1 4x3 pad same\n"
	                                  "conv 1 3x3 stride 2 pad same\n"
	                                  "conv 1 1x1 stride 3 pad same\n");

	(void)state;
	assert_shape(&s.layer[0], 1, 7, 6);
	assert_pad(&s.layer[0], 0, 1, 2);
	assert_pad(&s.layer[0], 1, 1, 1);
	assert_shape(&s.layer[1], 1, 4, 3);
	assert_pad(&s.layer[1], 0, 1, 1);
	assert_pad(&s.layer[1], 1, 0, 1);
	assert_shape(&s.layer[2], 1, 2, 1);
	assert_pad(&s.layer[2], 0, 0, 0);
	spec_free(&s);
}

static void test_windows(void **state)
{
	struct spec s = spec_parse("net", "input 1x9x8\nconv 2 3x2 stride 2x3 pad 1x2\n"
	                                  "maxpool 2x2 ceil\navgpool 3x2 stride 1\n");

	(void)state;
	assert_pad(&s.layer[0], 0, 1, 1);
	assert_pad(&s.layer[0], 1, 2, 2);
	assert_shape(&s.layer[0], 2, 5, 4); /* (9 + 2 - 3) / 2 + 1, (8 + 4 - 2) / 3 + 1 */
	assert_int_equal(s.layer[1].stride[0], 2);
	assert_int_equal(s.layer[1].stride[1], 2);
	assert_shape(&s.layer[1], 2, 3, 2);
	assert_pad(&s.layer[1], 0, 0, 1);
	assert_pad(&s.layer[1], 1, 0, 0);
	assert_shape(&s.layer[2], 2, 1, 1);
	spec_free(&s);
}

/* 7 elements, windows of 2 every 4: at 0 and 4; a third would start at 8, outside.  6 elements:
 * windows of 3 every 2 fit at 0 and 2, and one that starts at 4 lacks its last. */
static void test_ceil(void **state)
{
	struct spec s = spec_parse("net", "input 1x7x6\nmaxpool 2x3 stride 4x2 ceil\n");

	(void)state;
	assert_shape(&s.layer[0], 1, 2, 3);
	assert_pad(&s.layer[0], 0, 0, 0);
	assert_pad(&s.layer[0], 1, 0, 1);
	spec_free(&s);
}

/* Elements of an upsample that are 2 apart see places of the pool that are at most 1 apart, and 2
 * pixels; those 3 apart, 2. */
static void test_upsample(void **state)
{
	struct spec s = spec_parse("net", "input 1x16x12\nconv 4 3x3 pad 1\navgpool 2x2\n"
	                                  "conv 4 3x3 pad 1\nupsample 2\nconv 1 3x4 pad 1\n"
	                                  "upsample 3\nconv 1 2x1 stride 2\n");

	(void)state;
	assert_shape(&s.layer[3], 4, 16, 12);
	assert_shape(&s.layer[5], 1, 48, 33);
	assert_int_equal(layer_multiply_adds(&s.layer[3]), 0);
	assert_int_equal(layer_neurons(&s.layer[3]), 0);
	assert_field(&s, 2, 8, 8, 2);
	assert_field(&s, 3, 8, 8, 2);
	assert_field(&s, 4, 8 + 2, 8 + 4, 2);
	assert_field(&s, 5, 8 + 2, 8 + 4, 2);
	assert_field(&s, 6, 8 + 4, 8 + 4, 2);
	spec_free(&s);
}

static void test_parameters(void **state)
{
	static const char *const names[] = {"a.weight",         "bn1.weight",      "bn1.bias",
	                                    "bn1.running_mean", "bn1.running_var", "dense1.weight",
	                                    "dense1.bias"};
	struct spec s = spec_parse("net", "input 3x8x8\nconv 16 5x3 nobias as a\nbatchnorm\n"
	                                  "dropout 0.25\ndense 10\n");
	size_t in, out;

	(void)state;
	assert_int_equal(s.parameters, 7);
	for (int i = 0; i < 7; i++) {
		assert_string_equal(s.parameter[i].name, names[i]);
		assert_int_equal(s.parameter[i].trained, i != 3 && i != 4);
	}
	assert_int_equal(parameter_count(&s.parameter[0]), 16 * 3 * 5 * 3);
	assert_int_equal(parameter_count(&s.parameter[5]), 10 * 16 * 4 * 6);
	assert_int_equal(s.parameter[5].layer, 3);
	parameter_fans(&s.parameter[0], &in, &out);
	assert_int_equal(in, 3 * 5 * 3);
	assert_int_equal(out, 16 * 5 * 3);
	parameter_fans(&s.parameter[5], &in, &out);
	assert_int_equal(in, 16 * 4 * 6);
	assert_int_equal(out, 10);
	assert_true(s.layer[2].drop == 0.25);
	assert_int_equal(spec_find(&s, "bn1"), 1);
	assert_string_equal(layer_kind_name(s.layer[1].kind), "batchnorm");
	assert_string_equal(shape_text(s.layer[0].out, false), "(16,4,6)");
	assert_string_equal(shape_text(s.layer[3].out, true), "(10)");
	spec_free(&s);
}

static void assert_layer(const struct layer *a, const struct layer *b)
{
	assert_string_equal(a->name, b->name);
	assert_int_equal(a->kind, b->kind);
	assert_int_equal(a->from, b->from);
	assert_int_equal(a->add, b->add);
	assert_memory_equal(&a->in, &b->in, sizeof a->in);
	assert_memory_equal(&a->out, &b->out, sizeof a->out);
	assert_memory_equal(a->kernel, b->kernel, sizeof a->kernel);
	assert_memory_equal(a->stride, b->stride, sizeof a->stride);
	assert_memory_equal(a->pad_before, b->pad_before, sizeof a->pad_before);
	assert_memory_equal(a->pad_after, b->pad_after, sizeof a->pad_after);
	assert_int_equal(a->vector, b->vector);
	assert_int_equal(a->same, b->same);
	assert_int_equal(a->ceil, b->ceil);
	assert_int_equal(a->global, b->global);
	assert_int_equal(a->bias, b->bias);
	assert_true(a->drop == b->drop);
	assert_int_equal(a->enlarge, b->enlarge);
}

/* A text, and the text written of what was read of it, are the same network. */
static void test_write(void **state)
{
	struct spec a = spec_parse(
		"net", "input 3x29x30 mean 0.1 7 1e-3 scale 3.3\n"
		       "conv 4 3x2 stride 2x1 pad 1x0 nobias as first\n"
		       "batchnorm\nrelu as r\n"
		       "conv 5 2x4 stride 2 pad same\nsigmoid\n"
		       "maxpool 2x3 stride 1x2\navgpool 2x2 ceil\ntanh as t\n"
		       "upsample 2 as u\ntemplate\navgpool 2x2\nrelu\nadd t\nsigmoid from "
		       "t\nadd add1\nmaxpool global\n"
		       "dropout 0.3\ndense 7 nobias\nrelu\ndense 3\n");
	char *text = spec_write(&a);
	struct spec b = spec_parse("written", text);

	(void)state;
	assert_int_equal(a.layers, b.layers);
	assert_int_equal(a.parameters, b.parameters);
	assert_memory_equal(&a.input, &b.input, sizeof a.input);
	assert_true(mapping_same(&a.mapping, &b.mapping));
	for (int i = 0; i < a.layers; i++)
		assert_layer(&a.layer[i], &b.layer[i]);
	for (int i = 0; i < a.parameters; i++)
		assert_string_equal(a.parameter[i].name, b.parameter[i].name);
	/* Every kind of layer is among them. */
	for (int kind = 0; kind < LAYER_KINDS; kind++) {
		int found = 0;
		for (int i = 0; i < a.layers; i++)
			found += a.layer[i].kind == (enum layer_kind)kind;
		assert_true(found > 0);
	}
	free(text);
	spec_free(&a);
	spec_free(&b);
}

/* A last layer of one row and one column is a vector of logits, others of this shape are not. */
static void test_logits(void **state)
{
	struct spec s = spec_parse("net", "input 3x4x4\navgpool 4x4\nconv 5 1x1\n");

	(void)state;
	assert_int_equal(spec_classes(&s), 5);
	assert_true(spec_is_vector(&s, 1));
	assert_false(spec_is_vector(&s, 0));
	assert_false(s.layer[1].vector);
	spec_free(&s);
}

/* The ways of a block: 3x3 and 3x3 beside 1x1, and what each layer reads. */
static void test_branches(void **state)
{
	struct spec s = spec_parse(
		"net", "input 1x12x10\nconv 4 3x3\nrelu as r\nconv 6 3x3 stride 2 pad 1\n"
		       "conv 6 3x3 pad 1 as main\nconv 6 1x1 stride 2 from r as short\n"
		       "add main\nadd short\navgpool global\ndense 3\n");
	bool mark[9], expected[9] = {true, true, false, false, true};

	(void)state;
	assert_int_equal(s.layers, 9);
	assert_int_equal(s.layer[0].from, -1);
	assert_int_equal(s.layer[3].from, 2);
	assert_int_equal(s.layer[3].add, -1);
	assert_int_equal(s.layer[4].from, 1);
	assert_int_equal(s.layer[5].from, 4);
	assert_int_equal(s.layer[5].add, 3);
	assert_shape(&s.layer[4], 6, 5, 4);
	assert_shape(&s.layer[6], 6, 5, 4);
	assert_shape(&s.layer[7], 6, 1, 1);
	assert_true(s.layer[7].vector);
	assert_field(&s, 3, 9, 9, 2);
	assert_field(&s, 4, 3, 3, 2);
	assert_field(&s, 5, 9, 9, 2);
	assert_field(&s, 7, 9 + 4 * 2, 9 + 3 * 2, 2);
	assert_int_equal(layer_multiply_adds(&s.layer[6]), 0);
	spec_mark(&s, 4, mark);
	assert_memory_equal(mark, expected, sizeof mark);
	spec_free(&s);
}

/* With an argument: how each layer is written, for tests/network.bats to compare with the manual.
 */
int main(int argc, char *argv[])
{
	for (int kind = 0; argc > 1 && kind < LAYER_KINDS; kind++)
		printf("%s\n", layer_usage((enum layer_kind)kind));
	if (argc > 1)
		return 0;
	(void)argv;
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_input),    cmocka_unit_test(test_valid_convolutions),
		cmocka_unit_test(test_pad_same), cmocka_unit_test(test_windows),
		cmocka_unit_test(test_ceil),     cmocka_unit_test(test_parameters),
		cmocka_unit_test(test_write),    cmocka_unit_test(test_logits),
		cmocka_unit_test(test_branches), cmocka_unit_test(test_upsample),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
