/* nn-train - fit a model to a data set */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "data/data.h"
#include "model/model.h"
#include "train/train.h"

/* The most of anything that is counted: a product of two fits an int64_t. */
static const double most = 1e9;

/* "0,100,1000" */
static void take_steps(struct training *t, const char *list)
{
	int64_t *steps = NULL;

	for (const char *p = list; p; p = strchr(p, ',') ? strchr(p, ',') + 1 : NULL) {
		char *word = xprintf("%.*s", (int)strcspn(p, ","), p);
		steps = xrealloc(steps, (size_t)t->saves + 1, sizeof *steps);
		steps[t->saves++] = cli_integer("--save-at", word, 0, INT64_MAX);
		free(word);
	}
	t->save_at = steps;
}

/* At most one of n paths may be standard input. */
static void check_stdin(const char *const paths[], int n)
{
	int found = 0;

	for (int i = 0; i < n; i++)
		found += paths[i] && !strcmp(paths[i], "-");
	if (found > 1)
		die("only one of the model, the data, --validation and --resume can come from "
		    "standard input");
}

static void check_validation(const struct training *t, const char *path)
{
	if (t->holdout && path)
		die("--holdout and --validation exclude each other");
	if (t->patience && !t->holdout && !path)
		die("--patience needs --holdout or --validation");
	if (t->validate_every && !t->holdout && !path)
		die("--validate-every needs --holdout or --validation");
}

/* The training and the validation images, as the options want them. */
static struct data split(const char *path, const struct spec *spec, int64_t holdout,
                         const char *validation_path, struct data *validation)
{
	size_t classes = spec_classes(spec);
	struct data d = data_read(path, spec, classes);

	if ((uint64_t)holdout >= d.n)
		die("--holdout: %lld of %zu images leave none to train on", (long long)holdout,
		    d.n);
	if (holdout)
		*validation = data_holdout(&d, (size_t)holdout);
	if (validation_path)
		*validation = data_read(validation_path, spec, classes);
	return d;
}

