#include "train/train.h"

#include <inttypes.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "model/history.h"
#include "num/num.h"
#include "rng/rng.h"
#include "train/state.h"

static volatile sig_atomic_t interrupted;

static void interrupt(int number)
{
	(void)number;
	interrupted = 1;
}

/* The parameters that count: the average, where there is one. */
static const void *parameters(const struct state *s)
{
	return s->average ? s->average : s->l->form.values;
}

/* All parameters, in an array of their own. */
static void *copy_of(const struct form *form, const void *values)
{
	size_t bytes = form->size * npy_size(form->type);
	void *copy = xaligned(bytes, 1);

	return memcpy(copy, values, bytes);
}

static noreturn void diverged(const struct state *s, const char *what)
{
	const char *checkpoint = s->t->checkpoint;

	die("step %" PRId64 ": %s is not finite (a lower learning rate may help)%s%s", s->step,
	    what, checkpoint ? "; the last good state is in " : "", checkpoint ? checkpoint : "");
}

static void check_finite(const struct state *s, const void *values)
{
	const struct form *form = &s->l->form;

	if (form->type == NPY_F8 ? !num_finite_double(values, form->size)
	                         : !num_finite(values, form->size))
		diverged(s, "a parameter");
}

/* ---- measuring ---- */

static struct score judge(struct state *s, const struct measure *m)
{
	const struct source *held = &s->held;
	const void *values = parameters(s);
	source_give *give = held->plain ? held->plain : held->give;
	size_t *which = xcalloc(m->batch, sizeof *which);
	struct score score = {0};

	for (size_t i = 0; i < held->n; i += m->batch, values = NULL) {
		size_t n = held->n - i < m->batch ? held->n - i : m->batch;
		struct batch b = {0};
		for (size_t j = 0; j < n; j++)
			which[j] = held->first + i + j;
		give(held->context, 0, which, n, &b);
		m->of(m->context, values, &b, &score);
	}
	free(which);
	return score;
}

/* Measure on what is held out; true if patience has run out. */
static bool validate(struct state *s)
{
	const struct form *form = &s->l->form;

	if (!s->held.n)
		return false;
	s->judged = judge(s, &s->l->measure);
	const struct score *decides = &s->judged;
	if (s->l->attacked.of) {
		s->attacked = judge(s, &s->l->attacked);
		decides = &s->attacked;
	}
	if (!s->best)
		return false;
	double loss = decides->loss / (double)decides->count;
	if (loss < s->best_loss) {
		s->best_loss = loss;
		s->best_step = s->step;
		s->worse = 0;
		memcpy(s->best, parameters(s), form->size * npy_size(form->type));
		return false;
	}
	return ++s->worse >= s->t->patience;
}

/* ---- a step ---- */

static double rate_of(const struct state *s, int64_t step)
{
	return schedule_rate(&s->t->schedule, s->t->options.rate, (uint64_t)step,
	                     (uint64_t)s->steps, (uint64_t)s->per_epoch);
}

/* The examples of the coming step. */
static void feed(struct state *s, struct batch *b)
{
	uint64_t epoch = (uint64_t)(s->step / s->per_epoch);
	size_t at = (size_t)(s->step % s->per_epoch) * s->batch;
	size_t n = s->source.n - at < s->batch ? s->source.n - at : s->batch;

	if (!s->t->in_order && (at == 0 || !s->ordered))
		rng_permutation((struct rng){(uint64_t)s->t->seed, rng_stream("shuffle") + epoch},
		                s->order, s->source.n);
	s->ordered = true;
	s->source.give(s->source.context, epoch, s->order + at, n, b);
}

