/*
 * The updates, element by element, for one type of parameters; included once for each, with REAL,
 * NAME(word) and ROOT (the type's square root) defined.
 */

/* What one step needs, in the type of the parameters. */
struct NAME(update) {
	enum optimizer kind;
	REAL rate, scale, decay, shrink, momentum, rho, beta2, epsilon, correction;
	REAL first, second; /* the share of what is new in a mean of gradients, of squares */
};

static struct NAME(update) NAME(update_of)(const struct optim *o, double rate, double scale)
{
	const struct optim_options *p = &o->options;
	double t = (double)o->steps + 1;
	bool apart = p->kind == OPTIM_ADAMW;
	struct NAME(update) u = {
		.kind = p->kind,
		.rate = (REAL)rate,
		.scale = (REAL)scale,
		.decay = apart ? 0 : (REAL)p->weight_decay,
		.shrink = apart ? (REAL)(1 - rate * p->weight_decay) : 1,
		.momentum = (REAL)p->momentum,
		.rho = (REAL)p->rho,
		.beta2 = (REAL)p->beta2,
		.epsilon = (REAL)p->epsilon,
		.first = (REAL)(1 - p->beta1),
		.second = (REAL)(1 - (p->kind == OPTIM_RMSPROP ? p->rho : p->beta2)),
	};

	if (p->kind >= OPTIM_ADAM) {
		u.rate = (REAL)(rate / (1 - pow(p->beta1, t)));
		u.correction = (REAL)(1 / sqrt(1 - pow(p->beta2, t)));
	}
	return u;
}

/* Both take the update by value: through a pointer it might be among what they write, and the
 * compiler could not keep it in registers. */
MULTIVERSION static void NAME(adam)(struct NAME(update) u, REAL *restrict p, const REAL *restrict g,
                                    REAL *restrict m, REAL *restrict v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		REAL d = g[i] * u.scale + u.decay * p[i];
		m[i] += u.first * (d - m[i]);
		v[i] = u.beta2 * v[i] + u.second * d * d;
		p[i] = p[i] * u.shrink - u.rate * m[i] / (ROOT(v[i]) * u.correction + u.epsilon);
	}
}

MULTIVERSION static void NAME(others)(struct NAME(update) u, REAL *restrict p,
                                      const REAL *restrict g, REAL *restrict s, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		REAL d = g[i] * u.scale + u.decay * p[i];
		switch (u.kind) {
		case OPTIM_MOMENTUM: d = s[i] = u.momentum * s[i] + d; break;
		case OPTIM_NESTEROV:
			s[i] = u.momentum * s[i] + d;
			d += u.momentum * s[i];
			break;
		case OPTIM_ADAGRAD:
			s[i] += d * d;
			d /= ROOT(s[i]) + u.epsilon;
			break;
		case OPTIM_RMSPROP:
			s[i] = u.rho * s[i] + u.second * d * d;
			d /= ROOT(s[i]) + u.epsilon;
			break;
		default: break;
		}
		p[i] -= u.rate * d;
	}
}

struct NAME(job) {
	struct NAME(update) update;
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
	if (j->o->states == 2)
		NAME(adam)(j->update, j->values + i, j->gradients + i, first + i, second + i, n);
	else
		NAME(others)
		(j->update, j->values + i, j->gradients + i, first ? first + i : NULL, n);
}

static void NAME(step)(struct optim *o, REAL *values, const REAL *gradients, double rate,
                       double scale)
{
	struct NAME(job) j = {NAME(update_of)(o, rate, scale), o, values, gradients};

	threads_run((o->n + PIECE - 1) / PIECE, NAME(piece), &j);
	o->steps++;
}

static double NAME(norm)(const REAL *gradients, size_t n)
{
	double squares = 0;

	for (size_t i = 0; i < n; i++)
		squares += (double)gradients[i] * (double)gradients[i];
	return sqrt(squares);
}

#undef REAL
#undef NAME
#undef ROOT
