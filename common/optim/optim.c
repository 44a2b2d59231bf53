#include "optim/optim.h"

#include <math.h>
#include <stdlib.h>

#include "base/base.h"

enum { PIECE = 16384 }; /* parameters a thread takes at a time */

const char *const optim_names[] = {"sgd",     "momentum", "nesterov", "adagrad",
                                   "rmsprop", "adam",     "adamw",    NULL};

struct optim_options optim_defaults(enum optimizer kind)
{
	struct optim_options o = {kind, NAN, NAN, NAN, NAN, NAN, 0};

	switch (kind) {
	case OPTIM_SGD: break;
	case OPTIM_MOMENTUM:
	case OPTIM_NESTEROV: o.momentum = 0.9; break;
	case OPTIM_ADAGRAD: o.epsilon = 1e-10; break;
	case OPTIM_RMSPROP:
		o.rho = 0.99;
		o.epsilon = 1e-8;
		break;
	case OPTIM_ADAM:
	case OPTIM_ADAMW:
		o.beta1 = 0.9;
		o.beta2 = 0.999;
		o.epsilon = 1e-8;
		o.weight_decay = kind == OPTIM_ADAMW ? 0.01 : 0;
		break;
	}
	return o;
}

double optim_default_rate(enum optimizer kind)
{
	return kind == OPTIM_ADAM || kind == OPTIM_ADAMW ? 1e-3 : 1e-2;
}

static struct optim new_of(const struct optim_options *options, size_t n, size_t room, size_t size)
{
	struct optim o = {.options = *options, .n = n};

	o.states = options->kind == OPTIM_SGD ? 0 : options->kind >= OPTIM_ADAM ? 2 : 1;
	for (int i = 0; i < o.states; i++)
		o.state[i] = xaligned(room, size);
	return o;
}

struct optim optim_new(const struct optim_options *options, size_t n, size_t room)
{
	return new_of(options, n, room, sizeof(float));
}

struct optim optim_new_double(const struct optim_options *options, size_t n)
{
	return new_of(options, n, n, sizeof(double));
}

void optim_free(struct optim *o)
{
	for (int i = 0; i < o->states; i++)
		free(o->state[i]);
}

#define REAL       float
#define NAME(word) word##_float
#define ROOT       sqrtf
#include "optim/loops.h"
#define REAL       double
#define NAME(word) word##_double
#define ROOT       sqrt
#include "optim/loops.h"

void optim_step(struct optim *o, float *values, const float *gradients, double rate, double scale)
{
	step_float(o, values, gradients, rate, scale);
}

void optim_step_double(struct optim *o, double *values, const double *gradients, double rate,
                       double scale)
{
	step_double(o, values, gradients, rate, scale);
}

double optim_norm(const float *gradients, size_t n)
{
	return norm_float(gradients, n);
}

double optim_norm_double(const double *gradients, size_t n)
{
	return norm_double(gradients, n);
}

double optim_clip(double norm, double limit)
{
	/* The small number is PyTorch's. */
	double factor = limit / (norm + 1e-6);
	return factor < 1 ? factor : 1;
}

MULTIVERSION static void average_piece(float *average, const float *values, size_t n, float share)
{
	for (size_t i = 0; i < n; i++)
		average[i] += share * (values[i] - average[i]);
}

struct average {
	float *average;
	const float *values;
	size_t n;
	float share;
};

static void average_task(void *context, size_t task, int thread)
{
	const struct average *a = context;
	size_t i = task * PIECE;

	(void)thread;
	average_piece(a->average + i, a->values + i, a->n - i < PIECE ? a->n - i : PIECE, a->share);
}

void optim_average(float *average, const float *values, size_t n, double decay)
{
	struct average a = {average, values, n, (float)(1 - decay)};

	threads_run((n + PIECE - 1) / PIECE, average_task, &a);
}
