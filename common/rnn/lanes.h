/*
 * lanes - what the passes of a room do LANES sequences at a time: arrays [unit][lane], each row a
 * vector of the processor's.
 *
 * Multiplications and additions are not fused, and run in an order that does not depend on the
 * length of the processor's vectors, so that the results do not either.  Rows begin at multiples of
 * 64 bytes.
 */
#ifndef LANES_H
#define LANES_H

#include <stddef.h>

enum { LANES = 8 };

/* An array of `rows` rows for each of `steps` steps, `stride` numbers apart. */
struct lanes {
	const double *rows;
	size_t count, steps, stride;
};

/* A matrix whose element (i,j) is at[i * down + j * right]. */
struct matrix {
	const double *at;
	size_t rows, columns, down, right;
};

/* y += A x */
void lanes_product(double *y, struct matrix a, const double *x);

/* g[i * x.count + j] += the sum of d[i] x[j] over steps and lanes: those of lanes 0 to 3, each
 * added up over the steps by itself, ((0 + 1) + (2 + 3)), then those of 4 to 7 */
void lanes_outer(double *g, struct lanes d, struct lanes x);

/* g[i] += the sum of d[i] over steps and lanes, likewise */
void lanes_sum(double *g, struct lanes d);

/* Each of n numbers, a multiple of LANES, in place; within 3 units in the last place. */
void lanes_tanh(double *x, size_t n);
void lanes_logistic(double *x, size_t n);

/* d times the slope of tanh, or of the logistic function, where that has the value y. */
void lanes_tanh_slope(double *d, const double *y, size_t n);
void lanes_logistic_slope(double *d, const double *y, size_t n);

/* An LSTM's H units: from the gates i f C~ o (4H) and C before to C, its tanh and h. */
void lanes_cell(size_t h, const double *gates, const double *before, double *c, double *squashed,
                double *hidden);

/* Back: from dL/dh and dL/dC to the gates' dL/d(i f C~ o), and to that of C before, in place. */
void lanes_cell_back(size_t h, const double *gates, const double *before, const double *squashed,
                     const double *dh, double *dc, double *d);

#endif
