/* state - a training under way: train's inside. */
#ifndef TRAIN_STATE_H
#define TRAIN_STATE_H

#include <stdio.h>

#include "base/base.h"
#include "train/train.h"

/* The gradients of some steps. */
struct slopes {
	double norm; /* of the mean gradient, before it is clipped, summed over the steps */
	size_t steps, clipped;
};

struct state {
	const struct training *t;
	struct learner *l;
	struct source source, held; /* to train on; to validate on, if held.n */
	char *recipe;               /* what decides each step, in a line: for the history */

	struct optim optim;
	void *average; /* of the parameters, in the order of form.values; null: none */

	int64_t step, steps, per_epoch;
	size_t batch;  /* examples a step: all of them where there are fewer */
	size_t *order; /* of the examples in the epoch at hand */
	bool ordered;  /* it is that */

	struct score since;    /* the row of the log before, step 0's excepted */
	struct slopes slopes;  /* since then too */
	struct score judged;   /* the last validation */
	struct score attacked; /* and that of changed images */
	double best_loss;
	int64_t best_step;
	void *best;    /* the parameters then, where patience asks for them */
	int64_t worse; /* validations since */

	FILE *log;
	double begun, before; /* seconds: when this run began, what runs before it took */
};

/* ---- recipe.c ---- */

/* What decides each step, as options, and the data: for the history, and to know whether a
 * checkpoint is of the same training.  How many steps there are to be is part of it only where the
 * learning rate depends on that.  To be freed. */
char *recipe_of(const struct state *s);

/* Die unless this history is of the same training: first the model's, and then our recipe. */
void recipe_check(const struct state *s, const char *history);

/* The model with these parameters, which `step` steps have made: a file's contents to add to. */
struct safetensors recipe_contents(struct state *s, const void *parameters, int64_t step);

/* ---- checkpoint.c ---- */

void checkpoint_write(struct state *s);

/* Take up what s->t->resume holds; dies where its recipe is another one. */
void checkpoint_resume(struct state *s);

/* ---- log.c ---- */

/* Open the log: anew, or after the rows up to the step resumed from; die where the old file is not
 * a log with the columns of this training. */
void log_open(struct state *s);

/* A row about s->since and s->slopes; `validated`: with the validation's figures. */
void log_row(struct state *s, bool validated, double rate);

#endif
