/* rnn - its functions, gradients, and that neither batch nor threads change a bit */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/base.h"
#include "rnn/lanes.h"
#include "rnn/rnn.h"

/* Nothing a multiple of LANES or of a tile; more steps than are multiplied at once. */
enum { N = 11, STEPS = 19, HIDDEN = 5, INPUTS = 3, OUTPUTS = 4 };

/* cmocka's own compares floats. */
static void assert_near(double found, double want, double within)
{
	if (!(fabs(found - want) <= within))
		fail_msg("found %.17g, want %.17g", found, want);
}

static struct rnn example(enum rnn_cell cell, enum rnn_candidate candidate)
{
	struct rnn m = rnn_new(cell, HIDDEN, INPUTS, OUTPUTS);

	m.candidate = candidate;
	for (size_t i = 0; i < m.count; i++)
		m.values[i] = 0.7 * sin(12.9898 * (double)(i + 1));
	return m;
}

static struct rnn_batch batch_new(bool letters, bool each)
{
	struct rnn_batch x = {.n = N, .steps = STEPS, .inputs = INPUTS, .each = each, .room = N};

	x.labels = calloc(N * STEPS, sizeof *x.labels);
	for (size_t i = 0; i < N * STEPS; i++)
		x.labels[i] = (int32_t)(i * i % OUTPUTS);
	if (letters) {
		x.letters = calloc(N * STEPS, sizeof *x.letters);
		for (size_t i = 0; i < N * STEPS; i++)
			x.letters[i] = (int32_t)(i * i * i % 7 % INPUTS);
		return x;
	}
	x.vectors = calloc(N * STEPS * INPUTS, sizeof *x.vectors);
	for (size_t i = 0; i < N * STEPS * INPUTS; i++)
		x.vectors[i] = cos(78.233 * (double)i);
	return x;
}

/* The goal of all, and its gradient where that is not null. */
static double value(struct rnn_pass *p, const struct rnn *m, const struct rnn_batch *x,
                    const struct rnn_goal *goal, struct rnn *gradient)
{
	rnn_forward(p, m, x);
	return rnn_backward(p, m, x, goal, gradient, NULL);
}

/*
 * Against central differences a step h apart on either side: they lack h^2/6 of the third
 * derivative, and 2^-52 / h of the value by rounding.  For h = 1e-5 that is 1e-10 of either, which
 * are below some hundreds for N * STEPS terms.
 */
static void check_gradient(struct rnn *m, const struct rnn_batch *x, const struct rnn_goal *goal)
{
	const double step = 1e-5;
	struct rnn_pass *p = rnn_pass_new(m, x->n, x->steps, true);
	struct rnn gradient = rnn_like(m);
	double sum = value(p, m, x, goal, &gradient), most = 0;

	assert_near(value(p, m, x, goal, NULL), sum, 0);
	for (size_t i = 0; i < m->count; i++) {
		double was = m->values[i], high = was + step, low = was - step;
		m->values[i] = high;
		double more = value(p, m, x, goal, NULL);
		m->values[i] = low;
		double less = value(p, m, x, goal, NULL);
		m->values[i] = was;
		assert_near(gradient.values[i], (more - less) / (high - low), 1e-7);
		most = fmax(most, fabs(gradient.values[i]));
	}
	assert_true(most > 1e-3);
	rnn_pass_free(p);
	rnn_free(&gradient);
}

static void test_gradients(void **state)
{
	static const enum rnn_of losses[] = {RNN_ASSIGNMENT, RNN_CROSS_ENTROPY};
	static const enum rnn_of units[] = {RNN_OF_A, RNN_OF_H, RNN_OF_O, RNN_OF_Y};

	(void)state;
	threads_use(1); /* so little is not worth waiting for one another */
	for (int kind = 0; kind < 3; kind++) {
		struct rnn m = example(kind ? RNN_LSTM : RNN_TANH,
		                       kind == 2 ? RNN_CANDIDATE_SIGMOID : RNN_CANDIDATE_TANH);
		for (int letters = 0; letters < 2; letters++) {
			struct rnn_batch x = batch_new(letters, letters == kind % 2);
			for (int i = 0; i < 2; i++) {
				check_gradient(&m, &x, &(struct rnn_goal){losses[i], 0, true, 0});
				check_gradient(&m, &x,
				               &(struct rnn_goal){losses[i], 0, false, STEPS - 1});
				check_gradient(&m, &x, &(struct rnn_goal){losses[i], 0, false, 0});
			}
			for (int i = 0; i < 4; i++) {
				check_gradient(&m, &x, &(struct rnn_goal){units[i], 2, false, 17});
				check_gradient(&m, &x, &(struct rnn_goal){units[i], 3, true, 0});
			}
			rnn_batch_free(&x);
		}
		rnn_free(&m);
	}
}

