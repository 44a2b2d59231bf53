/* Tiles at one level; see each_level.h. */
enum { NAME(TILE_ROWS) = LANES == 16 ? 14 : 6 };

/* rows, a_row and vectors are constants at compile time. */
INLINE void NAME(tile)(const struct tile *t, size_t rows, size_t a_row, size_t vectors)
{
	const size_t *at = t->at;
	const float *a = t->a;
	float *c = t->c;
	size_t k = t->k, b_step = t->b_step, c_row = t->c_row, c_vector = t->c_vector;

	for (size_t r = 0; r < t->repeat; r++, a += t->a_next, c += t->c_next) {
		VECTOR sum[NAME(TILE_ROWS)][2];
		const float *b = t->b;
		UNROLLED (i, rows)
			UNROLLED (v, vectors) {
				if (t->add)
					sum[i][v] = *(const VECTOR *)(c + i * c_row + v * c_vector);
				else if (t->bias)
					sum[i][v] = *(const VECTOR *)(t->bias + v * LANES);
				else
					sum[i][v] = (VECTOR){0};
			}
		for (size_t p = 0; p < k; p++, b += b_step) {
			const float *x = a + at[p];
			VECTOR y[2];
			UNROLLED (v, vectors)
				y[v] = *(const VECTOR *)(b + v * LANES);
			UNROLLED (i, rows) {
				VECTOR factor = x[i * a_row] - (VECTOR){0};
				UNROLLED (v, vectors)
					sum[i][v] = FMA(factor, y[v], sum[i][v]);
			}
		}
		UNROLLED (i, rows)
			UNROLLED (v, vectors) {
				if (t->relu)
					sum[i][v] = RECTIFY(sum[i][v], sum[i][v]);
				*(VECTOR *)(c + i * c_row + v * c_vector) = sum[i][v];
			}
	}
}

/* clang-format off */
#define ROWS(n, a_row) \
	case n: \
		if (t->vectors == 1) \
			NAME(tile)(t, n, a_row, 1); \
		else \
			NAME(tile)(t, n, a_row, 2); \
		break;
#if LANES == 16
#define MORE_ROWS(a_row) \
	ROWS(7, a_row) ROWS(8, a_row) ROWS(9, a_row) ROWS(10, a_row) \
	ROWS(11, a_row) ROWS(12, a_row) ROWS(13, a_row) ROWS(14, a_row)
#else
#define MORE_ROWS(a_row)
#endif
#define EVERY_ROWS(a_row) \
	switch (t->rows) { \
		ROWS(1, a_row) ROWS(2, a_row) ROWS(3, a_row) \
		ROWS(4, a_row) ROWS(5, a_row) ROWS(6, a_row) \
		MORE_ROWS(a_row) \
	}
/* clang-format on */

TARGET static void NAME(tile_unit)(const struct tile *t)
{
	EVERY_ROWS(1);
}

TARGET static void NAME(tile_two)(const struct tile *t)
{
	EVERY_ROWS(2);
}

TARGET static void NAME(tile_rowwise)(const struct tile *t)
{
	EVERY_ROWS(NAME(TILE_ROWS));
}

TARGET static void NAME(tile_panelwise)(const struct tile *t)
{
	EVERY_ROWS(2 * LANES);
}

#undef ROWS
#undef MORE_ROWS
#undef EVERY_ROWS
