/*
 * Products of matrices, in tiles of 8 by 8 numbers whose sums stay in registers.
 *
 * A block of DEPTH rows of B is packed into strips of 8 columns, one row after the other; then each
 * task packs 8 rows of A in the same way and multiplies them by every strip.
 */
#include <stdlib.h>

#include "base/base.h"
#include "linear/linear.h"

/* TILE is one vector of AVX-512; a packed strip of A fits the first cache, a block of B the second
 * or third. */
enum { TILE = 8, HALF = TILE / 2, DEPTH = 256, WIDTH = 2048 };

typedef double vector __attribute__((vector_size(TILE * sizeof(double))));

struct job {
	struct matrix a, b; /* all of A; the block of B */
	double *c;          /* the block's first column */
	size_t stride;      /* numbers from one row of C to the next */
	size_t first;       /* column of C, where only the upper half is wanted */
	bool upper;
	vector *packed; /* B: (strips, rows) */
};

/* `columns` columns of rows m.x on, one row after the other, filled up with zeros. */
static void pack(struct matrix m, size_t columns, vector *to)
{
	for (size_t i = 0; i < m.rows; i++) {
		vector v = {0};
		for (size_t j = 0; j < columns; j++)
			v[j] = m.x[i * m.down + j * m.right];
		to[i] = v;
	}
}

/* C (TILE,TILE) = the sum over k of column a_k times row b_k; half of it at a time, so that the
 * sums are eight registers of AVX2. */
MULTIVERSION static void multiply_strips(const vector *a, const vector *b, size_t depth, vector *c)
{
	for (size_t half = 0; half < TILE; half += HALF) {
		const double *x = (const double *)a + half;
		vector c0 = {0}, c1 = {0}, c2 = {0}, c3 = {0};
		for (size_t k = 0; k < depth; k++, x += TILE) {
			c0 += x[0] * b[k];
			c1 += x[1] * b[k];
			c2 += x[2] * b[k];
			c3 += x[3] * b[k];
		}
		c[half] = c0;
		c[half + 1] = c1;
		c[half + 2] = c2;
		c[half + 3] = c3;
	}
}

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

static size_t strips(size_t n)
{
	return (n + TILE - 1) / TILE;
}

static void pack_strip(void *context, size_t strip, int thread)
{
	const struct job *j = context;
	struct matrix b = j->b;

	(void)thread;
	b.x += strip * TILE * b.right;
	pack(b, least(TILE, b.columns - strip * TILE), j->packed + strip * b.rows);
}

/* TILE rows of C. */
static void multiply_rows(void *context, size_t task, int thread)
{
	const struct job *j = context;
	size_t row = task * TILE, rows = least(TILE, j->a.rows - row), depth = j->b.rows;
	vector a[DEPTH], tile[TILE];

	(void)thread;
	/* The rows of A are the columns of its transpose. */
	pack((struct matrix){j->a.x + row * j->a.down, depth, j->a.rows, j->a.right, j->a.down},
	     rows, a);
	for (size_t s = 0; s < strips(j->b.columns); s++) {
		if (j->upper && j->first + (s + 1) * TILE <= row)
			continue;
		multiply_strips(a, j->packed + s * depth, depth, tile);
		size_t columns = least(TILE, j->b.columns - s * TILE);
		for (size_t i = 0; i < rows; i++)
			for (size_t k = 0; k < columns; k++)
				j->c[(row + i) * j->stride + s * TILE + k] += tile[i][k];
	}
}

/* C += A B for at most DEPTH rows of B and WIDTH columns; a.columns == b.rows. */
static void multiply_block(struct job *j)
{
	threads_run(strips(j->b.columns), pack_strip, j);
	threads_run(strips(j->a.rows), multiply_rows, j);
}

void linear_multiply(struct matrix a, struct matrix b, double *c, enum linear_part part)
{
	size_t depth = least(DEPTH, b.rows), width = least(WIDTH, b.columns);
	vector *packed = xaligned(strips(width) * depth, sizeof *packed);

	for (size_t first = 0; first < b.columns; first += WIDTH)
		for (size_t k = 0; k < b.rows; k += DEPTH) {
			struct matrix block = {b.x + k * b.down + first * b.right,
			                       least(DEPTH, b.rows - k),
			                       least(WIDTH, b.columns - first), b.down, b.right};
			struct job j = {.a = a,
			                .b = block,
			                .c = c + first,
			                .stride = b.columns,
			                .first = first,
			                .upper = part == LINEAR_UPPER,
			                .packed = packed};
			j.a.x += k * a.right;
			multiply_block(&j);
		}
	free(packed);
}

struct matrix linear_matrix(const double *x, size_t rows, size_t columns)
{
	return (struct matrix){x, rows, columns, columns, 1};
}

struct matrix linear_transposed(struct matrix m)
{
	return (struct matrix){m.x, m.columns, m.rows, m.right, m.down};
}
