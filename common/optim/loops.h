/*
 * The updates, element by element, for one type of parameters; included once for each, with REAL,
 * NAME(word), ROOT (the type's square root) and CHAINS (sums that a norm is added up in) defined.
 *
 * Each takes the update by value: through a pointer it might be among what is written, and the
 * compiler could not keep it in registers.
 */

/* What one step needs, in the type of the parameters; NAN where the optimizer has no such thing. */
struct NAME(update) {
	REAL rate, scale;
	REAL decay, shrink; /* of the parameter: added to the gradient, multiplied with it */
	REAL momentum, rho, beta2, epsilon;
	REAL first, second, other; /* 1 - beta1, 1 - beta2, 1 - rho */
	REAL unbiased, correction; /* adam's rate and the factor of its root at this step */
};

static struct NAME(update) NAME(update_of)(const struct optim *o, double rate, double scale)
{
	const struct optim_options *p = &o->options;
	double t = (double)o->steps + 1;
	bool apart = o->kind->decay_apart;

	return (struct NAME(update)){
		.rate = (REAL)rate,
		.scale = (REAL)scale,
		.decay = apart ? 0 : (REAL)p->weight_decay,
		.shrink = apart ? (REAL)(1 - rate * p->weight_decay) : 1,
		.momentum = (REAL)p->momentum,
		.rho = (REAL)p->rho,
		.beta2 = (REAL)p->beta2,
		.epsilon = (REAL)p->epsilon,
		.first = (REAL)(1 - p->beta1),
		.second = (REAL)(1 - p->beta2),
		.other = (REAL)(1 - p->rho),
		.unbiased = (REAL)(rate / (1 - pow(p->beta1, t))),
		.correction = (REAL)(1 / sqrt(1 - pow(p->beta2, t))),
	};
}

/* The gradient of element i, decay included. */
#define SLOPE (g[i] * u.scale + u.decay * p[i])

MULTIVERSION static void NAME(sgd)(struct NAME(update) u, REAL *restrict p, const REAL *restrict g,
                                   REAL *restrict s, REAL *restrict v, size_t n)
{
	(void)s;
	(void)v;
	for (size_t i = 0; i < n; i++)
		p[i] -= u.rate * SLOPE;
}

MULTIVERSION static void NAME(momentum)(struct NAME(update) u, REAL *restrict p,
                                        const REAL *restrict g, REAL *restrict s, REAL *restrict v,
                                        size_t n)
{
	(void)v;
	for (size_t i = 0; i < n; i++) {
		s[i] = u.momentum * s[i] + SLOPE;
		p[i] -= u.rate * s[i];
	}
}

MULTIVERSION static void NAME(nesterov)(struct NAME(update) u, REAL *restrict p,
                                        const REAL *restrict g, REAL *restrict s, REAL *restrict v,
                                        size_t n)
{
	(void)v;
	for (size_t i = 0; i < n; i++) {
		REAL d = SLOPE;
		s[i] = u.momentum * s[i] + d;
		p[i] -= u.rate * (d + u.momentum * s[i]);
	}
}

MULTIVERSION static void NAME(adagrad)(struct NAME(update) u, REAL *restrict p,
                                       const REAL *restrict g, REAL *restrict s, REAL *restrict v,
                                       size_t n)
{
	(void)v;
	for (size_t i = 0; i < n; i++) {
		REAL d = SLOPE;
		s[i] += d * d;
		p[i] -= u.rate * (d / (ROOT(s[i]) + u.epsilon));
	}
}

MULTIVERSION static void NAME(rmsprop)(struct NAME(update) u, REAL *restrict p,
                                       const REAL *restrict g, REAL *restrict s, REAL *restrict v,
                                       size_t n)
{
	(void)v;
	for (size_t i = 0; i < n; i++) {
		REAL d = SLOPE;
		s[i] = u.rho * s[i] + u.other * d * d;
		p[i] -= u.rate * (d / (ROOT(s[i]) + u.epsilon));
	}
}

MULTIVERSION static void NAME(adam)(struct NAME(update) u, REAL *restrict p, const REAL *restrict g,
                                    REAL *restrict m, REAL *restrict v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		REAL d = SLOPE;
		m[i] += u.first * (d - m[i]);
		v[i] = u.beta2 * v[i] + u.second * d * d;
		p[i] = p[i] * u.shrink -
		       u.unbiased * m[i] / (ROOT(v[i]) * u.correction + u.epsilon);
	}
}

struct NAME(job) {
	struct NAME(update) update;
	NAME(optim) * step;
	const struct optim *o;
	REAL *values;
	const REAL *gradients;
};

static void NAME(piece)(void *context, size_t task, int thread)
{
	const struct NAME(job) *j = context;
	REAL *first = j->o->state[0], *second = j->o->state[1];
	size_t i = task * PIECE, n = j->o->n - i < PIECE ? j->o->n - i : PIECE;

	(void)thread;
	j->step(j->update, j->values + i, j->gradients + i, first ? first + i : NULL,
	        second ? second + i : NULL, n);
}

static void NAME(step)(struct optim *o, REAL *values, const REAL *gradients, double rate,
                       double scale)
{
	struct NAME(job)
		j = {NAME(update_of)(o, rate, scale), o->kind->NAME(step), o, values, gradients};

	threads_run(pieces(o->n), NAME(piece), &j);
}

/* The squares of a piece, in CHAINS sums that do not wait for one another. */
static double NAME(squares)(const REAL *x, size_t n)
{
	double sums[CHAINS] = {0}, total = 0;
	size_t i = 0;

	for (; i + CHAINS <= n; i += CHAINS)
		for (size_t k = 0; k < CHAINS; k++)
			sums[k] += (double)x[i + k] * (double)x[i + k];
	for (; i < n; i++)
		sums[0] += (double)x[i] * (double)x[i];
	for (size_t k = 0; k < CHAINS; k++)
		total += sums[k];
	return total;
}

MULTIVERSION static void NAME(average)(REAL *average, const REAL *values, size_t n, REAL share)
{
	for (size_t i = 0; i < n; i++)
		average[i] += share * (values[i] - average[i]);
}

#undef SLOPE
#undef REAL
#undef NAME
#undef ROOT
#undef CHAINS
