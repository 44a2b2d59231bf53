/*
 * Products, the lanes of a row WIDTH at a time; included once for each vector length, with WIDTH,
 * TARGET and NAME(word) defined.  Every length adds up in the same order.
 */
typedef double NAME(vector) __attribute__((vector_size(WIDTH * sizeof(double)), may_alias));
#define VECTOR NAME(vector)

/* So many rows of y at once: each is a chain of additions, and they share x. */
INLINE void NAME(product_rows)(double *y, const struct matrix *a, size_t i, const double *x,
                               size_t rows)
{
	VECTOR sum[ROWS];
	const double *at = a->at + i * a->down;

	for (size_t r = 0; r < rows; r++)
		sum[r] = *(VECTOR *)(y + (i + r) * LANES);
	for (size_t j = 0; j < a->columns; j++, at += a->right, x += LANES) {
		VECTOR from = *(const VECTOR *)x;
		for (size_t r = 0; r < rows; r++)
			sum[r] += at[r * a->down] * from;
	}
	for (size_t r = 0; r < rows; r++)
		*(VECTOR *)(y + (i + r) * LANES) = sum[r];
}

TARGET static void NAME(product)(double *y, const struct matrix *a, const double *x)
{
	for (size_t lane = 0; lane < LANES; lane += WIDTH) {
		size_t i = 0;
		for (; i + ROWS <= a->rows; i += ROWS)
			NAME(product_rows)(y + lane, a, i, x + lane, ROWS);
		for (; i < a->rows; i++)
			NAME(product_rows)(y + lane, a, i, x + lane, 1);
	}
}

/* Four lanes after another, whatever the width. */
INLINE void NAME(add_lanes)(double *g, const VECTOR *v)
{
	for (size_t l = 0; l < WIDTH; l += 4)
		*g += ((*v)[l] + (*v)[l + 1]) + ((*v)[l + 2] + (*v)[l + 3]);
}

/* A tile of g at once, for the same reasons. */
INLINE void NAME(outer_tile)(double *g, const struct lanes *d, const struct lanes *x, size_t lane,
                             size_t i, size_t j, size_t rows, size_t columns)
{
	VECTOR sum[TILE][TILE] = {{{0}}};
	const double *di = d->rows + i * LANES + lane, *xj = x->rows + j * LANES + lane;

	for (size_t s = 0; s < d->steps; s++, di += d->stride, xj += x->stride)
		for (size_t r = 0; r < rows; r++)
			for (size_t c = 0; c < columns; c++)
				sum[r][c] += *(const VECTOR *)(di + r * LANES) *
				             *(const VECTOR *)(xj + c * LANES);
	for (size_t r = 0; r < rows; r++)
		for (size_t c = 0; c < columns; c++)
			NAME(add_lanes)(&g[(i + r) * x->count + j + c], &sum[r][c]);
}

TARGET static void NAME(outer)(double *g, const struct lanes *d, const struct lanes *x)
{
	size_t rows = d->count - d->count % TILE, columns = x->count - x->count % TILE;

	for (size_t lane = 0; lane < LANES; lane += WIDTH) {
		for (size_t i = 0; i < rows; i += TILE)
			for (size_t j = 0; j < columns; j += TILE)
				NAME(outer_tile)(g, d, x, lane, i, j, TILE, TILE);
		for (size_t i = 0; i < d->count; i++)
			for (size_t j = i < rows ? columns : 0; j < x->count; j++)
				NAME(outer_tile)(g, d, x, lane, i, j, 1, 1);
	}
}

#undef VECTOR
