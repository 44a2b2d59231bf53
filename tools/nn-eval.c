/* nn-eval - measure the accuracy of a model on a data set */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "nn/nn.h"
#include "num/num.h"
#include "train/loss.h"
#include "tsv/tsv.h"

/* The outputs of all images of the stream, n rows: they come before their labels or targets. Memory
 * grows with what really arrives. */
static float *outputs_of(struct nn *nn, size_t row)
{
	size_t room = 0;
	float *outputs = NULL;

	for (size_t n; (n = nn_forward(nn)) > 0;) {
		size_t done = nn->images.done;
		if (room < done) {
			room = 2 * done;
			outputs = xrealloc(outputs, room, row * sizeof *outputs);
		}
		memcpy(outputs + (done - n) * row, engine_output(nn->engine),
		       n * row * sizeof *outputs);
	}
	return outputs;
}

/* ---- labels ---- */

/* What the classes are called, a line each; null where there is no file of names. */
struct names {
	char **name;
	size_t n;
};

static struct names read_names(const char *path, size_t classes)
{
	struct names names = {.name = NULL};

	if (!path)
		return names;
	names.name = tsv_names(path, &names.n);
	if (names.n != classes)
		die("%s: expected the names of %zu classes, a line each, found %zu lines",
		    file_name(path), classes, names.n);
	return names;
}

static void print_all(const float *logits, struct labels labels, size_t n, size_t classes)
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
static void print_per_class(const float *logits, struct labels labels, size_t n, size_t classes,
                            const struct names *names)
{
	size_t *images = xcalloc(3 * classes, sizeof *images);
	size_t *predicted = images + classes, *correct = predicted + classes;

	for (size_t i = 0; i < n; i++) {
		size_t label = num_label(labels, i, classes);
		size_t guess = num_argmax(logits + i * classes, classes);
		images[label]++;
		predicted[guess]++;
		correct[label] += guess == label;
	}
	out_printf("class\timages\tpredicted\tcorrect\tprecision\trecall\tlow\thigh\tf1\n");
	for (size_t c = 0; c < classes; c++) {
		double low = 0, high = 1;
		if (images[c])
			num_wilson(correct[c], images[c], 0.95, &low, &high);
		if (names->name)
			out_text(names->name[c]);
		else
			out_printf("%zu", c);
		out_printf("\t%zu\t%zu\t%zu\t%.6f\t%.6f\t%.6f\t%.6f\t%.6f\n", images[c],
		           predicted[c], correct[c], ratio(correct[c], predicted[c]),
		           ratio(correct[c], images[c]), low, high,
		           ratio(2 * correct[c], images[c] + predicted[c]));
	}
	free(images);
}

static void eval_labels(struct nn *nn, bool per_class, const struct names *names)
{
	const size_t classes = spec_classes(&nn->model.spec);
	float *logits = outputs_of(nn, classes);
	struct labels labels = images_close_any_labels(&nn->images, classes);

	if (per_class)
		print_per_class(logits, labels, nn->images.n, classes, names);
	else
		print_all(logits, labels, nn->images.n, classes);
	free(logits);
	labels_free(&labels);
}

/* ---- target images ---- */

/* Sums over n elements: the training's loss, and in pixels. */
struct errors {
	double loss, squares, distance;
	size_t n;
};

/* The input space's unit is a scale of pixels. */
static void add_errors(struct errors *sum, const struct nn *nn, const float *outputs,
                       const float *targets, size_t n)
{
	const struct spec *spec = &nn->model.spec;
	const struct shape s = spec->layer[spec->layers - 1].out;
	const struct loss loss = loss_image();
	size_t plane = s.h * s.w, wrong = 0;

	sum->loss += loss.of(&loss, outputs, &(struct targets){.image = targets}, n, shape_count(s),
	                     NULL, &wrong);
	for (size_t i = 0; i < n * shape_count(s); i++) {
		double scale = mapping_scale(&spec->mapping, i / plane % s.c);
		double off = ((double)outputs[i] - (double)targets[i]) * scale;
		sum->squares += off * off;
		sum->distance += fabs(off);
	}
	sum->n += n * shape_count(s);
}

static void print_errors(const struct errors *sum, size_t images)
{
	double n = (double)sum->n;

	out_printf("images\tloss\trmse\tmae\n");
	out_printf("%zu\t%.9g\t%.6f\t%.6f\n", images, sum->loss / (double)images,
	           sqrt(sum->squares / n), sum->distance / n);
}

static void eval_targets(struct nn *nn)
{
	const struct spec *spec = &nn->model.spec;
	const size_t row = shape_count(spec->layer[spec->layers - 1].out), images = nn->images.n;
	float *outputs = outputs_of(nn, row);
	struct images targets = images_targets(&nn->images, spec);
	float *target = xcalloc(targets.batch, row * sizeof *target);
	struct errors sum = {0};

	const void *pixels;
	for (size_t n; (pixels = images_pixels(&targets, &n));) {
		engine_from_pixels(nn->engine, targets.shape, targets.type, pixels, n, target);
		add_errors(&sum, nn, outputs + (targets.done - n) * row, target, n);
	}
	images_close(&targets);
	print_errors(&sum, images);
	free(outputs);
	free(target);
}

int main(int argc, char *argv[])
{
	bool per_class = false;
	int loss = LOSS_CE;
	const char *list = NULL;
	struct nn_options o = {.batch = 128};
	const struct cli_option options[] = {
		OPTION_FLAG('c', "per-class", &per_class,
	                    "write a row for each class: precision, recall, F1"),
		OPTION_TEXT(0, "classes", "FILE", &list,
	                    "with --per-class, the names of the classes, a line each"),
		OPTION_CHOICE(0, "loss", "NAME", &loss, loss_names,
	                      "loss, of labels or of target images: ce or mse"),
		OPTIONS_PROGRESS(&o.quiet, &o.verbose),
		OPTION_END,
	};
	const struct cli cli = {"MODEL [DATA]", 1, 2,
	                        "Measure the accuracy of a model on a data set.", options};
	struct nn nn = nn_open(cli_parse(argc, argv, &cli), &o, "the model and the data", NULL);

	if (per_class && loss != LOSS_CE)
		die("--per-class needs --loss ce");
	if (list && !per_class)
		die("--classes needs --per-class");
	if (loss == LOSS_MSE)
		spec_check_pixels(&nn.model.spec, nn.model.spec.layers - 1);
	cli_one_stdin("the model, the data and --classes", 3,
	              (const char *const[]){nn.model_path, nn.images_path, list});
	size_t classes = loss == LOSS_CE ? spec_classes(&nn.model.spec) : 0;
	struct names names = read_names(list, classes);
	nn_images(&nn);
	if (!nn.images.n)
		die("%s: no images", file_name(nn.images_path));
	nn_engine(&nn, (struct engine_options){0});
	if (loss == LOSS_CE)
		eval_labels(&nn, per_class, &names);
	else
		eval_targets(&nn);
	tsv_free_lines(names.name, names.n);
	nn_close(&nn);
	return cli_close();
}
