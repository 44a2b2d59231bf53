/* npy-confusion - count how often each class was predicted as each class */
#include <inttypes.h>
#include <stdlib.h>

#include "base/base.h"
#include "npy/npy.h"

enum { CLASSES_MAX = 4096 };

/* The next array of the stream, which must be a list of labels. */
static struct npy read_labels(struct npy_in *in, const char *what)
{
	struct npy a;

	if (!npy_next(in, &a))
		die("%s: expected two arrays, true labels and predicted labels, found one",
		    npy_name(in));
	if (a.ndim != 1 || !npy_is_whole(a.type))
		die("%s: expected %s labels, a list of integers, found shape %s of type %s",
		    npy_name(in), what, npy_shape(&a), npy_type_name(a.type));
	npy_load(in, &a);
	npy_convert(&a, NPY_I8);
	return a;
}

/* One more than the largest label, if that is not too many; check_labels() then finds the label. */
static int64_t count_classes(const struct npy labels[2])
{
	int64_t classes = 0;

	for (int i = 0; i < 2; i++)
		for (size_t k = 0; k < labels[i].dim[0]; k++)
			if (labels[i].i8[k] >= classes && labels[i].i8[k] < INT64_MAX)
				classes = labels[i].i8[k] + 1;
	return classes < CLASSES_MAX ? classes : CLASSES_MAX;
}

static void check_labels(const struct npy *labels, const char *name, const char *what,
                         int64_t classes)
{
	for (size_t k = 0; k < labels->dim[0]; k++)
		if (labels->i8[k] < 0 || labels->i8[k] >= classes)
			die("%s: the %s label of row %zu is %" PRId64 ", expected 0 to %" PRId64,
			    name, what, k, labels->i8[k], classes - 1);
}

/* Row: the true class; column: the predicted one. */
static struct npy count(const struct npy *truth, const struct npy *predicted, size_t classes)
{
	struct npy matrix = npy_new(NPY_I8, 2, (size_t[]){classes, classes});

	for (size_t k = 0; k < truth->dim[0]; k++)
		matrix.i8[(size_t)truth->i8[k] * classes + (size_t)predicted->i8[k]]++;
	return matrix;
}

/* Divide each row by its sum; a class that does not occur stays 0. */
static void normalize(struct npy *matrix)
{
	size_t classes = matrix->dim[0];

	npy_convert(matrix, NPY_F8);
	for (double *row = matrix->f8; row < matrix->f8 + classes * classes; row += classes) {
		double sum = 0;
		for (size_t j = 0; j < classes; j++)
			sum += row[j];
		for (size_t j = 0; j < classes && sum > 0; j++)
			row[j] /= sum;
	}
}

int main(int argc, char *argv[])
{
	int64_t classes = 0;
	bool normalized = false;
	const struct cli_option options[] = {
		OPTION_INTEGER('c', "classes", "COUNT", &classes, 0, CLASSES_MAX,
	                       "number of classes; 0: the largest label plus 1"),
		OPTION_FLAG(0, "normalize", &normalized, "divide each row by its sum"), OPTION_END};
	const struct cli cli = {"[FILE]", 0, 1,
	                        "Count how often each class was predicted as each class.", options};
	char **operands = cli_parse(argc, argv, &cli);
	struct npy_in *in = npy_open(cli_operand(&operands));
	struct npy labels[2];

	labels[0] = read_labels(in, "true");
	labels[1] = read_labels(in, "predicted");
	if (labels[0].dim[0] != labels[1].dim[0])
		die("%s: %zu true labels, %zu predicted labels", npy_name(in), labels[0].dim[0],
		    labels[1].dim[0]);
	if (!classes)
		classes = count_classes(labels);
	check_labels(&labels[0], npy_name(in), "true", classes);
	check_labels(&labels[1], npy_name(in), "predicted", classes);

	struct npy matrix = count(&labels[0], &labels[1], (size_t)classes);
	if (normalized)
		normalize(&matrix);
	npy_close(in);
	npy_write(&matrix);
	npy_free(&matrix);
	npy_free(&labels[0]);
	npy_free(&labels[1]);
	return cli_close();
}
