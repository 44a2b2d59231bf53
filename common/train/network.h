/*
 * network - a learner that is a network of layers: images in memory, the engine's passes, a loss.
 */
#ifndef NETWORK_H
#define NETWORK_H

#include "dataset/dataset.h"
#include "model/model.h"
#include "train/train.h"

/*
 * To train m on `data`, images changed by t->augment where that is not null, and to validate on
 * `held` where that is not null; all must outlive it.  Both have the targets that the loss takes:
 * labels, hard or soft, or images, which are mapped as the network's input.  t->template_weight
 * needs a layer template.  The loss of a validation is without smoothing and filter losses.
 * l->free(l) ends it.
 *
 * The layers of t->freeze are as engine.h has frozen ones; dies where one of them has no
 * parameters, or where no other layer has any.
 *
 * Where t->adversary is not null, the loss is adversary_loss(): images are changed within its bound
 * at each step, and so are, for a second validation, those held out: by 10 steps of a quarter of
 * the bound from a place drawn within it, whatever the adversary of the training does.
 */
struct learner *network_learner(struct model *m, const struct dataset *data,
                                const struct dataset *held, struct loss loss,
                                const struct training *t);

#endif
