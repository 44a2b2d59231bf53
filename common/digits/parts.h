/*
 * What the files of room digits show each other: style -> knots -> trace -> ink.
 *
 * Lengths are on paper, where a digit is 100 high, x to the right and y down, until frame_fit().
 */
#ifndef DIGITS_PARTS_H
#define DIGITS_PARTS_H

#include <stdbool.h>
#include <stdint.h>

#include "digits/digits.h"
#include "rng/rng.h"

/* ---- styles.c ---- */

/*
 * A way of writing a digit: the knots its strokes go through, as "x,y" on paper.  The pen goes
 * smoothly through a knot, or turns sharply at "!", or is lifted at ";" and at the end.
 *
 *	"24,2 16,28 8,54! 50,52 90,48; 68,6 62,50 56,100"	an open 4
 */
struct style {
	int label, share; /* the share is relative to the other styles of the label */
	const char *knots;
};

/* The style of this label in which the fraction 0 <= u < 1 of all the shares falls. */
const struct style *style_pick(int label, double u);

/* ---- hand.c ---- */

/* Where the pen is, and the radius of its ink. */
struct vertex {
	double x, y, radius;
	bool lift; /* no ink from here to the next */
};

struct knot {
	struct vertex v;
	bool first, corner; /* the first of a stroke; a sharp turn */
};

/* Where the pen has been: a polyline. */
enum { MAX_KNOTS = 24, MAX_VERTICES = 512 };

struct trace {
	int n;
	struct vertex at[MAX_VERTICES];
};

/* The random numbers of one digit, drawn in order. */
struct dice {
	struct rng rng;
	uint64_t next;
};

/* Write a digit down in one of its styles. */
void hand_write(int label, struct dice *dice, struct trace *trace);

/* ---- curve.c ---- */

/* The smooth curve through n knots; every stroke has two or more. */
void curve_through(const struct knot knots[], int n, struct trace *trace);

/* ---- frame.c ---- */

/* Scale and move a trace from paper to pixels, so that its ink fits the box. */
void frame_fit(struct trace *trace);

/* Put the box where its center of mass is in the middle of the picture. */
void frame_center(double ink[DIGITS_BOX][DIGITS_BOX], uint8_t image[DIGITS_PIXELS]);

/* ---- pen.c ---- */

/* Pixels over which the ink's edge goes from full to nothing. */
extern const double pen_edge;

/* How much ink is on each pixel of the box, 0 ... 1. */
void pen_draw(const struct trace *trace, double ink[DIGITS_BOX][DIGITS_BOX]);

#endif