/* b is in every a, so its gradient is the sum of all dL/dh_t times the slope of tanh; and what
 * comes after the goal has no part in it. */
static void test_states(void **state)
{
	struct rnn m = example(RNN_TANH, RNN_CANDIDATE_TANH), gradient = rnn_like(&m);
	struct rnn_batch x = batch_new(false, false);
	struct rnn_goal goal = {RNN_CROSS_ENTROPY, 0, false, 12};
	double states[N * STEPS * HIDDEN], h[N * STEPS * HIDDEN], b[HIDDEN] = {0};
	struct rnn_pass *p = rnn_pass_new(&m, N, STEPS, true);

	(void)state;
	rnn_forward(p, &m, &x);
	rnn_hidden(p, h);
	rnn_backward(p, &m, &x, &goal, &gradient, states);
	for (size_t i = 0; i < N * STEPS; i++)
		for (size_t k = 0; k < HIDDEN; k++) {
			double y = h[i * HIDDEN + k], d = states[i * HIDDEN + k];
			b[k] += d * (1 - y * y);
			assert_true((d == 0) == (i % STEPS > 12));
		}
	for (size_t k = 0; k < HIDDEN; k++)
		assert_near(gradient.b[k], b[k], 1e-13);
	rnn_pass_free(p);
	rnn_batch_free(&x);
	rnn_free(&gradient);
	rnn_free(&m);
}

/* Alone as in a batch, with history as without, on one thread as on three. */
static void test_same_bits(void **state)
{
	(void)state;
	for (int kind = 0; kind < 4; kind++) {
		struct rnn m = example(kind & 1 ? RNN_LSTM : RNN_TANH, RNN_CANDIDATE_TANH);
		struct rnn_batch x = batch_new(kind & 2, true), one = x;
		struct rnn_goal goal = {RNN_CROSS_ENTROPY, 0, true, 0};
		double h[N * STEPS * HIDDEN], o[N * STEPS * OUTPUTS], last[N * HIDDEN];
		double alone[STEPS * HIDDEN], outputs[STEPS * OUTPUTS];
		struct rnn_pass *p = rnn_pass_new(&m, N, STEPS, true);
		struct rnn_pass *q = rnn_pass_new(&m, N, STEPS, false);
		struct rnn gradient = rnn_like(&m), again = rnn_like(&m);

		threads_use(1);
		rnn_forward(p, &m, &x);
		rnn_hidden(p, h);
		rnn_outputs(p, &m, o);
		double sum = rnn_backward(p, &m, &x, &goal, &gradient, NULL);
		threads_use(3);
		rnn_forward(q, &m, &x);
		rnn_hidden(q, last);
		for (size_t i = 0; i < N; i++)
			assert_memory_equal(last + i * HIDDEN, h + ((i + 1) * STEPS - 1) * HIDDEN,
			                    HIDDEN * sizeof *h);
		/* Another time, of a pass that was used. */
		one.n = 1;
		one.vectors = x.vectors ? x.vectors + 9 * STEPS * INPUTS : NULL;
		one.letters = x.letters ? x.letters + 9 * STEPS : NULL;
		rnn_forward(p, &m, &one);
		rnn_hidden(p, alone);
		rnn_outputs(p, &m, outputs);
		assert_memory_equal(alone, h + 9 * STEPS * HIDDEN, sizeof alone);
		assert_memory_equal(outputs, o + 9 * STEPS * OUTPUTS, sizeof outputs);
		rnn_forward(p, &m, &x);
		assert_true(rnn_backward(p, &m, &x, &goal, &again, NULL) == sum);
		assert_memory_equal(gradient.values, again.values, m.count * sizeof *m.values);
		rnn_pass_free(p);
		rnn_pass_free(q);
		rnn_batch_free(&x);
		rnn_free(&gradient);
		rnn_free(&again);
		rnn_free(&m);
	}
}

/* Products as plain loops, to the last bit: whatever vectors this processor has, and whichever
 * sizes. */
