#include "nn/nn.h"

struct nn nn_open(char **operands, const struct nn_options *o, const char *inputs,
                  const char *other)
{
	struct nn nn = {.o = o, .model_path = *operands++, .images_path = cli_operand(&operands)};

	cli_one_stdin(inputs, 3, (const char *const[]){nn.model_path, nn.images_path, other});
	nn.model = model_read(nn.model_path);
	return nn;
}

void nn_images(struct nn *nn)
{
	nn->images = images_open(nn->images_path, &nn->model.spec, (size_t)nn->o->batch);
}

/* The first images are read before: a file that lacks them makes no engine for their size. */
struct engine *nn_engine_new(struct nn *nn, struct engine_options o)
{
	images_fetch(&nn->images);
	o.batch = nn->images.batch;
	struct engine *e = engine_new(&nn->model.spec, &o);
	engine_load(e, nn->model.tensor);
	return e;
}

static void begin_progress(struct nn *nn)
{
	nn->progress =
		progress_begin("images", 0, (double)nn->images.n, nn->o->quiet, nn->o->verbose);
}

void nn_engine(struct nn *nn, struct engine_options o)
{
	nn->engine_options = o;
	nn->engine = nn_engine_new(nn, o);
	begin_progress(nn);
}

bool nn_again(struct nn *nn)
{
	size_t batch = nn->images.batch;

	if (!images_again(&nn->images, &nn->model.spec, (size_t)nn->o->batch))
		return false;
	/* An engine for other batches would round in other places. */
	if (nn->images.batch != batch) {
		engine_free(nn->engine);
		nn->engine = nn_engine_new(nn, nn->engine_options);
	}
	begin_progress(nn);
	return true;
}

size_t nn_forward(struct nn *nn)
{
	struct images *s = &nn->images;
	size_t n;

	if (s->done)
		progress_show(&nn->progress, (double)s->done, NULL);
	const char *pixels = images_pixels(s, &n);
	if (!n) {
		progress_end(&nn->progress);
		return 0;
	}
	for (size_t i = 0; i < n; i++)
		engine_image(nn->engine, i, s->type, pixels + i * s->pixels * npy_size(s->type));
	engine_forward(nn->engine, n);
	return n;
}

void nn_check_size(const struct nn *nn, const struct npy *output)
{
	if (!npy_fits(output))
		die("%s: the output %s is too large", file_name(nn->images_path),
		    npy_shape(output));
}

struct npy nn_output(const struct nn *nn, int layer)
{
	const struct shape s = nn->model.spec.layer[layer].out;
	struct npy head = {.type = NPY_F4,
	                   .ndim = spec_is_vector(&nn->model.spec, layer) ? 2 : 4,
	                   .dim = {nn->images.n, s.c, s.h, s.w}};

	nn_check_size(nn, &head);
	return head;
}

void nn_close(struct nn *nn)
{
	if (nn->images.in)
		images_close(&nn->images);
	if (nn->engine)
		engine_free(nn->engine);
	model_free(&nn->model);
}
