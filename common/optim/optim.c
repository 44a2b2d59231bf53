#include "optim/optim.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/base.h"

enum { PIECE = 16384 }; /* parameters a thread takes at a time */

static size_t pieces(size_t n)
{
	return (n + PIECE - 1) / PIECE;
}

#define REAL       float
#define NAME(word) word##_float
#define ROOT       sqrtf
#define CHAINS     8
#include "optim/loops.h"
#define REAL       double
#define NAME(word) word##_double
#define ROOT       sqrt
#define CHAINS     1
#include "optim/loops.h"

/* ---- the optimizers ---- */

#define STEP(name) name##_float, name##_double

/* clang-format off */
static const struct optimizer optimizers[] = {
	/* name       rate   mu  beta1  beta2   rho    eps    wd  states apart */
	{"sgd",      {1e-2, NAN,   NAN,   NAN,  NAN,   NAN,    0}, 0, false, STEP(sgd)},
	{"momentum", {1e-2, 0.9,   NAN,   NAN,  NAN,   NAN,    0}, 1, false, STEP(momentum)},
	{"nesterov", {1e-2, 0.9,   NAN,   NAN,  NAN,   NAN,    0}, 1, false, STEP(nesterov)},
	{"adagrad",  {1e-2, NAN,   NAN,   NAN,  NAN, 1e-10,    0}, 1, false, STEP(adagrad)},
	{"rmsprop",  {1e-2, NAN,   NAN,   NAN, 0.99,  1e-8,    0}, 1, false, STEP(rmsprop)},
	{"adam",     {1e-3, NAN,   0.9, 0.999,  NAN,  1e-8,    0}, 2, false, STEP(adam)},
	{"adamw",    {1e-3, NAN,   0.9, 0.999,  NAN,  1e-8, 0.01}, 2, true,  STEP(adam)},
};
/* clang-format on */

enum { OPTIMIZERS = sizeof optimizers / sizeof *optimizers };

const struct optimizer *optim_kind(int i)
{
	return i < OPTIMIZERS ? &optimizers[i] : NULL;
}

const char *optim_names(void)
{
	static char list[128];
	int n = 0;

	for (int i = 0; i < OPTIMIZERS; i++)
		n += snprintf(list + n, sizeof list - (size_t)n, "%s%s", i ? ", " : "",
		              optimizers[i].name);
	return list;
}

const struct optimizer *optim_find(const char *what, const char *name)
{
	const char *names[OPTIMIZERS + 1] = {NULL};

	for (int i = 0; i < OPTIMIZERS; i++)
		names[i] = optimizers[i].name;
	return &optimizers[cli_choice(what, name, names)];
}

void optim_settle(const struct optimizer *kind, struct optim_options *options)
{
	const struct optim_options *d = &kind->defaults;
	const struct {
		const char *option;
		double *value, fallback;
	} each[] = {
		{"--momentum", &options->momentum, d->momentum},
		{"--beta1", &options->beta1, d->beta1},
		{"--beta2", &options->beta2, d->beta2},
		{"--rho", &options->rho, d->rho},
		{"--epsilon", &options->epsilon, d->epsilon},
		{"--weight-decay", &options->weight_decay, d->weight_decay},
		{"--lr", &options->rate, d->rate},
	};

	for (size_t i = 0; i < sizeof each / sizeof *each; i++) {
		if (isnan(*each[i].value))
			*each[i].value = each[i].fallback;
		else if (isnan(each[i].fallback))
			die("%s: %s has none", each[i].option, kind->name);
	}
	if (options->beta1 == 1 || options->beta2 == 1)
		die("--beta1, --beta2: 1 is not below 1");
}

struct optim optim_new(const struct optimizer *kind, const struct optim_options *options,
                       enum npy_type type, size_t n, size_t room)
{
	struct optim o = {.kind = kind, .options = *options, .type = type, .n = n};

	for (int i = 0; i < kind->states; i++)
		o.state[i] = xaligned(room, npy_size(type));
	return o;
}

void optim_free(struct optim *o)
{
	for (int i = 0; i < o->kind->states; i++)
		free(o->state[i]);
}

void optim_step(struct optim *o, void *values, const void *gradients, double rate, double scale)
{
	if (o->type == NPY_F8)
		step_double(o, values, gradients, rate, scale);
	else
		step_float(o, values, gradients, rate, scale);
	o->steps++;
}

/* ---- what else is done to all parameters ---- */

/* An array in pieces. */
struct array {
	enum npy_type type;
	const char *values;
	size_t n;
	char *average; /* of optim_average() */
	double share;
	double *squares; /* of optim_norm(): of each piece */
};

static size_t piece_of(const struct array *a, size_t task, size_t *bytes)
{
	size_t first = task * PIECE;

	*bytes = first * npy_size(a->type);
	return a->n - first < PIECE ? a->n - first : PIECE;
}

static void norm_task(void *context, size_t task, int thread)
{
	const struct array *a = context;
	size_t at, n = piece_of(a, task, &at);
	const void *x = a->values + at;

	(void)thread;
	a->squares[task] = a->type == NPY_F8 ? squares_double(x, n) : squares_float(x, n);
}

double optim_norm(enum npy_type type, const void *gradients, size_t n)
{
	double sum = 0, *squares = xcalloc(pieces(n), sizeof *squares);
	struct array a = {.type = type, .values = gradients, .n = n, .squares = squares};

	threads_run(pieces(n), norm_task, &a);
	for (size_t i = 0; i < pieces(n); i++)
		sum += squares[i];
	free(squares);
	return sqrt(sum);
}

double optim_clip(double norm, double limit)
{
	/* The small number is PyTorch's. */
	double factor = limit / (norm + 1e-6);
	return factor < 1 ? factor : 1;
}

static void average_task(void *context, size_t task, int thread)
{
	const struct array *a = context;
	size_t at, n = piece_of(a, task, &at);
	void *average = a->average + at;
	const void *values = a->values + at;

	(void)thread;
	if (a->type == NPY_F8)
		average_double(average, values, n, a->share);
	else
		average_float(average, values, n, (float)a->share);
}

void optim_average(enum npy_type type, void *average, const void *values, size_t n, double decay)
{
	struct array a = {
		.type = type, .values = values, .n = n, .average = average, .share = 1 - decay};

	threads_run(pieces(n), average_task, &a);
}
