#include "train/train.h"

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

const float *state_parameters(struct state *s)
{
	return s->average ? s->average : engine_values(s->engine);
}

/* ---- the recipe ---- */

static const char *yes_no(bool yes)
{
	return yes ? "yes" : "no";
}

/* The options that decide the result, and the data, in one line: for the history, and to know
 * whether a checkpoint is of the same training. */
static char *recipe_of(const struct training *t, const struct data *data, size_t validation)
{
	const struct optim_options *o = &t->optimizer;

	return xprintf(
		"nn-train --optimizer %s --lr %g --momentum %g --beta1 %g --beta2 %g --rho %g "
		"--epsilon %g --weight-decay %g --schedule %s --warmup %" PRId64
		" --label-smoothing %g --clip %g --average %g --batch %" PRId64 " --epochs %" PRId64
		" --steps %" PRId64 " --seed %" PRId64 " shuffle:%s validate-every:%" PRId64
		" patience:%" PRId64 " images:%zu validation:%zu%s%s data:sha256:%s",
		optim_names[o->kind], t->rate, o->momentum, o->beta1, o->beta2, o->rho, o->epsilon,
		o->weight_decay, t->schedule, t->warmup, t->smoothing, t->clip, t->average,
		t->batch, t->epochs, t->steps, t->seed, yes_no(t->shuffle), t->validate_every,
		t->patience, data->n, validation, t->validation ? ":sha256:" : "",
		t->validation ? t->validation : "", data->digest);
}

/* ---- measuring ---- */

enum { JUDGE_BATCH = 128 };

static struct score judge(struct state *s)
{
	const struct data *d = s->validation;
	struct score score = {.images = d->n};
	int32_t labels[JUDGE_BATCH];

	engine_unpack(s->engine, state_parameters(s), s->model->tensor);
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
	double loss = s->judged.loss / (double)s->judged.images;
	if (loss < s->best_loss) {
		s->best_loss = loss;
		s->worse = 0;
		memcpy(s->best, state_parameters(s), engine_size(s->engine) * sizeof *s->best);
		return false;
	}
	return ++s->worse >= s->t->patience;
}

/* ---- a step ---- */

static double rate_of(const struct state *s, int64_t step)
{
	return schedule_rate(&s->t->parsed, s->t->rate, step, s->steps, s->per_epoch);
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

static void step(struct state *s)
{
	const struct training *t = s->t;
	size_t n = feed(s), trained = engine_trained(s->engine);

	engine_step(s->engine, s->step);
	engine_forward(s->engine, n);
	double loss = num_cross_entropy(engine_output(s->engine), s->labels, n, s->classes,
	                                t->smoothing, s->gradient, &s->since.wrong);
	if (!isfinite(loss))
		die("step %" PRId64 ": the loss is not finite (a lower learning rate may help)%s%s",
		    s->step, t->checkpoint ? "; the last good state is in " : "",
		    t->checkpoint ? t->checkpoint : "");
	s->since.loss += loss;
	s->since.images += n;
	if (s->step == 0)
		log_row(s, true, rate_of(s, 0));
	engine_backward(s->engine, n, s->gradient);

	const float *gradients = engine_gradients(s->engine);
	double scale = t->clip > 0 ? optim_clip(gradients, trained, t->clip) : 1;
	optim_step(&s->optim, engine_values(s->engine), gradients, rate_of(s, s->step), scale);
	s->step++;
	if (s->average)
		optim_average(s->average, engine_values(s->engine), engine_size(s->engine),
		              t->average);
}

/* ---- between steps ---- */

/* Whether a comma-separated list of numbers has this one. */
static bool listed(const char *list, int64_t step)
{
	for (const char *p = list; p && *p; p = strchr(p, ',') ? strchr(p, ',') + 1 : NULL)
		if (strtoll(p, NULL, 10) == step)
			return true;
	return false;
}

static void snapshot(struct state *s)
{
	if (!listed(s->t->save_at, s->step))
		return;
	char *path = xprintf("%s%" PRId64 ".safetensors", s->t->save_prefix, s->step);
	struct replacement r = replacement_begin(path);
	engine_unpack(s->engine, state_parameters(s), s->model->tensor);
	struct safetensors file = model_contents(s->model);
	safetensors_write(r.stream, &file);
	replacement_commit(&r);
	safetensors_free(&file);
	free(path);
}

static bool due(const struct state *s, int64_t every)
{
	return s->step % (every ? every : s->per_epoch) == 0 || s->step == s->steps;
}

static void show(const struct state *s, struct progress *p)
{
	char detail[96];
	double loss = s->since.images ? s->since.loss / (double)s->since.images : NAN;
	int n = snprintf(detail, sizeof detail, "loss %.4f", loss);

	if (s->judged.images)
		snprintf(detail + n, sizeof detail - (size_t)n, ", validation error %.2f %%",
		         100 * (double)s->judged.wrong / (double)s->judged.images);
	progress_show(p, (double)s->step, s->since.images ? detail : NULL);
}

static void stop_if_interrupted(struct state *s)
{
	if (!interrupted || s->step == s->steps)
		return;
	checkpoint_write(s);
	die("interrupted at step %" PRId64 "%s%s", s->step,
	    s->t->checkpoint ? "; go on with --resume " : "",
	    s->t->checkpoint ? s->t->checkpoint : "");
}

static void run(struct state *s)
{
	const struct training *t = s->t;
	struct progress p =
		progress_begin("steps", (double)s->step, (double)s->steps, t->quiet, t->verbose);
	bool enough = s->t->patience && s->worse >= s->t->patience;

	if (s->step == 0) {
		validate(s);
		snapshot(s);
	}
	while (s->step < s->steps && !enough) {
		show(s, &p);
		step(s);
		bool validated = s->validation && due(s, t->validate_every);
		enough = validated && validate(s);
		if (validated || due(s, t->log_every))
			log_row(s, validated, rate_of(s, s->step - 1));
		snapshot(s);
		if (due(s, t->checkpoint_every))
			checkpoint_write(s);
		stop_if_interrupted(s);
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
	s.recipe = recipe_of(t, data, validation ? validation->n : 0);
	s.engine = engine_new(
		spec,
		&(struct engine_options){.batch = batch, .train = true, .seed = (uint64_t)t->seed});
	if (validation)
		s.judge = engine_new(spec, &(struct engine_options){.batch = JUDGE_BATCH});
	engine_load(s.engine, m->tensor);

	size_t size = engine_size(s.engine);
	s.optim = optim_new(&t->optimizer, engine_trained(s.engine), size);
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
	const float *result = s->best && s->best_loss < INFINITY ? s->best : state_parameters(s);

	if (!num_finite(result, engine_size(s->engine)))
		die("step %" PRId64 ": a parameter is not finite (a lower learning rate may help)",
		    s->step);
	engine_unpack(s->engine, result, s->model->tensor);
	model_log(s->model, "%s", s->recipe);
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
	struct sigaction action = {.sa_handler = interrupt};

	if (t->resume)
		checkpoint_resume(&s);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	log_open(&s);
	run(&s);
	end(&s);
}
