/* nn-slide - run a network at every place of larger images */
#include <stdlib.h>
#include <string.h>

#include "nn/nn.h"
#include "num/num.h"

/*
 * Where nothing is padded, what a layer makes of a window is a window of what it makes of the whole
 * image, and a dense layer is a convolution with a kernel as large as what it is given (Sermanet et
 * al.: "OverFeat", ICLR 2014).  So one pass over an image gives the answers at places that are as
 * far apart as all strides multiplied; for those between, the image is given without its first rows
 * and columns.  An image too large for that is given in strips of some rows of places, one below
 * the other.
 */
struct slide {
	struct nn nn;
	size_t classes;
	size_t rows;      /* of places in an image */
	size_t jump[2];   /* rows, columns: from an answer to the next of a pass */
	size_t places[2]; /* rows, columns, of a strip */
	struct pass {
		struct spec spec;
		struct engine *engine; /* null until wanted */
	} pass[2][2];                  /* [rows][columns], 1 for an answer less */
};

/* ---- the network of larger images ---- */

/* The layer of larger images.  Padding that comes to nothing here might not there. */
static struct layer widen(const char *path, const struct layer *l)
{
	struct layer wide = *l;

	if (l->pad_before[0] || l->pad_before[1] || l->pad_after[0] || l->pad_after[1])
		die("%s: layer %s pads, so that what it makes of a place depends on where the "
		    "image ends",
		    file_name(path), l->name);
	if (l->kind == LAYER_UPSAMPLE)
		die("%s: layer %s repeats outputs, so that neighbors do not belong to different "
		    "places of a larger image",
		    file_name(path), l->name);
	if (l->kind == LAYER_TEMPLATE)
		die("%s: layer %s looks for the peak of a map, which of a larger image is another",
		    file_name(path), l->name);
	if (l->kind == LAYER_DENSE)
		wide.kind = LAYER_CONV;
	wide.same = wide.ceil = wide.global = false;
	return wide;
}

/* The model's network, with the same parameters, for images of h x w. */
static struct spec unroll(const struct slide *s, size_t h, size_t w)
{
	struct spec wide = s->nn.model.spec;

	wide.input.h = h;
	wide.input.w = w;
	wide.layer = xcalloc((size_t)wide.layers, sizeof *wide.layer);
	for (int i = 0; i < wide.layers; i++)
		wide.layer[i] = widen(s->nn.model_path, &s->nn.model.spec.layer[i]);
	char *text = spec_write(&wide);
	struct spec larger = spec_parse(s->nn.model_path, text);
	free(text);
	free(wide.layer);
	return larger;
}

/* What an add takes together belongs to one place only where the places on both ways are as far
 * apart. */
static void check_adds(const struct slide *s)
{
	const struct spec *spec = &s->nn.model.spec;
	size_t field[2], a[2], b[2];

	for (const struct layer *l = spec->layer; l < spec->layer + spec->layers; l++) {
		if (l->add < 0)
			continue;
		spec_receptive_field(spec, l->from, field, a);
		spec_receptive_field(spec, l->add, field, b);
		if (memcmp(a, b, sizeof a) != 0)
			die("%s: layer %s adds outputs of different strides, which belong to "
			    "different places of a larger image",
			    file_name(s->nn.model_path), l->name);
	}
}

/* Answers along an axis of the pass that begins at row or column `first`. */
static size_t answers(const struct slide *s, int axis, size_t first)
{
	return (s->places[axis] - first + s->jump[axis] - 1) / s->jump[axis];
}

static size_t side(const struct slide *s, int axis, size_t first)
{
	const struct shape *in = &s->nn.model.spec.input;

	return (axis ? in->w : in->h) + s->jump[axis] * (answers(s, axis, first) - 1);
}

static struct engine *engine_from(struct slide *s, size_t row, size_t column)
{
	struct pass *pass = &s->pass[answers(s, 0, row) < answers(s, 0, 0)]
	                            [answers(s, 1, column) < answers(s, 1, 0)];

	if (!pass->engine) {
		pass->spec = unroll(s, side(s, 0, row), side(s, 1, column));
		pass->engine = engine_new(&pass->spec,
		                          &(struct engine_options){.batch = s->nn.images.batch});
		engine_load(pass->engine, s->nn.model.tensor);
	}
	return pass->engine;
}

/* ---- images ---- */

/* The strips of n images that begin at row `top`, without what is above a row and left of a column
 * of them, as far as the pass goes. */
