/*
 * Szegedy's attack: L-BFGS (Nocedal, "Updating quasi-Newton matrices with limited storage", 1980)
 * minimizes, within the box,
 *
 *	F(x) = |x - start|^2 / 255^2 + c loss
 *
 * in searches for the least c that suffices, each from the image on.
 *
 * The box is kept by projection (Bertsekas, "Projected Newton methods for optimization problems
 * with simple constraints", 1982): a pixel at a bound, which its derivative pushes outward, is not
 * part of the direction; the others go along it until they meet their bounds.  How far is found by
 * Armijo's rule for F on this bent path (section 2 there).  A principal part of a positive definite
 * matrix is one too, so what is left of the direction leads down.
 */
#include <math.h>
#include <string.h>

#include "base/base.h"
#include "minimal/constant.h"
#include "minimal/loops.h"
#include "minimal/minimal.h"

/* Pairs of changes of x and of the derivative that are kept; lengths tried along a direction. */
enum { HISTORY = 10, TRIES = 20 };

/* The arrays; x, where accepted, and F' there; F' where it is tried. */
enum { POINT, SLOPE, TRIED, DIRECTION, CHANGE, TURN = CHANGE + HISTORY, ARRAYS = TURN + HISTORY };

/* The share of the expected fall that is asked for (Armijo), and the relative fall that ends a
 * search: floats do not know F much better. */
static const double ENOUGH = 1e-4, LITTLE = 1e-6;

/* 1 / F'' where the loss does not curve. */
static const float FLAT = 255 * 255 / 2.0F;

struct own {
	struct constant c;
	bool fresh;           /* x is the image, and no point has been accepted */
	bool reached;         /* by the point */
	double value;         /* F there */
	uint64_t steps;       /* points of this search */
	size_t pairs;         /* kept, ever since the history was last forgotten */
	double over[HISTORY]; /* 1 / (change . turn) */
	double scale;
	double length; /* of the direction, that is tried */
	int tries;     /* so far */
};

static void begin_search(const struct minimal *a, struct lane *l)
{
	struct own *o = l->own;

	o->fresh = true;
	o->steps = 0;
	o->pairs = 0;
	l->constant = o->c.value;
	memcpy(l->x, l->start, a->pixels * sizeof *l->x);
}

static void begin(const struct minimal *a, struct lane *l)
{
	struct own *o = l->own;

	o->c = constant_begin(a->o->constant, a->o->searches);
	begin_search(a, l);
}

static void ask(const struct minimal *a, struct lane *l, size_t pass, float *by_logit)
{
	(void)pass;
	goal_loss_gradient(&l->goal, l->logits, a->classes, by_logit);
}

/* ---- the objective ---- */

MULTIVERSION static void derive_loss(float *restrict slope, const float *restrict x,
                                     const float *restrict start, float c,
                                     const float *restrict by_pixel, size_t n)
{
	const float pull = 2.0F / (255 * 255);

	for (size_t k = 0; k < n; k++)
		slope[k] = pull * (x[k] - start[k]) + c * by_pixel[k];
}

/* ---- the direction ---- */

/* -H F', with H the inverse of F'' that the history makes of FLAT (Nocedal, p. 779): in the
 * history's first loop the newest pair is the first, in the second the oldest. */
static void apply_history(const struct minimal *a, struct lane *l, float *d)
{
	const struct own *o = l->own;
	size_t kept = o->pairs < HISTORY ? o->pairs : HISTORY, n = a->pixels;
	double factor[HISTORY];

	for (size_t i = o->pairs; i > o->pairs - kept; i--) {
		size_t k = (i - 1) % HISTORY;
		factor[k] = o->over[k] * loops_dot(lane_array(a, l, CHANGE + k), d, n);
		loops_add(d, (float)-factor[k], lane_array(a, l, TURN + k), n);
	}
	loops_scale(d, kept ? (float)o->scale : FLAT, d, n);
	for (size_t i = o->pairs - kept; i < o->pairs; i++) {
		size_t k = i % HISTORY;
		double other = o->over[k] * loops_dot(lane_array(a, l, TURN + k), d, n);
		loops_add(d, (float)(factor[k] - other), lane_array(a, l, CHANGE + k), n);
	}
}

