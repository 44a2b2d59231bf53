/*
 * advice - what is probably a mistake in a training that is possible, in a line on stderr.
 *
 * Advice changes neither the result nor the exit status.
 */
#ifndef ADVICE_H
#define ADVICE_H

#include <stddef.h>

#include "dataset/dataset.h"
#include "num/num.h"
#include "spec/spec.h"

/*
 * On the last `held` of n labels, those of the validation, of `classes` classes: they lack a class
 * that others have, and from one to the next the labels change less than half as often as they
 * would in a random order, where two that are next to each other differ with the probability
 *
 *	1 - sum over the classes c of n_c (n_c - 1) / (n (n - 1))
 *
 * so the data is sorted, not only few.
 */
void advise_holdout(const char *name, struct labels labels, size_t n, size_t classes, size_t held);

/* On images of a network whose text has no scale, with pixels of 128 and more: layers are drawn for
 * inputs of about 1.  A batch norm in front makes up for it, and vectors need not be pixels. */
void advise_scale(const char *name, const struct spec *spec, const struct dataset *d);

/* On batches of one image in a network with a batch norm that is trained and has one value for each
 * channel: its difference from the mean is 0, and no layer before it learns.  freeze is --freeze's
 * list or null. */
void advise_batch(const char *name, const struct spec *spec, const char *freeze, size_t images);

#endif
