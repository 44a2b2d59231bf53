/*
 * field - repulsion on a grid, in a time proportional to the points and to the map's area.
 *
 * The idea is that of Linderman, Rachh, Hoskins, Steinerberger and Kluger ("Fast
 * interpolation-based t-SNE for improved visualization of single-cell RNA-seq data", Nature Methods
 * 2019): interpolate the kernel between the nodes of a grid, so that its sums over all points are a
 * convolution of the charges on the nodes.  There are three differences, each for speed and
 * accuracy:
 *
 * - The interpolation is by cubic B-splines with three nodes to a unit of length (Unser, Aldroubi,
 *   Eden, "B-spline signal processing", IEEE Transactions on Signal Processing 1993), not by
 *   polynomials in boxes: with the same number of nodes, the error is a tenth.
 * - The kernel of the force, w^2 d, is interpolated, not those of three charges whose sums cancel;
 *   so one charge is enough, floats are exact enough, and opposite forces remain opposite.
 * - Z is a sum over the frequencies (Parseval), not over interpolated values.
 *
 * On maps wider than FIELD_NODES nodes the distance between nodes grows, and the error with it.
 */
#ifndef EMBED_FIELD_H
#define EMBED_FIELD_H

#include <stdbool.h>

#include "embed/pairs.h"

enum { FIELD_NODES = 3072 };

/* A pair of fields: x and y of the force; or the sum of w, and 0. */
enum field_kind { FIELD_FORCE, FIELD_SUM, FIELD_KINDS };

struct field;

struct field *field_new(void);
void field_free(struct field *f);

/* Lay the grid over a box with these corners (x,y); whether the grid covers a box. */
void field_place(struct field *f, const float low[2], const float high[2]);
bool field_covers(const struct field *f, const float low[2], const float high[2]);

/* Set the points that repel; they lie within the box. */
void field_charge(struct field *f, const struct points *from);

/* Compute the fields of this kind for field_at().  Returns the sum of w over all ordered pairs of
 * points that repel, including each point with itself. */
double field_solve(struct field *f, enum field_kind kind);

/* The values of a kind that field_solve() has computed, at points within the box. */
void field_at(const struct field *f, enum field_kind kind, const struct points *at, float *a,
              float *b);

#endif