/* From a batch to the gradients of all processes, and by what they are to be divided. */
static double differentiate(struct state *s, const struct batch *b)
{
	const struct gradients *g = &s->l->gradients;
	const struct reduce *reduce = &s->l->reduce;
	const struct form *form = &s->l->form;
	struct score score = {0};
	double divisor = g->of(g->context, s->step, b, &score);

	if (reduce->sum)
		reduce->sum(reduce->context, form->type, form->gradients, form->trained, &divisor,
		            &score);
	s->since.loss += score.loss;
	s->since.wrong += score.wrong;
	s->since.count += score.count;
	if (!isfinite(score.loss))
		diverged(s, "the loss");
	return divisor;
}

/* The factor that clips the mean gradient, 1 where it is short enough. */
static double clip(struct state *s, double divisor)
{
	const struct form *form = &s->l->form;
	double norm = optim_norm(form->type, form->gradients, form->trained) / divisor;

	if (!isfinite(norm))
		diverged(s, "the gradient");
	double factor = s->t->clip > 0 ? optim_clip(norm, s->t->clip) : 1;
	s->slopes.norm += norm;
	s->slopes.steps++;
	s->slopes.clipped += factor < 1;
	return factor;
}

static void step(struct state *s)
{
	const struct form *form = &s->l->form;
	struct batch b = {0};

	feed(s, &b);
	double divisor = differentiate(s, &b), factor = clip(s, divisor);
	if (s->step == 0)
		log_row(s, true, rate_of(s, 0));
	optim_step(&s->optim, form->values, form->gradients, rate_of(s, s->step), factor / divisor);
	s->step++;
	if (s->average)
		optim_average(form->type, s->average, form->values, form->size, s->t->average);
}

/* ---- between steps ---- */

static char *snapshot_path(const struct state *s, int64_t step)
{
	return xprintf("%s%" PRId64 ".safetensors", s->t->save_prefix, step);
}

/* Die where a model or the state could not be written: now, not after so many steps. */
static void files_try(const struct state *s)
{
	if (s->t->checkpoint)
		replacement_try(s->t->checkpoint);
	for (int i = 0; i < s->t->saves; i++) {
		char *path = snapshot_path(s, s->t->save_at[i]);
		replacement_try(path);
		free(path);
	}
}

static void snapshot(struct state *s)
{
	char *path = snapshot_path(s, s->step);

	check_finite(s, parameters(s));
	struct safetensors file = recipe_contents(s, parameters(s), s->step);
	struct replacement r = replacement_begin(path);
	safetensors_write(r.stream, &file);
	replacement_commit(&r);
	safetensors_free(&file);
	free(path);
}

static void snapshot_if_listed(struct state *s)
{
	for (int i = 0; i < s->t->saves; i++)
		if (s->t->save_at[i] == s->step) {
			snapshot(s);
			return;
		}
}

static void checkpoint(struct state *s)
{
	if (!s->t->checkpoint)
		return;
	check_finite(s, s->l->form.values);
	checkpoint_write(s);
}

static bool due(const struct state *s, int64_t every)
{
	return s->step % (every ? every : s->per_epoch) == 0 || s->step == s->steps;
}

static noreturn void stop(struct state *s)
{
	const char *path = s->t->checkpoint;

	checkpoint(s);
	die("interrupted at step %" PRId64 "%s%s", s->step, path ? "; go on with --resume " : "",
	    path ? path : "");
}

/* The mean loss of the last steps and, where there was a validation, its share of errors, or loss.
 */
static void show(const struct state *s, struct progress *p)
{
	char detail[128];
	int n = snprintf(detail, sizeof detail, "loss %.4g",
	                 s->since.loss / (double)s->since.count);

	if (s->judged.count && !s->l->classifies)
		snprintf(detail + n, sizeof detail - (size_t)n, ", validation loss %.4g",
		         s->judged.loss / (double)s->judged.count);
	else if (s->judged.count)
		n += snprintf(detail + n, sizeof detail - (size_t)n, ", validation error %.2f %%",
		              100 * (double)s->judged.wrong / (double)s->judged.count);
	if (s->attacked.count)
		snprintf(detail + n, sizeof detail - (size_t)n, ", attacked %.2f %%",
		         100 * (double)s->attacked.wrong / (double)s->attacked.count);
	progress_show(p, (double)s->step, detail);
}

