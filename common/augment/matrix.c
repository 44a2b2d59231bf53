#include <math.h>

#include "augment/operations.h"

struct matrix matrix_identity(void)
{
	return (struct matrix){{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}};
}

struct matrix matrix_product(struct matrix a, struct matrix b)
{
	struct matrix c = {{{0}}};

	for (int i = 0; i < 3; i++)
		for (int j = 0; j < 3; j++)
			for (int k = 0; k < 3; k++)
				c.at[i][j] += a.at[i][k] * b.at[k][j];
	return c;
}

static struct matrix affine(double a, double b, double c, double d, double e, double f)
{
	return (struct matrix){{{a, b, c}, {d, e, f}, {0, 0, 1}}};
}

static double radians(double degrees)
{
	return degrees * (3.14159265358979323846 / 180);
}

/* Exact for right angles: a quarter turn is to move pixels onto pixels. */
static double sine(double degrees)
{
	double quarters = degrees / 90;

	if (quarters != floor(quarters))
		return sin(radians(degrees));
	double turn = quarters - 4 * floor(quarters / 4);
	return turn == 1 ? 1 : turn == 3 ? -1 : 0;
}

/* An image that is turned counterclockwise has its pixels from clockwise; y points down. */
static struct matrix rotation(double degrees)
{
	double c = sine(degrees + 90), s = sine(degrees);

	return affine(c, -s, 0, s, c, 0);
}

/* First along x, then along y; from places of the result back, the other way round. */
static struct matrix shear(double x, double y)
{
	double along = tan(radians(x)), down = tan(radians(y));

	return matrix_product(affine(1, -along, 0, 0, 1, 0), affine(1, 0, 0, -down, 1, 0));
}

/*
 * From the unit square to the quadrilateral whose corners are those of (0,0), (1,0), (1,1), (0,1):
 * Heckbert, "Fundamentals of texture mapping and image warping" (1989), section 2.2.3.
 */
static struct matrix quadrilateral(const double x[4], const double y[4])
{
	double dx1 = x[1] - x[2], dx2 = x[3] - x[2], sx = x[0] - x[1] + x[2] - x[3];
	double dy1 = y[1] - y[2], dy2 = y[3] - y[2], sy = y[0] - y[1] + y[2] - y[3];
	double area = dx1 * dy2 - dx2 * dy1;
	double g = (sx * dy2 - dx2 * sy) / area, h = (dx1 * sy - sx * dy1) / area;

	return (struct matrix){{{x[1] - x[0] + g * x[1], x[3] - x[0] + h * x[3], x[0]},
	                        {y[1] - y[0] + g * y[1], y[3] - y[0] + h * y[3], y[0]},
	                        {g, h, 1}}};
}

/* Each corner of the result shows a place that is off the image's corner by up to this share of its
 * width and height.  Below a quarter no three corners can be on a line, so that the map exists. */
static struct matrix perspective(struct rng r, double share, size_t h, size_t w)
{
	static const double corner[4][2] = {{0, 0}, {1, 0}, {1, 1}, {0, 1}};
	const struct range off = {-share, share};
	double x[4], y[4];

	for (int i = 0; i < 4; i++) {
		x[i] = corner[i][0] + draw_range(r, (uint64_t)(2 * i), off);
		y[i] = corner[i][1] + draw_range(r, (uint64_t)(2 * i + 1), off);
	}
	struct matrix to_unit = affine(1 / (double)w, 0, 0.5, 0, 1 / (double)h, 0.5);
	struct matrix from_unit =
		affine((double)w, 0, -0.5 * (double)w, 0, (double)h, -0.5 * (double)h);
	return matrix_product(from_unit, matrix_product(quadrilateral(x, y), to_unit));
}

struct matrix matrix_draw(struct rng r, const struct operation *o, size_t h, size_t w)
{
	double a = 0, b = 0;

	if (o->values > 0 || o->kind == CROP)
		a = draw_value(r, o, 0);
	if (o->values > 1 || o->kind == CROP)
		b = draw_value(r, o, 1);
	switch (o->kind) {
	case FLIP: return affine(-1, 0, 0, 0, 1, 0);
	case VFLIP: return affine(1, 0, 0, 0, -1, 0);
	case SHIFT:
	case CROP: return affine(1, 0, -a, 0, 1, -b);
	case ROTATE: return rotation(a);
	case ZOOM: return affine(1 / a, 0, 0, 0, 1 / (o->values > 1 ? b : a), 0);
	case SHEAR: return shear(a, b);
	case PERSPECTIVE: return perspective(r, a, h, w);
	default: return matrix_identity();
	}
}
