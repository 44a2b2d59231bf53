/* nn-train - train a model on a data set */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "data/data.h"
#include "model/model.h"
#include "train/train.h"

/* The most of anything that is counted: a product of two fits an int64_t. */
static const double most = 1e9;

/* Give an option that was not set its default, of which NAN means that this optimiser has no such
 * thing. */
static void settle(const char *name, double *value, double fallback, enum optimizer kind)
{
	if (isnan(*value))
		*value = fallback;
	else if (isnan(fallback))
		die("%s: %s has none", name, optim_names[kind]);
}

static void settle_optimizer(struct training *t, enum optimizer kind)
{
	struct optim_options *o = &t->optimizer, defaults = optim_defaults(kind);

	o->kind = kind;
	settle("--momentum", &o->momentum, defaults.momentum, kind);
	settle("--beta1", &o->beta1, defaults.beta1, kind);
	settle("--beta2", &o->beta2, defaults.beta2, kind);
	settle("--rho", &o->rho, defaults.rho, kind);
	settle("--epsilon", &o->epsilon, defaults.epsilon, kind);
	settle("--weight-decay", &o->weight_decay, defaults.weight_decay, kind);
	settle("--lr", &t->rate, optim_default_rate(kind), kind);
	if (o->beta1 == 1 || o->beta2 == 1)
		die("--beta1, --beta2: 1 is not below 1");
}

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
		.optimizer = {0, NAN, NAN, NAN, NAN, NAN, NAN},
		.rate = NAN,
		.batch = 128,
		.epochs = 5,
		.seed = 1,
		.log_every = 50,
		.save_prefix = "step-",
	};
	int optimizer = OPTIM_ADAM;
	int64_t warmup = 0;
	const char *schedule = "constant", *validation_path = NULL, *save_at = NULL;
	bool in_order = false;
	const struct cli_option options[] = {
		OPTION_CHOICE('o', "optimizer", "NAME", &optimizer, optim_names,
	                      "sgd, momentum, nesterov, adagrad, rmsprop, adam, adamw"),
		OPTION_REAL('r', "lr", "RATE", &t.rate, 0, most,
	                    "learning rate [0.001 for adam and adamw, else 0.01]"),
		OPTION_TEXT(0, "schedule", "NAME", &schedule,
	                    "constant, step:EPOCHS:FACTOR, cosine, onecycle"),
		OPTION_INTEGER(0, "warmup", "STEPS", &warmup, 0, most,
	                       "steps in which the learning rate rises from 0"),
		OPTION_REAL(0, "momentum", "MU", &t.optimizer.momentum, 0, 1,
	                    "of momentum and nesterov [0.9]"),
		OPTION_REAL(0, "beta1", "BETA", &t.optimizer.beta1, 0, 1,
	                    "of adam and adamw [0.9]"),
		OPTION_REAL(0, "beta2", "BETA", &t.optimizer.beta2, 0, 1,
	                    "of adam and adamw [0.999]"),
		OPTION_REAL(0, "rho", "RHO", &t.optimizer.rho, 0, 1, "of rmsprop [0.99]"),
		OPTION_REAL(0, "epsilon", "EPS", &t.optimizer.epsilon, 0, most,
	                    "added to the divisor [1e-10 for adagrad, else 1e-8]"),
		OPTION_REAL(0, "weight-decay", "WD", &t.optimizer.weight_decay, 0, most,
	                    "decay of the parameters toward 0 [0.01 for adamw, else 0]"),
		OPTION_REAL(0, "label-smoothing", "S", &t.smoothing, 0, 1,
	                    "share of the target distributed over all classes"),
		OPTION_REAL(0, "clip", "NORM", &t.clip, 0, most,
	                    "largest norm of the gradient; 0: any"),
		OPTION_REAL(0, "average", "DECAY", &t.average, 0, 1,
	                    "write an average of the parameters with this decay; 0: none"),
		OPTION_INTEGER('b', "batch", "N", &t.batch, 1, 1 << 20, "images per step"),
		OPTION_INTEGER('e', "epochs", "N", &t.epochs, 1, most, "passes over the images"),
		OPTION_INTEGER(0, "steps", "N", &t.steps, 0, most,
	                       "steps, whatever --epochs says; 0: as it says"),
		OPTION_INTEGER('s', "seed", "SEED", &t.seed, 0, INT64_MAX,
	                       "seed of the order of the images and of dropout"),
		OPTION_FLAG(0, "no-shuffle", &in_order, "take the images in their order"),
		OPTION_INTEGER(0, "holdout", "N", &t.holdout, 0, INT64_MAX,
	                       "validate on the last N images, and do not train on them"),
		OPTION_TEXT(0, "validation", "FILE", &validation_path, "validate on this data set"),
		OPTION_INTEGER(0, "validate-every", "STEPS", &t.validate_every, 0, most,
	                       "steps between validations; 0: one per epoch"),
		OPTION_INTEGER(0, "patience", "N", &t.patience, 0, most,
	                       "stop after N validations without a better one; 0: never"),
		OPTION_TEXT('l', "log", "FILE", &t.log, "write a log of the training"),
		OPTION_INTEGER(0, "log-every", "STEPS", &t.log_every, 1, most,
	                       "steps between rows of the log"),
		OPTION_TEXT(0, "save-at", "LIST", &save_at, "write the model after these steps"),
		OPTION_TEXT(0, "save-prefix", "P", &t.save_prefix,
	                    "prefix of these files' names: P100.safetensors"),
		OPTION_TEXT(0, "checkpoint", "FILE", &t.checkpoint,
	                    "keep the state of the training in this file"),
		OPTION_INTEGER(0, "checkpoint-every", "STEPS", &t.checkpoint_every, 0, most,
	                       "steps between checkpoints; 0: one per epoch"),
		OPTION_TEXT(0, "resume", "FILE", &t.resume, "continue from a checkpoint"),
		OPTION_FLAG('q', "quiet", &t.quiet, "show no progress"),
		OPTION_FLAG('v', "verbose", &t.verbose,
	                    "show progress even if stderr is no terminal"),
		OPTION_END,
	};
	const struct cli cli = {"MODEL [DATA]", 1, 2,
	                        "Train a model on a data set, and write it to standard output.",
	                        options};
	char **operands = cli_parse(argc, argv, &cli);
	const char *model_path = *operands++, *data_path = cli_operand(&operands);

	check_stdin((const char *const[]){model_path, data_path, validation_path, t.resume}, 4);
	check_validation(&t, validation_path);
	settle_optimizer(&t, (enum optimizer)optimizer);
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
