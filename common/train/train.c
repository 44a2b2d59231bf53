#include "train/train.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

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
static const float *parameters(struct state *s)
{
	return s->average ? s->average : engine_values(s->engine);
}

/* ---- the record ---- */

/* What decides each step, as options, and the data: for the history, and to know whether a
 * checkpoint is of the same training.  How many steps there are to be is part of it only where the
 * learning rate depends on that. */
static char *recipe_of(const struct state *s)
{
	const struct training *t = s->t;
	const struct optim_options *o = &t->options;
	const struct {
		const char *name;
		double value, off;
	} numbers[] = {
		{"lr", o->rate, NAN},
		{"momentum", o->momentum, NAN},
		{"beta1", o->beta1, NAN},
		{"beta2", o->beta2, NAN},
		{"rho", o->rho, NAN},
		{"epsilon", o->epsilon, NAN},
		{"weight-decay", o->weight_decay, 0},
		{"warmup", (double)t->schedule.warmup, 0},
		{"label-smoothing", t->smoothing, 0},
		{"clip", t->clip, 0},
		{"average", t->average, 0},
		{"batch", (double)t->batch, NAN},
		{"steps", schedule_looks_ahead(&t->schedule) ? (double)s->steps : NAN, NAN},
		{"holdout", (double)t->holdout, 0},
		{"patience", (double)t->patience, 0},
		{"validate-every", t->patience ? (double)t->validate_every : NAN, NAN},
	};
	char *schedule = schedule_text(&t->schedule), *recipe = NULL;
	size_t size = 0;
	FILE *text = open_memstream(&recipe, &size);

	if (!text)
		die("%s", strerror(errno));
	fprintf(text, "nn-train --optimizer %s --schedule %s --seed %" PRId64 "%s",
	        t->optimizer->name, schedule, t->seed, t->shuffle ? "" : " --no-shuffle");
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
		if (!isnan(numbers[i].value) && numbers[i].value != numbers[i].off)
			fprintf(text, " --%s %.15g", numbers[i].name, numbers[i].value);
	if (t->patience && t->validation)
		fprintf(text, " --validation sha256:%s", t->validation);
	fprintf(text, " images:%zu data:sha256:%s", s->data->n, s->data->digest);
	if (fclose(text))
		die("%s", strerror(errno));
	free(schedule);
	return recipe;
}

struct safetensors state_contents(struct state *s, const float *values, int64_t step)
{
	struct model with = *s->model; /* the history so far, and this training */

	engine_unpack(s->engine, values, s->model->tensor);
	with.history = xstrdup(s->model->history);
	history_add(&with.history, "%s step:%" PRId64, s->recipe, step);
	struct safetensors file = model_contents(&with);
	free(with.history);
	return file;
}

/* ---- measuring ---- */

enum { JUDGE_BATCH = 128 };

static struct score judge(struct state *s)
{
	const struct data *d = s->validation;
	struct score score = {.count = d->n};
	int32_t labels[JUDGE_BATCH];

	engine_unpack(s->engine, parameters(s), s->model->tensor);
	engine_load(s->judge, s->model->tensor);
	for (size_t i = 0; i < d->n; i += JUDGE_BATCH) {
		size_t n = d->n - i < JUDGE_BATCH ? d->n - i : JUDGE_BATCH;
		for (size_t j = 0; j < n; j++) {
			data_feed(d, i + j, s->judge, j);
			labels[j] = d->labels[i + j];
		}
		engine_forward(s->judge, n);
		score.loss += num_cross_entropy(engine_output(s->judge), labels, n, s->classes, 0,
		                                NULL, &score.wrong);
	}
	return score;
}

