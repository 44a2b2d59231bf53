/* Batch normalization at one level; see each_level.h. */
typedef double NAME(doubles) __attribute__((vector_size(8 * LANES), aligned(8), may_alias));

/* Floats are added four ways at once, each way this many times; then in doubles. */
enum { NAME(RUN) = 16 };

INLINE void NAME(collect)(VECTOR part[4], double *sum)
{
	VECTOR all = (part[0] + part[1]) + (part[2] + part[3]);

	*(NAME(doubles) *)sum += __builtin_convertvector(all, NAME(doubles));
	for (int i = 0; i < 4; i++)
		part[i] = (VECTOR){0};
}

TARGET static void NAME(norm_sum)(const struct block *b, const float *x, double *sum)
{
	for (size_t i = 0; i < b->n; i++) {
		const VECTOR *from = (const VECTOR *)(x + i * b->step);
		VECTOR part[4] = {{0}};
		size_t k = 0;
		for (; k + 4 <= b->pixels; k += 4) {
			UNROLLED (u, 4)
				part[u] += from[k + u];
			if (k / 4 % NAME(RUN) == NAME(RUN) - 1)
				NAME(collect)(part, sum);
		}
		for (; k < b->pixels; k++)
			part[0] += from[k];
		NAME(collect)(part, sum);
	}
}

TARGET static void NAME(norm_squares)(const struct block *b, const float *x, const float *mean,
                                      double *sum)
{
	const VECTOR m = *(const VECTOR *)mean;

	for (size_t i = 0; i < b->n; i++) {
		const VECTOR *from = (const VECTOR *)(x + i * b->step);
		VECTOR part[4] = {{0}};
		size_t k = 0;
		for (; k + 4 <= b->pixels; k += 4) {
			UNROLLED (u, 4)
				part[u] = FMA(from[k + u] - m, from[k + u] - m, part[u]);
			if (k / 4 % NAME(RUN) == NAME(RUN) - 1)
				NAME(collect)(part, sum);
		}
		for (; k < b->pixels; k++)
			part[0] = FMA(from[k] - m, from[k] - m, part[0]);
		NAME(collect)(part, sum);
	}
}

TARGET static void NAME(norm_map)(const struct block *b, const float *x, const float *scale,
                                  const float *shift, bool relu, float *y)
{
	const VECTOR s = *(const VECTOR *)scale, t = *(const VECTOR *)shift;

	for (size_t i = 0; i < b->n; i++) {
		const VECTOR *from = (const VECTOR *)(x + i * b->step);
		VECTOR *to = (VECTOR *)(y + i * b->step);
		if (relu)
			for (size_t k = 0; k < b->pixels; k++) {
				VECTOR v = FMA(from[k], s, t);
				to[k] = RECTIFY(v, v);
			}
		else
			for (size_t k = 0; k < b->pixels; k++)
				to[k] = FMA(from[k], s, t);
	}
}

/* d where the ReLU let pass. */
#define THROUGH(d, x) (relu ? RECTIFY(d, FMA(x, s, t)) : (VECTOR)(d))

INLINE void NAME(sums_of)(const struct norm_block *m, const float *d, bool relu, double *sum[2])
{
	const VECTOR s = *(const VECTOR *)m->scale, t = *(const VECTOR *)m->shift;
	const VECTOR mean = *(const VECTOR *)m->mean;

	for (size_t i = 0; i < m->b.n; i++) {
		const VECTOR *x = (const VECTOR *)(m->x + i * m->b.step);
		const VECTOR *from = (const VECTOR *)(d + i * m->b.step);
		VECTOR part[4] = {{0}}, product[4] = {{0}};
		size_t k = 0;
		for (; k + 4 <= m->b.pixels; k += 4) {
			UNROLLED (u, 4) {
				VECTOR g = THROUGH(from[k + u], x[k + u]);
				part[u] += g;
				product[u] = FMA(g, x[k + u] - mean, product[u]);
			}
			if (k / 4 % NAME(RUN) == NAME(RUN) - 1) {
				NAME(collect)(part, sum[0]);
				NAME(collect)(product, sum[1]);
			}
		}
		for (; k < m->b.pixels; k++) {
			VECTOR g = THROUGH(from[k], x[k]);
			part[0] += g;
			product[0] = FMA(g, x[k] - mean, product[0]);
		}
		NAME(collect)(part, sum[0]);
		NAME(collect)(product, sum[1]);
	}
}

TARGET static void NAME(norm_sums_of)(const struct norm_block *m, const float *d, double *sum[2])
{
	if (m->relu)
		NAME(sums_of)(m, d, true, sum);
	else
		NAME(sums_of)(m, d, false, sum);
}