/* Choose the direction from the point on; false if none leads down. */
static bool choose_direction(const struct minimal *a, struct lane *l)
{
	struct own *o = l->own;
	const float *point = lane_array(a, l, POINT), *slope = lane_array(a, l, SLOPE);
	float *d = lane_array(a, l, DIRECTION), *down = lane_array(a, l, TRIED);
	size_t n = a->pixels;

	loops_scale(down, -1, slope, n);
	loops_free(d, down, point, down, n);
	apply_history(a, l, d);
	loops_free(d, d, point, down, n);
	o->length = 1;
	o->tries = 0;
	return loops_dot(slope, d, n) < 0;
}

static void try_length(const struct minimal *a, struct lane *l)
{
	const struct own *o = l->own;

	loops_to_box(l->x, lane_array(a, l, POINT), (float)o->length, lane_array(a, l, DIRECTION),
	             a->pixels);
}

static bool go_on(const struct minimal *a, struct lane *l)
{
	if (!choose_direction(a, l))
		return false;
	try_length(a, l);
	return true;
}

/* ---- points ---- */

/* Keep the change of x and of F', unless F does not curve upward along it. */
static void remember(const struct minimal *a, struct lane *l)
{
	struct own *o = l->own;
	size_t k = o->pairs % HISTORY, n = a->pixels;
	float *change = lane_array(a, l, CHANGE + k), *turn = lane_array(a, l, TURN + k);

	loops_subtract(change, l->x, lane_array(a, l, POINT), n);
	loops_subtract(turn, lane_array(a, l, TRIED), lane_array(a, l, SLOPE), n);
	double product = loops_dot(change, turn, n);
	if (product <= 1e-10 * loops_dot(turn, turn, n) * (double)FLAT)
		return;
	o->over[k] = 1 / product;
	o->scale = product / loops_dot(turn, turn, n);
	o->pairs++;
}

/* Make x the point; false if the search has ended. */
static bool accept(const struct minimal *a, struct lane *l, double value)
{
	struct own *o = l->own;
	double fall = o->value - value;
	bool first = o->fresh;

	if (!first) {
		remember(a, l);
		o->steps++;
		l->result.steps++;
	}
	memcpy(lane_array(a, l, POINT), l->x, a->pixels * sizeof *l->x);
	memcpy(lane_array(a, l, SLOPE), lane_array(a, l, TRIED), a->pixels * sizeof *l->x);
	o->value = value;
	o->reached = l->reached;
	o->fresh = false;
	if ((double)o->steps >= a->o->steps || (!first && fall <= LITTLE * fabs(value)))
		return false;
	return go_on(a, l);
}

/* Try a shorter length, where the parabola through the values and the slope has its minimum, but
 * between a tenth and a half; after TRIES of them another direction, that of steepest descent. */
static bool shorten(const struct minimal *a, struct lane *l, double value, double expected)
{
	struct own *o = l->own;
	double least = -expected / (2 * (value - o->value - expected));

	if (++o->tries == TRIES) {
		if (!o->pairs)
			return false;
		o->pairs = 0;
		return go_on(a, l);
	}
	o->length *= least > 0.5 ? 0.5 : least > 0.1 ? least : 0.1;
	try_length(a, l);
	return true;
}

/* Whether the search goes on from here. */
static bool step(const struct minimal *a, struct lane *l)
{
	const struct own *o = l->own;
	double value =
		l->squares / (255 * 255) + l->constant * goal_loss(&l->goal, l->logits, a->classes);

	if (o->fresh)
		return accept(a, l, value);
	const float *slope = lane_array(a, l, SLOPE);
	double expected = loops_dot(slope, l->x, a->pixels) -
	                  loops_dot(slope, lane_array(a, l, POINT), a->pixels);
	return value <= o->value + ENOUGH * expected ? accept(a, l, value)
	                                             : shorten(a, l, value, expected);
}

static bool take(const struct minimal *a, struct lane *l, size_t pass, const float *by_pixel)
{
	struct own *o = l->own;

	(void)pass;
	derive_loss(lane_array(a, l, TRIED), l->x, l->start, (float)l->constant, by_pixel,
	            a->pixels);
	if (step(a, l))
		return true;
	if (!constant_next(&o->c, o->reached))
		return false;
	begin_search(a, l);
	return true;
}

const struct minimal_method minimal_lbfgs = {
	.name = "lbfgs",
	.defaults = {.steps = 1000,
                     .searches = 9,
                     .constant = 0.01,
                     .rate = NAN,
                     .confidence = NAN,
                     .overshoot = NAN},
	.targets = true,
	.arrays = ARRAYS,
	.own = sizeof(struct own),
	.begin = begin,
	.ask = ask,
	.take = take,
};
