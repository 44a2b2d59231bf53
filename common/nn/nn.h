/*
 * nn - how every program begins and ends that takes a model and images: nn-run, nn-eval, nn-grad
 *...
 *
 *	struct nn_options o = {.batch = 128};
 *	const struct cli_option options[] = {..., OPTIONS_NN(&o), OPTION_END};
 *	struct nn nn = nn_open(cli_parse(argc, argv, &cli), &o, "the model and the images", NULL);
 *	... options against nn.model.spec ...
 *	nn_images(&nn);
 *	nn_engine(&nn, (struct engine_options){.last = 3});
 *	for (size_t n; (n = nn_forward(&nn)) > 0;)
 *		... engine_output(nn.engine) ...
 *	nn_close(&nn);
 *	return cli_close();
 */
#ifndef NN_H
#define NN_H

#include "base/base.h"
#include "dataset/dataset.h"
#include "engine/engine.h"
#include "model/model.h"

struct nn_options {
	int64_t batch; /* images computed at a time */
	bool quiet, verbose;
};

/* clang-format off */
#define OPTION_BATCH(batch) \
	OPTION_INTEGER('b', "batch", "N", batch, 1, 1 << 20, "images computed at a time")
#define OPTIONS_NN(o) OPTION_BATCH(&(o)->batch), OPTIONS_PROGRESS(&(o)->quiet, &(o)->verbose)
/* clang-format on */

struct nn {
	const struct nn_options *o;
	const char *model_path, *images_path;
	struct model model;
	struct images images;
	struct engine *engine; /* null: none */
	struct progress progress;
};

/* The operands MODEL [IMAGES]: the model is read.  At most one of them, and of the program's input
 * `other`, is standard input; a null `other` is none, and `inputs` is what a message calls them. */
struct nn nn_open(char **operands, const struct nn_options *o, const char *inputs,
                  const char *other);

/* The images' head, which is what the network takes; they are still to come, o->batch at a time. */
void nn_images(struct nn *nn);

/* An engine for the network and a batch of its images, with the model's parameters; o->batch is
 * set. nn_engine() has it be the one of nn_forward(). */
struct engine *nn_engine_new(const struct nn *nn, struct engine_options o);
void nn_engine(struct nn *nn, struct engine_options o);

/* Take the next images through the engine, showing progress: how many; 0 at the end. */
size_t nn_forward(struct nn *nn);

/* The shape of a layer's output for all images: (N,C,H,W), or (N,C) of what spec_is_vector().  What
 * no memory could hold is death. */
struct npy nn_output(const struct nn *nn, int layer);
void nn_check_size(const struct nn *nn, const struct npy *output);

/* After the last image: what follows must be labels, unless the images are closed; free all. */
void nn_close(struct nn *nn);

#endif
