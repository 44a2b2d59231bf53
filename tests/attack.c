/* attack - projections, costs and steps, against naive loops in double */
#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "attack/bounded.h"
#include "attack/cost.h"
#include "base/base.h"
#include "model/model.h"

enum { N = 1003, CLASSES = 5 };

static const struct rng numbers = {7, 11};

static double uniform(size_t i, double low, double high)
{
	return low + (high - low) * rng_uniform(numbers, i);
}

static void assert_near(double found, double want, double within)
{
	if (!(fabs(found - want) <= within))
		fail_msg("found %.12g, want %.12g", found, want);
}

static void assert_same(const float *a, const float *b, size_t n)
{
	assert_memory_equal(a, b, n * sizeof *a);
}

/* ---- projections ---- */

static const double radii[] = {0, 1e-30, 1e-6, 0.1, 0.3, 1, 25.5, 76.5, 254.9, 1e3, 1e30};

enum { RADII = sizeof radii / sizeof *radii };

/* Centers of every size, some of them below 0, and points around them. */
static void scatter(float *center, float *v, size_t n, double far)
{
	for (size_t k = 0; k < n; k++) {
		double size = k % 7 ? 255 : pow(10, uniform(k, -30, 2));
		center[k] = k % 11 ? (float)uniform(n + k, k % 5 ? 0 : -size, size) : 0;
		v[k] = (float)((double)center[k] + uniform(2 * n + k, -far, far));
	}
}

static void test_cube(void **state)
{
	float center[N], v[N], before[N];

	(void)state;
	for (size_t i = 0; i < RADII; i++) {
		double r = radii[i];
		const struct projection p = {r, INFINITY, false};
		scatter(center, v, N, r < 1e20 ? 3 * r : 500);
		memcpy(before, v, sizeof v);
		projection_apply(&p, v, center, NULL, N);
		for (size_t k = 0; k < N; k++) {
			double c = (double)center[k], t = (double)before[k] - c;
			double want = c + (t > r ? r : t < -r ? -r : t);
			assert_true(fabs((double)v[k] - c) <= r);
			/* Within an ulp of a float, half of it the rounding towards the center. */
			assert_near((double)v[k], want, fabs(want) * 0x1p-23 + 0x1p-149);
			if (fabs(t) <= r)
				assert_true(v[k] == before[k]);
		}
		memcpy(before, v, sizeof v);
		projection_apply(&p, v, center, NULL, N);
		assert_same(v, before, N);
		assert_true(distance_linf(v, center, N) <= r);
	}
}

static void test_cube_of_floats(void **state)
{
	/* Where the bound itself is a float, it is reached. */
	const struct projection p = {76.5, INFINITY, true};
	float center[] = {0, 100, 255, 200, 10, 77}, v[] = {1e9F, 1e9F, -1e9F, 1e9F, -1e9F, -5};

	(void)state;
	projection_apply(&p, v, center, NULL, 6);
	assert_same(v, (float[]){76.5F, 176.5F, 178.5F, 255, 0, 0.5F}, 6);
	v[0] = INFINITY;
	v[1] = -INFINITY;
	projection_apply(&p, v, center, NULL, 2);
	assert_same(v, (float[]){76.5F, 23.5F}, 2);
}

static void test_cube_at_zero(void **state)
{
	/* The smallest floats, where c + t rounds to 0 or crosses it. */
	const struct projection p = {0x1p-150, INFINITY, false};
	float center[] = {0x1p-149F, -0x1p-149F, 0, 1}, v[] = {0, 0, 1, 1};

	(void)state;
	projection_apply(&p, v, center, NULL, 4);
	for (size_t k = 0; k < 4; k++)
		assert_true(fabs((double)v[k] - (double)center[k]) <= p.linf);
}

static double naive_length(const float *v, const float *center, size_t n)
{
	double sum = 0;

	for (size_t k = 0; k < n; k++)
		sum += ((double)v[k] - (double)center[k]) * ((double)v[k] - (double)center[k]);
	return sqrt(sum);
}

