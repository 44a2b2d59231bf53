/* nn-slide - run a network at every place of larger images */
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "engine/engine.h"
#include "model/model.h"
#include "npy/npy.h"
#include "num/num.h"
#include "stack/stack.h"

/*
 * Where nothing is padded, what a layer makes of a window is a window of what it makes of the whole
 * image, and a dense layer is a convolution with a kernel as large as what it is given (Sermanet et
 * al.: "OverFeat", ICLR 2014).  So one pass over an image gives the answers at places that are as
 * far apart as all strides multiplied; for those between, the image is given without its first rows
 * and columns.
 */
struct slide {
	const char *path;
	const struct model *model;
	size_t classes;
	size_t jump[2], places[2]; /* rows, columns: from an answer to the next of a pass; places */
	struct pass {
		struct spec spec;
		struct engine *engine; /* null until wanted */
	} pass[2][2];                  /* [rows][columns], 1 for an answer less */
	size_t batch;
};

/* ---- the network of larger images ---- */

static char *append(char *text, char *line)
{
	char *both = xprintf("%s%s\n", text, line);

	free(text);
	free(line);
	return both;
}

static char *layer_line(const char *path, const struct layer *l)
{
	const char *kind = layer_kind_name(l->kind);

	if (l->pad_before[0] || l->pad_before[1] || l->pad_after[0] || l->pad_after[1])
		die("%s: layer %s pads, so that what it makes of a place depends on where the "
		    "image ends",
		    file_name(path), l->name);
	switch (l->kind) {
	case LAYER_CONV:
	case LAYER_DENSE: {
		bool dense = l->kind == LAYER_DENSE;
		return xprintf("conv %zu %zux%zu stride %zux%zu%s", l->out.c,
		               dense ? l->in.h : l->kernel[0], dense ? l->in.w : l->kernel[1],
		               dense ? 1 : l->stride[0], dense ? 1 : l->stride[1],
		               l->bias ? "" : " nobias");
	}
	case LAYER_MAXPOOL:
	case LAYER_AVGPOOL:
		return xprintf("%s %zux%zu stride %zux%zu", kind, l->kernel[0], l->kernel[1],
		               l->stride[0], l->stride[1]);
	case LAYER_DROPOUT: return xprintf("%s %.17g", kind, l->drop);
	default: return xstrdup(kind);
	}
}

/* The model's network, with the same parameters, for images of h x w. */
static struct spec unroll(const struct slide *s, size_t h, size_t w)
{
	const struct spec *spec = &s->model->spec;
	char *text = append(xstrdup(""), xprintf("input %zux%zux%zu mean %.17g scale %.17g",
	                                         spec->input.c, h, w, spec->mean, spec->scale));

	for (int i = 0; i < spec->layers; i++)
		text = append(text, layer_line(s->path, &spec->layer[i]));
	struct spec larger = spec_parse(s->path, text);
	free(text);
	return larger;
}

/* Answers along an axis of the pass that begins at row or column `first`. */
static size_t answers(const struct slide *s, int axis, size_t first)
{
	return (s->places[axis] - first + s->jump[axis] - 1) / s->jump[axis];
}

static size_t side(const struct slide *s, int axis, size_t first)
{
	const struct shape *in = &s->model->spec.input;

	return (axis ? in->w : in->h) + s->jump[axis] * (answers(s, axis, first) - 1);
}

static struct engine *engine_from(struct slide *s, size_t row, size_t column)
{
	struct pass *pass = &s->pass[answers(s, 0, row) < answers(s, 0, 0)]
	                            [answers(s, 1, column) < answers(s, 1, 0)];

	if (!pass->engine) {
		pass->spec = unroll(s, side(s, 0, row), side(s, 1, column));
		pass->engine = engine_new(&pass->spec, &(struct engine_options){.batch = s->batch});
		engine_load(pass->engine, s->model->tensor);
	}
	return pass->engine;
}

/* ---- images ---- */

/* The images without what is above a row and left of a column, as far as the pass goes. */
static void feed(const struct slide *s, struct engine *e, const struct stack *images,
                 const float *pixels, size_t n, size_t row, size_t column)
{
	size_t h = side(s, 0, row), w = side(s, 1, column);
	float *cut = xcalloc(images->planes * h * w, sizeof *cut);

	for (size_t i = 0; i < n; i++) {
		const float *from = pixels + i * stack_pixels(images);
		for (size_t c = 0; c < images->planes; c++)
			for (size_t y = 0; y < h; y++)
				memcpy(cut + (c * h + y) * w,
				       from + (c * images->h + row + y) * images->w + column,
				       w * sizeof *cut);
		engine_image(e, i, NPY_F4, cut);
	}
	free(cut);
}

