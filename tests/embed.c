/* embed - transforms, probabilities, the gradient, repulsion on a grid: each by its definition */
#include <complex.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/base.h"
#include "embed/embed.h"
#include "embed/fft.h"
#include "embed/field.h"
#include "rng/rng.h"

static double uniform(size_t i)
{
	return rng_uniform((struct rng){1, rng_stream("test")}, i);
}

static double normal(size_t i)
{
	return rng_normal((struct rng){1, rng_stream("test")}, i);
}

/* ---- transforms ---- */

static void test_length(void **state)
{
	(void)state;
	assert_int_equal(fft_length(0), 2);
	assert_int_equal(fft_length(7), 8);
	assert_int_equal(fft_length(14), 16);
	assert_int_equal(fft_length(75), 80);
	assert_int_equal(fft_length(360), 360);
	assert_int_equal(fft_length(721), 750);
}

static double complex number(const struct fft_lanes *x, size_t j, size_t lane)
{
	return (double)x->re[j * FFT_LANES + lane] + I * (double)x->im[j * FFT_LANES + lane];
}

/* The error's norm relative to the result's: float's epsilon, 6e-8, a few times over. */
static void assert_transform(const struct fft_lanes *x, const struct fft_lanes *y, size_t n)
{
	double error = 0, all = 0;

	for (size_t lane = 0; lane < FFT_LANES; lane += 5)
		for (size_t k = 0; k < n; k++) {
			double complex sum = 0;
			for (size_t j = 0; j < n; j++)
				sum += number(x, j, lane) *
				       cexp(-2 * I * acos(-1) * (double)(j * k % n) / (double)n);
			error += pow(cabs(sum - number(y, k, lane)), 2);
			all += pow(cabs(sum), 2);
		}
	assert_true(sqrt(error / all) < 5e-7);
}

static void test_fft(void **state)
{
	static const size_t lengths[] = {2, 4, 6, 8, 10, 18, 48, 90, 250, 540};

	(void)state;
	for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
		size_t n = lengths[i], all = n * FFT_LANES;
		float *room = xaligned(6 * all, sizeof *room);
		struct fft_lanes x = {room, room + all}, a = {room + 2 * all, room + 3 * all},
				 b = {room + 4 * all, room + 5 * all};
		struct fft *f = fft_new(n);
		for (size_t j = 0; j < 2 * all; j++)
			room[j] = (float)normal(j);
		memcpy(a.re, x.re, 2 * all * sizeof *room);
		fft_forward(f, &a, &b);
		assert_transform(&x, &a, n);
		fft_inverse(f, &a, &b);
		for (size_t j = 0; j < all; j++) {
			assert_true(fabsf(a.re[j] / (float)n - x.re[j]) < 4e-6f);
			assert_true(fabsf(a.im[j] / (float)n - x.im[j]) < 4e-6f);
		}
		fft_free(f);
		free(room);
	}
}

/* ---- probabilities ---- */

/* n points in the plane, each with its k nearest. */
static struct nearest nearest_of(size_t n, size_t k)
{
	struct nearest near = {n, k, n, xcalloc(n * k, sizeof(int64_t)),
	                       xcalloc(n * k, sizeof(float))};

	for (size_t i = 0; i < n; i++)
		for (size_t j = 0, found = 0; j < n; j++) {
			float d = (float)hypot(normal(2 * i) - normal(2 * j),
			                       normal(2 * i + 1) - normal(2 * j + 1));
			int64_t *to = near.to + i * k;
			float *distance = near.distance + i * k;
			size_t at = found < k ? found : k - 1;
			if (i == j || (found == k && d >= distance[k - 1]))
				continue;
			for (; at > 0 && distance[at - 1] > d; at--)
				distance[at] = distance[at - 1], to[at] = to[at - 1];
			distance[at] = d, to[at] = (int64_t)j;
			found += found < k;
		}
	return near;
}

