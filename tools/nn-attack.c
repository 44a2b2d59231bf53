/* nn-attack - change images within a bound so that a network errs */
#include <math.h>
#include <stdlib.h>

#include "attack/evade.h"
#include "attack/through.h"
#include "nn/nn.h"

static const char *const classes_left[] = {"label", "predicted", NULL};
static const char *const losses[] = {"ce", "margin", NULL};
static const enum cost cost_of[] = {COST_LOSS, COST_MARGIN};

/* What the user asks for, where struct evade_options has it in another form. */
struct request {
	double epsilon, step;
	int norm, of, loss;
	int64_t seed;
	bool random;
	const char *target, *and, *through, *log;
};

/* One step leads to the bound; several are so long that they lead there from any start, and then
 * along it (Madry et al. 2018, figure 6). */
static double default_step(double epsilon, int64_t steps)
{
	return steps > 1 ? 2.5 * epsilon / (double)steps : epsilon;
}

static void take_options(struct evade_options *o, const struct request *r)
{
	struct bounded *b = &o->bounded;

	if (isnan(r->epsilon))
		die("--epsilon is missing: the bound on the change, in pixels (-h explains)");
	if (o->draws > 1 && !r->through)
		die("--draws is about a command: --through is missing");
	o->seed = (uint64_t)r->seed;
	o->cost = cost_of[r->loss];
	o->of_predicted = r->of;
	b->norm = (enum norm)r->norm;
	b->step = isnan(r->step) ? default_step(r->epsilon, b->steps) : r->step;
	b->start = r->random ? START_UNIFORM : START_CENTER;
	b->spread = r->epsilon;
	b->projection = bounded_within(b->norm, r->epsilon);
}

/* The pixels become the results. */
static void run(struct nn *nn, const struct evade_options *o, float *pixels, const int32_t *labels,
                const char *log)
{
	struct gradient g = gradient_new(nn->engine, &nn->model.spec, nn->images.batch);
	FILE *table = log ? file_create(log) : NULL;
	struct evade *e = evade_new(o, &g, pixels, labels, nn->images.n, nn->images.batch, table);
	struct progress p =
		progress_begin("images", 0, (double)nn->images.n, nn->o->quiet, nn->o->verbose);

	if (table)
		evade_log_head(table);
	while (evade_pass(e))
		progress_show(&p, (double)evade_done(e), NULL);
	progress_end(&p);
	if (table)
		file_finish(table, log);
	evade_free(e);
	gradient_free(&g);
}

int main(int argc, char *argv[])
{
	struct evade_options o = {.bounded = {.steps = 1}, .restarts = 1, .draws = 1};
	struct request r = {.epsilon = NAN, .step = NAN};
	struct nn_options opening = {.batch = 128};
	const struct cli_option options[] = {
		OPTION_REAL('e', "epsilon", "E", &r.epsilon, 0, 1e30,
	                    "bound on the change, in pixels"),
		OPTION_CHOICE(0, "norm", "NORM", &r.norm, norm_names,
	                      "norm of the change that -e bounds: linf or l2"),
		OPTION_INTEGER('n', "steps", "N", &o.bounded.steps, 0, 1e12,
	                       "steps of each restart"),
		OPTION_REAL('s', "step", "SIZE", &r.step, 0, 1e30,
	                    "length of a step; by default E for one, 2.5 E/N for N"),
		OPTION_FLAG(0, "random", &r.random, "start at a random point within the bound"),
		OPTION_INTEGER(0, "restarts", "N", &o.restarts, 1, 1e9,
	                       "try N times, all but the first from random points"),
		OPTION_INTEGER(0, "seed", "SEED", &r.seed, 0, INT64_MAX, "seed of random points"),
		OPTION_TEXT('t', "target", "CLASS", &r.target,
	                    "class to be predicted: a list such as 3 or 0,4,7:10, or a file"),
		OPTION_CHOICE(0, "of", "CLASS", &r.of, classes_left,
	                      "class to be left: label or predicted"),
		OPTION_CHOICE(0, "loss", "LOSS", &r.loss, losses,
	                      "increase the cross-entropy or the margin: ce or margin"),
		OPTION_TEXT(0, "and", "MODEL:CLASS[:WEIGHT]", &r.and,
	                    "a further network that is to predict CLASS; more after commas"),
		OPTION_TEXT(0, "through", "COMMAND", &r.through,
	                    "have the images pass a shell command before the network"),
		OPTION_INTEGER(0, "draws", "N", &o.draws, 1, 1e9,
	                       "run the command N times a step, with DRAW=0 ... N-1"),
		OPTION_FLAG(0, "all-steps", &o.all_steps,
	                    "take all steps and restarts, even if an image is found"),
		OPTION_TEXT('l', "log", "FILE", &r.log, "write a table with a line for each image"),
		OPTIONS_NN(&opening),
		OPTION_END};
	const struct cli cli = {"MODEL [DATA]", 1, 2,
	                        "Change images within a bound so that a network errs.", options};
	char **operands = cli_parse(argc, argv, &cli);

	take_options(&o, &r);
	out_binary();
	struct nn nn = nn_open(operands, &opening, "the model and the images", NULL);
	size_t classes = spec_classes(&nn.model.spec);
	struct targets targets = {.n = 0};
	struct through through = {.command = NULL};
	cost_check(o.cost, "--loss", classes);
	nn_images(&nn);
	if (r.target) {
		targets = targets_towards("--target", r.target, classes);
		targets_for(&targets, "--target", &nn.images, classes);
		o.targets = &targets;
	}
	if (r.through) {
		through = through_new(r.through, &nn.images);
		o.filter = through_filter;
		o.filter_context = &through;
	}
	o.detectors = detectors_parse("--and", r.and, &nn.model.spec, nn.images.batch);

	struct npy result = nn.images.head;
	int32_t *labels = images_labels(&nn.images, classes);
	float *pixels = images_load_box(&nn.images);
	nn.engine = nn_engine_new(&nn, (struct engine_options){.input_gradient = true});
	run(&nn, &o, pixels, labels, r.log);
	result.type = NPY_F4;
	result.f4 = pixels;
	npy_write(&result);
	images_put_labels(&nn.images, labels);

	detectors_free(&o.detectors);
	if (r.through)
		through_free(&through);
	targets_free(&targets);
	free(pixels);
	free(labels);
	nn_close(&nn);
	return cli_close();
}
