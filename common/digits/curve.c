#include <math.h>

#include "digits/parts.h"

/*
 * The centripetal Catmull-Rom spline (Yuksel, Schaefer, Keyser: "Parameterization and applications
 * of Catmull-Rom curves", CAD 2011), which makes no cusp or loop of its own between two knots.
 * Every span is written as a cubic Hermite: two ends, and a tangent at each.
 */

struct vector {
	double x, y;
};

static struct vector chord(const struct knot *a, const struct knot *b)
{
	return (struct vector){b->v.x - a->v.x, b->v.y - a->v.y};
}

/* The time from knot to knot is the square root of the distance; never 0, since we divide by it. */
static double duration(struct vector chord)
{
	return sqrt(fmax(hypot(chord.x, chord.y), 1e-6));
}

/* The tangent at b of the curve through a, b, c, for a span that lasts `span`: the derivative of
 * the parabola through the three. */
static struct vector tangent(const struct knot *a, const struct knot *b, const struct knot *c,
                             double span)
{
	struct vector ab = chord(a, b), bc = chord(b, c), ac = chord(a, c);
	double d = duration(ab), e = duration(bc);

	return (struct vector){span * (ab.x / d - ac.x / (d + e) + bc.x / e),
	                       span * (ab.y / d - ac.y / (d + e) + bc.y / e)};
}

/* The tangent at an end without curvature there, given the tangent at the other end. */
static struct vector natural(struct vector chord, struct vector other)
{
	return (struct vector){(3 * chord.x - other.x) / 2, (3 * chord.y - other.y) / 2};
}

/* Steps short enough for the polyline to look round: about a pixel. */
static int steps(struct vector chord)
{
	return 2 + (int)(hypot(chord.x, chord.y) / 6);
}

/* The span from k[0] to k[1], without its last vertex. */
static void span(const struct knot *k, struct trace *trace)
{
	const struct vertex *a = &k[0].v, *b = &k[1].v;
	struct vector whole = chord(k, k + 1), from = whole, to = whole;
	bool enters = !k[0].first && !k[0].corner, leaves = !k[1].v.lift && !k[1].corner;

	if (enters)
		from = tangent(k - 1, k, k + 1, duration(whole));
	if (leaves)
		to = tangent(k, k + 1, k + 2, duration(whole));
	if (!enters)
		from = natural(whole, to);
	if (!leaves)
		to = natural(whole, from);

	int n = steps(whole);
	for (int i = 0; i < n && trace->n < MAX_VERTICES; i++) {
		double t = (double)i / n, s = 1 - t;
		double ha = s * s * (1 + 2 * t), hb = t * t * (1 + 2 * s);
		double hfrom = s * s * t, hto = -t * t * s;
		trace->at[trace->n++] = (struct vertex){
			.x = ha * a->x + hfrom * from.x + hb * b->x + hto * to.x,
			.y = ha * a->y + hfrom * from.y + hb * b->y + hto * to.y,
			.radius = s * a->radius + t * b->radius,
		};
	}
}

void curve_through(const struct knot knots[], int n, struct trace *trace)
{
	trace->n = 0;
	for (int i = 0; i < n; i++)
		if (!knots[i].v.lift)
			span(&knots[i], trace);
		else if (trace->n < MAX_VERTICES)
			trace->at[trace->n++] = knots[i].v;
}
