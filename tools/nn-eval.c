/* nn-eval - measure the accuracy of a model on a data set */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "nn/nn.h"
#include "num/num.h"

/* The logits (N,C) of all images of the stream: they come before their labels.  Memory grows with
 * what really arrives. */
static float *logits_of(struct nn *nn, size_t classes)
{
	size_t room = 0;
	float *logits = NULL;

	for (size_t n; (n = nn_forward(nn)) > 0;) {
		size_t done = nn->images.done;
		if (room < done) {
			room = 2 * done;
			logits = xrealloc(logits, room, classes * sizeof *logits);
		}
		memcpy(logits + (done - n) * classes, engine_output(nn->engine),
		       n * classes * sizeof *logits);
	}
	return logits;
}

static void print_all(const float *logits, const int32_t *labels, size_t n, size_t classes)
{
	size_t wrong = 0;
	double low, high;
	double loss = num_cross_entropy(logits, labels, n, classes, 0, NULL, &wrong);

	num_wilson(n - wrong, n, 0.95, &low, &high);
	out_printf("images\tloss\tcorrect\taccuracy\tlow\thigh\n");
	out_printf("%zu\t%.6f\t%zu\t%.6f\t%.6f\t%.6f\n", n, loss / (double)n, n - wrong,
	           (double)(n - wrong) / (double)n, low, high);
}

/* a / b, or nan where nothing was counted. */
static double ratio(size_t a, size_t b)
{
	return b ? (double)a / (double)b : NAN;
}

/* Recall's interval is that of an accuracy over the class's images. */
static void print_per_class(const float *logits, const int32_t *labels, size_t n, size_t classes)
{
	size_t *images = xcalloc(3 * classes, sizeof *images);
	size_t *predicted = images + classes, *correct = predicted + classes;

	for (size_t i = 0; i < n; i++) {
		size_t label = (size_t)labels[i], guess = num_argmax(logits + i * classes, classes);
		images[label]++;
		predicted[guess]++;
		correct[label] += guess == label;
	}
	out_printf("class\timages\tpredicted\tcorrect\tprecision\trecall\tlow\thigh\tf1\n");
	for (size_t c = 0; c < classes; c++) {
		double low = 0, high = 1;
		if (images[c])
			num_wilson(correct[c], images[c], 0.95, &low, &high);
		out_printf("%zu\t%zu\t%zu\t%zu\t%.6f\t%.6f\t%.6f\t%.6f\t%.6f\n", c, images[c],
		           predicted[c], correct[c], ratio(correct[c], predicted[c]),
		           ratio(correct[c], images[c]), low, high,
		           ratio(2 * correct[c], images[c] + predicted[c]));
	}
	free(images);
}

int main(int argc, char *argv[])
{
	bool per_class = false;
	struct nn_options o = {.batch = 128};
	const struct cli_option options[] = {
		OPTION_FLAG('c', "per-class", &per_class,
	                    "write a row for each class: precision, recall, F1"),
		OPTIONS_PROGRESS(&o.quiet, &o.verbose),
		OPTION_END,
	};
	const struct cli cli = {"MODEL [DATA]", 1, 2,
	                        "Measure the accuracy of a model on a data set.", options};
	struct nn nn = nn_open(cli_parse(argc, argv, &cli), &o, "the model and the data", NULL);
	const size_t classes = spec_classes(&nn.model.spec);

	nn_images(&nn);
	if (!nn.images.n)
		die("%s: no images", file_name(nn.images_path));
	nn_engine(&nn, (struct engine_options){0});
	float *logits = logits_of(&nn, classes);
	int32_t *labels = images_close_labels(&nn.images, classes);
	(per_class ? print_per_class : print_all)(logits, labels, nn.images.n, classes);

	free(logits);
	free(labels);
	nn_close(&nn);
	return cli_close();
}
