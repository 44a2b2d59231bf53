#include "train/options.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The most of anything that is counted: a product of two fits an int64_t. */
static const double most = 1e9;

struct training training_defaults(const char *command)
{
	return (struct training){
		.command = command,
		.optimizer_name = "adam",
		.options = {NAN, NAN, NAN, NAN, NAN, NAN, NAN},
		.schedule_text = "constant",
		.epochs = 5,
		.seed = 1,
		.log_every = 50,
		.save_prefix = "step-",
	};
}

static size_t count(const struct cli_option *options)
{
	size_t n = 0;

	while (options[n].type)
		n++;
	return n;
}

struct cli_option *training_options(struct training *t, const struct cli_option own[])
{
	const struct cli_option shared[] = {
		OPTION_TEXT('o', "optimizer", "NAME", &t->optimizer_name, optim_names()),
		OPTION_REAL('r', "lr", "RATE", &t->options.rate, 0, most,
	                    "learning rate [0.001 for adam and adamw, else 0.01]"),
		OPTION_TEXT(0, "schedule", "NAME", &t->schedule_text,
	                    "constant, step:EPOCHS:FACTOR, cosine, onecycle"),
		OPTION_INTEGER(0, "warmup", "STEPS", &t->warmup, 0, most,
	                       "steps in which the learning rate rises from 0"),
		OPTION_REAL(0, "momentum", "MU", &t->options.momentum, 0, 1,
	                    "of momentum and nesterov [0.9]"),
		OPTION_REAL(0, "beta1", "BETA", &t->options.beta1, 0, 1, "of adam and adamw [0.9]"),
		OPTION_REAL(0, "beta2", "BETA", &t->options.beta2, 0, 1,
	                    "of adam and adamw [0.999]"),
		OPTION_REAL(0, "rho", "RHO", &t->options.rho, 0, 1, "of rmsprop [0.99]"),
		OPTION_REAL(0, "epsilon", "EPS", &t->options.epsilon, 0, most,
	                    "added to the divisor [1e-10 for adagrad, else 1e-8]"),
		OPTION_REAL(0, "weight-decay", "WD", &t->options.weight_decay, 0, most,
	                    "decay of the parameters toward 0 [0.01 for adamw, else 0]"),
		OPTION_REAL(0, "clip", "NORM", &t->clip, 0, most,
	                    "largest norm of the gradient; 0: any"),
		OPTION_REAL(0, "average", "DECAY", &t->average, 0, 1,
	                    "write an average of the parameters with this decay; 0: none"),
		OPTION_INTEGER('b', "batch", "N", &t->batch, 1, 1 << 20, "examples per step"),
		OPTION_INTEGER('e', "epochs", "N", &t->epochs, 1, most, "passes over the examples"),
		OPTION_INTEGER(0, "steps", "N", &t->steps, 0, most,
	                       "steps, whatever --epochs says; 0: as it says"),
		OPTION_INTEGER('s', "seed", "SEED", &t->seed, 0, INT64_MAX,
	                       "seed of the random numbers"),
		OPTION_FLAG(0, "no-shuffle", &t->in_order, "take the examples in their order"),
		OPTION_INTEGER(0, "holdout", "N", &t->holdout, 0, INT64_MAX,
	                       "validate on the last N examples, and do not train on them"),
		OPTION_TEXT(0, "validation", "FILE", &t->validation, "validate on this data set"),
		OPTION_INTEGER(0, "validate-every", "STEPS", &t->validate_every, 0, most,
	                       "steps between validations; 0: one per epoch"),
		OPTION_INTEGER(0, "patience", "N", &t->patience, 0, most,
	                       "write the best, and stop N validations after it; 0: never"),
		OPTION_TEXT('l', "log", "FILE", &t->log, "write a log of the training"),
		OPTION_INTEGER(0, "log-every", "STEPS", &t->log_every, 1, most,
	                       "steps between rows of the log"),
		OPTION_TEXT(0, "save-at", "LIST", &t->save_list,
	                    "write the model after these steps"),
		OPTION_TEXT(0, "save-prefix", "P", &t->save_prefix,
	                    "prefix of these files' names: P100.safetensors"),
		OPTION_TEXT(0, "checkpoint", "FILE", &t->checkpoint,
	                    "keep the state of the training in this file"),
		OPTION_INTEGER(0, "checkpoint-every", "STEPS", &t->checkpoint_every, 0, most,
	                       "steps between checkpoints; 0: one per epoch"),
		OPTION_TEXT(0, "resume", "FILE", &t->resume, "continue from a checkpoint"),
		OPTION_FLAG('q', "quiet", &t->quiet, "show no progress"),
		OPTION_FLAG('v', "verbose", &t->verbose,
	                    "show progress even if stderr is no terminal"),
		OPTION_END,
	};
	size_t n = count(shared), more = count(own);
	struct cli_option *all = xcalloc(n + more + 1, sizeof *all);

	memcpy(all, shared, n * sizeof *all);
	memcpy(all + n, own, (more + 1) * sizeof *all);
	return all;
}

/* "0,100,1000" */
static void take_steps(struct training *t, const char *list)
{
	size_t n = 0;
	char **word = list ? cli_list(list, &n) : NULL;

	t->saves = (int)n;
	t->save_at = xcalloc(n ? n : 1, sizeof *t->save_at);
	for (size_t i = 0; i < n; i++)
		t->save_at[i] = cli_integer("--save-at", word[i], 0, INT64_MAX);
	free(word);
}

static void check_validation(const struct training *t)
{
	bool none = !t->holdout && !t->validation;

	if (t->holdout && t->validation)
		die("--holdout and --validation cannot be combined");
	if (t->patience && none)
		die("--patience needs --holdout or --validation");
	if (t->validate_every && none)
		die("--validate-every needs --holdout or --validation");
	if (t->checkpoint_every && !t->checkpoint)
		die("--checkpoint-every needs --checkpoint");
}

void training_settle(struct training *t, const char *model, const char *data)
{
	cli_one_stdin("the model, the data, --validation and --resume", 4,
	              (const char *const[]){model, data, t->validation, t->resume});
	check_validation(t);
	t->optimizer = optim_find("--optimizer", t->optimizer_name);
	optim_settle(t->optimizer, &t->options);
	t->schedule = schedule_parse("--schedule", t->schedule_text);
	t->schedule.warmup = (uint64_t)t->warmup;
	take_steps(t, t->save_list);
}

void training_free(struct training *t)
{
	free(t->save_at);
	t->save_at = NULL;
}
