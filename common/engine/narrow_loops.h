/* Convolutions with few channels on both sides, at one level; see each_level.h and narrow.h. */

/* ---- sums ---- */

/* One tile: its sums are all in registers. */
INLINE void NAME(narrow_tile)(const struct narrow_sums *s, const float *x, float *y, size_t outputs,
                              size_t vectors)
{
	const float *w = s->weights;
	VECTOR sum[4][8];

	UNROLLED (o, outputs)
		UNROLLED (v, vectors)
			sum[o][v] = (s->bias ? s->bias[o] : 0) - (VECTOR){0};
	for (size_t t = 0; t < s->taps; t++, w += outputs) {
		const float *from = x + s->at[t];
		UNROLLED (v, vectors) {
			VECTOR pixels = *(const VECTOR *)(from + v * LANES);
			UNROLLED (o, outputs)
				sum[o][v] = FMA(w[o] - (VECTOR){0}, pixels, sum[o][v]);
		}
	}
	UNROLLED (o, outputs)
		UNROLLED (v, vectors) {
			if (s->relu)
				sum[o][v] = RECTIFY(sum[o][v], sum[o][v]);
			*(VECTOR *)(y + o * s->step + v * LANES) = sum[o][v];
		}
}

INLINE void NAME(narrow_tiles)(const struct narrow_sums *s, const float *x, float *y,
                               size_t outputs, size_t vectors)
{
	for (size_t q = 0; q < s->n; q += vectors * LANES)
		NAME(narrow_tile)(s, x + q, y + q, outputs, vectors);
}

/* As many vectors at a time as there are registers for. */
TARGET static void NAME(narrow_rows)(const struct narrow_sums *s, size_t outputs, const float *x,
                                     float *y)
{
	switch (outputs) {
	case 1: NAME(narrow_tiles)(s, x, y, 1, 8); break;
	case 2: NAME(narrow_tiles)(s, x, y, 2, 4); break;
	case 3: NAME(narrow_tiles)(s, x, y, 3, LANES == 16 ? 4 : 3); break;
	case 4: NAME(narrow_tiles)(s, x, y, 4, LANES == 16 ? 4 : 2); break;
	}
}

/* ---- products ---- */

INLINE void NAME(narrow_taps)(const struct narrow_products *p, const size_t *at, const float *x,
                              const float *d, float *sums, size_t outputs)
{
	VECTOR sum[NARROW_TAPS][4], *to = (VECTOR *)sums;

	UNROLLED (t, NARROW_TAPS)
		UNROLLED (o, outputs)
			sum[t][o] = to[t * outputs + o];
	for (size_t q = 0; q < p->n; q += LANES) {
		VECTOR y[4];
		UNROLLED (o, outputs)
			y[o] = *(const VECTOR *)(d + o * p->step + q);
		UNROLLED (t, NARROW_TAPS) {
			VECTOR pixels = *(const VECTOR *)(x + at[t] + q);
			UNROLLED (o, outputs)
				sum[t][o] = FMA(pixels, y[o], sum[t][o]);
		}
	}
	UNROLLED (t, NARROW_TAPS)
		UNROLLED (o, outputs)
			to[t * outputs + o] = sum[t][o];
}

/* The bias goes to every output. */
INLINE void NAME(narrow_bias)(const struct narrow_products *p, const float *d, float *sums,
                              size_t outputs)
{
	VECTOR sum[4], *to = (VECTOR *)sums;

	UNROLLED (o, outputs)
		sum[o] = to[o];
	for (size_t q = 0; q < p->n; q += LANES)
		UNROLLED (o, outputs)
			sum[o] += *(const VECTOR *)(d + o * p->step + q);
	UNROLLED (o, outputs)
		to[o] = sum[o];
}

INLINE void NAME(narrow_all)(const struct narrow_products *p, const float *x, const float *d,
                             float *sums, size_t outputs)
{
	size_t t = 0;

	for (; t < p->taps; t += NARROW_TAPS)
		NAME(narrow_taps)(p, p->at + t, x, d, sums + t * outputs * LANES, outputs);
	NAME(narrow_bias)(p, d, sums + t * outputs * LANES, outputs);
}

TARGET static void NAME(narrow_add)(const struct narrow_products *p, size_t outputs, const float *x,
                                    const float *d, float *sums)
{
	switch (outputs) {
	case 1: NAME(narrow_all)(p, x, d, sums, 1); break;
	case 2: NAME(narrow_all)(p, x, d, sums, 2); break;
	case 3: NAME(narrow_all)(p, x, d, sums, 3); break;
	case 4: NAME(narrow_all)(p, x, d, sums, 4); break;
	}
}
