/*
 * tile - the innermost loop of products of matrices: a small matrix of sums that stays in registers
 * while their products are added, one after the other.
 *
 *	c[i][j] = sum over p < k of a[i][p] * b[p][j]	for i < rows, j < vectors x lanes
 *
 * Each sum is taken in the order of p, whatever the sizes, so that how a matrix is cut into tiles
 * does not change its bytes.
 */
#ifndef VECTOR_TILE_H
#define VECTOR_TILE_H

#include <stdbool.h>

#include "vector/level.h"

enum { TILE_MOST = 14 }; /* rows, at any level */

/* The most rows of a tile: with two vectors a row, as many as there are registers for. */
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
	bool add;                      /* to what c has; else to the bias */
	const float *bias;             /* one for each j; null: 0 */
	bool relu;                     /* negative sums become 0 */
	size_t repeat, a_next, c_next; /* so many tiles, a and c so far from one to the next */
};

typedef void tile_run(const struct tile *t);

/* By the rows' distance in a: 1, 2, tile_rows(), two vectors; or any, which is slower. */
extern tile_run *const tile_unit[LEVELS],
	*const tile_two[LEVELS], *const tile_rowwise[LEVELS], *const tile_panelwise[LEVELS];
void tile_any(const struct tile *t, size_t a_row, enum level level);

/* Cut n into the fewest parts of at most `most`, all alike but for one more or less: where the part
 * numbered i begins. */
static inline size_t part_begin(size_t n, size_t parts, size_t i)
{
	return n * i / parts;
}

#endif
