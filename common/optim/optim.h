/*
 * optim - optimizers, learning-rate schedules, and what else is done to a gradient.
 *
 * Parameters are one array of floats, or of doubles, in any order; every update is element by
 * element, and sums run in pieces of a fixed size, so that no result depends on the number of
 * threads.  Definitions and defaults are PyTorch's (torch.optim), which differ in places from the
 * papers'.
 */
#ifndef OPTIM_H
#define OPTIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "npy/npy.h"

/* What an optimizer is told; NAN: it has no such thing, or, before optim_settle(), not said. */
struct optim_options {
	double rate;         /* lr, before any schedule */
	double momentum;     /* mu */
	double beta1, beta2; /* adam, adamw */
	double rho;          /* rmsprop: PyTorch's alpha */
	double epsilon;
	double weight_decay; /* wd */
};

/* One update of n elements p by their gradients g; first and second are what is kept of each. */
struct update_float;
struct update_double;
typedef void optim_float(struct update_float u, float *p, const float *g, float *first,
                         float *second, size_t n);
typedef void optim_double(struct update_double u, double *p, const double *g, double *first,
                          double *second, size_t n);

/*
 * An optimizer is a row of a table:
 *
 *	sgd		p -= lr g
 *	momentum	b = mu b + g; p -= lr b
 *	nesterov	b = mu b + g; p -= lr (g + mu b)
 *	adagrad		s += g^2; p -= lr g / (sqrt(s) + eps)  (Duchi, Hazan, Singer 2011)
 *	rmsprop		s = rho s + (1 - rho) g^2; p -= lr g / (sqrt(s) + eps)  (Hinton 2012)
 *	adam		Kingma, Ba 2015, algorithm 1
 *	adamw		adam after p -= lr wd p (Loshchilov, Hutter 2019)
 */
struct optimizer {
	const char *name;
	struct optim_options defaults; /* PyTorch's */
	int states;                    /* arrays it keeps: 0, 1 or 2 */
	bool decay_apart; /* weight decay shrinks p; else g has wd p added to it first */
	optim_float *step_float;
	optim_double *step_double;
};

/* Row i of the table, null behind the last; and the names of all, commas between them. */
const struct optimizer *optim_kind(int i);
const char *optim_names(void);

/* The optimizer of this name, or death naming `what` and listing all. */
const struct optimizer *optim_find(const char *what, const char *name);

/* Give what was not said its default; die where the optimizer has no such option, naming it as the
 * command line does. */
void optim_settle(const struct optimizer *kind, struct optim_options *options);

struct optim {
	const struct optimizer *kind;
	struct optim_options options;
	enum npy_type type; /* of parameters and states: NPY_F4 or NPY_F8 */
	size_t n;
	void *state[2]; /* kind->states of them, n each, zero at the start */
	uint64_t steps; /* taken */
};

/* For the first n parameters of arrays that have `room` >= n. */
struct optim optim_new(const struct optimizer *kind, const struct optim_options *options,
                       enum npy_type type, size_t n, size_t room);
void optim_free(struct optim *o);

/* One update of values, by the gradients times `scale`. */
void optim_step(struct optim *o, void *values, const void *gradients, double rate, double scale);

/* The Euclidean norm of n gradients. */
double optim_norm(enum npy_type type, const void *gradients, size_t n);

/* The factor that brings this norm down to at most `limit`, 1 if it is there:
 * torch.nn.utils.clip_grad_norm_ (Pascanu, Mikolov, Bengio 2013, algorithm 1). */
double optim_clip(double norm, double limit);

/* average = decay * average + (1 - decay) * values */
void optim_average(enum npy_type type, void *average, const void *values, size_t n, double decay);

/* ---- schedules ---- */

struct schedule {
	enum { SCHEDULE_CONSTANT, SCHEDULE_STEP, SCHEDULE_COSINE, SCHEDULE_ONECYCLE } kind;
	double every, factor; /* step: each so many epochs, times this */
	uint64_t warmup;      /* steps in which the rate rises linearly */
};

/*
 *	constant
 *	step:EPOCHS:FACTOR	times FACTOR every EPOCHS epochs (torch StepLR)
 *	cosine			half a cosine from the rate down to 0 (Loshchilov, Hutter 2017)
 *	onecycle		from rate / 25 up to the rate at 30 % of the steps, down to
 *				rate / 250,000, both along half a cosine (Smith, Topin
 *				2018; the defaults of torch's OneCycleLR)
 *
 * Dies naming `what` where text is none of these.
 */
struct schedule schedule_parse(const char *what, const char *text);

/* The text that schedule_parse() makes it of, to be freed; warmup is left out. */
char *schedule_text(const struct schedule *s);

/* Whether the rate depends on how many steps there are to be. */
bool schedule_looks_ahead(const struct schedule *s);

/* The learning rate of the step numbered `step` (from 0) of `steps`, `per_epoch` to an epoch. */
double schedule_rate(const struct schedule *s, double rate, uint64_t step, uint64_t steps,
                     uint64_t per_epoch);

#endif
