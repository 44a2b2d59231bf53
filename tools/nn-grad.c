/* nn-grad - differentiate a network's output with respect to the pixels */
#include <stdlib.h>

#include "attack/cost.h"
#include "attack/targets.h"
#include "attack/units.h"
#include "nn/nn.h"

/* What is differentiated: a function of the logits and of a class, or a sum of a layer's units. */
struct goal {
	int layer;          /* the last that is computed */
	struct units units; /* of that layer; or, where none are named: */
	enum cost cost;
	struct targets targets;
	size_t outputs;
};

/* ---- the goal ---- */

static struct goal goal_of_layer(const char *text, const struct spec *spec)
{
	struct units units = units_parse("--layer", text, spec);

	return (struct goal){.layer = units.layer, .units = units, .outputs = units.outputs};
}

static struct goal goal_of_class(const char *text, enum cost cost, const struct spec *spec)
{
	struct goal g = {.layer = spec->layers - 1, .cost = cost, .outputs = spec_classes(spec)};

	cost_check(cost, "--of", g.outputs);
	if (!text)
		text = cost == COST_LOSS ? "label" : "predicted";
	g.targets = targets_parse("--class", text, g.outputs);
	return g;
}

/* The derivative of the goal with respect to the outputs of n images, the first being image i. */
static void differentiate(const struct goal *g, size_t i, size_t n, const float *output,
                          float *gradient)
{
	for (size_t j = 0; j < n; j++, output += g->outputs, gradient += g->outputs)
		if (g->units.in)
			units_gradient(&g->units, gradient);
		else
			cost_gradient(g->cost, output, g->outputs,
			              targets_class(&g->targets, i + j, output, g->outputs),
			              gradient);
}

/* ---- passes ---- */

/* `numbers` of an image are differentiated by. */
static void run(struct nn *nn, const struct goal *g, const struct npy *head, size_t numbers)
{
	float *gradient = xcalloc(nn->images.batch, g->outputs * sizeof *gradient);
	size_t n = nn_forward(nn);

	npy_put_head(head);
	for (; n; n = nn_forward(nn)) {
		differentiate(g, nn->images.done - n, n, engine_output(nn->engine), gradient);
		engine_backward(nn->engine, n, gradient);
		npy_put(head, engine_input_gradient(nn->engine), n * numbers);
	}
	free(gradient);
}

/* The layer of --at, of which the last one is made. */
static int find_before(const struct spec *spec, const char *name, int last)
{
	bool *mark = xcalloc((size_t)spec->layers, sizeof *mark);
	int at = spec_find(spec, name);

	spec_mark(spec, last, mark);
	if (at == last || !mark[at])
		die("--at: %s does not come before %s", name, spec->layer[last].name);
	free(mark);
	return at;
}

int main(int argc, char *argv[])
{
	static const char *const rules[] = {"plain", "guided", "deconv", NULL};
	const char *layer = NULL, *class = NULL, *at_name = NULL;
	int cost = COST_LOGIT, rule = RELU_PLAIN;
	struct nn_options o = {.batch = 128};
	const struct cli_option options[] = {
		OPTION_TEXT('c', "class", "CLASS", &class,
	                    "class of each image: predicted, label, a list such as 3 or 0,4,7:10, "
	                    "or a file"),
		OPTION_CHOICE(0, "of", "WHAT", &cost, cost_names,
	                      "differentiate the class's logit, probability, loss or margin"),
		OPTION_TEXT('l', "layer", "UNITS", &layer,
	                    "differentiate a sum of units: LAYER, or LAYER:CHANNEL,ROW,COLUMN"),
		OPTION_TEXT('a', "at", "LAYER", &at_name,
	                    "differentiate by this layer's output, not by the pixels"),
		OPTION_CHOICE('r', "rule", "RULE", &rule, rules,
	                      "rule for gradients through a ReLU: plain, guided, deconv"),
		OPTIONS_NN(&o),
		OPTION_END};
	const struct cli cli = {"MODEL [DATA]", 1, 2,
	                        "Differentiate a network's output with respect to the pixels.",
	                        options};
	char **operands = cli_parse(argc, argv, &cli);

	if (layer && (class || cost))
		die("--layer cannot be combined with --class or --of");
	struct nn nn = nn_open(operands, &o, "the model and the images", NULL);
	const struct spec *spec = &nn.model.spec;
	struct goal goal =
		layer ? goal_of_layer(layer, spec) : goal_of_class(class, (enum cost)cost, spec);
	int at = at_name ? find_before(spec, at_name, goal.layer) : -1;

	nn_images(&nn);
	if (!layer)
		targets_for(&goal.targets, "--class", &nn.images, goal.outputs);
	struct npy head = at < 0 ? nn.images.head : nn_output(&nn, at);
	head.type = NPY_F4;
	nn_check_size(&nn, &head);
	nn_engine(&nn, (struct engine_options){.last = goal.layer + 1,
	                                       .below = at + 1,
	                                       .rule = (enum relu_rule)rule,
	                                       .input_gradient = true});
	run(&nn, &goal, &head, at < 0 ? nn.images.pixels : shape_count(spec->layer[at].out));

	nn_close(&nn);
	targets_free(&goal.targets);
	units_free(&goal.units);
	return cli_close();
}
