/*
 * tile - the innermost loop of matrix products: a small matrix of sums stays in registers while
 * products are added to it, one after the other.
 *
 *	c[i][j] = sum over p < k of a[i][p] * b[p][j]	for i < rows, j < vectors x lanes
 *
 * Each sum is computed in the order of p for all sizes, so the cut of a matrix into tiles does not
 * change its bytes.
 */
#ifndef VECTOR_TILE_H
#define VECTOR_TILE_H

#include <stdbool.h>

#include "vector/level.h"

enum { TILE_MOST = 14 }; /* rows, at any level */

/* The largest number of rows: with two vectors in each row, the sums fill the registers. */
static inline size_t tile_rows(enum level level)
{
	return level == LEVEL_AVX512 ? 14 : 6;
}

struct tile {
	size_t rows, vectors; /* tile_rows() at most; 1 or 2 */
	size_t k;
	const float *a; /* a[i][p] is a[i * a_row + at[p]] */
	const size_t *at;
	const float *b; /* b[p][j] is b[p * b_step + j] */
	size_t b_step;
	float *c;     /* c[i][j] is c[i * c_row + j], of the second vector c[i * c_row +  */
	size_t c_row; /* c_vector + j - lanes] */
	size_t c_vector;
	bool add;                      /* add to the elements of c; else begin with the bias */
	const float *bias;             /* one for each j; null: 0 */
	bool relu;                     /* negative sums become 0 */
	size_t repeat, a_next, c_next; /* number of tiles; distances in a and c to the next tile */
};

typedef void tile_run(const struct tile *t);

/* One function for each distance of rows in a: 1, 2, tile_rows(), or two vectors.  tile_any() takes
 * any distance, and is slower. */
extern tile_run *const tile_unit[LEVELS],
	*const tile_two[LEVELS], *const tile_rowwise[LEVELS], *const tile_panelwise[LEVELS];
void tile_any(const struct tile *t, size_t a_row, enum level level);

/* Where part i begins if n elements are cut into parts whose sizes differ by at most 1. */
static inline size_t part_begin(size_t n, size_t parts, size_t i)
{
	return n * i / parts;
}

#endif