static void test_ball(void **state)
{
	float center[N], v[N], before[N];

	(void)state;
	for (size_t i = 0; i < RADII; i++)
		for (size_t n = 1; n <= N; n += 334) {
			double r = radii[i];
			const struct projection p = {INFINITY, r, false};
			scatter(center, v, n, r < 1e20 ? 3 * r : 500);
			memcpy(before, v, sizeof v);
			double length = naive_length(v, center, n);
			projection_apply(&p, v, center, NULL, n);
			assert_true(naive_length(v, center, n) <= r);
			assert_true(distance_l2(v, center, n) <= r);
			for (size_t k = 0; k < n; k++) {
				double c = (double)center[k], t = (double)before[k] - c;
				double want = c + t * (length > r ? r / length : 1);
				assert_near((double)v[k], want,
				            fabs(want) * 0x1p-23 + fabs(t) * 0x1p-39 + 0x1p-149);
			}
		}
}

static void test_distances(void **state)
{
	float v[N], center[N], zero[N] = {0};

	(void)state;
	scatter(center, v, N, 50);
	double most = 0;
	for (size_t k = 0; k < N; k++)
		most = fmax(most, fabs((double)v[k] - (double)center[k]));
	assert_true(distance_linf(v, center, N) == most);
	assert_near(distance_l2(v, center, N), naive_length(v, center, N), 1e-11);
	assert_true(distance_l2(v, NULL, N) == distance_l2(v, zero, N));
	assert_true(distance_linf(v, NULL, N) == distance_linf(v, zero, N));
}

/* ---- the margin ---- */

static void test_margin(void **state)
{
	float z[CLASSES], gradient[CLASSES];

	(void)state;
	for (size_t i = 0; i < 40; i++)
		for (size_t c = 0; c < CLASSES; c++) {
			for (size_t j = 0; j < CLASSES; j++)
				z[j] = (float)uniform(i * CLASSES + j, -4, 4);
			double rival = -INFINITY;
			for (size_t j = 0; j < CLASSES; j++)
				if (j != c)
					rival = fmax(rival, (double)z[j]);
			assert_true(cost_value(COST_MARGIN, z, CLASSES, c) == rival - (double)z[c]);
			cost_gradient(COST_MARGIN, z, CLASSES, c, gradient);
			for (size_t j = 0; j < CLASSES; j++) {
				/* Piecewise linear: exact up to the rounding of the floats z. */
				float up[CLASSES], down[CLASSES], h = 1e-3F;
				memcpy(up, z, sizeof z);
				memcpy(down, z, sizeof z);
				up[j] += h;
				down[j] -= h;
				double slope = cost_value(COST_MARGIN, up, CLASSES, c) -
				               cost_value(COST_MARGIN, down, CLASSES, c);
				assert_near((double)gradient[j], slope / 2 / (double)h, 1e-3);
			}
		}
}

static void test_margin_of_equals(void **state)
{
	const float z[] = {2, 2, 2};
	float gradient[3];

	(void)state;
	assert_true(cost_value(COST_MARGIN, z, 3, 0) == 0);
	cost_gradient(COST_MARGIN, z, 3, 0, gradient);
	assert_same(gradient, (float[]){-1, 1, 0}, 3);
	cost_gradient(COST_MARGIN, z, 3, 1, gradient);
	assert_same(gradient, (float[]){1, -1, 0}, 3);
}

/* ---- starts ---- */

static void test_starts(void **state)
{
	float center[N], x[N], again[N];
	double sum = 0, squares = 0;

	(void)state;
	for (size_t k = 0; k < N; k++)
		center[k] = 100;
	struct bounded b = {.start = START_UNIFORM, .spread = 30, .start_free = true};
	enum { IMAGES = 50 };
	for (uint64_t i = 0; i < IMAGES; i++) {
		bounded_start(&b, bounded_key(1, 0, i), center, x, N);
		for (size_t k = 0; k < N; k++) {
			double d = (double)x[k] - 100;
			assert_true(fabs(d) <= 30);
			sum += d;
			squares += d * d;
		}
	}
	/* Five standard errors of the mean, 30 / sqrt(3 n), and of the mean square, 900 / 3 times
	 * sqrt(4 / 5 n). */
	double n = (double)IMAGES * N;
	assert_near(sum / n, 0, 5 * 30 / sqrt(3 * n));
	assert_near(squares / n, 300, 5 * 300 * sqrt(0.8 / n));

	bounded_start(&b, bounded_key(1, 0, 3), center, x, N);
	bounded_start(&b, bounded_key(1, 0, 3), center, again, N);
	assert_same(x, again, N);
	const struct rng others[] = {bounded_key(2, 0, 3), bounded_key(1, 1, 3),
	                             bounded_key(1, 0, 4)};
	for (size_t i = 0; i < 3; i++) {
		bounded_start(&b, others[i], center, again, N);
		size_t same = 0;
		for (size_t k = 0; k < N; k++)
			same += x[k] == again[k];
		assert_true(same < 3);
	}
	/* The first numbers of a longer image are those of a shorter one. */
	bounded_start(&b, bounded_key(1, 0, 3), center, again, 300);
	assert_same(x, again, 300);
}

