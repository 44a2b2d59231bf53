/* Batch normalisation at one level; see each_level.h. */
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

#undef THROUGH
