/* through - a shell command between the images of an attack and the network, as its filter.  In
 * each draw the command finds its number in the environment variable DRAW. */
#ifndef ATTACK_THROUGH_H
#define ATTACK_THROUGH_H

#include <stdbool.h>

#include "attack/evade.h"
#include "command/command.h"
#include "dataset/dataset.h"

struct through {
	struct command *command;
	struct npy question; /* shaped as the images are */
	bool numbered;       /* the images have an axis for their number */
};

struct through through_new(const char *text, const struct images *images);
void through_free(struct through *t);

/* The context is a struct through. */
evade_filter through_filter;

#endif
