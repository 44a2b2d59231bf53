/*
 * optim - optimisers, learning-rate schedules, and what else is done to a gradient.
 *
 * Parameters are one array of floats, or of doubles, in any order; every update is element by
 * element, so that its result does not depend on the number of threads.  Definitions and defaults
 * are PyTorch's (torch.optim), which differ in places from the papers'.
 */
#ifndef OPTIM_H
#define OPTIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum optimizer {
	OPTIM_SGD,      /* p -= lr g */
	OPTIM_MOMENTUM, /* b = mu b + g; p -= lr b */
	OPTIM_NESTEROV, /* b = mu b + g; p -= lr (g + mu b) */
	OPTIM_ADAGRAD,  /* s += g^2; p -= lr g / (sqrt(s) + eps)  (Duchi, Hazan, Singer 2011) */
	OPTIM_RMSPROP,  /* s = rho s + (1 - rho) g^2; p -= lr g / (sqrt(s) + eps)  (Hinton 2012) */
	OPTIM_ADAM,     /* Kingma, Ba 2015, algorithm 1 */
	OPTIM_ADAMW,    /* Loshchilov, Hutter 2019: weight decay apart from the gradient */
};

/* Their names, null-terminated, in the order of the enum. */
extern const char *const optim_names[];

struct optim_options {
	enum optimizer kind;
	double momentum;     /* mu */
	double beta1, beta2; /* adam, adamw */
	double rho;          /* rmsprop: PyTorch's alpha */
	double epsilon;
	double weight_decay; /* added to the gradient as weight_decay * p, but for adamw */
};

/* PyTorch's defaults for this optimiser, NAN for what it does not have, and the learning rate that
 * goes with them. */
struct optim_options optim_defaults(enum optimizer kind);
double optim_default_rate(enum optimizer kind);

struct optim {
	struct optim_options options;
	size_t n;
	int states;     /* arrays it keeps: 0, 1 or 2 */
	void *state[2]; /* n each, of the parameters' type, zero at the start */
	uint64_t steps; /* taken */
};

/* For n parameters, of arrays with `room` >= n floats; or for n doubles. */
struct optim optim_new(const struct optim_options *options, size_t n, size_t room);
struct optim optim_new_double(const struct optim_options *options, size_t n);
void optim_free(struct optim *o);

/* One update of values, by the gradients times `scale`. */
void optim_step(struct optim *o, float *values, const float *gradients, double rate, double scale);
void optim_step_double(struct optim *o, double *values, const double *gradients, double rate,
                       double scale);

/* The Euclidean norm of the gradients. */
double optim_norm(const float *gradients, size_t n);
double optim_norm_double(const double *gradients, size_t n);

/* The factor that brings this norm down to at most `limit`, 1 if it is there:
 * torch.nn.utils.clip_grad_norm_ (Pascanu, Mikolov, Bengio 2013, algorithm 1). */
double optim_clip(double norm, double limit);

/* average = decay * average + (1 - decay) * values */
void optim_average(float *average, const float *values, size_t n, double decay);

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