int main(int argc, char *argv[])
{
	struct training t = {
		.options = {NAN, NAN, NAN, NAN, NAN, NAN, NAN},
		.batch = 128,
		.epochs = 5,
		.seed = 1,
		.log_every = 50,
		.save_prefix = "step-",
	};
	int64_t warmup = 0;
	const char *optimizer = "adam", *schedule = "constant", *validation_path = NULL,
		   *save_at = NULL;
	bool in_order = false;
	const struct cli_option options[] = {
		OPTION_TEXT('o', "optimizer", "NAME", &optimizer,
	                    "sgd, momentum, nesterov, adagrad, rmsprop, adam, adamw"),
		OPTION_REAL('r', "lr", "RATE", &t.options.rate, 0, most,
	                    "learning rate [0.001 for adam and adamw, else 0.01]"),
		OPTION_TEXT(0, "schedule", "NAME", &schedule,
	                    "constant, step:EPOCHS:FACTOR, cosine, onecycle"),
		OPTION_INTEGER(0, "warmup", "STEPS", &warmup, 0, most,
	                       "in which the learning rate rises from 0"),
		OPTION_REAL(0, "momentum", "MU", &t.options.momentum, 0, 1,
	                    "of momentum and nesterov [0.9]"),
		OPTION_REAL(0, "beta1", "BETA", &t.options.beta1, 0, 1, "of adam and adamw [0.9]"),
		OPTION_REAL(0, "beta2", "BETA", &t.options.beta2, 0, 1,
	                    "of adam and adamw [0.999]"),
		OPTION_REAL(0, "rho", "RHO", &t.options.rho, 0, 1, "of rmsprop [0.99]"),
		OPTION_REAL(0, "epsilon", "EPS", &t.options.epsilon, 0, most,
	                    "added to the divisor [1e-10 for adagrad, else 1e-8]"),
		OPTION_REAL(0, "weight-decay", "WD", &t.options.weight_decay, 0, most,
	                    "pull of the parameters to 0 [0.01 for adamw, else 0]"),
		OPTION_REAL(0, "label-smoothing", "S", &t.smoothing, 0, 1,
	                    "share of the target spread over all classes"),
		OPTION_REAL(0, "clip", "NORM", &t.clip, 0, most,
	                    "limit of the gradient's norm; 0: none"),
		OPTION_REAL(0, "average", "DECAY", &t.average, 0, 1,
	                    "write the parameters' moving average; 0: do not"),
		OPTION_INTEGER('b', "batch", "N", &t.batch, 1, 1 << 20, "images a step"),
		OPTION_INTEGER('e', "epochs", "N", &t.epochs, 1, most, "passes over the images"),
		OPTION_INTEGER(0, "steps", "N", &t.steps, 0, most,
	                       "instead of epochs; 0: as they say"),
		OPTION_INTEGER('s', "seed", "SEED", &t.seed, 0, INT64_MAX,
	                       "of shuffling and dropout"),
		OPTION_FLAG(0, "no-shuffle", &in_order, "take the images in their order"),
		OPTION_INTEGER(0, "holdout", "N", &t.holdout, 0, INT64_MAX,
	                       "validate on the last N images, and do not train on them"),
		OPTION_TEXT(0, "validation", "FILE", &validation_path, "validate on this data set"),
		OPTION_INTEGER(0, "validate-every", "STEPS", &t.validate_every, 0, most,
	                       "steps between validations; 0: an epoch"),
		OPTION_INTEGER(0, "patience", "N", &t.patience, 0, most,
	                       "write the best, stop N validations after it; 0: never"),
		OPTION_TEXT('l', "log", "FILE", &t.log, "write a table of the training's course"),
		OPTION_INTEGER(0, "log-every", "STEPS", &t.log_every, 1, most,
	                       "steps between its rows"),
		OPTION_TEXT(0, "save-at", "LIST", &save_at, "steps after which to save the model"),
		OPTION_TEXT(0, "save-prefix", "P", &t.save_prefix, "as P100.safetensors ..."),
		OPTION_TEXT(0, "checkpoint", "FILE", &t.checkpoint,
	                    "keep the training's state here"),
		OPTION_INTEGER(0, "checkpoint-every", "STEPS", &t.checkpoint_every, 0, most,
	                       "steps between checkpoints; 0: an epoch"),
		OPTION_TEXT(0, "resume", "FILE", &t.resume, "go on from a checkpoint"),
		OPTION_FLAG('q', "quiet", &t.quiet, "show no progress"),
		OPTION_FLAG('v', "verbose", &t.verbose,
	                    "show progress where stderr is no terminal too"),
		OPTION_END,
	};
	const struct cli cli = {"MODEL [DATA]", 1, 2,
	                        "Fit a model to a data set, and write it to standard output.",
	                        options};
	char **operands = cli_parse(argc, argv, &cli);
	const char *model_path = *operands++, *data_path = cli_operand(&operands);

	check_stdin((const char *const[]){model_path, data_path, validation_path, t.resume}, 4);
	check_validation(&t, validation_path);
	t.optimizer = optim_find("--optimizer", optimizer);
	optim_settle(t.optimizer, &t.options);
	t.schedule = schedule_parse("--schedule", schedule);
	t.schedule.warmup = (uint64_t)warmup;
	t.shuffle = !in_order;
	if (save_at)
		take_steps(&t, save_at);
	out_binary();

	struct model m = model_read(model_path);
	struct data validation = {0};
	struct data d = split(data_path, &m.spec, t.holdout, validation_path, &validation);
	t.validation = validation_path ? validation.digest : NULL;

	train(&m, &d, validation.n ? &validation : NULL, &t);
	model_write(&m);
	model_free(&m);
	data_free(&d);
	if (validation_path)
		data_free(&validation);
	free((void *)t.save_at);
	return cli_close();
}
