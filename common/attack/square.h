/*
 * square - change images within a bound so that a command misclassifies them: the Square attack.
 *
 * Andriushchenko, Croce, Flammarion, Hein: "Square attack: a query-efficient black-box adversarial
 * attack via random search", ECCV 2020, algorithms 1 and 2, for the L-infinity bound E in pixels.
 * Nothing is known of the network but an oracle's answers (command.h), and the loss to decrease is
 * the negative of the
 *
 *	margin	of scores f: f[target] - max f[i != target], or, without a target,
 *		max f[i != label] - f[label];
 *		of a predicted class: 1 if the goal is reached, else 0
 *
 * The goal of an image is that its predicted class, the first of the largest scores, is the target,
 * or is not the label.  Query 1 of an image is the image itself.  Query 2 has vertical stripes, one
 * pixel wide, of X + E or X - E, the sign drawn for each stripe and channel: it is the first best,
 * whatever its margin.  Each later one is the best so far with a square at a random place, in each
 * channel X + E or X - E, the sign drawn.  It becomes the best if its margin is larger.  All is
 * clipped to 0 ... 255.
 *
 * The square has about a share of the H W pixels: p at first, and half as much again and again, as
 * the paper's schedule for 10,000 queries has it, stretched to the queries that there are.  As in
 * the authors' code signs are drawn anew while the square would change nothing, and no square is as
 * high or wide as the image.
 *
 * An image's random numbers depend on the seed, its number and the query, and its result on nothing
 * but these, its pixels and the oracle's answers to it.
 */
#ifndef ATTACK_SQUARE_H
#define ATTACK_SQUARE_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "command/command.h"
#include "dataset/dataset.h"

struct square_options {
	double epsilon;       /* E, 0 ... 255 pixels */
	int64_t queries;      /* at most, for each image, at least 1 */
	double share;         /* p, in (0, 1] */
	uint64_t seed, first; /* `first` is the number of the first image */
};

enum square_status {
	SQUARE_WRONG,  /* the image itself is misclassified, without a target */
	SQUARE_SAME,   /* the image itself is classified as its target */
	SQUARE_FOUND,  /* a changed image reaches the goal */
	SQUARE_FAILED, /* none does */
};

/* What has become of an image, or would if it ended now. */
struct square_image {
	enum square_status status;
	size_t predicted; /* of the image that is the result */
	int64_t queries;
	double margin;
};

struct square;

/*
 * The attack on finite images (N,H,W) or (N,C,H,W), NPY_F4, whose pixels are 0 ... 255; with N = 0
 * there is nothing to do.  They, the labels, and the targets (null: none) stay the caller's.
 * `answer` is the oracle's to the images themselves: query 1.  It has the classes of the labels and
 * of the targets.
 */
struct square *square_new(const struct square_options *o, const struct npy *images,
                          const int32_t *labels, const int32_t *targets, const struct npy *answer);
void square_free(struct square *s);

/* Ask once for all images that have not reached their goal; false if nothing was left to ask. */
bool square_step(struct square *s, struct command *oracle);

/* How many images have not reached their goal; the queries that each of them has had. */
size_t square_left(const struct square *s);
int64_t square_queries(const struct square *s);

/* The results, in the shape of the images.  No pixel is farther from its first value than E, in
 * double arithmetic, and all are 0 ... 255. */
const float *square_result(const struct square *s);
const struct square_image *square_image(const struct square *s, size_t i);

/* A table with a row for each image. */
void square_log(const struct square *s, FILE *log);

#endif