TARGET static void NAME(norm_gradient)(const struct norm_block *m, const float *d,
                                       const float *offset, const float *slope, float *to)
{
	const VECTOR s = *(const VECTOR *)m->scale, t = *(const VECTOR *)m->shift;
	const VECTOR mean = *(const VECTOR *)m->mean, o = *(const VECTOR *)offset;
	const VECTOR by = *(const VECTOR *)slope;
	const bool relu = m->relu;

	for (size_t i = 0; i < m->b.n; i++) {
		const VECTOR *x = (const VECTOR *)(m->x + i * m->b.step);
		const VECTOR *from = (const VECTOR *)(d + i * m->b.step);
		VECTOR *gradient = (VECTOR *)(to + i * m->b.step);
		for (size_t k = 0; k < m->b.pixels; k++) {
			VECTOR g = THROUGH(from[k], x[k]);
			gradient[k] = FMA(by, mean - x[k], FMA(s, g, -o));
		}
	}
}

/* ---- with max pooling ---- */

/* Where window (oy,ox) begins. */
#define CORNER(w, rows, columns, oy, ox) (((oy) * (rows) * (w)->in[1] + (ox) * (columns)) * LANES)

INLINE void NAME(pick)(const struct norm_windows *w, size_t rows, size_t columns, const float *x,
                       VECTOR sign, float *picked)
{
	const INTEGERS none = sign == 0;

	for (size_t oy = 0; oy < w->out[0]; oy++)
		for (size_t ox = 0; ox < w->out[1]; ox++, picked += LANES) {
			const float *from = x + CORNER(w, rows, columns, oy, ox);
			VECTOR first = *(const VECTOR *)from, most = first * sign;
			for (size_t i = 0; i < rows; i++)
				for (size_t k = 0; k < columns; k++) {
					const float *at = from + (i * w->in[1] + k) * LANES;
					VECTOR v = *(const VECTOR *)at * sign;
					INTEGERS more = v > most;
					most = (VECTOR)(((INTEGERS)v & more) |
					                ((INTEGERS)most & ~more));
				}
			*(VECTOR *)picked = (VECTOR)(((INTEGERS)(most * sign) & ~none) |
			                             ((INTEGERS)first & none));
		}
}

TARGET static void NAME(norm_pick)(const struct block *b, const struct norm_windows *w,
                                   const float *x, const float *sign, float *picked)
{
	const VECTOR s = *(const VECTOR *)sign;

	for (size_t i = 0; i < b->n; i++, x += b->step, picked += w->step)
		if (w->size[0] == 2 && w->size[1] == 2)
			NAME(pick)(w, 2, 2, x, s, picked);
		else
			NAME(pick)(w, w->size[0], w->size[1], x, s, picked);
}

/* What every element sends back, and those that were picked besides. */
INLINE void NAME(spread)(const struct norm_block *m, const struct norm_windows *w, size_t rows,
                         size_t columns, const float *x, const float *picked, const float *d,
                         VECTOR offset, VECTOR slope, float *to)
{
	const VECTOR s = *(const VECTOR *)m->scale, t = *(const VECTOR *)m->shift;
	const VECTOR mean = *(const VECTOR *)m->mean;
	const bool relu = m->relu;

	for (size_t oy = 0; oy < w->out[0]; oy++)
		for (size_t ox = 0; ox < w->out[1]; ox++, picked += LANES, d += LANES) {
			size_t corner = CORNER(w, rows, columns, oy, ox);
			VECTOR most = *(const VECTOR *)picked;
			VECTOR g = THROUGH(*(const VECTOR *)d, most);
			INTEGERS left = -1 - (INTEGERS){0};
			for (size_t i = 0; i < rows; i++)
				for (size_t k = 0; k < columns; k++) {
					size_t at = corner + (i * w->in[1] + k) * LANES;
					VECTOR v = *(const VECTOR *)(x + at);
					INTEGERS here = (v == most) & left;
					VECTOR mine = (VECTOR)((INTEGERS)g & here);
					left &= ~here;
					*(VECTOR *)(to + at) =
						FMA(slope, mean - v, FMA(s, mine, -offset));
				}
		}
}

TARGET static void NAME(norm_spread)(const struct norm_block *m, const struct norm_windows *w,
                                     const float *picked, const float *d, const float *offset,
                                     const float *slope, float *to)
{
	const VECTOR o = *(const VECTOR *)offset, by = *(const VECTOR *)slope;
	const VECTOR mean = *(const VECTOR *)m->mean;
	const bool rest = w->out[0] * w->size[0] < w->in[0] || w->out[1] * w->size[1] < w->in[1];

	for (size_t i = 0; i < m->b.n; i++, picked += w->step, d += w->step) {
		const float *x = m->x + i * m->b.step;
		float *gradient = to + i * m->b.step;
		/* What no window covers; the windows go over all else again. */
		for (size_t k = 0; rest && k < m->b.pixels; k++)
			((VECTOR *)gradient)[k] = FMA(by, mean - ((const VECTOR *)x)[k], -o);
		if (w->size[0] == 2 && w->size[1] == 2)
			NAME(spread)(m, w, 2, 2, x, picked, d, o, by, gradient);
		else
			NAME(spread)
		(m, w, w->size[0], w->size[1], x, picked, d, o, by, gradient);
	}
}

#undef CORNER
#undef THROUGH
