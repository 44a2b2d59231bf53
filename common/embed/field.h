/*
 * field - repulsion on a grid, in a time proportional to the points and to the map's area.
 *
 * The idea is that of Linderman, Rachh, Hoskins, Steinerberger and Kluger ("Fast
 * interpolation-based t-SNE for improved visualization of single-cell RNA-seq data", Nature Methods
 * 2019): interpolate the kernel between the nodes of a grid, so that its sums over all points are a
 * convolution of what lies on the nodes.  Three things differ, each for speed and accuracy at once:
 *
 * - The interpolation is by cubic B-splines with three nodes to a unit of length (Unser, Aldroubi,
 *   Eden, "B-spline signal processing", IEEE Transactions on Signal Processing 1993), not by
 *   polynomials in boxes: with as many nodes, the error is a tenth.
 * - The force's own kernel, w^2 d, is interpolated, not that of three charges whose sums cancel;
 * one charge is enough, floats are too, and opposite forces stay opposite.
 * - Z is no sum over interpolated values, but one over the frequencies (Parseval).
 *
 * For maps wider than FIELD_NODES nodes the distance between nodes grows, and the error with it.
 */
#ifndef EMBED_FIELD_H
#define EMBED_FIELD_H

#include <stdbool.h>

#include "embed/pairs.h"

enum { FIELD_NODES = 3072 };

/* A pair of fields: the forces' x and y; or the sum of w, and 0. */
enum field_kind { FIELD_FORCE, FIELD_SUM, FIELD_KINDS };

struct field;

struct field *field_new(void);
void field_free(struct field *f);

/* Lay the grid over a box, of corners (x,y); whether a box lies within that. */
void field_place(struct field *f, const float low[2], const float high[2]);
bool field_covers(const struct field *f, const float low[2], const float high[2]);

/* The points, within the box, that repel. */
void field_charge(struct field *f, const struct points *from);

/* The fields of the kind, for field_at(); returns the sum of w over all ordered pairs of charged
 * points, each with itself included. */
double field_solve(struct field *f, enum field_kind kind);

/* What a kind that is solved has at points within the box. */
void field_at(const struct field *f, enum field_kind kind, const struct points *at, float *a,
              float *b);

#endif
