/* Max pooling over LANES neighboring channels at a time, at one level; see each_level.h. */
typedef place NAME(places) __attribute__((vector_size(2 * LANES), aligned(2), may_alias));
#define PLACES NAME(places)

/* The maximum of rows x columns elements from src on, and its place, the first being `base`.  Ties
 * go to the first, as in PyTorch. */
INLINE void NAME(window)(const struct maxpool *m, const float *src, size_t rows, size_t columns,
                         int32_t base, VECTOR *most, INTEGERS *where)
{
	VECTOR best = *(const VECTOR *)src;
	INTEGERS which = base - (INTEGERS){0};

	for (size_t y = 0; y < rows; y++)
		for (size_t x = 0; x < columns; x++) {
			VECTOR s = *(const VECTOR *)(src + (y * m->in[1] + x) * LANES);
			INTEGERS more = s > best, at = base - (INTEGERS){0};
			at += (int32_t)(y * m->kernel[1] + x);
			best = (VECTOR)(((INTEGERS)s & more) | ((INTEGERS)best & ~more));
			which = (at & more) | (which & ~more);
		}
	*most = best;
	*where = which;
}

INLINE void NAME(forward_lanes)(const struct maxpool *m, const float *src, float *dst, place *at)
{
	bool pairs = m->tiled && m->kernel[0] == 2 && m->kernel[1] == 2;

	for (size_t oy = 0; oy < m->out[0]; oy++)
		for (size_t ox = 0; ox < m->out[1]; ox++) {
			size_t o = (oy * m->out[1] + ox) * LANES, y0, y1, x0, x1;
			VECTOR best;
			INTEGERS which;
			if (pairs) {
				/* Nearly all pools are these: let the compiler unroll them. */
				NAME(window)
				(m, src + (2 * oy * m->in[1] + 2 * ox) * LANES, 2, 2, 0, &best,
				 &which);
			} else {
				clip(m, 0, oy, &y0, &y1);
				clip(m, 1, ox, &x0, &x1);
				NAME(window)
				(m, src + (y0 * m->in[1] + x0) * LANES, y1 - y0, x1 - x0,
				 place_of(m, oy, ox, y0, x0), &best, &which);
			}
			*(VECTOR *)(dst + o) = best;
			if (!at)
				continue;
			if (m->relu)
				which |= ~(best > 0);
			*(PLACES *)(at + o) = __builtin_convertvector(which, PLACES);
		}
}

/* Send d to where the maxima were: rows x columns elements from `to` on. */
INLINE void NAME(scatter)(const struct maxpool *m, float *to, size_t rows, size_t columns,
                          int32_t base, VECTOR d, INTEGERS which, bool add)
{
	for (size_t y = 0; y < rows; y++)
		for (size_t x = 0; x < columns; x++) {
			VECTOR *s = (VECTOR *)(to + (y * m->in[1] + x) * LANES);
			INTEGERS here = which == base + (int32_t)(y * m->kernel[1] + x);
			VECTOR mine = (VECTOR)((INTEGERS)d & here);
			if (add)
				mine += *s;
			*s = mine;
		}
}

INLINE void NAME(backward_lanes)(const struct maxpool *m, float *to, const float *from,
                                 const place *at)
{
	bool pairs = m->tiled && m->kernel[0] == 2 && m->kernel[1] == 2;

	for (size_t oy = 0; oy < m->out[0]; oy++)
		for (size_t ox = 0; ox < m->out[1]; ox++) {
			size_t o = (oy * m->out[1] + ox) * LANES, y0, y1, x0, x1;
			VECTOR d = *(const VECTOR *)(from + o);
			INTEGERS which =
				__builtin_convertvector(*(const PLACES *)(at + o), INTEGERS);
			if (m->only_positive)
				d = RECTIFY(d, d);
			if (pairs) {
				NAME(scatter)
				(m, to + (2 * oy * m->in[1] + 2 * ox) * LANES, 2, 2, 0, d, which,
				 false);
				continue;
			}
			clip(m, 0, oy, &y0, &y1);
			clip(m, 1, ox, &x0, &x1);
			NAME(scatter)
			(m, to + (y0 * m->in[1] + x0) * LANES, y1 - y0, x1 - x0,
			 place_of(m, oy, ox, y0, x0), d, which, true);
		}
}

TARGET static void NAME(maxpool_forward)(const struct maxpool *m, const float *src, float *dst,
                                         place *at)
{
	NAME(forward_lanes)(m, src, dst, at);
}

TARGET static void NAME(maxpool_backward)(const struct maxpool *m, float *to, const float *d,
                                          const place *at)
{
	/* A plane fits the nearest cache, so that clearing it first costs little. */
	if (!(m->tiled && m->kernel[0] == 2 && m->kernel[1] == 2))
		memset(to, 0, m->in[0] * m->in[1] * LANES * sizeof *to);
	NAME(backward_lanes)(m, to, d, at);
}

#undef PLACES