/* Rows have the entropy asked for, up to the rounding of p to floats: 6e-8 x log p. */
static void test_conditional(void **state)
{
	struct nearest near = nearest_of(200, 30);

	(void)state;
	for (int tenths = 15; tenths < 300; tenths *= 2) {
		double perplexity = tenths / 10.0;
		struct graph g = graph_conditional(&near, perplexity);
		for (size_t i = 0; i < g.n; i++) {
			double sum = 0, entropy = 0;
			for (size_t e = g.first[i]; e < g.first[i + 1]; e++) {
				double p = (double)g.p[e];
				sum += p;
				entropy -= p > 0 ? p * log(p) : 0;
				assert_true(e == g.first[i] || g.to[e] > g.to[e - 1]);
			}
			assert_true(fabs(sum - 1) < 1e-6);
			assert_true(fabs(entropy - log(perplexity)) < 1e-6);
		}
		graph_free(&g);
	}
	nearest_free(&near);
}

/* Of equal distances all have the same p; where more are the nearest than the perplexity, those
 * share it. Sizes of distances do not matter. */
static void test_equal_distances(void **state)
{
	static const float sizes[] = {1e-30f, 1, 1e30f};
	int64_t to[] = {1, 2, 3, 4};

	(void)state;
	for (size_t s = 0; s < 3; s++) {
		float d = sizes[s], same[] = {d, d, d, d}, some[] = {0, 0, 0, d};
		struct nearest near = {1, 4, 5, to, same};
		struct graph g = graph_conditional(&near, 2);
		for (size_t j = 0; j < 4; j++)
			assert_true(g.p[j] == 0.25f);
		graph_free(&g);
		near.distance = some;
		g = graph_conditional(&near, 2);
		for (size_t j = 0; j < 4; j++)
			assert_true(fabsf(g.p[j] - (j < 3 ? 1 / 3.0f : 0)) < 1e-6f);
		graph_free(&g);
	}
}

/* Dense, to compare with. */
static double *dense(const struct graph *g)
{
	double *p = xcalloc(g->n * g->m, sizeof *p);

	for (size_t i = 0; i < g->n; i++)
		for (size_t e = g->first[i]; e < g->first[i + 1]; e++)
			p[i * g->m + (size_t)g->to[e]] += (double)g->p[e];
	return p;
}

static void test_joint(void **state)
{
	struct nearest near = nearest_of(100, 12);
	struct graph g = graph_conditional(&near, 4), joint = graph_joint(&g);
	double *p = dense(&g), *q = dense(&joint), sum = 0;

	(void)state;
	for (size_t i = 0; i < 100; i++)
		for (size_t j = 0; j < 100; j++) {
			sum += q[i * 100 + j];
			assert_true(fabs(q[i * 100 + j] - (p[i * 100 + j] + p[j * 100 + i]) / 200) <
			            1e-9);
		}
	assert_true(fabs(sum - 1) < 1e-6);
	free(p);
	free(q);
	graph_free(&g);
	graph_free(&joint);
	nearest_free(&near);
}

/* ---- the gradient ---- */

enum { N = 60, M = 40 };

static double w_of(const double *a, const double *b)
{
	return 1 / (1 + pow(a[0] - b[0], 2) + pow(a[1] - b[1], 2));
}

/* The definition: of one map, or of new points y (n,2) among fixed ones. */
static double kl_of(const double *p, const double *y, const double *fixed, size_t n, size_t m)
{
	double kl = 0, z = 0;

	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < m; j++)
			z += !fixed && i == j ? 0 : w_of(y + 2 * i, (fixed ? fixed : y) + 2 * j);
	for (size_t i = 0; i < n; i++) {
		double own = 0;
		for (size_t j = 0; j < m; j++)
			own += w_of(y + 2 * i, (fixed ? fixed : y) + 2 * j);
		for (size_t j = 0; j < m; j++) {
			double a = p[i * m + j], w = w_of(y + 2 * i, (fixed ? fixed : y) + 2 * j);
			kl += a > 0 ? a * log(a / w * (fixed ? own : z)) : 0;
		}
	}
	return kl;
}

/* Maps of a span of about 6 and 60. */
static void start(double *y, float *map, size_t n, size_t from, double size)
{
	for (size_t i = 0; i < 2 * n; i++) {
		map[i] = (float)(size * normal(from + i));
		y[i] = (double)map[i];
	}
}