static void feed(const struct slide *s, struct engine *e, const char *pixels, size_t n, size_t top,
                 size_t row, size_t column)
{
	const struct images *images = &s->nn.images;
	const struct shape in = images->shape;
	size_t h = side(s, 0, row), w = side(s, 1, column), size = npy_size(images->type);
	char *cut = xcalloc(in.c * h * w, size);

	for (size_t i = 0; i < n; i++) {
		const char *from = pixels + i * images->pixels * size;
		for (size_t c = 0; c < in.c; c++)
			for (size_t y = 0; y < h; y++)
				memcpy(cut + (c * h + y) * w * size,
				       from + ((c * in.h + top + row + y) * in.w + column) * size,
				       w * size);
		engine_image(e, i, images->type, cut);
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

/* The logits of n images at all places of the strip that begins at row `top`:
 * (n,rows,columns,classes). */
static void answer(struct slide *s, const char *pixels, size_t n, size_t top, float *logits)
{
	for (size_t row = 0; row < s->jump[0] && row < s->places[0]; row++)
		for (size_t column = 0; column < s->jump[1] && column < s->places[1]; column++) {
			struct engine *e = engine_from(s, row, column);
			feed(s, e, pixels, n, top, row, column);
			engine_forward(e, n);
			scatter(s, engine_output(e), logits, n, row, column);
		}
}

/* Write the logits of n images, strip by strip; the last one has rows of the one before. */
static void put_answers(struct slide *s, const struct npy *head, const char *pixels, size_t n,
                        float *logits, bool probabilities)
{
	size_t row = s->places[1] * s->classes, strip = s->places[0] * row, top;

	for (size_t done = 0; done < s->rows; done = top + s->places[0]) {
		top = done < s->rows - s->places[0] ? done : s->rows - s->places[0];
		answer(s, pixels, n, top, logits);
		if (probabilities)
			num_softmax(logits, n * strip / s->classes, s->classes, logits);
		/* Nothing is written before there is something to write. */
		if (s->nn.images.done == n && !done)
			npy_put_head(head);
		npy_put(head, logits + (done - top) * row, n * strip - (done - top) * row);
	}
}

static void run(struct slide *s, const struct npy *head, bool probabilities)
{
	struct images *images = &s->nn.images;
	struct progress p =
		progress_begin("images", 0, (double)images->n, s->nn.o->quiet, s->nn.o->verbose);
	float *logits =
		xcalloc(images->batch * s->places[0], s->places[1] * s->classes * sizeof *logits);
	const char *pixels;
	size_t n;

	while ((pixels = images_pixels(images, &n))) {
		put_answers(s, head, pixels, n, logits, probabilities);
		progress_show(&p, (double)images->done, NULL);
	}
	if (!images->n)
		npy_put_head(head);
	progress_end(&p);
	free(logits);
}

/* ---- memory ---- */

/* What the outputs of the layers of a pass may take: more only if one row of answers does. */
enum { MEMORY = 1 << 27 };

/* What they take of an image in strips of this many rows of places. */
static double bytes_of(struct slide *s, size_t rows)
{
	double n = 0;

	s->places[0] = rows;
	struct spec wide = unroll(s, side(s, 0, 0), side(s, 1, 0));
	for (int i = 0; i < wide.layers; i++)
		n += (double)shape_count(wide.layer[i].out);
	spec_free(&wide);
	return n * sizeof(float);
}

/* As many images at a time as MEMORY has room for, or as many rows of one. */
static void divide(struct slide *s)
{
	struct images *images = &s->nn.images;
	size_t jump = s->jump[0];
	double one = bytes_of(s, jump), more = bytes_of(s, 2 * jump) - one;
	double answers = 1 + (one < MEMORY ? (MEMORY - one) / more : 0);

	if (answers * (double)jump < (double)s->rows) {
		s->places[0] = (size_t)answers * jump;
		images->batch = 1;
		return;
	}
	double fit = MEMORY / bytes_of(s, s->rows);
	if (fit < (double)images->batch)
		images->batch = fit < 1 ? 1 : (size_t)fit;
}

/* What is written, (N,rows,columns,classes). */
static struct npy plan(struct slide *s)
{
	const struct spec *spec = &s->nn.model.spec;
	const struct images *images = &s->nn.images;
	const struct shape in = images->shape, part = spec->input;
	size_t field[2];

	if (in.c != part.c || in.h < part.h || in.w < part.w)
		die("%s: expected images no smaller than the network's input %s, found %s",
		    npy_name(images->in), shape_text(part, false), npy_shape(&images->head));
	s->classes = spec_classes(spec);
	s->rows = in.h - part.h + 1;
	s->places[1] = in.w - part.w + 1;
	check_adds(s);
	spec_receptive_field(spec, spec->layers - 1, field, s->jump);

	struct npy out = {
		.type = NPY_F4, .ndim = 4, .dim = {images->n, s->rows, s->places[1], s->classes}};
	nn_check_size(&s->nn, &out);
	divide(s);
	images_fetch(&s->nn.images);
	/* What cannot be done is said before anything is computed. */
	engine_from(s, 0, 0);
	return out;
}

static void free_passes(struct slide *s)
{
	for (int i = 0; i < 4; i++)
		if (s->pass[i / 2][i % 2].engine) {
			engine_free(s->pass[i / 2][i % 2].engine);
			spec_free(&s->pass[i / 2][i % 2].spec);
		}
}

int main(int argc, char *argv[])
{
	bool probabilities = false;
	struct nn_options o = {.batch = 16};
	const struct cli_option options[] = {
		OPTION_FLAG('p', "probabilities", &probabilities,
	                    "write the softmax of the logits"),
		OPTIONS_NN(&o),
		OPTION_END,
	};
	const struct cli cli = {"MODEL [IMAGES]", 1, 2,
	                        "Run a network at every place of larger images.", options};
	struct slide s = {
		.nn = nn_open(cli_parse(argc, argv, &cli), &o, "the model and the images", NULL)};

	s.nn.images = images_open(s.nn.images_path, NULL, (size_t)o.batch);
	s.nn.images.scale = mapping_least_scale(&s.nn.model.spec.mapping);
	struct npy head = plan(&s);
	run(&s, &head, probabilities);
	free_passes(&s);
	nn_close(&s.nn);
	return cli_close();
}
