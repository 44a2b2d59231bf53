#include "attack/bounded.h"

#include <math.h>
#include <string.h>

#include "base/base.h"

const char *const norm_names[] = {[NORM_LINF] = "linf", [NORM_L2] = "l2", NULL};

struct projection bounded_within(enum norm norm, double epsilon)
{
	return (struct projection){.linf = norm == NORM_LINF ? epsilon : INFINITY,
	                           .l2 = norm == NORM_L2 ? epsilon : INFINITY,
	                           .box = true};
}

/* ---- starts ---- */

struct rng bounded_key(uint64_t seed, uint64_t round, uint64_t image)
{
	const struct rng rounds = {seed, rng_stream("bounded")};

	return (struct rng){rng_u64(rounds, round), image};
}

MULTIVERSION static void spread_words(float *x, const uint32_t *words, size_t n, double radius)
{
	for (size_t k = 0; k < n; k++)
		x[k] = (float)((double)x[k] + (((double)words[k] + 0.5) * 0x1p-31 - 1) * radius);
}

static void spread_in_cube(struct rng key, double radius, float *x, size_t n)
{
	uint32_t words[256];
	size_t most = sizeof words / sizeof *words;

	for (size_t k = 0; k < n; k += most) {
		size_t some = n - k < most ? n - k : most;
		rng_words(key, k / 4, words, some);
		spread_words(x + k, words, some, radius);
	}
}

/* A normal vector has any direction as likely as any other, and the volume within a radius grows
 * with its nth power. */
static void spread_in_ball(struct rng key, double radius, float *x, size_t n)
{
	double squares = 0;

	for (size_t k = 0; k < n; k++) {
		double d = rng_normal(key, k);
		squares += d * d;
	}
	double factor = radius * pow(rng_uniform(key, n), 1 / (double)n) / sqrt(squares);
	for (size_t k = 0; k < n; k++)
		x[k] = (float)((double)x[k] + factor * rng_normal(key, k));
}

static void spread_normal(struct rng key, double deviation, float *x, size_t n)
{
	for (size_t k = 0; k < n; k++)
		x[k] = (float)((double)x[k] + deviation * rng_normal(key, k));
}

void bounded_start(const struct bounded *b, struct rng key, const float *center, float *x, size_t n)
{
	memcpy(x, center, n * sizeof *x);
	if (b->start == START_CENTER)
		return;
	if (b->start == START_NORMAL)
		spread_normal(key, b->spread, x, n);
	else if (b->norm == NORM_L2)
		spread_in_ball(key, b->spread, x, n);
	else
		spread_in_cube(key, b->spread, x, n);
	if (!b->start_free)
		projection_apply(&b->projection, x, center, NULL, n);
}

/* ---- steps ---- */

MULTIVERSION static void step_by_sign(float *x, const float *gradient, size_t n, double step)
{
	for (size_t k = 0; k < n; k++) {
		double d = gradient[k] > 0 ? step : gradient[k] < 0 ? -step : 0;
		x[k] = (float)((double)x[k] + d);
	}
}

MULTIVERSION static void step_along(float *x, const float *gradient, size_t n, double factor)
{
	for (size_t k = 0; k < n; k++)
		x[k] = (float)((double)x[k] + factor * (double)gradient[k]);
}

void bounded_step(const struct bounded *b, const float *center, const float *gradient, float *x,
                  size_t n)
{
	if (b->norm == NORM_L2) {
		double length = distance_l2(gradient, NULL, n);
		if (length > 0 && isfinite(length))
			step_along(x, gradient, n, b->step / length);
	} else {
		step_by_sign(x, gradient, n, b->step);
	}
	projection_apply(&b->projection, x, center, NULL, n);
}

/* ---- a batch ---- */

struct job {
	const struct bounded *b;
	size_t pixels;
	const float *centers, *gradient; /* null: the start */
	const struct rng *keys;
	float *x;
};

static void run_task(void *context, size_t task, int thread)
{
	const struct job *j = context;
	size_t at = task * j->pixels;
	struct rng key = j->keys ? j->keys[task] : (struct rng){0, 0};

	(void)thread;
	if (j->gradient)
		bounded_step(j->b, j->centers + at, j->gradient + at, j->x + at, j->pixels);
	else
		bounded_start(j->b, key, j->centers + at, j->x + at, j->pixels);
}

void bounded_run(const struct bounded *b, struct gradient *g, const float *centers,
                 const struct rng *keys, size_t n, gradient_goal *goal, void *context, float *x)
{
	struct job job = {.b = b, .pixels = g->pixels, .centers = centers, .keys = keys, .x = x};

	threads_run(n, run_task, &job);
	for (int64_t step = 0; step < b->steps; step++) {
		job.gradient = gradient_pass(g, x, NULL, n, goal, context);
		if (!job.gradient)
			return;
		threads_run(n, run_task, &job);
	}
}
