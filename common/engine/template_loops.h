/* Templates of LANES neighboring channels at a time, at one level; see each_level.h. */

TARGET static void NAME(template_peak)(const struct shape *s, const float *from, int32_t *at)
{
	VECTOR best = *(const VECTOR *)from;
	INTEGERS which = {0};

	for (size_t i = 1; i < s->h * s->w; i++) {
		VECTOR x = *(const VECTOR *)(from + i * LANES);
		INTEGERS more = x > best, here = (int32_t)i - (INTEGERS){0};
		best = (VECTOR)(((INTEGERS)x & more) | ((INTEGERS)best & ~more));
		which = (here & more) | (which & ~more);
	}
	*(INTEGERS *)at = which;
}

/* |a - b| of whole numbers, in floats. */
INLINE VECTOR NAME(distance)(size_t a, INTEGERS b)
{
	INTEGERS d = (int32_t)a - b, negative = d < 0;

	return __builtin_convertvector((d ^ negative) - negative, VECTOR);
}

TARGET static void NAME(template_mask)(const struct shape *s, const float *from, const int32_t *at,
                                       float *to)
{
	size_t longer = s->h > s->w ? s->h : s->w;
	float n = (float)longer, inverse = 1 / n;
	INTEGERS peak = *(const INTEGERS *)at;
	INTEGERS row = peak / (int32_t)s->w, column = peak % (int32_t)s->w;

	for (size_t y = 0; y < s->h; y++) {
		VECTOR height = n - TEMPLATE_SLOPE * NAME(distance)(y, row);
		for (size_t x = 0; x < s->w; x++, from += LANES, to += LANES) {
			VECTOR cone = height - TEMPLATE_SLOPE * NAME(distance)(x, column);
			*(VECTOR *)to = *(const VECTOR *)from * (RECTIFY(cone, cone) * inverse);
		}
	}
}