static void test_starts_in_ball(void **state)
{
	enum { FEW = 3, IMAGES = 4000 };
	const float center[FEW] = {100, 120, 140};
	const struct bounded b = {
		.norm = NORM_L2, .start = START_UNIFORM, .spread = 20, .start_free = true};
	double halves = 0, sum[FEW] = {0};

	(void)state;
	for (uint64_t i = 0; i < IMAGES; i++) {
		float x[FEW];
		bounded_start(&b, bounded_key(1, 0, i), center, x, FEW);
		double length = naive_length(x, center, FEW);
		assert_true(length <= 20 * (1 + 1e-6));
		halves += length < 10;
		for (size_t k = 0; k < FEW; k++)
			sum[k] += (double)(x[k] - center[k]);
	}
	/* An eighth of the volume is within half the radius; five standard errors, of the means
	 * 20 / sqrt(5 n). */
	assert_near(halves / IMAGES, 0.125, 5 * sqrt(0.125 * 0.875 / IMAGES));
	for (size_t k = 0; k < FEW; k++)
		assert_near(sum[k] / IMAGES, 0, 5 * 20 / sqrt(5.0 * IMAGES));
}

static void test_starts_that_are_projected(void **state)
{
	float center[N], x[N];
	size_t edge = 0, changed = 0;

	(void)state;
	for (size_t k = 0; k < N; k++)
		center[k] = k % 2 ? 250 : 3;
	for (int norm = NORM_LINF; norm <= NORM_L2; norm++)
		for (int start = START_CENTER; start <= START_NORMAL; start++) {
			const struct bounded b = {.norm = (enum norm)norm,
			                          .start = (enum start)start,
			                          .spread = 50,
			                          .projection =
			                                  bounded_within((enum norm)norm, 20)};
			bounded_start(&b, bounded_key(5, 0, 0), center, x, N);
			for (size_t k = 0; k < N; k++) {
				assert_true(x[k] >= 0 && x[k] <= 255);
				edge += x[k] == 0 || x[k] == 255;
				changed += x[k] != center[k];
				if (start == START_CENTER)
					assert_true(x[k] == center[k]);
			}
			assert_true((norm ? distance_l2 : distance_linf)(x, center, N) <= 20);
		}
	assert_true(edge > N / 2 && changed > 3 * N);
}

/* ---- steps ---- */

static void test_steps(void **state)
{
	float center[N], x[N], before[N], g[N];

	(void)state;
	for (int norm = NORM_LINF; norm <= NORM_L2; norm++) {
		const struct bounded b = {.norm = (enum norm)norm,
		                          .step = 2.3,
		                          .projection = {INFINITY, INFINITY, false}};
		scatter(center, x, N, 50);
		for (size_t k = 0; k < N; k++)
			g[k] = k % 13 ? (float)(uniform(k, -1, 1) * 1e-20) : 0;
		memcpy(before, x, sizeof x);
		bounded_step(&b, center, g, x, N);
		double length = 0;
		for (size_t k = 0; k < N; k++)
			length += (double)g[k] * (double)g[k];
		length = sqrt(length);
		for (size_t k = 0; k < N; k++) {
			double d = norm ? (double)g[k] / length : (g[k] > 0) - (g[k] < 0);
			double want = (double)before[k] + 2.3 * d;
			assert_near((double)x[k], want, fabs(want) * 0x1p-23);
		}
		memset(g, 0, sizeof g);
		memcpy(before, x, sizeof x);
		bounded_step(&b, center, g, x, N);
		assert_same(x, before, N);
	}
}

/* ---- a batch, on a linear network of two classes ---- */

enum { BATCH = 7, PIXELS = 33 };

static bool increase_margin(void *context, size_t n, const float *logits, float *by_logit)
{
	size_t *asked = context;

	++*asked;
	for (size_t j = 0; j < n; j++)
		cost_gradient(COST_MARGIN, logits + 2 * j, 2, 0, by_logit + 2 * j);
	return true;
}

