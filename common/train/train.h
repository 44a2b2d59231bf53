/*
 * train - fit a network's parameters to a data set.
 *
 * What is trained is a function of the model, the data and the recipe (struct training's first
 * part), for a given instruction set: an interrupted run that is resumed from its
 * checkpoint ends in the same bytes.
 */
#ifndef TRAIN_H
#define TRAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "data/data.h"
#include "model/model.h"
#include "optim/optim.h"

struct training {
	/* The recipe: what the result depends on. */
	const struct optimizer *optimizer;
	struct optim_options options;
	struct schedule schedule;
	double smoothing; /* of labels */
	double clip;      /* limit of the gradient's norm; 0: none */
	double average;   /* decay of the weights' moving average; 0: none */
	int64_t batch, epochs;
	int64_t steps; /* 0: as many as the epochs have */
	int64_t seed;
	bool shuffle;
	int64_t validate_every; /* steps; 0: at the end of each epoch */
	int64_t patience; /* stop after so many validations without a lower loss, keeping the best;
	                      0: never */
	/* Where the validation images are from, for the record. */
	int64_t holdout;        /* how many of the data set's last */
	const char *validation; /* the digest of a data set of their own; null: none */

	/* What is written on the way. */
	const char *log;   /* null: none */
	int64_t log_every; /* steps */
	const char *checkpoint;
	int64_t checkpoint_every; /* steps; 0: at the end of each epoch */
	const char *resume;
	const int64_t *save_at;  /* steps after which the model is written, ... */
	int saves;               /* so many, ... */
	const char *save_prefix; /* ... under this and the step's number */
	bool quiet, verbose;
};

/*
 * Train m on `data`, measuring on `validation` where that is not null, and add a line to m's
 * history: the recipe, the data's digest and how many steps made the parameters.  Dies where the
 * loss or a parameter stops being finite, naming the step, and where SIGINT or SIGTERM arrive,
 * after writing the checkpoint.
 */
void train(struct model *m, const struct data *data, const struct data *validation,
           const struct training *t);

#endif
