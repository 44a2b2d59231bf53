/*
 * neighbors - the nearest rows of each row, and the ranks of rows by their distance, exactly.
 *
 * The distance of rows is Euclidean, computed from their differences in double precision: rows that
 * are equal are at distance 0, and nothing cancels.  Of rows at the same distance, the one with the
 * smaller index is nearer.  So the order of all rows around one is unique, and the results are the
 * same bytes on every processor and for any number of threads.
 *
 * Most pairs never have their differences taken.  Products of matrices in single precision give all
 * distances within a bound (scores.h), and those that the bound leaves in doubt are computed from
 * the differences.  Numbers far from each other in size, or rows nearly all alike, leave much in
 * doubt, and take longer.
 */
#ifndef NEIGHBORS_H
#define NEIGHBORS_H

#include <stddef.h>
#include <stdint.h>

#include "base/base.h"
#include "npy/npy.h"

/* N rows of D numbers, of type NPY_U1, NPY_F4 or NPY_F8, none beyond 1e30 in size; N is below 2^32,
 * and D at most ROWS_LONGEST, for which the bound holds. */
enum { ROWS_LONGEST = 1 << 22 };
struct rows {
	size_t n, d;
	struct npy data;
};

/*
 * The first array of a stream, (N,...), a row being all that lies behind an index of the first
 * axis; integers but bytes become doubles.  Arrays that follow, such as labels, are read past.
 * Death where there is no number, or one that is not finite or too large.
 */
struct rows rows_read(const char *path);

/* Die unless the two have rows of as many numbers, and give both the same type. */
void rows_match(struct rows *a, const char *a_name, struct rows *b, const char *b_name);
void rows_free(struct rows *r);

/* The D numbers of row i. */
void rows_get(const struct rows *r, size_t i, double *row);

/* The squared distance of row i of x and row j of y, which are of the same type. */
double rows_distance(const struct rows *x, size_t i, const struct rows *y, size_t j);

/*
 * The k rows of y nearest to each row of x, by ascending distance: index and distance, both (x->n,
 * k), with k > 0.  Where y is x itself, a row is none of its own neighbors.  There must be as many
 * as k.  Either result may be null.  Memory holds y once more, in single precision.
 */
void neighbors_find(const struct rows *x, const struct rows *y, size_t k, int64_t *index,
                    float *distance, struct progress *p);

/*
 * The rank of each of k > 0 rows around each row of x: of (x->n, k) indices of rows of x, where
 * each stands in the order of all other rows by their distance from the row; the nearest has
 * rank 1.
 */
void neighbors_rank(const struct rows *x, size_t k, const int64_t *index, int64_t *rank,
                    struct progress *p);

#endif
