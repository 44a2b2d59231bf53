#include "optim/optim.h"

#include <math.h>
#include <stdlib.h>

#include "base/base.h"

enum { PIECE = 4096 }; /* parameters a thread takes at a time */

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

struct optim optim_new(const struct optim_options *options, size_t n, size_t room)
{
	struct optim o = {.options = *options, .n = n};

	o.states = options->kind == OPTIM_SGD ? 0 : options->kind >= OPTIM_ADAM ? 2 : 1;
	for (int i = 0; i < o.states; i++)
		o.state[i] = xaligned(room, sizeof(float));
	return o;
}

void optim_free(struct optim *o)
{
	for (int i = 0; i < o->states; i++)
		free(o->state[i]);
}

/* What one step needs, in the type of the parameters. */
struct update {
	enum optimizer kind;
	float rate, scale, decay, shrink, momentum, rho, beta2, epsilon, correction;
	float first, second; /* the share of what is new in a mean of gradients, of squares */
};

static struct update update_of(const struct optim *o, double rate, double scale)
{
	const struct optim_options *p = &o->options;
	double t = (double)o->steps + 1;
	bool apart = p->kind == OPTIM_ADAMW;
	struct update u = {
		.kind = p->kind,
		.rate = (float)rate,
		.scale = (float)scale,
		.decay = apart ? 0 : (float)p->weight_decay,
		.shrink = apart ? (float)(1 - rate * p->weight_decay) : 1,
		.momentum = (float)p->momentum,
		.rho = (float)p->rho,
		.beta2 = (float)p->beta2,
		.epsilon = (float)p->epsilon,
		.first = (float)(1 - p->beta1),
		.second = (float)(1 - (p->kind == OPTIM_RMSPROP ? p->rho : p->beta2)),
	};

	if (p->kind >= OPTIM_ADAM) {
		u.rate = (float)(rate / (1 - pow(p->beta1, t)));
		u.correction = (float)(1 / sqrt(1 - pow(p->beta2, t)));
	}
	return u;
}

/* Both take the update by value: through a pointer it might be among what they write, and the
 * compiler could not keep it in registers. */
MULTIVERSION static void adam(struct update u, float *restrict p, const float *restrict g,
                              float *restrict m, float *restrict v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		float d = g[i] * u.scale + u.decay * p[i];
		m[i] += u.first * (d - m[i]);
		v[i] = u.beta2 * v[i] + u.second * d * d;
		p[i] = p[i] * u.shrink - u.rate * m[i] / (sqrtf(v[i]) * u.correction + u.epsilon);
	}
}

MULTIVERSION static void others(struct update u, float *restrict p, const float *restrict g,
                                float *restrict s, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		float d = g[i] * u.scale + u.decay * p[i];
		switch (u.kind) {
		case OPTIM_MOMENTUM: d = s[i] = u.momentum * s[i] + d; break;
		case OPTIM_NESTEROV:
			s[i] = u.momentum * s[i] + d;
			d += u.momentum * s[i];
			break;
		case OPTIM_ADAGRAD:
			s[i] += d * d;
			d /= sqrtf(s[i]) + u.epsilon;
			break;
		case OPTIM_RMSPROP:
			s[i] = u.rho * s[i] + u.second * d * d;
			d /= sqrtf(s[i]) + u.epsilon;
			break;
		default: break;
		}
		p[i] -= u.rate * d;
	}
}

void optim_step(struct optim *o, float *values, const float *gradients, double rate, double scale)
{
	const struct update u = update_of(o, rate, scale);

#pragma omp parallel for schedule(static)
	for (size_t i = 0; i < o->n; i += PIECE) {
		size_t n = o->n - i < PIECE ? o->n - i : PIECE;
		if (o->states == 2)
			adam(u, values + i, gradients + i, o->state[0] + i, o->state[1] + i, n);
		else
			others(u, values + i, gradients + i, o->states ? o->state[0] + i : NULL, n);
	}
	o->steps++;
}

double optim_clip(const float *gradients, size_t n, double limit)
{
	double squares = 0;

	for (size_t i = 0; i < n; i++)
		squares += (double)gradients[i] * (double)gradients[i];
	/* The small number is PyTorch's. */
	double factor = limit / (sqrt(squares) + 1e-6);
	return factor < 1 ? factor : 1;
}

MULTIVERSION static void average_piece(float *average, const float *values, size_t n, float share)
{
	for (size_t i = 0; i < n; i++)
		average[i] += share * (values[i] - average[i]);
}

void optim_average(float *average, const float *values, size_t n, double decay)
{
#pragma omp parallel for schedule(static)
	for (size_t i = 0; i < n; i += PIECE)
		average_piece(average + i, values + i, n - i < PIECE ? n - i : PIECE,
		              (float)(1 - decay));
}
