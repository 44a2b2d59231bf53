/* rnn-train - train a recurrent network on a data set of sequences */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "optim/optim.h"
#include "rng/rng.h"
#include "rnn/rnn.h"
#include "score/score.h"

static const double most = 1e9;

/* The options. */
struct recipe {
	int optimizer, candidate;
	double rate, clip;
	struct schedule schedule;
	int64_t batch, epochs, steps, seed, holdout, log_every;
	bool in_order, quiet, verbose;
	const char *log;
};

/* The gradients of some steps. */
struct slopes {
	double norm; /* summed */
	size_t steps, clipped;
};

struct training {
	const struct recipe *recipe;
	struct rnn *m, gradient;
	struct rnn_data *data;
	struct rnn_goal goal;
	size_t n, held; /* sequences to train on; those after them, to validate on */
	size_t batch;   /* of all, where there are fewer */
	size_t *order;  /* of the sequences in the epoch at hand */
	int64_t step, steps, per_epoch;
	struct rnn_batch x;
	struct rnn_pass *pass;
	struct optim optim;
	double *outputs;      /* of a batch */
	struct score since;   /* the row of the log before, step 0's excepted */
	struct slopes slopes; /* since then too */
	struct score judged;  /* the last validation */
	FILE *log;
};

/* ---- measuring ---- */

/* Labels of a batch: one a sequence, or one a step. */
static size_t labels_of(const struct rnn_batch *x)
{
	return x->n * (x->each ? x->steps : 1);
}

/* Row i of the outputs that belong to the labels, of a pass with history. */
static const double *output_of(const struct training *t, size_t i)
{
	const struct rnn_batch *x = &t->x;

	return t->outputs + (x->each ? i : (i + 1) * x->steps - 1) * t->m->outputs;
}

/* Add to the score how many of the batch have another class's output largest. */
static void count_wrong(struct training *t, struct score *s)
{
	rnn_outputs(t->pass, t->m, t->outputs);
	for (size_t i = 0; i < labels_of(&t->x); i++) {
		const double *o = output_of(t, i);
		size_t best = 0;
		for (size_t j = 1; j < t->m->outputs; j++)
			if (o[j] > o[best])
				best = j;
		s->wrong += best != (size_t)t->x.labels[i];
	}
	s->count += labels_of(&t->x);
}

/* Measure on the sequences that are held out. */
static void validate(struct training *t)
{
	size_t *which = xcalloc(t->batch, sizeof *which);

	t->judged = (struct score){0};
	for (size_t done = 0; done < t->held;) {
		size_t n = t->held - done < t->batch ? t->held - done : t->batch;
		for (size_t i = 0; i < n; i++)
			which[i] = t->n + done + i;
		rnn_data_pick(t->data, which, n, &t->x);
		rnn_forward(t->pass, t->m, &t->x);
		count_wrong(t, &t->judged);
		t->judged.loss += rnn_backward(t->pass, t->m, &t->x, &t->goal, NULL, NULL);
		done += n;
	}
	free(which);
}

/* ---- a step ---- */

static double rate_of(const struct training *t, int64_t step)
{
	return schedule_rate(&t->recipe->schedule, t->recipe->rate, (uint64_t)step,
	                     (uint64_t)t->steps, (uint64_t)t->per_epoch);
}

/* The sequences of the coming step. */
static void feed(struct training *t)
{
	size_t at = (size_t)(t->step % t->per_epoch) * t->batch;
	uint64_t epoch = (uint64_t)(t->step / t->per_epoch);

	if (at == 0 && !t->recipe->in_order)
		rng_permutation(
			(struct rng){(uint64_t)t->recipe->seed, rng_stream("shuffle") + epoch},
			t->order, t->n);
	rnn_data_pick(t->data, t->order + at, t->n - at < t->batch ? t->n - at : t->batch, &t->x);
}

static void log_row(struct training *t, bool validated);

static noreturn void diverged(const struct training *t, const char *what)
{
	die("step %" PRId64 ": %s is not finite (a lower learning rate may help)", t->step, what);
}