/* The answers of a pass, n x classes x rows x columns, to their places, n x places x classes. */
static void scatter(const struct slide *s, const float *output, float *logits, size_t n, size_t row,
                    size_t column)
{
	size_t rows = answers(s, 0, row), columns = answers(s, 1, column);

	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < s->classes; k++)
			for (size_t y = 0; y < rows; y++)
				for (size_t x = 0; x < columns; x++) {
					size_t at = i * s->places[0] + row + y * s->jump[0];
					at = at * s->places[1] + column + x * s->jump[1];
					logits[at * s->classes + k] = *output++;
				}
}

static void run(struct slide *s, const struct stack *images, const struct npy *head,
                bool probabilities, struct progress *p)
{
	size_t pixels = stack_pixels(images), answer = npy_row(head);
	size_t size = npy_size(images->head.type);
	char *raw = xcalloc(s->batch * pixels, size);
	float *converted = xcalloc(s->batch * pixels, sizeof *converted);
	float *logits = xcalloc(s->batch * answer, sizeof *logits);

	for (size_t done = 0, n; done < images->n; done += n) {
		n = images->n - done < s->batch ? images->n - done : s->batch;
		npy_take(images->in, raw, n * pixels);
		npy_convert_elements(NPY_F4, converted, images->head.type, raw, n * pixels);
		if (!num_finite(converted, n * pixels))
			die("%s: a pixel is NaN or infinite", npy_name(images->in));
		for (size_t row = 0; row < s->jump[0] && row < s->places[0]; row++)
			for (size_t column = 0; column < s->jump[1] && column < s->places[1];
			     column++) {
				struct engine *e = engine_from(s, row, column);
				feed(s, e, images, converted, n, row, column);
				engine_forward(e, n);
				scatter(s, engine_output(e), logits, n, row, column);
			}
		if (probabilities)
			num_softmax(logits, n * (answer / s->classes), s->classes, logits);
		if (done == 0)
			npy_put_head(head);
		npy_put(head, logits, n * answer);
		progress_show(p, (double)(done + n), NULL);
	}
	if (!images->n)
		npy_put_head(head);
	free(raw);
	free(converted);
	free(logits);
}

/* What is written, (N,rows,columns,classes). */
static struct npy plan(struct slide *s, const struct stack *images)
{
	const struct spec *spec = &s->model->spec;
	size_t field[2];

	if (images->planes != spec->input.c || images->h < spec->input.h ||
	    images->w < spec->input.w)
		die("%s: expected images no smaller than the network's input %s, found %s",
		    npy_name(images->in), shape_text(spec->input, false), npy_shape(&images->head));
	s->classes = spec_classes(spec);
	s->places[0] = images->h - spec->input.h + 1;
	s->places[1] = images->w - spec->input.w + 1;
	spec_receptive_field(spec, spec->layers - 1, field, s->jump);

	struct npy out = {.type = NPY_F4,
	                  .ndim = 4,
	                  .dim = {images->n, s->places[0], s->places[1], s->classes}};
	if (!npy_fits(&out))
		die("%s: the output %s is too large", npy_name(images->in), npy_shape(&out));
	if (images->n < s->batch)
		s->batch = images->n ? images->n : 1;
	/* What cannot be done is said before anything is computed. */
	engine_from(s, 0, 0);
	return out;
}

int main(int argc, char *argv[])
{
	bool probabilities = false, quiet = false, verbose = false;
	int64_t batch = 16;
	const struct cli_option options[] = {
		OPTION_FLAG('p', "probabilities", &probabilities,
	                    "write the softmax of the logits"),
		OPTION_INTEGER('b', "batch", "N", &batch, 1, 1 << 20, "images computed at a time"),
		OPTION_FLAG('q', "quiet", &quiet, "show no progress"),
		OPTION_FLAG('v', "verbose", &verbose,
	                    "show progress even if stderr is no terminal"),
		OPTION_END,
	};
	const struct cli cli = {"MODEL [IMAGES]", 1, 2,
	                        "Run a network at every place of larger images.", options};
	char **operands = cli_parse(argc, argv, &cli);
	const char *model_path = *operands++, *images_path = cli_operand(&operands);

	if (!strcmp(model_path, "-") && !strcmp(images_path, "-"))
		die("the model and the images cannot both come from standard input");
	struct model m = model_read(model_path);
	struct stack images = stack_open(images_path);
	struct slide s = {.path = model_path, .model = &m, .batch = (size_t)batch};
	struct npy head = plan(&s, &images), labels;

	struct progress p = progress_begin("images", 0, (double)images.n, quiet, verbose);
	run(&s, &images, &head, probabilities, &p);
	progress_end(&p);
	npy_next(images.in, &labels);
	npy_close(images.in);
	for (int i = 0; i < 4; i++)
		if (s.pass[i / 2][i % 2].engine) {
			engine_free(s.pass[i / 2][i % 2].engine);
			spec_free(&s.pass[i / 2][i % 2].spec);
		}
	model_free(&m);
	return cli_close();
}