static void run(struct state *s)
{
	const struct training *t = s->t;
	struct progress p =
		progress_begin("steps", (double)s->step, (double)s->steps, t->quiet, t->verbose);
	bool enough = t->patience && s->worse >= t->patience;

	if (s->step == 0) {
		validate(s);
		snapshot_if_listed(s);
	}
	while (s->step < s->steps && !enough) {
		step(s);
		bool validated = s->held.n && due(s, t->validate_every);
		enough = validated && validate(s);
		show(s, &p);
		if (validated || due(s, t->log_every)) {
			log_row(s, validated, rate_of(s, s->step - 1));
			s->since = (struct score){0};
			s->slopes = (struct slopes){0};
		}
		snapshot_if_listed(s);
		if (enough || due(s, t->checkpoint_every))
			checkpoint(s);
		if (interrupted && !enough && s->step < s->steps)
			stop(s);
	}
	progress_end(&p);
}

/* ---- beginning and end ---- */

size_t training_batch(const struct training *t, size_t n, const char *unit)
{
	if ((uint64_t)t->holdout >= n)
		die("--holdout: %" PRId64 " of %zu %s leave none to train on", t->holdout, n, unit);
	n -= (size_t)t->holdout;
	return (size_t)t->batch < n ? (size_t)t->batch : n;
}

/* The examples: to train on and, of the last or of their own, to validate on. */
static void split(struct state *s)
{
	const struct training *t = s->t;
	size_t held = (size_t)t->holdout;

	s->batch = training_batch(t, s->l->source.n, s->l->unit);
	s->source = s->l->source;
	s->source.n -= held;
	s->held = s->l->held;
	if (held) {
		s->held = s->l->source;
		s->held.first = s->source.n;
		s->held.n = held;
	}
	s->per_epoch = (int64_t)((s->source.n + s->batch - 1) / s->batch);
	s->steps = t->steps ? t->steps : t->epochs * s->per_epoch;
	s->order = xcalloc(s->source.n, sizeof *s->order);
	for (size_t i = 0; i < s->source.n; i++)
		s->order[i] = i;
	for (int i = 0; i < t->saves; i++)
		if (t->save_at[i] > s->steps)
			die("--save-at: step %" PRId64 " comes after the last, %" PRId64,
			    t->save_at[i], s->steps);
}

static struct state begin(struct learner *l, const struct training *t)
{
	struct state s = {.t = t, .l = l, .best_loss = INFINITY, .begun = now()};
	const struct form *form = &l->form;

	split(&s);
	s.recipe = recipe_of(&s);
	form->pack(form->context, form->values);
	s.optim = optim_new(t->optimizer, &t->options, form->type, form->trained, form->size);
	if (t->average > 0)
		s.average = copy_of(form, form->values);
	if (t->patience && s.held.n)
		s.best = copy_of(form, form->values);
	return s;
}

static void end(struct state *s)
{
	const struct form *form = &s->l->form;
	bool best = s->best && s->best_loss < INFINITY;
	const void *result = best ? s->best : parameters(s);

	check_finite(s, result);
	form->unpack(form->context, result);
	history_add(form->history, "%s step:%" PRId64, s->recipe, best ? s->best_step : s->step);
	if (s->log && fclose(s->log))
		die("%s: could not be written", s->t->log);
	optim_free(&s->optim);
	free(s->average);
	free(s->best);
	free(s->order);
	free(s->recipe);
}

void train(struct learner *l, const struct training *t)
{
	struct state s = begin(l, t);
	/* A log may be a pipe, and a write to it then goes on. */
	struct sigaction action = {.sa_handler = interrupt, .sa_flags = SA_RESTART};

	/* The state that is resumed may be replaced by later ones, nothing else that is read. */
	files_try(&s);
	if (t->resume)
		checkpoint_resume(&s);
	log_open(&s);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	checkpoint(&s);
	run(&s);
	end(&s);
}