/*
 * The largest difference from central differences of KL, relative to the gradient's largest part.
 * Of all pairs it is float's rounding; the grid's is the error of interpolation, see below.  The
 * gradient is a quarter of a joint KL's, and half of that of new points.
 */
static void assert_gradient(const struct graph *g, double size, bool among, enum tsne_method method,
                            double tolerance)
{
	double y[2 * N], fixed[2 * M], *p = dense(g), worst = 0, largest = 0;
	float map[2 * N], around[2 * M];
	const double step = 1e-4, *others = among ? NULL : fixed;

	start(y, map, g->n, 1000, size);
	start(fixed, around, M, 5000, size);
	struct tsne *t = tsne_new(g, map, among ? NULL : around, method);
	tsne_measure(t, 1);
	for (size_t i = 0; i < 2 * g->n; i++) {
		double at = y[i], found = tsne_gradient(t, i / 2, (int)(i % 2));
		y[i] = at + step;
		double more = kl_of(p, y, others, g->n, g->m);
		y[i] = at - step;
		double less = kl_of(p, y, others, g->n, g->m);
		y[i] = at;
		double slope = (more - less) / (2 * step) / (among ? 4 : 2);
		worst = fmax(worst, fabs(found - slope));
		largest = fmax(largest, fabs(slope));
	}
	double kl = kl_of(p, y, others, g->n, g->m) / (among ? 1 : (double)g->n);
	assert_true(worst < tolerance * largest);
	assert_true(fabs(tsne_kl(t) - kl) < tolerance * fabs(kl));
	tsne_free(t);
	free(p);
}

static void test_gradient(void **state)
{
	struct nearest near = nearest_of(N, 10);
	struct graph g = graph_conditional(&near, 3), joint = graph_joint(&g);

	(void)state;
	for (int size = 1; size <= 10; size *= 10) {
		assert_gradient(&joint, size, true, TSNE_EXACT, 1e-5);
		assert_gradient(&joint, size, true, TSNE_FFT, 5e-3);
	}
	graph_free(&g);
	graph_free(&joint);
	nearest_free(&near);
}

static void test_gradient_of_new_points(void **state)
{
	struct nearest near = nearest_of(M, 10);
	near.n = 20;
	struct graph g = graph_conditional(&near, 3);

	(void)state;
	for (int size = 1; size <= 10; size *= 10) {
		assert_gradient(&g, size, false, TSNE_EXACT, 1e-5);
		assert_gradient(&g, size, false, TSNE_FFT, 5e-3);
	}
	graph_free(&g);
	nearest_free(&near);
}

/* Attraction grows with the exaggeration, and only it. */
static void test_exaggeration(void **state)
{
	struct nearest near = nearest_of(N, 10);
	struct graph g = graph_conditional(&near, 3), joint = graph_joint(&g);
	double y[2 * N], kl;
	float map[2 * N];

	(void)state;
	start(y, map, N, 1000, 2);
	struct tsne *t = tsne_new(&joint, map, NULL, TSNE_EXACT);
	double at[3];
	for (int i = 0; i < 3; i++) {
		tsne_measure(t, 1 + i);
		at[i] = tsne_gradient(t, 7, 1);
		kl = i ? kl : tsne_kl(t);
		assert_true(tsne_kl(t) == kl);
	}
	assert_true(fabs(at[0] - at[1]) > 1e-4);
	assert_true(fabs((at[2] - at[1]) - (at[1] - at[0])) < 1e-5 * fabs(at[1] - at[0]));
	tsne_free(t);
	graph_free(&g);
	graph_free(&joint);
	nearest_free(&near);
}

/* ---- the grid ---- */

/* Ten clusters within a square, as maps are. */
static struct points clusters(size_t n, double span)
{
	struct points p = {n, xcalloc(n, sizeof(float)), xcalloc(n, sizeof(float))};

