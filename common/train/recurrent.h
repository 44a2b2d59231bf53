/*
 * recurrent - a learner that is a recurrent network: sequences in memory, backpropagation through
 * time, the cross-entropy of a sequence's label after its last step, or of a label at every step.
 */
#ifndef RECURRENT_H
#define RECURRENT_H

#include "rnn/rnn.h"
#include "train/train.h"

/* Sequences with labels, loaded, and the digest of their bytes. */
struct sequences {
	struct rnn_data data;
	char digest[DIGEST_HEX];
};

/* To train m on `data`, and to validate on `held` where that is not null; all must outlive it.
 * l->free(l) ends it. */
struct learner *recurrent_learner(struct rnn *m, const struct sequences *data,
                                  const struct sequences *held, const struct training *t);

#endif
