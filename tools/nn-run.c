/* nn-run - compute a network's output for images */
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "data/data.h"
#include "model/model.h"
#include "num/num.h"

static void run(struct images *images, struct engine *e, const struct npy *head, bool probabilities,
                struct progress *p)
{
	size_t row = npy_row(head);
	float *softmax = probabilities ? xcalloc(images->batch, row * sizeof *softmax) : NULL;
	size_t n = images_forward(images, e);

	npy_put_head(head);
	for (; n; n = images_forward(images, e)) {
		const float *output = engine_output(e);
		if (softmax) {
			num_softmax(output, n, row, softmax);
			output = softmax;
		}
		npy_put(head, output, n * row);
		progress_show(p, (double)images->done, NULL);
	}
	free(softmax);
}

int main(int argc, char *argv[])
{
	const char *name = NULL;
	bool probabilities = false, quiet = false, verbose = false;
	int64_t batch = 128;
	const struct cli_option options[] = {
		OPTION_TEXT('l', "layer", "NAME", &name,
	                    "write the output of this layer, not of the last"),
		OPTION_FLAG('p', "probabilities", &probabilities,
	                    "write the softmax of the logits"),
		OPTION_INTEGER('b', "batch", "N", &batch, 1, 1 << 20, "images computed at a time"),
		OPTION_FLAG('q', "quiet", &quiet, "show no progress"),
		OPTION_FLAG('v', "verbose", &verbose,
	                    "show progress even if stderr is no terminal"),
		OPTION_END,
	};
	const struct cli cli = {"MODEL [IMAGES]", 1, 2, "Compute a network's output for images.",
	                        options};
	char **operands = cli_parse(argc, argv, &cli);
	const char *model_path = *operands++, *images_path = cli_operand(&operands);

	if (!strcmp(model_path, "-") && !strcmp(images_path, "-"))
		die("the model and the images cannot both come from standard input");
	struct model m = model_read(model_path);
	int layer = name ? spec_find(&m.spec, name) : m.spec.layers - 1;
	const struct layer *last = &m.spec.layer[layer];
	if (probabilities && !last->vector)
		die("--probabilities: the output of %s is %s, not a vector of logits", last->name,
		    shape_text(last->out, last->vector));

	struct images images = images_begin(images_path, &m.spec, (size_t)batch);
	struct npy head = output_head(last, images.n);
	if (!npy_fits(&head))
		die("%s: the output %s is too large", file_name(images_path), npy_shape(&head));
	struct engine *e = engine_new(
		&m.spec, &(struct engine_options){.batch = images.batch, .last = layer + 1});
	engine_load(e, m.tensor);

	struct progress p = progress_begin("images", 0, (double)images.n, quiet, verbose);
	run(&images, e, &head, probabilities, &p);
	progress_end(&p);
	images_end(&images);
	engine_free(e);
	model_free(&m);
	return cli_close();
}
