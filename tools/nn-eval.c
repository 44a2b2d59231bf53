/* nn-eval - measure the accuracy of a model on a data set */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "data/data.h"
#include "model/model.h"
#include "num/num.h"

enum { BATCH = 128 };

/* The logits (N,C) of all images of the stream: they come before their labels.  Memory grows with
 * what really arrives. */
static float *logits_of(struct images *images, struct engine *e, size_t classes, struct progress *p)
{
	size_t room = 0;
	float *logits = NULL;

	for (size_t n; (n = images_forward(images, e)) > 0;) {
		if (room < images->done) {
			room = 2 * images->done;
			logits = xrealloc(logits, room, classes * sizeof *logits);
		}
		memcpy(logits + (images->done - n) * classes, engine_output(e),
		       n * classes * sizeof *logits);
		progress_show(p, (double)images->done, NULL);
	}
	return logits;
}

static void print_all(const float *logits, const int32_t *labels, size_t n, size_t classes)
{
	size_t wrong = 0;
	double low, high;
	double loss = num_cross_entropy(logits, labels, n, classes, 0, NULL, &wrong);

	num_wilson(n - wrong, n, &low, &high);
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
			num_wilson(correct[c], images[c], &low, &high);
		out_printf("%zu\t%zu\t%zu\t%zu\t%.6f\t%.6f\t%.6f\t%.6f\t%.6f\n", c, images[c],
		           predicted[c], correct[c], ratio(correct[c], predicted[c]),
		           ratio(correct[c], images[c]), low, high,
		           ratio(2 * correct[c], images[c] + predicted[c]));
	}
	free(images);
}

int main(int argc, char *argv[])
{
	bool per_class = false, quiet = false, verbose = false;
	const struct cli_option options[] = {
		OPTION_FLAG('c', "per-class", &per_class,
	                    "write a row for each class: precision, recall, F1"),
		OPTION_FLAG('q', "quiet", &quiet, "show no progress"),
		OPTION_FLAG('v', "verbose", &verbose,
	                    "show progress even if stderr is no terminal"),
		OPTION_END,
	};
	const struct cli cli = {"MODEL [DATA]", 1, 2,
	                        "Measure the accuracy of a model on a data set.", options};
	char **operands = cli_parse(argc, argv, &cli);
	const char *model_path = *operands++, *data_path = cli_operand(&operands);

	if (!strcmp(model_path, "-") && !strcmp(data_path, "-"))
		die("the model and the data cannot both come from standard input");
	struct model m = model_read(model_path);
	const size_t classes = spec_classes(&m.spec);
	struct images images = images_begin(data_path, &m.spec, BATCH);
	const size_t n = images.n;
	if (!n)
		die("%s: no images", file_name(data_path));
	struct engine *e = engine_new(&m.spec, &(struct engine_options){.batch = images.batch});
	engine_load(e, m.tensor);

	struct progress p = progress_begin("images", 0, (double)n, quiet, verbose);
	float *logits = logits_of(&images, e, classes, &p);
	progress_end(&p);
	int32_t *labels = images_end_labels(&images, classes);
	(per_class ? print_per_class : print_all)(logits, labels, n, classes);

	free(logits);
	free(labels);
	engine_free(e);
	model_free(&m);
	return cli_close();
}
