/*
 * network - a learner that is a network of layers: images in memory, the engine's passes, a loss.
 */
#ifndef NETWORK_H
#define NETWORK_H

#include "dataset/dataset.h"
#include "model/model.h"
#include "train/train.h"

/* To train m by this loss, whose kind of targets `data` has, on `data`, changed by t->augment where
 * that is not null, and to validate on `held` where that is not null; all must outlive it.  The
 * loss of a validation is without smoothing. l->free(l) ends it. */
struct learner *network_learner(struct model *m, const struct dataset *data,
                                const struct dataset *held, struct loss loss,
                                const struct training *t);

#endif
