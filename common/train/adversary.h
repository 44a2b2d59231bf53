/*
 * adversary - how images are changed, within a bound, before a network is trained on them: a text.
 *
 *	fgsm E		one step of E from the image; half of the loss is that of the image as it is
 *			(Goodfellow, Shlens, Szegedy, "Explaining and harnessing adversarial
 *			examples", 2015, section 6)
 *	fgsm-rs E	one step of 1.25 E from a place drawn within the bound (Wong, Rice, Kolter,
 *			"Fast is better than free", 2020, algorithm 3)
 *	n-fgsm E	one step of E from a place drawn within 2 E, without coming back to the
 *			bound (de Jorge et al., "Make some noise", 2022, algorithm 1)
 *	pgd E		7 steps of 2.5 E / 7 from a place drawn within the bound (Madry et al.,
 *			"Towards deep learning models resistant to adversarial attacks", 2018)
 *	trades E	10 steps of 2.5 E / 10 that raise the divergence from the image's own
 *			probabilities, which is then part of the loss, times 1 (Zhang et al.,
 *			"Theoretically principled trade-off between robustness and accuracy", 2019,
 *			algorithm 1)
 *
 * E, in pixels, is how far any pixel may go.  Behind it may stand, each once, "steps N", "step
 * SIZE", in pixels, of trades "beta B", in place of the 1, and "ramp N": in the first N steps of
 * the training the bound, and with it the size of a step, grows evenly from 0, as in Gowal et al.,
 * "On the effectiveness of interval bound propagation", 2018, section 3.
 */
#ifndef ADVERSARY_H
#define ADVERSARY_H

#include <stdint.h>

#include "train/loss.h"

enum adversary_kind {
	ADVERSARY_FGSM,
	ADVERSARY_FGSM_RS,
	ADVERSARY_N_FGSM,
	ADVERSARY_PGD,
	ADVERSARY_TRADES
};

struct adversary {
	enum adversary_kind kind;
	double epsilon, step; /* pixels */
	int64_t steps;
	double beta;  /* of trades */
	int64_t ramp; /* steps of the training */
};

/* Read such a text; death with a message that begins with `name`. */
struct adversary adversary_parse(const char *name, const char *text);

/* The same as a text that has all numbers, to be freed. */
char *adversary_text(const struct adversary *a);

/* The share of the bound, 0 ... 1, that counts in a step of the training, from 0 on. */
double adversary_share(const struct adversary *a, int64_t step);

/* What is then made small: the loss of the changed images, or of pairs. */
struct loss adversary_loss(const struct adversary *a, double smoothing);

#endif
