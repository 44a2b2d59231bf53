/*
 * evade - images changed within a bound until a network errs on them: the search that bounded.h's
 * steps are for, with restarts, and each image stopping by itself.
 *
 * What a step increases is
 *
 *	C(x) = J(z(T(x)), c) + sum of weight log p[class](x) over the detectors
 *
 * Where detectors have no weight, a step increases either J or their sum, each with weight 1: J as
 * long as the network is not fooled (detectors.h).  Of results that all fool or all fail, the one
 * with the largest C is kept.
 *
 * In C, z are the network's logits; c is the class to be left, the label or the predicted class, or
 * J is negative and c is the class to be predicted, the target; J is a cost (cost.h).  T is a
 * filter between the image and the network, none at first: its derivative is taken to be the
 * identity (Athalye, Carlini, Wagner: "Obfuscated gradients give a false sense of security", ICML
 * 2018, section 4.1), and of a random one J, z's softmax and the derivative are means over draws
 * (section 4.2).
 *
 * An image is fooling where the network predicts the target, or another class than c, and each
 * detector its class.  That is decided by a pass of the very floats that are the result.
 *
 * As many images as a batch holds are under way, each at a step of its own; where one ends the next
 * takes its place.
 */
#ifndef ATTACK_EVADE_H
#define ATTACK_EVADE_H

#include <stdint.h>
#include <stdio.h>

#include "attack/bounded.h"
#include "attack/cost.h"
#include "attack/detectors.h"
#include "attack/targets.h"

/* n images through T, in draw 0, 1 ... of `draws`: from x, which stays as it is, to seen. */
typedef void evade_filter(void *context, int64_t draw, float *x, size_t n, float *seen);

struct evade_options {
	struct bounded bounded; /* from the second restart on, the start is uniform in any case */
	enum cost cost;
	bool of_predicted; /* c is what the network predicts of the image as given */
	bool all_steps;    /* look at the last step of each restart only, and take all of them */
	int64_t restarts;  /* at least 1 */
	uint64_t seed;
	const struct targets *targets; /* null: none */
	evade_filter *filter;          /* null: none */
	void *filter_context;
	int64_t draws; /* at least 1 */
	struct detectors detectors;
};

struct evade;

/*
 * The n images, g->pixels floats each and all of them 0 ... 255, become the results; `batch` of
 * them go through the network at a time, for which g and the detectors' have room.  With
 * of_predicted, labels are for the log alone.
 */
struct evade *evade_new(const struct evade_options *o, struct gradient *g, float *images,
                        const int32_t *labels, size_t n, size_t batch, FILE *log);
void evade_free(struct evade *e);

/* One pass of the images under way; false if there are none left. */
bool evade_pass(struct evade *e);

/* How many images are done. */
size_t evade_done(const struct evade *e);

/*
 * The names of the log's columns.  A row is written for each image as soon as it and those before
 * it are done:
 *
 *	image, label, target	target: nan without one
 *	status			wrong: not predicted as its label, and left alone; same: fooling as
 *				it is, its target being predicted, and left alone; found; failed
 *	predicted, probability	of the result, the probability being that of the class predicted
 *	steps			to the result, in its restart
 *	gradients		all that were computed for the image
 *	zero			share of pixels whose first derivative was 0; nan without one
 *	restart			that the result is of, from 0 on
 *	linf, l2		distances of the result from the image
 */
void evade_log_head(FILE *log);

#endif
