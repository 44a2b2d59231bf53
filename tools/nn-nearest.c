/* nn-nearest - find the nearest image that a network errs on */
#include <math.h>
#include <stdlib.h>

#include "minimal/minimal.h"
#include "nn/nn.h"

static void run(struct minimal *a, struct nn *nn, FILE *log)
{
	struct progress p = progress_begin("images", 0, (double)a->n, nn->o->quiet, nn->o->verbose);
	size_t logged = 0;
	bool on = true;

	minimal_begin(a, nn->engine);
	while (on) {
		on = minimal_step(a, nn->engine);
		for (; log && logged < a->n && a->result[logged].done; logged++)
			minimal_log(a, log, logged);
		progress_show(&p, (double)a->done, NULL);
	}
	progress_end(&p);
}

int main(int argc, char *argv[])
{
	struct minimal_options o = {NULL, NAN, NAN, NAN, NAN, NAN, NAN};
	const char *target = NULL, *log_path = NULL;
	int method = 0;
	struct nn_options opening = {.batch = 128};
	const struct cli_option options[] = {
		OPTION_CHOICE('m', "method", "METHOD", &method, minimal_names,
	                      "deepfool, cw or lbfgs"),
		OPTION_TEXT('t', "target", "CLASS", &target,
	                    "cw, lbfgs: the class that is to be predicted: a list such as 3 or "
	                    "0,4,7:10, or a file"),
		OPTION_REAL('n', "steps", "N", &o.steps, 1, 1e9,
	                    "steps at most; of cw and lbfgs: of a search"),
		OPTION_REAL(0, "searches", "N", &o.searches, 1, 1000,
	                    "cw, lbfgs: searches, each with a constant of its own"),
		OPTION_REAL(0, "constant", "C", &o.constant, 1e-30, 1e30,
	                    "cw, lbfgs: constant of the first search"),
		OPTION_REAL(0, "rate", "RATE", &o.rate, 0, 1e30, "cw: learning rate"),
		OPTION_REAL(0, "confidence", "K", &o.confidence, 0, 1e30,
	                    "cw: by how much the wrong class's logit must be larger"),
		OPTION_REAL(0, "overshoot", "SHARE", &o.overshoot, 0, 1e30,
	                    "deepfool: share that is added to the change"),
		OPTION_TEXT('l', "log", "FILE", &log_path, "write a table of what was found"),
		OPTIONS_NN(&opening),
		OPTION_END};
	const struct cli cli = {"MODEL [DATA]", 1, 2,
	                        "Find the nearest image that a network errs on.", options};
	char **operands = cli_parse(argc, argv, &cli);

	o.method = minimal_methods[method];
	minimal_settle(&o);
	if (target && !o.method->targets)
		die("--target: %s has none", o.method->name);
	out_binary();

	struct nn nn = nn_open(operands, &opening, "the model and the images", NULL);
	const struct spec *spec = &nn.model.spec;
	size_t classes = spec_classes(spec);
	if (classes < 2)
		die("%s: a network of one class cannot err", file_name(nn.model_path));
	struct targets targets =
		target ? targets_towards("--target", target, classes) : (struct targets){0};
	nn_images(&nn);
	if (target)
		targets_for(&targets, "--target", &nn.images, classes);
	int32_t *labels = images_labels(&nn.images, classes);
	struct npy result = nn.images.head;
	result.type = NPY_F4;
	result.f4 = images_load_box(&nn.images);
	struct minimal a = minimal_new(&o, spec, result.f4, labels, target ? &targets : NULL,
	                               nn.images.n, nn.images.batch);
	nn.engine = nn_engine_new(&nn, (struct engine_options){.input_gradient = true});
	FILE *log = log_path ? file_create(log_path) : NULL;
	if (log)
		minimal_log_head(log);

	run(&a, &nn, log);
	if (log)
		file_finish(log, log_path);
	npy_write(&result);
	images_put_labels(&nn.images, labels);

	minimal_free(&a);
	npy_free(&result);
	free(labels);
	targets_free(&targets);
	nn_close(&nn);
	return cli_close();
}
