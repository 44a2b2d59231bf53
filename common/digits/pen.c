#include <math.h>

#include "digits/parts.h"

/* MNIST's edges were softened when its black and white scans were made smaller. */
const double pen_edge = 1.5;

static int clamp(double x)
{
	return (int)fmin(fmax(x, 0), DIGITS_BOX);
}

/*
 * Lower `far`, the distance of each pixel's center from the edge of the ink (negative inside), to
 * that of the line from a to b: a disk dragged along it, whose radius goes from a's to b's.  What
 * is further than pen_edge from the ink is left as it is.
 */
static void drag(const struct vertex *a, const struct vertex *b, double far[DIGITS_BOX][DIGITS_BOX])
{
	double dx = b->x - a->x, dy = b->y - a->y, square = dx * dx + dy * dy;
	double inverse = square > 0 ? 1 / square : 0, reach = fmax(a->radius, b->radius) + pen_edge;
	int left = clamp(fmin(a->x, b->x) - reach), right = clamp(fmax(a->x, b->x) + reach + 1);
	int top = clamp(fmin(a->y, b->y) - reach), bottom = clamp(fmax(a->y, b->y) + reach + 1);

	for (int i = top; i < bottom; i++)
		for (int j = left; j < right; j++) {
			double x = j + .5 - a->x, y = i + .5 - a->y;
			double t = fmin(fmax((x * dx + y * dy) * inverse, 0), 1);
			double ex = x - t * dx, ey = y - t * dy;
			double radius = a->radius + t * (b->radius - a->radius);
			far[i][j] = fmin(far[i][j], sqrt(ex * ex + ey * ey) - radius);
		}
}

void pen_draw(const struct trace *trace, double ink[DIGITS_BOX][DIGITS_BOX])
{
	for (int i = 0; i < DIGITS_BOX; i++)
		for (int j = 0; j < DIGITS_BOX; j++)
			ink[i][j] = pen_edge;
	for (int i = 0; i + 1 < trace->n; i++)
		if (!trace->at[i].lift)
			drag(&trace->at[i], &trace->at[i + 1], ink);
	/* Half the ink at the edge itself, all of it half an edge inside, none half an edge
	 * outside. */
	for (int i = 0; i < DIGITS_BOX; i++)
		for (int j = 0; j < DIGITS_BOX; j++)
			ink[i][j] = fmin(fmax(.5 - ink[i][j] / pen_edge, 0), 1);
}
