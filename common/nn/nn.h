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
	struct engine_options engine_options;
	struct progress progress;
};

/* Open the operands MODEL [IMAGES], and read the model.  At most one of them, and of the program's
 * further input `other` (null: none), may be standard input; `inputs` names them in the message. */
struct nn nn_open(char **operands, const struct nn_options *o, const char *inputs,
                  const char *other);

/* Read the images' head: images that the network takes, o->batch of them at a time. */
void nn_images(struct nn *nn);

/* An engine with the model's parameters, for batches of these images; free with engine_free(). */
struct engine *nn_engine_new(struct nn *nn, struct engine_options o);

/* Such an engine for nn_forward(); nn_close() frees it. */
void nn_engine(struct nn *nn, struct engine_options o);

/* Take the next images through the engine and show progress; returns how many, 0 at the end. */
size_t nn_forward(struct nn *nn);

/* After the last image: have those of the stream's next array; false at its end.  The engine then
 * computes as it would if the stream had begun with them. */
bool nn_again(struct nn *nn);

/* The shape of a layer's output for all images: (N,C) where spec_is_vector(), else (N,C,H,W). Death
 * where no memory could hold it, as in nn_check_size(). */
struct npy nn_output(const struct nn *nn, int layer);
void nn_check_size(const struct nn *nn, const struct npy *output);

/* After the last image: close the images, unless that is done, and free everything. */
void nn_close(struct nn *nn);

#endif
