#include <math.h>

#include "digits/parts.h"

/* The ink's outermost pixels shall be those of the box: half a soft edge reaches beyond the ink,
 * and the center of a pixel just outside is half a pixel away. */
void frame_fit(struct trace *trace)
{
	double left = INFINITY, right = -INFINITY, top = INFINITY, bottom = -INFINITY;

	for (int i = 0; i < trace->n; i++) {
		const struct vertex *v = &trace->at[i];
		left = fmin(left, v->x - v->radius);
		right = fmax(right, v->x + v->radius);
		top = fmin(top, v->y - v->radius);
		bottom = fmax(bottom, v->y + v->radius);
	}
	double scale = (DIGITS_BOX - (pen_edge - 1)) / fmax(right - left, bottom - top);
	for (int i = 0; i < trace->n; i++) {
		struct vertex *v = &trace->at[i];
		v->x = (v->x - (left + right) / 2) * scale + DIGITS_BOX / 2.;
		v->y = (v->y - (top + bottom) / 2) * scale + DIGITS_BOX / 2.;
		v->radius *= scale;
	}
}

/* Where the box must begin for its mean to be nearest the middle pixel, within the picture. */
static int begin(double moment, double mass)
{
	double at = floor(DIGITS_SIDE / 2. - moment / mass + .5);

	return (int)fmin(fmax(at, 0), DIGITS_SIDE - DIGITS_BOX);
}

void frame_center(double ink[DIGITS_BOX][DIGITS_BOX], uint8_t image[DIGITS_PIXELS])
{
	double mass = 0, x = 0, y = 0;

	for (int i = 0; i < DIGITS_BOX; i++)
		for (int j = 0; j < DIGITS_BOX; j++) {
			mass += ink[i][j];
			x += ink[i][j] * j;
			y += ink[i][j] * i;
		}
	int left = begin(x, mass), top = begin(y, mass);
	for (int i = 0; i < DIGITS_PIXELS; i++)
		image[i] = 0;
	for (int i = 0; i < DIGITS_BOX; i++)
		for (int j = 0; j < DIGITS_BOX; j++)
			image[(top + i) * DIGITS_SIDE + left + j] = (uint8_t)lrint(255 * ink[i][j]);
}
