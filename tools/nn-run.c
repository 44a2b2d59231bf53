/* nn-run - compute a network's output for images */
#include <stdlib.h>

#include "nn/nn.h"
#include "num/num.h"

enum form { PLAIN, PROBABILITIES, PIXELS };

static void run(struct nn *nn, const struct npy *head, struct shape s, enum form form)
{
	size_t row = npy_row(head), n = nn_forward(nn);
	float *changed = form == PLAIN ? NULL : xcalloc(nn->images.batch, row * sizeof *changed);

	npy_put_head(head);
	for (; n; n = nn_forward(nn)) {
		const float *output = engine_output(nn->engine);
		if (form == PROBABILITIES)
			num_softmax(output, n, row, changed);
		if (form == PIXELS)
			engine_to_pixels(nn->engine, s, output, n, changed);
		npy_put(head, changed ? changed : output, n * row);
	}
	free(changed);
	/* Who asked with --each waits for it. */
	out_flush();
}

/* Gray images have no axis of channels. */
static struct npy pixels_head(struct npy head)
{
	if (head.ndim == 4 && head.dim[1] == 1) {
		head.ndim = 3;
		head.dim[1] = head.dim[2];
		head.dim[2] = head.dim[3];
	}
	return head;
}

int main(int argc, char *argv[])
{
	const char *name = NULL;
	bool probabilities = false, pixels = false, each = false;
	struct nn_options o = {.batch = 128};
	const struct cli_option options[] = {
		OPTION_TEXT('l', "layer", "NAME", &name,
	                    "write the output of this layer, not of the last"),
		OPTION_FLAG('p', "probabilities", &probabilities,
	                    "write the softmax of the logits"),
		OPTION_FLAG(0, "pixels", &pixels, "write the output as pixels of 0 to 255"),
		OPTION_FLAG(0, "each", &each,
	                    "answer each array of images by one, as it comes, up to the end"),
		OPTIONS_NN(&o),
		OPTION_END,
	};
	const struct cli cli = {"MODEL [IMAGES]", 1, 2, "Compute a network's output for images.",
	                        options};
	struct nn nn = nn_open(cli_parse(argc, argv, &cli), &o, "the model and the images", NULL);
	const struct spec *spec = &nn.model.spec;
	o.quiet = o.quiet || (each && !o.verbose);
	int layer = name ? spec_find(spec, name) : spec->layers - 1;
	const struct layer *last = &spec->layer[layer];

	if (probabilities && pixels)
		die("--probabilities and --pixels cannot be combined");
	if (pixels)
		spec_check_pixels(spec, layer);
	if (probabilities && !spec_is_vector(spec, layer))
		die("--probabilities: the output of %s is %s, not a vector of logits", last->name,
		    shape_text(last->out, last->vector));
	nn_images(&nn);
	/* Too large an output is refused before an image is read. */
	nn_output(&nn, layer);
	nn_engine(&nn, (struct engine_options){.last = layer + 1});
	do {
		struct npy head = nn_output(&nn, layer);
		if (pixels)
			head = pixels_head(head);
		run(&nn, &head, last->out, pixels ? PIXELS : probabilities ? PROBABILITIES : PLAIN);
	} while (each && nn_again(&nn));
	nn_close(&nn);
	return cli_close();
}
