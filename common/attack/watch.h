/*
 * watch - a pass of the images under way through the network and the detectors: their predictions,
 * and C with its derivative (evade.h): evade's inside.
 */
#ifndef ATTACK_WATCH_H
#define ATTACK_WATCH_H

#include "attack/place.h"

/* A network, and what it says in a pass of each active place. */
struct watcher {
	struct gradient *gradient;
	double *probabilities; /* a row for each active place, the mean of all draws */
	size_t *predicted;
};

struct watch {
	const struct evade_options *o;
	size_t pixels;
	struct watcher *each; /* the network, then the detectors */
	size_t n;
	float *given, *seen; /* of each active place, what goes into the filter and comes out */
	float *sum;          /* of derivatives, where there are several; else null */
};

/* For as many as `batch` active places; g is the network's. */
struct watch watch_new(const struct evade_options *o, struct gradient *g, size_t batch);
void watch_free(struct watch *w);

/*
 * Of the places at[0] ... at[active - 1], whose images stand in their rows of x, the predictions
 * and C.  Returns the derivative of C, a row for each of them; null where none has use for it.
 */
const float *watch_pass(struct watch *w, struct place *place, const float *x, const size_t *at,
                        size_t active);

/* Whether each detector predicts its class of active place j. */
bool watch_detectors_agree(const struct watch *w, size_t j);

#endif