	for (size_t i = 0; i < n; i++) {
		size_t c = i % 10;
		p.x[i] = (float)(span * (uniform(2 * c) + 0.04 * normal(9000 + 2 * i)));
		p.y[i] = (float)(span * (uniform(2 * c + 1) + 0.04 * normal(9001 + 2 * i)));
	}
	return p;
}

static void box_of(const struct points *p, float low[2], float high[2])
{
	low[0] = high[0] = p->x[0], low[1] = high[1] = p->y[0];
	for (size_t i = 0; i < p->n; i++) {
		low[0] = fminf(low[0], p->x[i]), high[0] = fmaxf(high[0], p->x[i]);
		low[1] = fminf(low[1], p->y[i]), high[1] = fmaxf(high[1], p->y[i]);
	}
}

/*
 * All forces against those of all pairs, as norms: the goal is 1.5 %, and cubic splines three to a
 * unit leave 0.5 % where points are so sparse that single neighbors count.  Z has less.
 */
static void assert_field(struct field *f, double span)
{
	enum { POINTS = 1200 };
	struct points p = clusters(POINTS, span);
	float *fx[2], *fy[2], low[2], high[2];
	double z[POINTS], sum = -POINTS, error = 0, all = 0;

	for (int i = 0; i < 2; i++)
		fx[i] = xcalloc(POINTS, sizeof(float)), fy[i] = xcalloc(POINTS, sizeof(float));
	box_of(&p, low, high);
	pairs_repel(&p, &p, fx[0], fy[0], z);
	field_place(f, low, high);
	assert_true(field_covers(f, low, high));
	field_charge(f, &p);
	double found = field_solve(f, FIELD_FORCE) - POINTS;
	field_at(f, FIELD_FORCE, &p, fx[1], fy[1]);
	for (size_t i = 0; i < POINTS; i++) {
		sum += z[i];
		error += pow((double)(fx[1][i] - fx[0][i]), 2) +
		         pow((double)(fy[1][i] - fy[0][i]), 2);
		all += pow((double)fx[0][i], 2) + pow((double)fy[0][i], 2);
	}
	assert_true(sqrt(error / all) < 0.006);
	assert_true(fabs(found - sum) < 1e-3 * sum);
	/* Each point's own sum, itself included. */
	field_solve(f, FIELD_SUM);
	field_at(f, FIELD_SUM, &p, fx[1], fy[1]);
	for (size_t i = 0; i < POINTS; i++)
		assert_true(fabs((double)fx[1][i] - z[i]) < 5e-3 * z[i]);
	for (int i = 0; i < 2; i++)
		free(fx[i]), free(fy[i]);
	free(p.x);
	free(p.y);
}

/* One grid after another: what is kept of the last must not matter. */
static void test_field(void **state)
{
	static const double spans[] = {1e-3, 1, 9, 10, 11, 30, 83, 182, 83, 0.1};
	struct field *f = field_new();

	(void)state;
	for (size_t i = 0; i < sizeof spans / sizeof *spans; i++)
		assert_field(f, spans[i]);
	field_free(f);
}

/* Points that are all at one place do not repel one another, and each sees all. */
static void test_one_place(void **state)
{
	float x[] = {3, 3, 3}, y[] = {-2, -2, -2}, fx[3], fy[3];
	const struct points p = {3, x, y};
	struct field *f = field_new();

	(void)state;
	field_place(f, (float[]){3, -2}, (float[]){3, -2});
	field_charge(f, &p);
	assert_true(fabs(field_solve(f, FIELD_FORCE) - 9) < 1e-4);
	field_at(f, FIELD_FORCE, &p, fx, fy);
	for (int i = 0; i < 3; i++)
		assert_true(fabsf(fx[i]) < 1e-6f && fabsf(fy[i]) < 1e-6f);
	field_free(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_length),
		cmocka_unit_test(test_fft),
		cmocka_unit_test(test_conditional),
		cmocka_unit_test(test_equal_distances),
		cmocka_unit_test(test_joint),
		cmocka_unit_test(test_gradient),
		cmocka_unit_test(test_gradient_of_new_points),
		cmocka_unit_test(test_exaggeration),
		cmocka_unit_test(test_field),
		cmocka_unit_test(test_one_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
