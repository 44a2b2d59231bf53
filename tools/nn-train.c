/* nn-train - train a model on a data set */
#include <stdlib.h>

#include "augment/augment.h"
#include "base/base.h"
#include "dataset/dataset.h"
#include "model/model.h"
#include "train/network.h"
#include "train/options.h"

int main(int argc, char *argv[])
{
	struct training t = training_defaults("nn-train");
	const char *operations = NULL;
	const struct cli_option own[] = {
		OPTION_REAL(0, "label-smoothing", "S", &t.smoothing, 0, 1,
	                    "share of the target distributed over all classes"),
		OPTION_TEXT('a', "augment", "OPERATIONS", &operations,
	                    "change the images trained on as img-augment does"),
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
	struct augment *augment = operations ? augment_parse("--augment", operations) : NULL;
	t.augment = augment;
	out_binary();

	struct model m = model_read(model_path);
	size_t classes = spec_classes(&m.spec);
	struct dataset d = dataset_read(data_path, &m.spec, classes), held = {0};
	if (t.validation)
		held = dataset_read(t.validation, &m.spec, classes);

	struct learner *l =
		network_learner(&m, &d, t.validation ? &held : NULL, loss_labels(t.smoothing), &t);
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
