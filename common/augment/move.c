#include <math.h>
#include <string.h>

#include "augment/operations.h"
#include "base/base.h"

/* ---- copies ---- */

/* Where pixel 0 of an axis comes from, whose others follow in steps of `sign`. */
static double start_of(double sign, double offset, size_t size)
{
	double middle = (double)(size - 1) / 2;

	return offset + middle - sign * middle;
}

static bool axis_is_exact(double sign, double other, double offset, size_t size)
{
	double start = start_of(sign, offset, size);

	return fabs(sign) == 1 && other == 0 && start == rint(start) && fabs(start) < 0x1p52;
}

bool matrix_is_exact(const struct matrix *m, struct shape s)
{
	return m->at[2][0] == 0 && m->at[2][1] == 0 && m->at[2][2] == 1 &&
	       axis_is_exact(m->at[0][0], m->at[0][1], m->at[0][2], s.w) &&
	       axis_is_exact(m->at[1][1], m->at[1][0], m->at[1][2], s.h);
}

/* An axis: pixel i of the result is pixel start + sign * i of the image, where first <= i < end;
 * below and above it is beyond the image. */
struct axis {
	int64_t start, sign, first, end, size;
};

static int64_t limit(int64_t x, int64_t most)
{
	return x < 0 ? 0 : x > most ? most : x;
}

static struct axis axis_of(double sign, double offset, size_t size)
{
	struct axis a = {(int64_t)start_of(sign, offset, size), (int64_t)sign, 0, 0, (int64_t)size};

	if (a.sign > 0) {
		a.first = limit(-a.start, a.size);
		a.end = limit(a.size - a.start, a.size);
	} else {
		a.first = limit(a.start - a.size + 1, a.size);
		a.end = limit(a.start + 1, a.size);
	}
	return a;
}

/* The pixel that i shows, or the nearest to it. */
static size_t source(const struct axis *a, int64_t i)
{
	return (size_t)limit(a->start + a->sign * i, a->size - 1);
}

static void set(enum npy_type type, char *to, int64_t n, const char *value)
{
	size_t size = npy_size(type);

	if (type == NPY_U1)
		memset(to, *value, (size_t)n);
	else
		for (int64_t i = 0; i < n; i++)
			memcpy(to + (size_t)i * size, value, size);
}

static void reverse_bytes(uint8_t *restrict to, const uint8_t *restrict last, int64_t n)
{
	for (int64_t i = 0; i < n; i++)
		to[i] = last[-i];
}

static void reverse_floats(float *restrict to, const float *restrict last, int64_t n)
{
	for (int64_t i = 0; i < n; i++)
		to[i] = last[-i];
}

/* A row of the result from one of the image; before and behind it are two values. */
static void copy_row(enum npy_type type, const struct axis *a, char *to, const char *from,
                     const char *before, const char *behind)
{
	const size_t size = npy_size(type);
	char *middle = to + (size_t)a->first * size;
	const char *first = from + source(a, a->first) * size;

	set(type, to, a->first, before);
	if (a->first < a->end && a->sign > 0)
		memcpy(middle, first, (size_t)(a->end - a->first) * size);
	else if (a->first < a->end && type == NPY_U1)
		reverse_bytes((uint8_t *)middle, (const uint8_t *)first, a->end - a->first);
	else if (a->first < a->end)
		reverse_floats((float *)middle, (const float *)first, a->end - a->first);
	set(type, to + (size_t)a->end * size, a->size - a->end, behind);
}

void move_copy(struct canvas *c, const struct matrix *m, struct fill border)
{
	const size_t w = c->shape.w, h = c->shape.h, size = npy_size(c->type);
	const struct axis x = axis_of(m->at[0][0], m->at[0][2], w);
	const struct axis y = axis_of(m->at[1][1], m->at[1][2], h);
	const bool nearest = border.with == FILL_NEAREST;
	char value[sizeof(float)];

	npy_convert_elements(c->type, value, NPY_F8, &border.value, 1);
	for (size_t row = 0; row < c->shape.c * h; row++) {
		int64_t i = (int64_t)(row % h);
		char *to = (char *)c->next + row * w * size;
		const char *from =
			(const char *)c->pixels + (row - row % h + source(&y, i)) * w * size;
		if (nearest)
			copy_row(c->type, &x, to, from, from + source(&x, 0) * size,
			         from + source(&x, x.size - 1) * size);
		else if (i < y.first || i >= y.end)
			set(c->type, to, x.size, value);
		else
			copy_row(c->type, &x, to, from, value, value);
	}
}

