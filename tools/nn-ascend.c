/* nn-ascend - change images step by step to increase the logit of a class */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "attack/ascend.h"
#include "base/base.h"
#include "data/data.h"
#include "model/model.h"
#include "num/num.h"

/* The images of --like: one, or as many as are changed. */
static float *read_like(const char *path, const struct spec *spec, size_t n, size_t *likes)
{
	struct images images = images_begin(path, spec, 1);
	float *pixels = images_pixels(&images);

	if (images.n != 1 && images.n != n)
		die("%s: expected 1 image, or %zu as there are, found %zu", file_name(path), n,
		    images.n);
	*likes = images.n;
	images_end(&images);
	return pixels;
}

static FILE *open_log(const char *path)
{
	FILE *log = fopen(path, "w");

	if (!log)
		die("%s: %s", path, strerror(errno));
	setvbuf(log, NULL, _IOLBF, 0);
	ascent_log_head(log);
	return log;
}

static void close_log(FILE *log, const char *path)
{
	bool failed = ferror(log);

	if (fclose(log) || failed)
		die("%s: %s", path, strerror(errno));
}

static void check_finite(const struct ascent *a)
{
	for (size_t i = 0; i < a->n; i++)
		if (!num_finite(a->v + i * a->pixels, a->pixels))
			die("image %zu is no longer finite: --step %g is too large", i, a->o->step);
}

int main(int argc, char *argv[])
{
	struct ascend_options o = {.steps = 1000,
	                           .step = 100,
	                           .beta = 1e-4,
	                           .until = NAN,
	                           .bound = INFINITY,
	                           .blur_every = 1,
	                           .log_every = 1};
	const char *class = NULL, *like = NULL, *log = NULL;
	double bound = NAN;
	int64_t batch = 128;
	bool quiet = false, verbose = false;
	const struct cli_option options[] = {
		OPTION_TEXT('c', "class", "CLASS", &class,
	                    "class of each image: a list such as 3 or 0,4,7:10, a file, or label"),
		OPTION_INTEGER('n', "steps", "N", &o.steps, 0, 1e12, "number of steps"),
		OPTION_REAL('s', "step", "SIZE", &o.step, -1e30, 1e30, "factor of the derivative"),
		OPTION_TEXT(0, "like", "IMAGE", &like,
	                    "keep the result similar to this image: C = logit - beta * MSE"),
		OPTION_REAL(0, "beta", "BETA", &o.beta, 0, 1e30, "weight of --like"),
		OPTION_FLAG(0, "noise", &o.noise,
	                    "change a noise that is added to the image, and write the noise"),
		OPTION_REAL('u', "until", "P", &o.until, 0, 1,
	                    "stop changing an image when its class has this probability"),
		OPTION_REAL(0, "bound", "B", &bound, 0, 1e30,
	                    "keep every pixel within B of its first value"),
		OPTION_FLAG(0, "box", &o.box, "keep the network's input within 0 ... 255"),
		OPTION_REAL(0, "decay", "SHARE", &o.decay, 0, 1,
	                    "remove this share of the image after each step"),
		OPTION_REAL(0, "blur", "SIGMA", &o.blur, 0, 1000,
	                    "smooth with a Gaussian of this standard deviation"),
		OPTION_INTEGER(0, "blur-every", "N", &o.blur_every, 1, 1e12,
	                       "smooth after every Nth step"),
		OPTION_TEXT('l', "log", "FILE", &log, "write a table of the costs"),
		OPTION_INTEGER(0, "log-every", "N", &o.log_every, 1, 1e12,
	                       "steps between rows of the table"),
		OPTION_INTEGER('b', "batch", "N", &batch, 1, 1 << 20, "images computed at a time"),
		OPTION_FLAG('q', "quiet", &quiet, "show no progress"),
		OPTION_FLAG('v', "verbose", &verbose,
	                    "show progress even if stderr is no terminal"),
		OPTION_END};
	const struct cli cli = {"MODEL [IMAGES]", 1, 2,
	                        "Change images step by step to increase the logit of a class.",
	                        options};
	char **operands = cli_parse(argc, argv, &cli);
	const char *model_path = *operands++, *images_path = cli_operand(&operands);
	const char *const inputs[] = {model_path, images_path, like};
	int from_stdin = 0;

	for (int i = 0; i < 3; i++)
		from_stdin += inputs[i] && !strcmp(inputs[i], "-");
	if (from_stdin > 1)
		die("only one of the model, the images and that of --like can come from standard "
		    "input");
	if (!class)
		die("--class is missing: the class whose logit is to increase (-h explains)");
	if (!isnan(bound))
		o.bound = bound;
	out_binary();

	struct model m = model_read(model_path);
	struct targets targets = targets_parse("--class", class, spec_classes(&m.spec));
	if (targets.kind == TARGETS_PREDICTED)
		die("--class: 'predicted' is not possible: it changes with the image");
	struct images images = images_begin(images_path, &m.spec, (size_t)batch);
	struct npy result = images.head;
	float *pixels = images_pixels(&images);
	if (targets.kind == TARGETS_LABEL)
		targets_set(&targets, images_end_labels(&images, spec_classes(&m.spec)), images.n);
	else
		images_end(&images);
	targets_check(&targets, "--class", images.n);

	struct ascent a = ascent_new(&o, &m.spec, pixels, images.n, images.batch);
	float *like_pixels = like ? read_like(like, &m.spec, a.n, &a.likes) : NULL;
	a.targets = &targets;
	a.like = like_pixels;
	struct engine *e = engine_new(
		&m.spec, &(struct engine_options){.batch = images.batch, .input_gradient = true});
	engine_load(e, m.tensor);
	if (log)
		a.log = open_log(log);

	struct progress p = progress_begin("steps", 0, (double)o.steps, quiet, verbose);
	for (int64_t step = 0; step <= o.steps && ascent_step(&a, e, step); step++)
		progress_show(&p, (double)step + 1, NULL);
	progress_end(&p);
	if (log)
		close_log(a.log, log);
	check_finite(&a);
	result.type = NPY_F4;
	result.f4 = a.v;
	npy_write(&result);

	engine_free(e);
	ascent_free(&a);
	free(like_pixels);
	targets_free(&targets);
	model_free(&m);
	return cli_close();
}
