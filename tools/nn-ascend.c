/* nn-ascend - change images step by step to increase the logit of a class */
#include <math.h>
#include <stdlib.h>

#include "attack/attack.h"
#include "nn/nn.h"
#include "num/num.h"

/* The images of --like: one, or as many as are changed. */
static float *read_like(const char *path, const struct spec *spec, size_t n, size_t *likes)
{
	struct images images = images_open(path, spec, 1);
	float *pixels = images_load(&images, NPY_F4);

	if (images.n != 1 && images.n != n)
		die("%s: expected 1 image, or %zu as there are, found %zu", file_name(path), n,
		    images.n);
	*likes = images.n;
	images_close(&images);
	return pixels;
}

static void check_finite(const struct attack *a)
{
	for (size_t i = 0; i < a->n; i++)
		if (!num_finite(a->v + i * a->pixels, a->pixels))
			die("image %zu is no longer finite: --step %g is too large", i, a->o->step);
}

int main(int argc, char *argv[])
{
	struct attack_options o = {.method = attack_methods,
	                           .steps = 1000,
	                           .step = 100,
	                           .beta = 1e-4,
	                           .until = NAN,
	                           .projection = {INFINITY, INFINITY, false},
	                           .blur_every = 1,
	                           .log_every = 1};
	const char *class = NULL, *layer = NULL, *like = NULL, *log = NULL;
	double bound = NAN, bound_l2 = NAN;
	int cost = COST_LOGIT;
	struct nn_options opening = {.batch = 128};
	const struct cli_option options[] = {
		OPTION_TEXT('c', "class", "CLASS", &class,
	                    "class of each image: a list such as 3 or 0,4,7:10, a file, or label"),
		OPTION_CHOICE(0, "of", "WHAT", &cost, cost_names,
	                      "increase the class's logit, probability, loss or margin"),
		OPTION_TEXT(0, "layer", "UNITS", &layer,
	                    "increase a sum of units: LAYER, or LAYER:CHANNEL,ROW,COLUMN"),
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
		OPTION_REAL(0, "bound-l2", "B", &bound_l2, 0, 1e30,
	                    "keep every image within the Euclidean distance B of its first values"),
		OPTION_FLAG(0, "box", &o.projection.box,
	                    "keep the network's input within 0 ... 255"),
		OPTION_REAL(0, "decay", "SHARE", &o.decay, 0, 1,
	                    "remove this share of the image after each step"),
		OPTION_REAL(0, "blur", "SIGMA", &o.blur, 0, 1000,
	                    "smooth with a Gaussian of this standard deviation"),
		OPTION_INTEGER(0, "blur-every", "N", &o.blur_every, 1, 1e12,
	                       "smooth after every Nth step"),
		OPTION_TEXT('l', "log", "FILE", &log, "write a table of the costs"),
		OPTION_INTEGER(0, "log-every", "N", &o.log_every, 1, 1e12,
	                       "steps between rows of the table"),
		OPTIONS_NN(&opening),
		OPTION_END};
	const struct cli cli = {"MODEL [IMAGES]", 1, 2,
	                        "Change images step by step to increase the logit of a class.",
	                        options};
	char **operands = cli_parse(argc, argv, &cli);

	if (!class && !layer)
		die("--class is missing: the class whose logit is to increase (-h explains)");
	if (layer && (class || cost || !isnan(o.until)))
		die("--layer cannot be combined with --class, --of or --until");
	if (!isnan(bound))
		o.projection.linf = bound;
	if (!isnan(bound_l2))
		o.projection.l2 = bound_l2;
	o.cost = (enum cost)cost;
	out_binary();

	struct nn nn =
		nn_open(operands, &opening, "the model, the images and that of --like", like);
	const struct spec *spec = &nn.model.spec;
	struct units units = {0};
	struct targets targets = {0};
	if (layer) {
		units = units_parse("--layer", layer, spec);
		o.units = &units;
	} else {
		targets = targets_lasting("--class", class, spec_classes(spec));
		cost_check(o.cost, "--of", spec_classes(spec));
	}
	nn_images(&nn);
	if (class)
		targets_for(&targets, "--class", &nn.images, spec_classes(spec));

	struct npy result = nn.images.head;
	struct attack a =
		attack_new(&o, spec, images_load(&nn.images, NPY_F4), nn.images.n, nn.images.batch);
	float *like_pixels = like ? read_like(like, spec, a.n, &a.likes) : NULL;
	a.targets = &targets;
	a.like = like_pixels;
	nn.engine = nn_engine_new(&nn, (struct engine_options){.last = layer ? units.layer + 1 : 0,
	                                                       .input_gradient = true});
	struct gradient g = gradient_new_of(nn.engine, spec, a.outputs, nn.images.batch);
	if (log) {
		a.log = file_create(log);
		attack_log_head(&o, a.log);
	}

	struct progress p =
		progress_begin("steps", 0, (double)o.steps, opening.quiet, opening.verbose);
	for (int64_t step = 0; step <= o.steps && attack_step(&a, &g, step); step++)
		progress_show(&p, (double)step + 1, NULL);
	progress_end(&p);
	if (log)
		file_finish(a.log, log);
	check_finite(&a);
	result.type = NPY_F4;
	result.f4 = a.v;
	npy_write(&result);

	gradient_free(&g);
	attack_free(&a);
	free(like_pixels);
	targets_free(&targets);
	units_free(&units);
	nn_close(&nn);
	return cli_close();
}
