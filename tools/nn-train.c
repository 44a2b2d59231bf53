/* nn-train - train a model on a data set */
#include <stdlib.h>

#include "augment/augment.h"
#include "base/base.h"
#include "dataset/dataset.h"
#include "model/model.h"
#include "train/advice.h"
#include "train/network.h"
#include "train/options.h"

/* The data sets' images with what the loss compares outputs with. */
static struct dataset read_data(const char *path, const struct spec *spec, enum loss_name loss)
{
	if (loss == LOSS_MSE)
		return dataset_read_targets(path, spec);
	return dataset_read(path, spec, spec_classes(spec));
}

int main(int argc, char *argv[])
{
	struct training t = training_defaults("nn-train");
	const char *operations = NULL, *adversary = NULL;
	int loss = LOSS_CE;
	const struct cli_option own[] = {
		OPTION_CHOICE(0, "loss", "NAME", &loss, loss_names,
	                      "loss, of labels or of target images: ce or mse"),
		OPTION_REAL(0, "label-smoothing", "S", &t.smoothing, 0, 1,
	                    "share of the target distributed over all classes"),
		OPTION_REAL(0, "template-weight", "LAMBDA", &t.template_weight, 0, 1e9,
	                    "weight of the losses of the filters before template layers"),
		OPTION_TEXT(0, "freeze", "LAYERS", &t.freeze,
	                    "train the other layers only: conv1,bn1"),
		OPTION_TEXT('a', "augment", "OPERATIONS", &operations,
	                    "change the images trained on as img-augment does"),
		OPTION_TEXT(0, "adversary", "HOW", &adversary,
	                    "and then within a bound, to raise the loss: pgd 76.5"),
		OPTION_END,
	};

	t.batch = 128;
	struct cli_option *options = training_options(&t, own);
	const struct cli cli = {"MODEL [DATA]", 1, 2,
	                        "Train a model on a data set, and write it to standard output.",
	                        options};
	char **operands = cli_parse(argc, argv, &cli);
	const char *model_path = *operands++, *data_path = cli_operand(&operands);

	training_settle(&t, model_path, data_path);
	if (loss == LOSS_MSE && t.smoothing > 0)
		die("--label-smoothing needs --loss ce");
	if (loss == LOSS_MSE && adversary)
		die("--adversary needs --loss ce");
	t.loss = loss == LOSS_MSE ? loss_names[loss] : NULL;
	struct augment *augment = operations ? augment_parse("--augment", operations) : NULL;
	t.augment = augment;
	struct adversary a;
	if (adversary) {
		a = adversary_parse("--adversary", adversary);
		t.adversary = &a;
	}
	out_binary();

	struct model m = model_read(model_path);
	struct dataset d = read_data(data_path, &m.spec, loss), held = {0};
	if (t.validation)
		held = read_data(t.validation, &m.spec, loss);

	struct learner *l = network_learner(&m, &d, t.validation ? &held : NULL,
	                                    loss == LOSS_MSE ? loss_image()
	                                    : adversary      ? adversary_loss(&a, t.smoothing)
	                                                     : loss_labels(t.smoothing),
	                                    &t);
	advise_scale(file_name(model_path), &m.spec, &d);
	size_t trained = d.n - (size_t)t.holdout;
	advise_batch(file_name(model_path), &m.spec, t.freeze,
	             trained < (size_t)t.batch ? trained : (size_t)t.batch);
	if (loss != LOSS_MSE && t.holdout)
		advise_holdout(file_name(data_path), d.labels, d.n, d.classes, (size_t)t.holdout);
	train(l, &t);
	model_write(&m);
	l->free(l);
	model_free(&m);
	dataset_free(&d);
	dataset_free(&held);
	training_free(&t);
	augment_free(augment);
	free(options);
	return cli_close();
}
