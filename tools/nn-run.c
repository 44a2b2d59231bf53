/* nn-run - compute a network's output for images */
#include <stdlib.h>

#include "nn/nn.h"
#include "num/num.h"

static void run(struct nn *nn, const struct npy *head, bool probabilities)
{
	size_t row = npy_row(head), n = nn_forward(nn);
	float *softmax = probabilities ? xcalloc(nn->images.batch, row * sizeof *softmax) : NULL;

	npy_put_head(head);
	for (; n; n = nn_forward(nn)) {
		const float *output = engine_output(nn->engine);
		if (softmax) {
			num_softmax(output, n, row, softmax);
			output = softmax;
		}
		npy_put(head, output, n * row);
	}
	free(softmax);
}

int main(int argc, char *argv[])
{
	const char *name = NULL;
	bool probabilities = false;
	struct nn_options o = {.batch = 128};
	const struct cli_option options[] = {
		OPTION_TEXT('l', "layer", "NAME", &name,
	                    "write the output of this layer, not of the last"),
		OPTION_FLAG('p', "probabilities", &probabilities,
	                    "write the softmax of the logits"),
		OPTIONS_NN(&o),
		OPTION_END,
	};
	const struct cli cli = {"MODEL [IMAGES]", 1, 2, "Compute a network's output for images.",
	                        options};
	struct nn nn = nn_open(cli_parse(argc, argv, &cli), &o, "the model and the images", NULL);
	const struct spec *spec = &nn.model.spec;
	int layer = name ? spec_find(spec, name) : spec->layers - 1;
	const struct layer *last = &spec->layer[layer];

	if (probabilities && !spec_is_vector(spec, layer))
		die("--probabilities: the output of %s is %s, not a vector of logits", last->name,
		    shape_text(last->out, last->vector));
	nn_images(&nn);
	struct npy head = nn_output(&nn, layer);
	nn_engine(&nn, (struct engine_options){.last = layer + 1});
	run(&nn, &head, probabilities);
	nn_close(&nn);
	return cli_close();
}