/* The margin is w x + const, so each step is the same, whatever x. */
static void naive_run(const struct bounded *b, const double *w, const float *center,
                      const float *start, double *x)
{
	double length = 0, e = b->norm ? b->projection.l2 : b->projection.linf;

	for (size_t k = 0; k < PIXELS; k++) {
		x[k] = (double)start[k];
		length += w[k] * w[k];
	}
	for (int64_t step = 0; step < b->steps; step++) {
		double far = 0;
		for (size_t k = 0; k < PIXELS; k++) {
			x[k] += b->step * (b->norm ? w[k] / sqrt(length) : w[k] > 0 ? 1 : -1);
			far += (x[k] - (double)center[k]) * (x[k] - (double)center[k]);
		}
		for (size_t k = 0; k < PIXELS; k++) {
			double c = (double)center[k], d = x[k] - c;
			if (b->norm)
				d *= sqrt(far) > e ? e / sqrt(far) : 1;
			else
				d = d > e ? e : d < -e ? -e : d;
			x[k] = fmin(fmax(c + d, 0), 255);
		}
	}
}

static void check_run(struct model *m, struct bounded b)
{
	float centers[BATCH * PIXELS], x[BATCH * PIXELS], start[PIXELS];
	double w[PIXELS], want[PIXELS];
	struct rng keys[BATCH];
	size_t asked = 0;

	for (size_t k = 0; k < BATCH * PIXELS; k++)
		centers[k] = (float)uniform(k, 0, 255);
	for (size_t k = 0; k < PIXELS; k++)
		w[k] = (double)m->tensor[0][PIXELS + k] - (double)m->tensor[0][k];
	for (size_t j = 0; j < BATCH; j++)
		keys[j] = bounded_key(3, 1, j);
	struct engine *e = engine_new(
		&m->spec, &(struct engine_options){.batch = BATCH, .input_gradient = true});
	engine_load(e, m->tensor);
	struct gradient g = gradient_new(e, &m->spec, BATCH);
	bounded_run(&b, &g, centers, keys, BATCH, increase_margin, &asked, x);
	assert_int_equal(asked, b.steps);
	for (size_t j = 0; j < BATCH; j++) {
		bounded_start(&b, keys[j], centers + j * PIXELS, start, PIXELS);
		naive_run(&b, w, centers + j * PIXELS, start, want);
		/* Each step rounds to floats, and of Euclid's norm the gradient is one. */
		for (size_t k = 0; k < PIXELS; k++)
			assert_near((double)x[j * PIXELS + k], want[k], 1e-4);
	}
	gradient_free(&g);
	engine_free(e);
}

static void test_run(void **state)
{
	struct model m = model_new(spec_parse("network", "input 33x1x1 scale 255\ndense 2\n"));

	(void)state;
	for (size_t k = 0; k < 2 * PIXELS; k++)
		m.tensor[0][k] = (float)uniform(900 + k, -1, 1);
	for (int threads = 1; threads <= 3; threads++) {
		threads_use(threads);
		for (int norm = NORM_LINF; norm <= NORM_L2; norm++) {
			struct bounded b = {.norm = (enum norm)norm,
			                    .steps = 1,
			                    .step = 20,
			                    .projection = bounded_within((enum norm)norm, 20)};
			check_run(&m, b);
			b.steps = 13;
			b.step = 3;
			check_run(&m, b);
			b.start = START_UNIFORM;
			b.spread = 20;
			check_run(&m, b);
			b.start_free = true;
			check_run(&m, b);
			b.start = START_NORMAL;
			check_run(&m, b);
			b.steps = 0;
			check_run(&m, b);
		}
	}
	model_free(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cube),
		cmocka_unit_test(test_cube_of_floats),
		cmocka_unit_test(test_cube_at_zero),
		cmocka_unit_test(test_ball),
		cmocka_unit_test(test_distances),
		cmocka_unit_test(test_margin),
		cmocka_unit_test(test_margin_of_equals),
		cmocka_unit_test(test_starts),
		cmocka_unit_test(test_starts_in_ball),
		cmocka_unit_test(test_starts_that_are_projected),
		cmocka_unit_test(test_steps),
		cmocka_unit_test(test_run),
	};

	return cmocka_run_group_tests_name("attack", tests, NULL, NULL);
}
