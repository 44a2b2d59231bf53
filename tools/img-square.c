/* img-square - change images until a command misclassifies them */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "attack/square.h"
#include "attack/targets.h"
#include "base/base.h"
#include "command/command.h"
#include "dataset/dataset.h"

/* A data set, its images (N,H,W) or (N,C,H,W). */
struct data {
	const char *name;
	struct images stream; /* closed */
	struct npy images;
	int32_t *labels;
};

static struct data read_data(const char *path)
{
	struct images s = images_open(path, NULL, 1);
	struct data d = {.name = file_name(path), .images = s.head};

	if (s.head.ndim == 2)
		d.images = (struct npy){.ndim = 3, .dim = {1, s.shape.h, s.shape.w}};
	d.images.type = NPY_F4;
	if (s.n && !s.pixels)
		die("%s: images %s have no pixels", d.name, npy_shape(&s.head));
	d.images.f4 = images_load_box(&s);
	d.labels = images_close_labels(&s, INT32_MAX);
	d.stream = s;
	return d;
}

static void write_data(struct data *d, const float *images)
{
	struct npy head = d->stream.head; /* one image may have come as (H,W) */

	head.type = NPY_F4;
	npy_put_head(&head);
	npy_put(&head, images, npy_count(&d->images));
	images_put_labels(&d->stream, d->labels);
}

static void check_labels(const struct data *d, size_t classes)
{
	for (size_t i = 0; i < d->images.dim[0]; i++)
		if ((size_t)d->labels[i] >= classes)
			die("%s: label %" PRId32
			    " of image %zu is not among the oracle's %zu classes",
			    d->name, d->labels[i], i, classes);
}

/* The class meant for each of n images. */
static int32_t *read_targets(const char *text, size_t n, size_t classes)
{
	struct targets t = targets_towards("--target", text, classes);

	targets_fit(&t, "--target", n);
	int32_t *class = xcalloc(n, sizeof *class);
	for (size_t i = 0; i < n; i++)
		class[i] = t.class[i % t.n];
	targets_free(&t);
	return class;
}

static void run(struct square *s, struct command *oracle, const struct square_options *o, size_t n,
                bool quiet, bool verbose)
{
	struct progress p = progress_begin("queries", 1, (double)o->queries, quiet, verbose);

	while (square_step(s, oracle)) {
		char *detail = xprintf("%zu of %zu images left", square_left(s), n);
		progress_show(&p, (double)square_queries(s), detail);
		free(detail);
	}
	progress_end(&p);
}

int main(int argc, char *argv[])
{
	struct square_options o = {.epsilon = NAN, .queries = 5000, .share = 0.8};
	const char *text = NULL, *target = NULL, *log_path = NULL;
	int64_t seed = 1, first = 0;
	bool keep = false, quiet = false, verbose = false;
	const struct cli_option options[] = {
		OPTION_TEXT('o', "oracle", "COMMAND", &text,
	                    "ask this command: images in, scores (N,C) or classes (N) out"),
		OPTION_FLAG('k', "keep", &keep,
	                    "start it once; it answers array after array, as nn-run --each does"),
		OPTION_REAL('e', "epsilon", "E", &o.epsilon, 0, 255,
	                    "change no pixel by more than E"),
		OPTION_INTEGER('n', "queries", "N", &o.queries, 1, 1 << 30,
	                       "ask at most N times about each image"),
		OPTION_REAL('p', "share", "P", &o.share, 1e-9, 1,
	                    "share of the pixels in the first squares"),
		OPTION_TEXT('t', "target", "CLASS", &target,
	                    "have the images classified as this: a list such as 3 or 0,4,7:10, or "
	                    "a file"),
		OPTION_INTEGER('s', "seed", "SEED", &seed, 0, INT64_MAX,
	                       "seed of the random numbers"),
		OPTION_INTEGER(0, "first", "N", &first, 0, INT64_MAX, "number of the first image"),
		OPTION_TEXT('l', "log", "FILE", &log_path,
	                    "write a table with a row for each image"),
		OPTIONS_PROGRESS(&quiet, &verbose),
		OPTION_END};
	const struct cli cli = {"[DATA]", 0, 1, "Change images until a command misclassifies them.",
	                        options};
	char **operands = cli_parse(argc, argv, &cli);

	if (!text)
		die("--oracle is missing: the command to ask (-h explains)");
	if (isnan(o.epsilon))
		die("--epsilon is missing: how far a pixel may change (-h explains)");
	o.seed = (uint64_t)seed;
	o.first = (uint64_t)first;
	out_binary();

	struct data d = read_data(cli_operand(&operands));
	size_t n = d.images.dim[0];
	FILE *log = log_path ? file_create(log_path) : NULL;
	struct command *oracle = command_new(text, keep);
	/* Classes alone do not tell how many there are. */
	struct npy answer = {.ndim = 1};
	if (n)
		answer = command_oracle(oracle, &d.images);
	size_t classes = answer.ndim == 2 ? answer.dim[1] : UINT16_MAX;
	check_labels(&d, classes);
	int32_t *targets = target ? read_targets(target, n, classes) : NULL;
	struct square *s = square_new(&o, &d.images, d.labels, targets, &answer);

	run(s, oracle, &o, n, quiet, verbose);
	command_free(oracle);
	if (log) {
		square_log(s, log);
		file_finish(log, log_path);
	}
	write_data(&d, square_result(s));
	square_free(s);
	free(targets);
	npy_free(&answer);
	npy_free(&d.images);
	free(d.labels);
	return cli_close();
}