static void test_products(void **state)
{
	enum { ROWS = 21, COLUMNS = 13, TIMES = 5 };
	static _Alignas(64) double d[TIMES * ROWS * LANES], x[TIMES * COLUMNS * LANES];
	static _Alignas(64) double y[ROWS * LANES], expected[ROWS * LANES];
	double matrix[ROWS * COLUMNS], g[ROWS * COLUMNS], plain[ROWS * COLUMNS];

	(void)state;
	for (size_t i = 0; i < TIMES * ROWS * LANES; i++)
		d[i] = sin(3.7 * (double)i);
	for (size_t i = 0; i < TIMES * COLUMNS * LANES; i++)
		x[i] = cos(2.9 * (double)i);
	for (size_t i = 0; i < ROWS * COLUMNS; i++)
		matrix[i] = g[i] = plain[i] = sin(12.9898 * (double)i);
	for (size_t i = 0; i < ROWS * LANES; i++) {
		y[i] = expected[i] = cos((double)i);
		for (size_t j = 0; j < COLUMNS; j++)
			expected[i] += matrix[i / LANES * COLUMNS + j] * x[j * LANES + i % LANES];
	}
	lanes_product(y, (struct matrix){matrix, ROWS, COLUMNS, COLUMNS, 1}, x);
	assert_memory_equal(y, expected, sizeof y);

	for (size_t i = 0; i < ROWS * COLUMNS; i++) {
		double sum[LANES] = {0};
		for (size_t k = 0; k < TIMES * LANES; k++)
			sum[k % LANES] +=
				d[(k / LANES * ROWS + i / COLUMNS) * LANES + k % LANES] *
				x[(k / LANES * COLUMNS + i % COLUMNS) * LANES + k % LANES];
		plain[i] += (sum[0] + sum[1]) + (sum[2] + sum[3]);
		plain[i] += (sum[4] + sum[5]) + (sum[6] + sum[7]);
	}
	lanes_outer(g, (struct lanes){d, ROWS, TIMES, ROWS * LANES},
	            (struct lanes){x, COLUMNS, TIMES, COLUMNS * LANES});
	assert_memory_equal(g, plain, sizeof g);
}

static double units(double found, double want)
{
	return fabs(found - want) / (nextafter(fabs(want), INFINITY) - fabs(want));
}

static void test_functions(void **state)
{
	(void)state;
	for (int i = -40000; i < 40000; i++) {
		/* From 1e-300 to beyond 700, of both signs. */
		double size = i % 2 ? pow(10, (double)(abs(i) % 303) - 300) : abs(i) * 1e-3;
		double x[LANES] = {i < 0 ? -size : size}, t[LANES], l[LANES];
		memcpy(t, x, sizeof x);
		memcpy(l, x, sizeof x);
		lanes_tanh(t, LANES);
		lanes_logistic(l, LANES);
		assert_true(units(t[0], tanh(x[0])) <= 3);
		if (fabs(x[0]) < 700)
			assert_true(units(l[0], 1 / (1 + exp(-x[0]))) <= 3);
	}
	double odd[2 * LANES] = {NAN, INFINITY, -INFINITY, -0.0, 1e308, -1e308};
	memcpy(odd + LANES, odd, LANES * sizeof *odd);
	lanes_tanh(odd, LANES);
	lanes_logistic(odd + LANES, LANES);
	assert_true(isnan(odd[0]) && odd[1] == 1 && odd[2] == -1 && odd[3] == 0 && signbit(odd[3]));
	assert_true(odd[4] == 1 && odd[5] == -1);
	assert_true(isnan(odd[LANES]) && odd[LANES + 1] == 1 && odd[LANES + 2] < 1e-307);
	assert_true(odd[LANES + 2] >= 0 && odd[LANES + 3] == 0.5);
}

/* Where y underflows the loss does not. */
static void test_losses(void **state)
{
	double o[] = {0, -1000}, gradient[2], y[2];

	(void)state;
	assert_near(rnn_loss(RNN_CROSS_ENTROPY, o, 2, 1, gradient), 1000, 0);
	assert_near(gradient[0], 1, 0);
	assert_near(gradient[1], -1, 0);
	assert_near(rnn_loss(RNN_ASSIGNMENT, o, 2, 0, NULL), 1000.25, 0);
	rnn_softmax(o, 2, y);
	assert_true(y[0] == 1 && y[1] == 0);
	o[1] = log(3);
	assert_near(rnn_loss(RNN_CROSS_ENTROPY, o, 2, 0, NULL), log(4), 1e-15);
	assert_near(rnn_loss(RNN_ASSIGNMENT, o, 2, 0, NULL), 0.0625 - log(0.75), 1e-15);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_products), cmocka_unit_test(test_functions),
		cmocka_unit_test(test_losses),   cmocka_unit_test(test_gradients),
		cmocka_unit_test(test_states),   cmocka_unit_test(test_same_bits),
	};

	return cmocka_run_group_tests_name("rnn", tests, NULL, NULL);
}
