#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "digits/parts.h"

/* How much hands differ: standard deviations, of lengths where nothing else is said. */
static const double knot_jitter = 4;       /* of every knot, across and down */
static const double stroke_jitter = 4;     /* of a stroke as a whole */
static const double end_jitter = 8;        /* of a stroke's length, at either end */
static const double tremble = 12;          /* of the elastic field's nodes */
static const double pressure_jitter = .16; /* of log(the pen's radius), from knot to knot */
static const double radius_median = 7.6, radius_spread = .33; /* spread of the logarithm */
static const double aspect_median = .9, aspect_spread = .25;  /* width / height, as above */
static const double slant_mean = .15, slant_spread = .28;     /* to the right per height */
static const double turn_spread = .1;                         /* radians */

static double uniform(struct dice *dice)
{
	return rng_uniform(dice->rng, dice->next++);
}

static double normal(struct dice *dice, double deviation)
{
	return deviation * rng_normal(dice->rng, dice->next++);
}

static double lognormal(struct dice *dice, double median, double spread)
{
	return median * exp(normal(dice, spread));
}

/* ---- the elastic field ---- */

/*
 * Elastic distortion (Simard, Steinkraus, Platt: "Best practices for convolutional neural networks
 * applied to visual document analysis", ICDAR 2003): a field of random displacements, smoothed.
 * Theirs is white noise under a Gaussian, of every pixel; ours, random nodes under the uniform
 * cubic B-spline, which is nearly that Gaussian, of the points where the pen has been.
 */
enum { NODES = 9, SPACING = 32, ORIGIN = -80 };

struct field {
	double dx[NODES][NODES], dy[NODES][NODES];
};

static void field_make(struct field *field, struct dice *dice)
{
	for (int i = 0; i < NODES; i++)
		for (int j = 0; j < NODES; j++) {
			field->dx[i][j] = normal(dice, tremble);
			field->dy[i][j] = normal(dice, tremble);
		}
}

/* The first of the four nodes that count at x, and how much each does. */
static int field_weights(double x, double weight[4])
{
	double at = fmin(fmax((x - ORIGIN) / SPACING, 1), NODES - 2.001), t = at - floor(at);

	weight[0] = (1 - t) * (1 - t) * (1 - t) / 6;
	weight[1] = ((3 * t - 6) * t * t + 4) / 6;
	weight[2] = (((-3 * t + 3) * t + 3) * t + 1) / 6;
	weight[3] = t * t * t / 6;
	return (int)floor(at) - 1;
}

static void field_move(const struct field *field, struct vertex *v)
{
	double wx[4], wy[4], dx = 0, dy = 0;
	int column = field_weights(v->x, wx), row = field_weights(v->y, wy);

	for (int i = 0; i < 4; i++)
		for (int j = 0; j < 4; j++) {
			dx += wy[i] * wx[j] * field->dx[row + i][column + j];
			dy += wy[i] * wx[j] * field->dy[row + i][column + j];
		}
	v->x += dx;
	v->y += dy;
}

/* ---- writing ---- */

/* Read a style's knots, and miss each a little.  Returns their number. */
static int place_knots(const char *text, struct dice *dice, struct knot knots[MAX_KNOTS])
{
	double radius = lognormal(dice, radius_median, radius_spread), x = 0, y = 0;
	bool first = true;
	int n = 0;

	for (; *text && n < MAX_KNOTS; n++) {
		char *end;
		if (first) {
			x = normal(dice, stroke_jitter);
			y = normal(dice, stroke_jitter);
		}
		struct knot *k = &knots[n];
		k->v.x = (double)strtol(text, &end, 10) + x + normal(dice, knot_jitter);
		k->v.y = (double)strtol(end + 1, &end, 10) + y + normal(dice, knot_jitter);
		k->v.radius = lognormal(dice, radius, pressure_jitter);
		k->v.lift = *end == ';' || *end == '\0';
		k->corner = *end == '!';
		k->first = first;
		first = k->v.lift;
		text = end + strspn(end, "!; ");
	}
	return n;
}

/* Move an end of a stroke away from its neighbor, or toward it by at most half the way. */
static void stretch_end(struct vertex *end, const struct vertex *neighbor, struct dice *dice)
{
	double dx = end->x - neighbor->x, dy = end->y - neighbor->y;
	double by = fmax(normal(dice, end_jitter) / fmax(hypot(dx, dy), 1), -.5);

	end->x += by * dx;
	end->y += by * dy;
}

static void stretch_strokes(struct knot *k, int n, struct dice *dice)
{
	for (int i = 0; i < n; i++) {
		if (k[i].first)
			stretch_end(&k[i].v, &k[i + 1].v, dice);
		if (k[i].v.lift)
			stretch_end(&k[i].v, &k[i - 1].v, dice);
	}
}

/* What holds for the whole digit: the elastic field, then width, slant and turn. */
static void deform(struct trace *trace, struct dice *dice)
{
	struct field field;
	double aspect = lognormal(dice, aspect_median, aspect_spread);
	double slant = slant_mean + normal(dice, slant_spread);
	double turn = normal(dice, turn_spread), c = cos(turn), s = sin(turn);

	field_make(&field, dice);
	for (int i = 0; i < trace->n; i++) {
		struct vertex *v = &trace->at[i];
		field_move(&field, v);
		double x = aspect * v->x - slant * v->y, y = v->y;
		v->x = c * x - s * y;
		v->y = s * x + c * y;
	}
}

void hand_write(int label, struct dice *dice, struct trace *trace)
{
	struct knot knots[MAX_KNOTS];
	int n = place_knots(style_pick(label, uniform(dice))->knots, dice, knots);

	stretch_strokes(knots, n, dice);
	curve_through(knots, n, trace);
	deform(trace, dice);
}
