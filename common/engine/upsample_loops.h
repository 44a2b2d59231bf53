/* Upsampling of LANES neighboring channels at a time, at one level; see each_level.h. */

/* A row of the input to the first of the k rows that it becomes. */
INLINE void NAME(spread)(const float *from, float *to, size_t columns, size_t k)
{
	for (size_t x = 0; x < columns; x++, from += LANES)
		for (size_t i = 0; i < k; i++, to += LANES)
			*(VECTOR *)to = *(const VECTOR *)from;
}

TARGET static void NAME(upsample_forward)(const struct layer *l, size_t planes, const float *from,
                                          float *to)
{
	size_t k = l->enlarge, row = l->out.w * LANES;

	for (size_t y = 0; y < planes * l->in.h; y++, from += l->in.w * LANES) {
		NAME(spread)(from, to, l->in.w, k);
		for (size_t i = 1; i < k; i++)
			memcpy(to + i * row, to, row * sizeof *to);
		to += k * row;
	}
}

/* The sum of k x k elements, rows of which are `row` floats apart. */
INLINE VECTOR NAME(gather)(const float *from, size_t row, size_t k)
{
	VECTOR sum = {0};

	for (size_t i = 0; i < k; i++)
		for (size_t j = 0; j < k; j++)
			sum += *(const VECTOR *)(from + i * row + j * LANES);
	return sum;
}

TARGET static void NAME(upsample_backward)(const struct layer *l, size_t planes, const float *from,
                                           float *to)
{
	size_t k = l->enlarge, row = l->out.w * LANES;

	for (size_t y = 0; y < planes * l->in.h; y++, from += k * row)
		for (size_t x = 0; x < l->in.w; x++, to += LANES)
			*(VECTOR *)to = NAME(gather)(from + x * k * LANES, row, k);
}