/* Measure on the validation images; true if patience has run out. */
static bool validate(struct state *s)
{
	if (!s->validation)
		return false;
	s->judged = judge(s);
	if (!s->best)
		return false;
	double loss = s->judged.loss / (double)s->judged.count;
	if (loss < s->best_loss) {
		s->best_loss = loss;
		s->best_step = s->step;
		s->worse = 0;
		memcpy(s->best, parameters(s), engine_size(s->engine) * sizeof *s->best);
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

/* The images of the coming step into the engine; returns how many. */
static size_t feed(struct state *s)
{
	uint64_t epoch = (uint64_t)(s->step / s->per_epoch);
	size_t at = (size_t)(s->step % s->per_epoch) * s->batch;
	size_t n = s->data->n - at < s->batch ? s->data->n - at : s->batch;

	if (s->t->shuffle && (at == 0 || !s->order)) {
		if (!s->order)
			s->order = xcalloc(s->data->n, sizeof *s->order);
		rng_permutation((struct rng){(uint64_t)s->t->seed, rng_stream("shuffle") + epoch},
		                s->order, s->data->n);
	}
	for (size_t j = 0; j < n; j++) {
		size_t i = s->order ? s->order[at + j] : at + j;
		data_feed(s->data, i, s->engine, j);
		s->labels[j] = s->data->labels[i];
	}
	return n;
}

static noreturn void diverged(const struct state *s, const char *what)
{
	const char *checkpoint = s->t->checkpoint;

	die("step %" PRId64 ": %s is not finite (a lower learning rate may help)%s%s", s->step,
	    what, checkpoint ? "; the last good state is in " : "", checkpoint ? checkpoint : "");
}

static void step(struct state *s)
{
	const struct training *t = s->t;
	size_t n = feed(s), trained = engine_trained(s->engine);

	engine_step(s->engine, s->step);
	engine_forward(s->engine, n);
	double loss = num_cross_entropy(engine_output(s->engine), s->labels, n, s->classes,
	                                t->smoothing, s->gradient, &s->since.wrong);
	if (!isfinite(loss))
		diverged(s, "the loss");
	s->since.loss += loss;
	s->since.count += n;
	if (s->step == 0)
		log_row(s, true, rate_of(s, 0));
	engine_backward(s->engine, n, s->gradient);

	const float *gradients = engine_gradients(s->engine);
	double scale =
		t->clip > 0 ? optim_clip(optim_norm(NPY_F4, gradients, trained), t->clip) : 1;
	optim_step(&s->optim, engine_values(s->engine), gradients, rate_of(s, s->step), scale);
	s->step++;
	if (s->average)
		optim_average(NPY_F4, s->average, engine_values(s->engine), engine_size(s->engine),
		              t->average);
}

/* ---- between steps ---- */

static void check_finite(struct state *s, const float *values)
{
	if (!num_finite(values, engine_size(s->engine)))
		diverged(s, "a parameter");
}

static void snapshot(struct state *s)
{
	char *path = xprintf("%s%" PRId64 ".safetensors", s->t->save_prefix, s->step);

	check_finite(s, parameters(s));
	struct safetensors file = state_contents(s, parameters(s), s->step);
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
	check_finite(s, engine_values(s->engine));
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
		bool validated = s->validation && due(s, t->validate_every);
		enough = validated && validate(s);
		score_show(&p, s->step, &s->since, &s->judged);
		if (validated || due(s, t->log_every)) {
			log_row(s, validated, rate_of(s, s->step - 1));
			s->since = (struct score){0};
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

static struct state begin(struct model *m, const struct data *data, const struct data *validation,
                          const struct training *t)
{
	const struct spec *spec = &m->spec;
	struct state s = {.t = t,
	                  .model = m,
	                  .data = data,
	                  .validation = validation,
	                  .classes = spec_classes(spec),
	                  .best_loss = INFINITY,
	                  .begun = now()};
	size_t batch = (size_t)t->batch < data->n ? (size_t)t->batch : data->n;

	s.batch = batch;
	s.per_epoch = (int64_t)((data->n + batch - 1) / batch);
	s.steps = t->steps ? t->steps : t->epochs * s.per_epoch;
	s.recipe = recipe_of(&s);
	for (int i = 0; i < t->saves; i++)
		if (t->save_at[i] > s.steps)
			die("--save-at: step %" PRId64 " comes after the last, %" PRId64,
			    t->save_at[i], s.steps);
	s.engine = engine_new(
		spec,
		&(struct engine_options){.batch = batch, .train = true, .seed = (uint64_t)t->seed});
	if (validation)
		s.judge = engine_new(spec, &(struct engine_options){.batch = JUDGE_BATCH});
	engine_load(s.engine, m->tensor);

	size_t size = engine_size(s.engine);
	s.optim = optim_new(t->optimizer, &t->options, NPY_F4, engine_trained(s.engine), size);
	if (t->average > 0) {
		s.average = xaligned(size, sizeof *s.average);
		memcpy(s.average, engine_values(s.engine), size * sizeof *s.average);
	}
	if (t->patience && validation)
		s.best = xaligned(size, sizeof *s.best);
	s.gradient = xcalloc(batch * s.classes, sizeof *s.gradient);
	s.labels = xcalloc(batch, sizeof *s.labels);
	return s;
}

static void end(struct state *s)
{
	bool best = s->best && s->best_loss < INFINITY;
	const float *result = best ? s->best : parameters(s);

	check_finite(s, result);
	engine_unpack(s->engine, result, s->model->tensor);
	history_add(&s->model->history, "%s step:%" PRId64, s->recipe,
	            best ? s->best_step : s->step);
	if (s->log && fclose(s->log))
		die("%s: could not be written", s->t->log);
	engine_free(s->engine);
	if (s->judge)
		engine_free(s->judge);
	optim_free(&s->optim);
	free(s->average);
	free(s->best);
	free(s->order);
	free(s->gradient);
	free(s->labels);
	free(s->recipe);
}

void train(struct model *m, const struct data *data, const struct data *validation,
           const struct training *t)
{
	struct state s = begin(m, data, validation, t);
	/* A log may be a pipe, and a write to it then goes on. */
	struct sigaction action = {.sa_handler = interrupt, .sa_flags = SA_RESTART};

	if (t->resume)
		checkpoint_resume(&s);
	log_open(&s);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	checkpoint(&s);
	run(&s);
	end(&s);
}
