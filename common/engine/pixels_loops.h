/* The gradients of a convolution on images of few channels, at one level; see each_level.h. */

/* ---- with respect to the weights ---- */

/*
 * The sums of `columns` neighboring taps of a kernel row, each with `blocks` blocks of filters,
 * over a row of outputs; all in registers.  Two outputs at a time have sums of their own where
 * there are few: a sum is a chain of additions.
 */
INLINE void NAME(tap_row)(const struct pixels *p, const float *x, const float *d, float *gradient,
                          size_t columns, size_t blocks, size_t twice)
{
	size_t n = p->out[1], stride = p->stride[1], plane = p->out[0] * n * LANES, i = 0;
	VECTOR sum[2][5][4] = {{{{0}}}};

	for (; i + twice <= n; i += twice)
		UNROLLED (u, twice)
			UNROLLED (b, blocks) {
				VECTOR y = *(const VECTOR *)(d + (i + u) * LANES + b * plane);
				UNROLLED (k, columns)
					sum[u][k][b] = FMA(x[(i + u) * stride + k] - (VECTOR){0}, y,
					                   sum[u][k][b]);
			}
	for (; i < n; i++)
		UNROLLED (b, blocks) {
			VECTOR y = *(const VECTOR *)(d + i * LANES + b * plane);
			UNROLLED (k, columns)
				sum[0][k][b] =
					FMA(x[i * stride + k] - (VECTOR){0}, y, sum[0][k][b]);
		}
	UNROLLED (k, columns)
		UNROLLED (b, blocks) {
			VECTOR *g = (VECTOR *)(gradient + k * p->filters + b * LANES);
			*g += sum[0][k][b];
			if (twice == 2)
				*g += sum[1][k][b];
		}
}

/* As many blocks at a time as there are registers for. */
INLINE void NAME(taps)(const struct pixels *p, const float *x, const float *d, float *gradient,
                       size_t columns)
{
	size_t plane = p->out[0] * p->out[1] * LANES, b = 0;
	size_t most = columns <= 3 ? 4 : columns <= 5 && LANES == 16 ? 4 : 2;

	for (; most == 4 && b + 4 <= p->blocks; b += 4)
		NAME(tap_row)(p, x, d + b * plane, gradient + b * LANES, columns, 4, 1);
	size_t twice = columns <= (LANES == 16 ? 4 : 3) ? 2 : 1;
	for (; b + 2 <= p->blocks; b += 2)
		NAME(tap_row)(p, x, d + b * plane, gradient + b * LANES, columns, 2, twice);
	for (; b < p->blocks; b++)
		NAME(tap_row)(p, x, d + b * plane, gradient + b * LANES, columns, 1, 2);
}

/* The bias goes to every output. */
INLINE void NAME(bias_row)(const struct pixels *p, const float *d, float *bias)
{
	size_t n = p->out[1], plane = p->out[0] * n * LANES;

	for (size_t b = 0; b < p->blocks; b++, d += plane, bias += LANES) {
		VECTOR sum[2] = {{0}};
		for (size_t i = 0; i + 2 <= n; i += 2) {
			sum[0] += *(const VECTOR *)(d + i * LANES);
			sum[1] += *(const VECTOR *)(d + (i + 1) * LANES);
		}
		if (n % 2)
			sum[0] += *(const VECTOR *)(d + (n - 1) * LANES);
		*(VECTOR *)bias += sum[0] + sum[1];
	}
}

TARGET static void NAME(pixels_to_weights)(const struct pixels *p, const float *image,
                                           const float *d, float *gradient, float *bias)
{
	for (size_t y = 0; y < p->out[0]; y++, d += p->out[1] * LANES) {
		if (bias)
			NAME(bias_row)(p, d, bias);
		for (size_t row = 0; row < p->channels * p->kernel[0]; row++) {
			const float *x =
				image + p->at[row * p->kernel[1]] + y * p->stride[0] * p->padded[1];
			float *g = gradient + row * p->kernel[1] * p->filters;
			size_t k = 0;
			for (; p->kernel[1] - k >= 5; k += 5)
				NAME(taps)(p, x + k, d, g + k * p->filters, 5);
			for (; p->kernel[1] - k >= 3; k += 3)
				NAME(taps)(p, x + k, d, g + k * p->filters, 3);
			for (; p->kernel[1] - k >= 2; k += 2)
				NAME(taps)(p, x + k, d, g + k * p->filters, 2);
			for (; k < p->kernel[1]; k++)
				NAME(taps)(p, x + k, d, g + k * p->filters, 1);
		}
	}
}

/* ---- with respect to the pixels ---- */

/* A pixel takes part in the outputs of these rows and columns.  The sums for `pixels` neighbors,
 * each of which sees the output next to that of the one before; their lanes are still to be added
 * up. */
INLINE void NAME(gather)(const struct pixels *p, const float *weights, const float *d,
                         struct reach rows, struct reach columns, size_t pixels, VECTOR *part)
{
	size_t row = p->out[1] * LANES;
	size_t down = p->stride[0] * p->kernel[1] * p->filters, right = p->stride[1] * p->filters;
	VECTOR sum[4] = {{0}};

	weights += (rows.k * p->kernel[1] + columns.k) * p->filters;
	d += rows.o * row + columns.o * LANES;
	for (size_t b = 0; b < p->blocks; b++, d += p->out[0] * row, weights += LANES) {
		const float *w = weights, *y = d;
		for (size_t i = 0; i < rows.count; i++, w += down, y -= row)
			for (size_t j = 0; j < columns.count; j++) {
				VECTOR factor = *(const VECTOR *)(w + j * right);
				UNROLLED (u, pixels)
					sum[u] = FMA(factor,
					             *(const VECTOR *)(y + u * LANES - j * LANES),
					             sum[u]);
			}
	}
	UNROLLED (u, pixels)
		part[u] = sum[u];
}

/* Whether each of four columns sees the output next to that of the column before, through the same
 * part of the kernel. */
INLINE bool NAME(alike)(const struct reach *column)
{
	for (size_t u = 1; u < 4; u++)
		if (column[u].k != column->k || column[u].count != column->count ||
		    column[u].o != column->o + u)
			return false;
	return true;
}

/* The sum of all lanes, half and half. */
INLINE float NAME(total)(VECTOR x)
{
#if LANES == 16
	x += ROTATED(x, 8);
#endif
	x += ROTATED(x, 4);
	x += ROTATED(x, 2);
	return x[0] + x[1];
}

TARGET static void NAME(pixels_to_channel)(const struct pixels *p, size_t c, const float *weights,
                                           const float *d, float *gradient)
{
	VECTOR part[4];

	weights += c * p->kernel[0] * p->kernel[1] * p->filters;
	for (size_t y = 0; y < p->in[0]; y++) {
		const struct reach rows = p->reach[0][y], *column = p->reach[1];
		for (size_t x = 0, n; x < p->in[1]; x += n) {
			n = p->in[1] - x >= 4 && NAME(alike)(column + x) ? 4 : 1;
			if (n == 4)
				NAME(gather)(p, weights, d, rows, column[x], 4, part);
			else
				NAME(gather)(p, weights, d, rows, column[x], 1, part);
			for (size_t u = 0; u < n; u++)
				*gradient++ = NAME(total)(part[u]);
		}
	}
}
