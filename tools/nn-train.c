/* nn-train - fit a model to a data set */
#include <math.h>
#include <string.h>

#include "base/base.h"
#include "data/data.h"
#include "model/model.h"
#include "train/train.h"

static const double huge = 1e18;

/* Options whose default depends on another one hold NAN until it is known. */
static void fill_in(struct training *t, enum optimizer kind)
{
	struct optim_options *o = &t->optimizer, defaults = optim_defaults(kind);

	o->kind = kind;
	o->epsilon = isnan(o->epsilon) ? defaults.epsilon : o->epsilon;
	o->weight_decay = isnan(o->weight_decay) ? defaults.weight_decay : o->weight_decay;
	t->rate = isnan(t->rate) ? optim_default_rate(kind) : t->rate;
	t->parsed = schedule_parse("--schedule", t->schedule);
	t->parsed.warmup = t->warmup;
}

/* A list of numbers, the way train() reads it. */
static void check_list(const char *list)
{
	if (list && (!*list || list[strspn(list, "0123456789,")] || strstr(list, ",,")))
		die("--save-at: '%s' is not a list of steps such as 100,1000", list);
}

/* The training and the validation images, as the options want them. */
static struct data split(const char *path, const struct spec *spec, int64_t holdout,
                         const char *validation_path, struct data *validation)
{
	size_t classes = spec_classes(spec);
	struct data d = data_read(path, spec, classes);

	if (holdout && validation_path)
		die("--holdout and --validation exclude each other");
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
		.optimizer = {.momentum = 0.9,
	                      .beta1 = 0.9,
	                      .beta2 = 0.999,
	                      .rho = 0.99,
	                      .epsilon = NAN,
	                      .weight_decay = NAN},
		.rate = NAN,
		.schedule = "constant",
		.batch = 128,
		.epochs = 5,
		.seed = 1,
		.log_every = 50,
		.save_prefix = "step-",
	};
	int optimizer = OPTIM_ADAM;
	int64_t holdout = 0;
	const char *validation_path = NULL;
	bool in_order = false;
	const struct cli_option options[] = {
		OPTION_CHOICE('o', "optimizer", "NAME", &optimizer, optim_names,
	                      "sgd, momentum, nesterov, adagrad, rmsprop, adam, adamw"),
		OPTION_REAL('r', "lr", "RATE", &t.rate, 0, huge,
	                    "learning rate [0.001 for adam and adamw, else 0.01]"),
		OPTION_TEXT(0, "schedule", "NAME", &t.schedule,
	                    "constant, step:EPOCHS:FACTOR, cosine, onecycle"),
		OPTION_INTEGER(0, "warmup", "STEPS", &t.warmup, 0, huge,
	                       "in which the learning rate rises from 0"),
		OPTION_REAL(0, "momentum", "MU", &t.optimizer.momentum, 0, 1,
	                    "of momentum, nesterov"),
		OPTION_REAL(0, "beta1", "BETA", &t.optimizer.beta1, 0, 1, "of adam, adamw"),
		OPTION_REAL(0, "beta2", "BETA", &t.optimizer.beta2, 0, 1, "of adam, adamw"),
		OPTION_REAL(0, "rho", "RHO", &t.optimizer.rho, 0, 1, "smoothing of rmsprop"),
		OPTION_REAL(0, "epsilon", "EPS", &t.optimizer.epsilon, 0, huge,
	                    "added to the divisor [1e-10 for adagrad, else 1e-8]"),
		OPTION_REAL(0, "weight-decay", "WD", &t.optimizer.weight_decay, 0, huge,
	                    "[0.01 for adamw, else 0]"),
		OPTION_REAL(0, "label-smoothing", "S", &t.smoothing, 0, 1,
	                    "share of the target spread over all classes"),
		OPTION_REAL(0, "clip", "NORM", &t.clip, 0, huge,
	                    "limit of the gradient's norm; 0: none"),
		OPTION_REAL(0, "average", "DECAY", &t.average, 0, 1,
	                    "moving average of the weights, which is then the result; 0: none"),
		OPTION_INTEGER('b', "batch", "N", &t.batch, 1, 1 << 20, "images a step"),
		OPTION_INTEGER('e', "epochs", "N", &t.epochs, 1, huge, "passes over the images"),
		OPTION_INTEGER(0, "steps", "N", &t.steps, 0, huge,
	                       "instead of epochs; 0: as they say"),
		OPTION_INTEGER('s', "seed", "SEED", &t.seed, 0, INT64_MAX,
	                       "of shuffling and dropout"),
		OPTION_FLAG(0, "no-shuffle", &in_order, "take the images in their order"),
		OPTION_INTEGER(0, "holdout", "N", &holdout, 0, huge,
	                       "validate on the last N images, and do not train on them"),
		OPTION_TEXT(0, "validation", "FILE", &validation_path, "validate on this data set"),
		OPTION_INTEGER(0, "validate-every", "STEPS", &t.validate_every, 0, huge,
	                       "0: an epoch"),
		OPTION_INTEGER(
			0, "patience", "N", &t.patience, 0, huge,
			"stop after N validations without a lower loss, keep the best; 0: never"),
		OPTION_TEXT('l', "log", "FILE", &t.log, "write a table of the training's course"),
		OPTION_INTEGER(0, "log-every", "STEPS", &t.log_every, 1, huge,
	                       "steps between its rows"),
		OPTION_TEXT(0, "save-at", "LIST", &t.save_at,
	                    "steps after which to save the model"),
		OPTION_TEXT(0, "save-prefix", "P", &t.save_prefix, "in P100.safetensors ..."),
		OPTION_TEXT(0, "checkpoint", "FILE", &t.checkpoint,
	                    "keep the training's state here"),
		OPTION_INTEGER(0, "checkpoint-every", "STEPS", &t.checkpoint_every, 0, huge,
	                       "0: an epoch"),
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

	if (!strcmp(model_path, "-") && !strcmp(data_path, "-"))
		die("the model and the data cannot both come from standard input");
	check_list(t.save_at);
	out_binary();
	fill_in(&t, (enum optimizer)optimizer);
	t.shuffle = !in_order;

	struct model m = model_read(model_path);
	struct data validation = {0};
	struct data d = split(data_path, &m.spec, holdout, validation_path, &validation);
	t.validation = validation_path ? validation.digest : NULL;
	if (t.patience && !validation.n)
		die("--patience needs --holdout or --validation");

	train(&m, &d, validation.n ? &validation : NULL, &t);
	model_write(&m);
	model_free(&m);
	data_free(&d);
	if (validation_path)
		data_free(&validation);
	return cli_close();
}
