/* maxpool - what max pooling's loops, compiled for several vector lengths, have in common. */
#ifndef ENGINE_MAXPOOL_H
#define ENGINE_MAXPOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "engine/plan.h"

/* Where in its window the maximum was, counted row by row; NOWHERE if the gradient goes nowhere. */
typedef uint16_t place;
enum { NOWHERE = 65535 };

struct maxpool {
	size_t in[2], out[2], kernel[2], stride[2], before[2];
	place *at;          /* one for each output element; null in inference */
	bool relu;          /* a maximum that is not positive sends its gradient nowhere */
	bool only_positive; /* a gradient that is not positive goes nowhere */
	bool tiled;         /* the windows cover every input element once */
};

/* The rows (or columns) of window o that are inside the image: [*begin, *end). */
static inline void clip(const struct maxpool *m, int axis, size_t o, size_t *begin, size_t *end)
{
	size_t first = o * m->stride[axis], last = first + m->kernel[axis], pad = m->before[axis];

	*begin = first > pad ? first - pad : 0;
	*end = last - pad < m->in[axis] ? last - pad : m->in[axis];
}

/* The place in window (oy, ox) of input element (y, x). */
static inline int32_t place_of(const struct maxpool *m, size_t oy, size_t ox, size_t y, size_t x)
{
	size_t row = y + m->before[0] - oy * m->stride[0];

	return (int32_t)(row * m->kernel[1] + x + m->before[1] - ox * m->stride[1]);
}

/* One block of an image. */
typedef void maxpool_down(const struct maxpool *m, const float *src, float *dst, place *at);
typedef void maxpool_up(const struct maxpool *m, float *to, const float *d, const place *at);

#endif
