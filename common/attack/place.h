/*
 * place - where in the batch an image is under way, and what the class that a network
 * predicts of it means: evade's inside.
 */
#ifndef ATTACK_PLACE_H
#define ATTACK_PLACE_H

#include "attack/evade.h"

/* What happens to an image after a pass. */
enum act { MOVE, START, END };

struct place {
	size_t image, leave; /* leave: the class to be left */
	bool first;          /* the pass is that of the image as given */
	int64_t restart, step;
	bool fools, keeps; /* what was kept fools the network; x is to be kept */
	double best;       /* C of what was kept; NAN: nothing was */
	double value;      /* C in this pass */
	enum act act;
};

/* The class that J is of. */
size_t place_class(const struct evade_options *o, const struct place *p);

/* Whether the network is fooled where it predicts this class. */
bool place_fools(const struct evade_options *o, const struct place *p, size_t predicted);

/* Whether this is the pass of an image as given, and its class is not its label. */
bool place_wrong(const struct evade_options *o, const struct place *p, size_t predicted);

/* Whether the pass of an image as given is also that of its first step. */
bool place_goes_straight(const struct evade_options *o);

/* Whether there is use for the derivative where a place is now, as far as is known before the
 * pass. */
bool place_wants(const struct evade_options *o, const struct place *p);

/* The same, once a single pass of a single network has decided. */
bool place_still_wants(const struct evade_options *o, const struct place *p, size_t predicted);

#endif
