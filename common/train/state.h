/* state - a training under way: train's inside. */
#ifndef TRAIN_STATE_H
#define TRAIN_STATE_H

#include <stdio.h>

#include "base/base.h"
#include "engine/engine.h"
#include "score/score.h"
#include "train/train.h"

struct state {
	const struct training *t;
	struct model *model; /* whose tensors are only a way in and out */
	const struct dataset *data, *validation;
	char *recipe; /* what decides each step, in a line: for the history */
	size_t classes;

	struct engine *engine, *judge; /* judge: in inference, for validation */
	struct optim optim;
	float *average; /* of the parameters, in the engine's order; null: none */

	int64_t step, steps, per_epoch;
	size_t batch;  /* images a step: all of them where there are fewer */
	size_t *order; /* of the images in the epoch at hand */
	float *gradient;
	int32_t *labels;

	struct score since;  /* the row of the log before, step 0's excepted */
	struct score judged; /* the last validation */
	double best_loss;
	int64_t best_step;
	float *best;   /* the parameters then, where patience asks for them */
	int64_t worse; /* validations since */

	FILE *log;
	double begun, before; /* seconds: when this run began, what runs before it took */
};

/* The model with these parameters, which `step` steps have made: a file's contents to add to. */
struct safetensors state_contents(struct state *s, const float *parameters, int64_t step);

/* ---- checkpoint.c ---- */

void checkpoint_write(struct state *s);

/* Take up what s->t->resume holds; dies where its recipe is another one. */
void checkpoint_resume(struct state *s);

/* ---- log.c ---- */

/* Open the log: anew, or after the rows up to the step resumed from. */
void log_open(struct state *s);

/* A row about s->since; `validated`: with the validation's figures. */
void log_row(struct state *s, bool validated, double rate);

#endif