static void step(struct training *t)
{
	double rate = rate_of(t, t->step), limit = t->recipe->clip;

	feed(t);
	size_t labels = labels_of(&t->x), count = t->m->count;
	rnn_forward(t->pass, t->m, &t->x);
	count_wrong(t, &t->since);
	memset(t->gradient.values, 0, count * sizeof *t->gradient.values);
	t->since.loss += rnn_backward(t->pass, t->m, &t->x, &t->goal, &t->gradient, NULL);
	double norm = optim_norm_double(t->gradient.values, count) / (double)labels;
	if (!isfinite(t->since.loss))
		diverged(t, "the loss");
	if (!isfinite(norm))
		diverged(t, "the gradient");
	double scale = limit > 0 ? optim_clip(norm, limit) : 1;
	t->slopes.norm += norm;
	t->slopes.steps++;
	t->slopes.clipped += scale < 1;
	if (t->step == 0)
		log_row(t, true);
	optim_step_double(&t->optim, t->m->values, t->gradient.values, rate,
	                  scale / (double)labels);
	t->step++;
}

/* ---- the log ---- */

static noreturn void log_failed(const struct training *t)
{
	die("%s: %s", t->recipe->log, strerror(errno));
}

static void log_open(struct training *t)
{
	if (!t->recipe->log)
		return;
	t->log = fopen(t->recipe->log, "w");
	if (!t->log ||
	    fputs("step\tepoch\tloss\terror\tval_loss\tval_error\tgradient\tclipped\tlr\n",
	          t->log) < 0 ||
	    fflush(t->log))
		log_failed(t);
}

static void log_row(struct training *t, bool validated)
{
	const struct score none = {0};
	const struct slopes *g = &t->slopes;

	if (!t->log)
		return;
	fprintf(t->log, "%" PRId64 "\t%.4f\t", t->step, (double)t->step / (double)t->per_epoch);
	score_write(t->log, &t->since);
	fputc('\t', t->log);
	score_write(t->log, validated ? &t->judged : &none);
	fprintf(t->log, "\t%.6g\t%.4g\t%.9g\n", g->norm / (double)g->steps,
	        (double)g->clipped / (double)g->steps, rate_of(t, t->step ? t->step - 1 : 0));
	if (fflush(t->log))
		log_failed(t);
}

/* ---- the course ---- */

static void run(struct training *t)
{
	const struct recipe *r = t->recipe;
	struct progress p = progress_begin("steps", 0, (double)t->steps, r->quiet, r->verbose);

	validate(t);
	while (t->step < t->steps) {
		step(t);
		bool last = t->step == t->steps, validated = last || t->step % t->per_epoch == 0;
		score_show(&p, t->step, &t->since, &t->judged);
		if (validated)
			validate(t);
		if (validated || t->step % r->log_every == 0) {
			log_row(t, validated);
			t->since = (struct score){0};
			t->slopes = (struct slopes){0};
		}
	}
	progress_end(&p);
	for (size_t i = 0; i < t->m->count; i++)
		if (!isfinite(t->m->values[i]))
			diverged(t, "a parameter");
}

static struct training begin(struct rnn *m, struct rnn_data *d, const struct recipe *r)
{
	struct training t = {.recipe = r, .m = m, .data = d, .gradient = rnn_like(m)};
	const struct optim_options options = optim_defaults((enum optimizer)r->optimizer);

	t.held = (size_t)r->holdout;
	t.n = d->n - t.held;
	t.batch = (size_t)r->batch < t.n ? (size_t)r->batch : t.n;
	t.per_epoch = (int64_t)((t.n + t.batch - 1) / t.batch);
	t.steps = r->steps ? r->steps : r->epochs * t.per_epoch;
	t.goal = (struct rnn_goal){.of = RNN_CROSS_ENTROPY, .every = d->each, .step = d->steps - 1};
	t.order = xcalloc(t.n, sizeof *t.order);
	for (size_t i = 0; i < t.n; i++)
		t.order[i] = i;
	t.pass = rnn_pass_new(m, t.batch, d->steps, true);
	t.outputs = xcalloc(t.batch * d->steps, m->outputs * sizeof *t.outputs);
	t.optim = optim_new_double(&options, m->count);
	log_open(&t);
	return t;
}

