/* detectors - further networks that see the images of an attack, each of which is to predict a
 * class of its own. */
#ifndef ATTACK_DETECTORS_H
#define ATTACK_DETECTORS_H

#include <stddef.h>

#include "attack/gradient.h"
#include "model/model.h"

struct detector {
	struct model model;
	struct engine *engine;
	struct gradient gradient;
	size_t class;
	double weight;
};

struct detectors {
	struct detector *each;
	size_t n;
};

/* What a user writes: MODEL:CLASS:WEIGHT, or several of them with commas between; null is none.
 * Each network takes the images that `spec` takes, `batch` at a time, or death with a message that
 * names the option. */
struct detectors detectors_parse(const char *option, const char *text, const struct spec *spec,
                                 size_t batch);
void detectors_free(struct detectors *d);

#endif
