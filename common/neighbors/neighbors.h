/*
 * neighbors - the exact nearest rows of each row, and the exact ranks of rows by their distance.
 *
 * The distance of rows is Euclidean, computed from their differences in double precision: equal
 * rows have the distance 0, and there is no cancellation.  Of rows at the same distance, the one
 * with the smaller index is nearer.  So the order of all rows around one is unique, and the results
 * are the same bytes on every processor and for any number of threads.
 *
 * For most pairs the differences are not computed.  Products of matrices in single precision give
 * all distances within a bound (scores.h); a distance is computed from the differences only if the
 * bound does not decide.  It decides less often, and the search takes longer, if a few numbers are
 * much larger than the others or if many rows are equal.
 */
#ifndef NEIGHBORS_H
#define NEIGHBORS_H

#include <stddef.h>
#include <stdint.h>

#include "base/base.h"
#include "npy/npy.h"

/* N rows of D numbers, of type NPY_U1, NPY_F4 or NPY_F8, none larger than 1e30 regardless of sign;
 * N is below 2^32, and D is at most ROWS_LONGEST, up to which the bound holds. */
enum { ROWS_LONGEST = 1 << 22 };
struct rows {
	size_t n, d;
	struct npy data;
};

/*
 * The first array of a stream, (N,...); a row is everything behind one index of the first axis.
 * Integers become doubles, except bytes.  Arrays that follow, such as labels, are skipped.  Dies if
 * there are no numbers, or if a number is not finite or too large.
 */
struct rows rows_read(const char *path);

/* Die unless the rows of both have the same size, and convert both to the same type. */
void rows_match(struct rows *a, const char *a_name, struct rows *b, const char *b_name);
void rows_free(struct rows *r);

/* The D numbers of row i. */
void rows_get(const struct rows *r, size_t i, double *row);

/* The squared distance of row i of x and row j of y, which are of the same type. */
double rows_distance(const struct rows *x, size_t i, const struct rows *y, size_t j);

/*
 * The k > 0 rows of y nearest to each row of x, by ascending distance: index and distance, both
 * (x->n, k).  If y is x itself, a row is not its own neighbor.  There must be at least k neighbors.
 * Either result may be null.  Memory holds y once more, in single precision.
 */
void neighbors_find(const struct rows *x, const struct rows *y, size_t k, int64_t *index,
                    float *distance, struct progress *p);

/*
 * The ranks (x->n, k) of the rows with these indices (x->n, k), k > 0: the position of each in the
 * order of all other rows of x by their distance from row i.  The nearest row has rank 1.
 */
void neighbors_rank(const struct rows *x, size_t k, const int64_t *index, int64_t *rank,
                    struct progress *p);

#endif
