/*
 * The gradient of one channel of an image, LANES filters at a time; included once for each vector
 * length, with LANES and NAME(word) defined.
 */
typedef float NAME(vector) __attribute__((vector_size(4 * LANES), aligned(4), may_alias));
#define VECTOR NAME(vector)
#define INLINE static inline __attribute__((always_inline))

/* A pixel takes part in the outputs of these rows and columns.  The sum over the filters ends LANES
 * numbers short. */
INLINE void NAME(gather)(const struct pixels *p, const float *weights, const float *from,
                         struct reach rows, struct reach columns, float *part)
{
	size_t row = p->out[1] * p->block, filters = p->blocks * p->block;
	size_t down = p->stride[0] * p->kernel[1] * filters, right = p->stride[1] * filters;
	VECTOR sum = {0};

	weights += (rows.k * p->kernel[1] + columns.k) * filters;
	from += rows.o * row + columns.o * p->block;
	for (size_t b = 0; b < p->blocks; b++, from += p->out[0] * row)
		for (size_t c = 0; c < p->block; c += LANES, weights += LANES) {
			const float *w = weights, *d = from + c;
			for (size_t i = 0; i < rows.count; i++, w += down, d -= row)
				for (size_t j = 0; j < columns.count; j++)
					sum += *(const VECTOR *)(w + j * right) *
					       *(const VECTOR *)(d - j * p->block);
		}
	*(VECTOR *)part = sum;
}

MULTIVERSION void NAME(pixels_plane)(const struct pixels *p, const float *weights,
                                     const float *from, float *to)
{
	enum { GROUP = 8 }; /* sums, side by side: each is a chain of additions */
	float part[GROUP][LANES];

	for (size_t y = 0; y < p->in[0]; y++)
		for (size_t x = 0; x < p->in[1]; x += GROUP) {
			size_t n = p->in[1] - x < GROUP ? p->in[1] - x : GROUP;
			for (size_t i = 0; i < n; i++)
				NAME(gather)
			(p, weights, from, p->reach[0][y], p->reach[1][x + i], part[i]);
			for (size_t i = 0; i < n; i++) {
				float sum = part[i][0];
				for (size_t l = 1; l < LANES; l++)
					sum += part[i][l];
				*to++ = sum;
			}
		}
}

#undef VECTOR
#undef INLINE