/* ---- interpolation ---- */

static size_t pitch_of(struct shape s)
{
	return s.w + MOVE_AROUND;
}

static void pad(const struct canvas *c, const float *plane, float value)
{
	const size_t w = c->shape.w, h = c->shape.h, pitch = pitch_of(c->shape);

	for (size_t i = 0; i < pitch * (h + MOVE_AROUND); i++)
		c->padded[i] = value;
	for (size_t y = 0; y < h; y++)
		memcpy(c->padded + (y + MOVE_BEFORE) * pitch + MOVE_BEFORE, plane + y * w,
		       w * sizeof *plane);
}

/* The places that row y of the result shows, before they are divided by z: in pixels from the upper
 * left one. */
MULTIVERSION static void places(const struct matrix *m, const float *const field[2], size_t y,
                                struct shape s, float *restrict along_x, float *restrict along_y)
{
	const float center_x = (float)(s.w - 1) / 2, center_y = (float)(s.h - 1) / 2;
	const float a = (float)m->at[0][0], b = (float)m->at[0][1], e = (float)m->at[0][2];
	const float c = (float)m->at[1][0], d = (float)m->at[1][1], f = (float)m->at[1][2];
	const float g = (float)m->at[2][0], h = (float)m->at[2][1], i = (float)m->at[2][2];
	const float row = (float)y - center_y;

	for (size_t x = 0; x < s.w; x++) {
		float p = (float)x - center_x + (field[0] ? field[0][y * s.w + x] : 0);
		float q = row + (field[1] ? field[1][y * s.w + x] : 0);
		float z = g * p + h * q + i;
		/* Behind the horizon is nothing of the image. */
		z = z > 1e-6F ? 1 / z : INFINITY;
		along_x[x] = (a * p + b * q + e) * z + center_x;
		along_y[x] = (c * p + d * q + f) * z + center_y;
	}
}

/* From places to the pixel above and to the left, and the fractions beyond it. */
MULTIVERSION static void split(float *restrict along_x, float *restrict along_y,
                               int32_t *restrict place, size_t n, const float low[2],
                               const float high[2], size_t pitch)
{
	for (size_t i = 0; i < n; i++) {
		float x = along_x[i], y = along_y[i];
		/* What is no number goes to the low end. */
		x = x > low[0] ? x : low[0];
		y = y > low[1] ? y : low[1];
		x = x < high[0] ? x : high[0];
		y = y < high[1] ? y : high[1];
		/* From -1 on truncation rounds down. */
		int32_t column = (int32_t)(x + MOVE_BEFORE), line = (int32_t)(y + MOVE_BEFORE);
		place[i] = line * (int32_t)pitch + column;
		along_x[i] = x + MOVE_BEFORE - (float)column;
		along_y[i] = y + MOVE_BEFORE - (float)line;
	}
}

MULTIVERSION static void interpolate(const float *restrict padded, size_t pitch,
                                     const int32_t *restrict place, const float *restrict along_x,
                                     const float *restrict along_y, float *restrict to, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const float *p = padded + place[i];
		float above = p[0] + along_x[i] * (p[1] - p[0]);
		float below = p[pitch] + along_x[i] * (p[pitch + 1] - p[pitch]);
		to[i] = above + along_y[i] * (below - above);
	}
}

void move_interpolate(struct canvas *c, const struct matrix *m, bool elastic, struct fill border)
{
	const struct shape s = c->shape;
	const size_t pitch = pitch_of(s);
	const bool nearest = border.with == FILL_NEAREST;
	const float edge = nearest ? 0 : 1; /* how far beyond the image there is something to see */
	const float low[2] = {-edge, -edge};
	const float high[2] = {(float)(s.w - 1) + edge, (float)(s.h - 1) + edge};
	const float *const field[2] = {elastic ? c->field[0] : NULL, elastic ? c->field[1] : NULL};

	for (size_t channel = 0; channel < s.c; channel++) {
		size_t plane = channel * s.h * s.w;
		pad(c, (const float *)c->pixels + plane, nearest ? 0 : (float)border.value);
		for (size_t y = 0; y < s.h; y++) {
			places(m, field, y, s, c->along[0], c->along[1]);
			split(c->along[0], c->along[1], c->place, s.w, low, high, pitch);
			interpolate(c->padded, pitch, c->place, c->along[0], c->along[1],
			            (float *)c->next + plane + y * s.w, s.w);
		}
	}
}
