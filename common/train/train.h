/*
 * train - fit a model's parameters to examples: one loop for every kind of model.
 *
 * A step is a chain of seams, each a struct with one function, which gets the struct's context:
 *
 *	source     gives the examples of the step
 *	gradients  computes their loss and its gradient
 *	reduce     adds both up over several processes
 *	update     changes the parameters, as an optimizer of optim.h does
 *
 * Between steps a measure computes the loss on other examples, and a form writes to files.  All of
 * them together are a learner; network.h and recurrent.h make learners, loss.h has the losses.
 *
 * The result is a function of the model, the data and the recipe (the first part of struct
 * training), for a given instruction set: an interrupted run that is resumed from its checkpoint
 * ends in the same bytes.
 */
#ifndef TRAIN_H
#define TRAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "augment/augment.h"
#include "digest/digest.h"
#include "model/safetensors.h"
#include "npy/npy.h"
#include "optim/optim.h"
#include "train/adversary.h"
#include "train/loss.h"

/* ---- what one training is to be ---- */

struct training {
	const char *command; /* "nn-train": what the history says */

	/* The recipe: what the result depends on. */
	const char *optimizer_name, *schedule_text; /* as given, till training_settle() */
	const struct optimizer *optimizer;
	struct optim_options options;
	struct schedule schedule;
	int64_t warmup;         /* steps */
	const char *loss;       /* what the recipe calls it; null: the program's usual one */
	double smoothing;       /* of labels */
	double template_weight; /* of the losses of the layers template */
	const char *freeze;     /* layers that stay as they are, as given; null: none */
	double clip;            /* limit of the gradient's norm; 0: none */
	double average;         /* decay of the weights' moving average; 0: none */
	int64_t batch, epochs;
	int64_t steps; /* 0: as many as the epochs have */
	int64_t seed;
	bool in_order;                     /* do not shuffle */
	const struct augment *augment;     /* changes the images trained on; null: none */
	const struct adversary *adversary; /* and then these; null: none */
	int64_t holdout;                   /* validate on so many of the last examples */
	const char *validation;            /* or on a file's; null: none */
	int64_t validate_every;            /* steps; 0: at the end of each epoch */
	int64_t patience; /* stop after so many validations without a lower loss, keeping the best;
	                      0: never */

	/* What is written on the way. */
	const char *log;   /* null: none */
	int64_t log_every; /* steps */
	const char *checkpoint;
	int64_t checkpoint_every; /* steps; 0: at the end of each epoch */
	const char *resume;
	const char *save_list;   /* as given: "0,100,1000" */
	int64_t *save_at;        /* steps after which the model is written, ... */
	int saves;               /* so many, ... */
	const char *save_prefix; /* ... under this and the step's number */
	bool quiet, verbose;
};

/* ---- seams ---- */

/* How a training is doing: sums over `count` labels or target images; all 0 where none has been
 * looked at. */
struct score {
	double loss;
	size_t wrong, count;
};

/* Examples with their targets, of one of the two kinds. */
struct batch {
	size_t n; /* examples */
	uint64_t epoch;
	const size_t *which; /* the number of each */
	/* Images: where the pixels of each are, and of which type. */
	enum npy_type type;
	const void **image;
	struct targets targets;
	/* Sequences, with their labels. */
	const struct rnn_batch *sequences;
};

/* The examples of these numbers, into b, valid until the next call.  What is drawn at random for
 * them is to be a function of a seed, the epoch and an example's number alone. */
typedef void source_give(void *context, uint64_t epoch, const size_t *which, size_t n,
                         struct batch *b);

struct source {
	source_give *give;
	source_give *plain; /* the same without anything drawn, to validate by; null: give is */
	void *context;
	size_t first, n; /* the numbers there are: n, from `first` on */
};

/* Leave the gradients of the loss in form.gradients, and add the loss, the errors and how many
 * labels there were to the score.  Returns by what the gradients are to be divided to be those of
 * the mean loss: 1 if they are. */
typedef double gradients_of(void *context, int64_t step, const struct batch *b,
                            struct score *score);

struct gradients {
	gradients_of *of;
	void *context;
};

/* Replace n gradients, their divisor and the score by the sums over all processes. */
typedef void reduce_sum(void *context, enum npy_type type, void *gradients, size_t n,
                        double *divisor, struct score *score);

struct reduce {
	reduce_sum *sum; /* null: there is one process */
	void *context;
};

/* Add loss, errors and count to the score as any other program would compute them.  Before the
 * first batch of a validation, `values` are the parameters to compute with; then they are null. */
typedef void measure_of(void *context, const void *values, const struct batch *b,
                        struct score *score);

struct measure {
	measure_of *of;
	void *context;
	size_t batch; /* examples at a time */
};

/*
 * What is trained: in memory one array, in an order of its own; in a file, tensors with names.
 */
struct form_tensor {
	const char *name;
	struct npy array; /* on its way in or out */
	bool trained;
};

struct form {
	enum npy_type type;       /* NPY_F4 or NPY_F8 */
	size_t trained, size;     /* the optimizer's parameters; with those that passes change */
	void *values, *gradients; /* size, trained */
	int tensors;
	struct form_tensor *tensor;
	/* From the tensors to an array in the order of values, and back. */
	void (*pack)(void *context, void *packed);
	void (*unpack)(void *context, const void *packed);
	/* A model's file with the tensors and the history as they are now. */
	struct safetensors (*contents)(void *context);
	char **history;
	void *context;
};

/* ---- a training ---- */

struct learner {
	const char *unit;            /* what an example is: "images" */
	bool classifies;             /* outputs are right or wrong: there are shares of errors */
	char digest[DIGEST_HEX];     /* of the data */
	char validation[DIGEST_HEX]; /* of the validation's own */
	char *frozen;                /* the layers that stay as they are, in order; null: none */
	struct source source, held;  /* held.n = 0: no validation but --holdout's */
	struct gradients gradients;
	struct reduce reduce;
	struct measure measure;
	struct measure attacked; /* of the same examples as an adversary changes them; or null */
	struct form form;
	void (*free)(struct learner *l);
};

/* How many examples a step has, the last ones of n being held out; dies where that leaves none. */
size_t training_batch(const struct training *t, size_t n, const char *unit);

/*
 * Train, and leave the result in the form's tensors, and in the history a line: the recipe, the
 * data's digest and how many steps made the parameters.  Dies where the loss, the gradient or a
 * parameter stops being finite, naming the step, and where SIGINT or SIGTERM arrive, after writing
 * the checkpoint.
 */
void train(struct learner *l, const struct training *t);

#endif
