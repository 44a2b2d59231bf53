/*
 * detectors - further networks that see the images of an attack, each of which is to predict a
 * class of its own.
 *
 * A detector with a weight adds to the cost in every step.  One without a weight takes turns with
 * the network: the steps are the network's until it is fooled, and the detector's as long as it is
 * (Bryniarski et al., "Evading adversarial example detection defenses with orthogonal projected
 * gradient descent", ICLR 2022: selective gradient descent).
 */
#ifndef ATTACK_DETECTORS_H
#define ATTACK_DETECTORS_H

#include <stdbool.h>
#include <stddef.h>

#include "attack/gradient.h"
#include "model/model.h"

struct detector {
	struct model model;
	struct engine *engine;
	struct gradient gradient;
	size_t class;
	double weight; /* NAN: takes turns */
};

struct detectors {
	struct detector *each;
	size_t n;
};

/* What a user writes: MODEL:CLASS or MODEL:CLASS:WEIGHT, or several of them with commas between;
 * null is none.  Each network takes the images that `spec` takes, `batch` at a time, or death with
 * a message that names the option. */
struct detectors detectors_parse(const char *option, const char *text, const struct spec *spec,
                                 size_t batch);
/* Whether any of them takes turns with the network. */
bool detectors_take_turns(const struct detectors *d);

void detectors_free(struct detectors *d);

#endif