static void end(struct training *t)
{
	if (t->log && fclose(t->log))
		log_failed(t);
	rnn_pass_free(t->pass);
	rnn_batch_free(&t->x);
	rnn_free(&t->gradient);
	optim_free(&t->optim);
	free(t->order);
	free(t->outputs);
}

int main(int argc, char *argv[])
{
	struct recipe r = {.optimizer = OPTIM_ADAM,
	                   .rate = NAN,
	                   .clip = 1,
	                   .batch = 32,
	                   .epochs = 5,
	                   .seed = 1,
	                   .log_every = 50};
	const char *schedule = "constant";
	const struct cli_option options[] = {
		OPTION_CHOICE('o', "optimizer", "NAME", &r.optimizer, optim_names,
	                      "sgd, momentum, nesterov, adagrad, rmsprop, adam, adamw"),
		OPTION_REAL('r', "lr", "RATE", &r.rate, 0, most,
	                    "learning rate [0.001 for adam and adamw, else 0.01]"),
		OPTION_TEXT(0, "schedule", "NAME", &schedule,
	                    "constant, step:EPOCHS:FACTOR, cosine, onecycle"),
		OPTION_REAL(0, "clip", "NORM", &r.clip, 0, most,
	                    "largest norm of the gradient; 0: any"),
		OPTION_CHOICE(0, "candidate", "NAME", &r.candidate, rnn_candidates,
	                      "function of an LSTM's candidate: tanh or sigmoid"),
		OPTION_INTEGER('b', "batch", "N", &r.batch, 1, 1 << 20, "sequences per step"),
		OPTION_INTEGER('e', "epochs", "N", &r.epochs, 1, most, "passes over the sequences"),
		OPTION_INTEGER(0, "steps", "N", &r.steps, 0, most,
	                       "steps, whatever --epochs says; 0: as it says"),
		OPTION_INTEGER('s', "seed", "SEED", &r.seed, 0, INT64_MAX,
	                       "seed of the order of the sequences"),
		OPTION_FLAG(0, "no-shuffle", &r.in_order, "take the sequences in their order"),
		OPTION_INTEGER(0, "holdout", "N", &r.holdout, 0, INT64_MAX,
	                       "validate on the last N sequences, and do not train on them"),
		OPTION_TEXT('l', "log", "FILE", &r.log, "write a log of the training"),
		OPTION_INTEGER(0, "log-every", "STEPS", &r.log_every, 1, most,
	                       "steps between rows of the log"),
		OPTION_FLAG('q', "quiet", &r.quiet, "show no progress"),
		OPTION_FLAG('v', "verbose", &r.verbose,
	                    "show progress even if stderr is no terminal"),
		OPTION_END};
	const struct cli cli = {"[MODEL [DATA]]", 0, 2,
	                        "Train a recurrent network on labeled sequences, and write it.",
	                        options};
	char **operands = cli_parse(argc, argv, &cli);

	r.schedule = schedule_parse("--schedule", schedule);
	if (isnan(r.rate))
		r.rate = optim_default_rate((enum optimizer)r.optimizer);
	out_binary();

	struct rnn m;
	struct rnn_data d = rnn_data_open(operands, &m);
	rnn_data_load(&d);
	if (!d.labels)
		die("%s: expected labels after the sequences", npy_name(d.in));
	if ((uint64_t)r.holdout >= d.n)
		die("--holdout: %" PRId64 " of %zu sequences leave none to train on", r.holdout,
		    d.n);
	if (r.candidate && m.cell != RNN_LSTM)
		die("--candidate: only an LSTM has one");
	m.candidate = (enum rnn_candidate)r.candidate;

	struct training t = begin(&m, &d, &r);
	run(&t);
	end(&t);
	rnn_data_close(&d);
	rnn_write(&m);
	rnn_free(&m);
	return cli_close();
}
