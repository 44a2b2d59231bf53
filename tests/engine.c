/* The engine against the naive implementation, layer by layer and in company. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
/* cmocka.h wants those first. */
#include <cmocka.h>

#include "base/base.h"
#include "engine/engine.h"
#include "reference/draw.h"
#include "reference/naive.h"

#define COUNT(list) (sizeof(list) / sizeof *(list))

/* ---- two answers ---- */

/*
 * How far floats may be from doubles: the sum of the squared differences over that of the squares.
 * A sum of m products in floats errs by some sqrt(m) 2^-24 of its size; through ten layers of m <=
 * 2000 that is 3e-5, of which the square is 1e-9.
 */
static const double LIMIT = 1e-9;

/* The least change of the network's numbers, which are around 1, that may send a gradient another
 * way: far more than a float's rounding. */
static const double MARGIN = 2e-5;

/* One network, one engine, and what is put in. */
struct trial {
	bool whole;
	char *text;
	struct model model;
	struct engine_options o;
	struct engine *e;
	struct naive m; /* of the pass at hand */
	float *gradient;
};

static int last(const struct trial *t)
{
	return t->o.last ? t->o.last : t->model.spec.layers;
}

static double worst; /* of all comparisons in the program */

static double squares(const double *x, size_t n)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += x[i] * x[i];
	return sum;
}

/* n numbers, whose squares, or those of the numbers they are sums of, add up to `size`. */
static void compare(const struct trial *t, const char *what, const float *a, const double *b,
                    size_t n, double size)
{
	double error = 0;
	size_t first = n;

	for (size_t i = 0; i < n; i++) {
		double d = (double)a[i] - b[i];
		error += d * d;
		if (first == n && !(fabs(d) <= 1e-3 * fabs(b[i])))
			first = i;
	}
	if (size > 0 && error / size > worst)
		worst = error / size;
	if (error <= (t->whole ? 0 : LIMIT * size))
		return;
	first = first < n ? first : 0;
	fail_msg("%s\nbatch %zu, n %zu, train %d, input gradient %d, below %d, last %d, rule %d: "
	         "%s: error %g; element %zu of %zu is %g, expected %g",
	         t->text, t->o.batch, t->m.n, t->o.train, t->o.input_gradient, t->o.below, last(t),
	         t->o.rule, what, error / size, first, n, (double)a[first], b[first]);
}

static float **tensors(const struct spec *s)
{
	float **tensor = xcalloc((size_t)s->parameters, sizeof *tensor);

	for (int i = 0; i < s->parameters; i++)
		tensor[i] = xcalloc(parameter_count(&s->parameter[i]), sizeof **tensor);
	return tensor;
}

static void free_tensors(const struct spec *s, float **tensor)
{
	for (int i = 0; i < s->parameters; i++)
		free(tensor[i]);
	free(tensor);
}

/* ---- a trial ---- */

/* Batch norm's statistics of a few numbers divide by next to nothing. */
static bool enough_samples(const struct trial *t, size_t n)
{
	for (int i = 0; i < t->model.spec.layers; i++) {
		const struct layer *l = &t->model.spec.layer[i];
		if (l->kind == LAYER_BATCHNORM && n * l->out.h * l->out.w < 12)
			return false;
	}
	return true;
}

/* An engine for the text, which the trial frees.  Options without a batch mean: draw that, too. */
static struct trial *trial_of(struct draw *r, char *text, bool whole,
                              const struct engine_options *o)
{
	struct trial *t = xcalloc(1, sizeof *t);

	t->whole = whole;
	t->o = *o;
	t->text = text;
	t->model = draw_model(r, t->text, whole);
	if (!t->o.batch)
		t->o.batch = 1 + draw_below(r, 7);
	while (!enough_samples(t, t->o.batch))
		t->o.batch += 5;
	t->e = engine_new(&t->model.spec, &t->o);
	engine_load(t->e, t->model.tensor);
	return t;
}

static struct trial *trial_new(struct draw *r, const char *kinds, bool whole,
                               const struct engine_options *o)
{
	return trial_of(r, draw_network(r, kinds, whole), whole, o);
}

static void trial_free(struct trial *t)
{
	engine_free(t->e);
	model_free(&t->model);
	free(t->text);
	free(t);
}

/* The same pixels for both. */
static void draw_input(struct draw *r, struct trial *t, size_t n)
{
	size_t row = shape_count(t->model.spec.input);
	uint8_t *pixels = draw_pixels(r, n * row, t->whole);

	for (size_t i = 0; i < n * row; i++)
		t->m.pixels[i] = pixels[i];
	for (size_t i = 0; i < n; i++)
		engine_image(t->e, i, NPY_U1, pixels + i * row);
	free(pixels);
}

/* The naive pass with its input: one that leaves no doubt. */
static void draw_pass(struct draw *r, struct trial *t, size_t n)
{
	const struct spec *s = &t->model.spec;
	size_t outputs = n * shape_count(s->layer[last(t) - 1].out);
	int tries = 0;

	t->m = naive_new(s, n, t->o.train);
	t->m.rule = t->o.rule;
	t->m.frozen = t->o.frozen;
	do {
		if (tries++ == 100)
			fail_msg("%s\nevery draw is near a kink", t->text);
		naive_load(&t->m, t->model.tensor);
		draw_input(r, t, n);
		naive_forward(&t->m);
	} while (!t->whole && t->m.margin < MARGIN);
	t->gradient = draw_gradient(r, outputs, t->whole);
	for (size_t i = 0; i < outputs; i++)
		t->m.d[last(t)][i] = (double)t->gradient[i];
}

static void free_pass(struct trial *t)
{
	naive_free(&t->m);
	free(t->gradient);
}

/* Whether the output is made of the layer's, so that the engine computes it. */
static bool computed(const struct trial *t, int layer)
{
	bool *mark = xcalloc((size_t)t->model.spec.layers, sizeof *mark);

	spec_mark(&t->model.spec, last(t) - 1, mark);
	bool is = mark[layer];
	free(mark);
	return is;
}

/* What the engine holds, in C order; it stays the model's. */
static void compare_parameters(struct trial *t)
{
	const struct spec *s = &t->model.spec;

	engine_store(t->e, t->model.tensor);
	for (int i = 0; i < s->parameters; i++) {
		size_t n = parameter_count(&s->parameter[i]);
		if (computed(t, s->parameter[i].layer))
			compare(t, s->parameter[i].name, t->model.tensor[i], t->m.parameter[i], n,
			        squares(t->m.parameter[i], n));
	}
}

/*
 * Before batch norm the gradient to a bias is a sum that is 0 but for rounding.  So these sums are
 * measured by what they are made of, the gradient with respect to the layer's output, where that is
 * the larger.
 */
static void compare_gradients(struct trial *t)
{
	const struct spec *s = &t->model.spec;
	float **gradient = tensors(s);

	engine_unpack(t->e, engine_gradients(t->e), gradient);
	for (int i = 0; i < s->parameters; i++) {
		const struct parameter *p = &s->parameter[i];
		size_t n = parameter_count(p),
		       outputs = t->m.n * shape_count(s->layer[p->layer].out);
		if (computed(t, p->layer))
			compare(t, p->name, gradient[i], t->m.gradient[i], n,
			        fmax(squares(t->m.gradient[i], n),
			             squares(t->m.d[p->layer + 1], outputs)));
	}
	free_tensors(s, gradient);
}

/* A pass back by another gradient, after which all is there that the next one needs. */
static void pass_back(struct trial *t, size_t n, size_t outputs)
{
	float *other = xcalloc(outputs, sizeof *other);

	for (size_t i = 0; i < outputs; i++)
		other[i] = 1 - t->gradient[outputs - 1 - i];
	engine_backward(t->e, n, other);
	free(other);
}

/* One pass of n images, down and up again as far as the options say. */
static void pass(struct draw *r, struct trial *t, size_t n)
{
	const struct spec *s = &t->model.spec;
	size_t inputs = n * shape_count(t->o.below ? s->layer[t->o.below - 1].out : s->input);
	size_t outputs = n * shape_count(s->layer[last(t) - 1].out);

	draw_pass(r, t, n);
	const double *by = t->o.below ? t->m.d[t->o.below] : t->m.pixel_gradient;
	engine_forward(t->e, n);
	compare(t, "output", engine_output(t->e), t->m.y[last(t)], outputs,
	        squares(t->m.y[last(t)], outputs));
	if (t->o.train || t->o.input_gradient) {
		naive_backward(&t->m, last(t));
		if (!t->o.train)
			pass_back(t, n, outputs);
		engine_backward(t->e, n, t->gradient);
	}
	if (t->o.input_gradient)
		compare(t, "gradient to the input", engine_input_gradient(t->e), by, inputs,
		        squares(by, inputs));
	if (t->o.train)
		compare_gradients(t);
	compare_parameters(t);
	free_pass(t);
}

/* Several passes of one engine, not all of the whole batch. */
static void passes(struct draw *r, struct trial *t)
{
	size_t fewer = 1 + draw_below(r, t->o.batch);

	pass(r, t, t->o.batch);
	if (enough_samples(t, fewer))
		pass(r, t, fewer);
	pass(r, t, t->o.batch);
}

/* ---- layers, alone and in company ---- */

static const struct engine_options modes[] = {
	{.train = true},
	{.train = true, .input_gradient = true},
	{.input_gradient = true},
	{.train = false},
};

static void try_all(const char *name, const char *const *kinds, size_t n, bool whole, size_t times)
{
	struct draw r = {{1, rng_stream(name)}, 0};

	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < times; k++) {
			struct trial *t = trial_new(&r, kinds[i], whole, &modes[k % COUNT(modes)]);
			passes(&r, t);
			trial_free(t);
		}
}

static void exact(void **state)
{
	static const char *const kinds[] = {
		"conv",
		"dense",
		"relu",
		"maxpool",
		"dropout",
		"conv relu",
		"conv relu relu",
		"conv maxpool",
		"conv relu maxpool",
		"conv maxpool relu",
		"conv dropout relu dropout maxpool",
		"conv conv",
		"conv relu conv relu maxpool",
		"maxpool conv relu",
		"maxpool maxpool relu",
		"relu conv",
		"dense relu",
		"dense relu dense",
		"relu dense",
		"maxpool dense",
		"conv dense",
		"conv relu dense relu",
		"conv relu maxpool dense",
		"conv relu maxpool conv relu maxpool dense relu dense",
		"relu add",
		"conv branch",
		"conv relu branch relu maxpool",
		"conv relu add add maxpool add dense",
		"dropout branch conv relu branch relu conv add dense relu branch dense",
		"upsample",
		"upsample maxpool dense",
		"conv relu upsample conv relu",
		"conv upsample relu add maxpool upsample branch conv",
	};

	(void)state;
	try_all("exact", kinds, COUNT(kinds), true, COUNT(modes));
}

static void close_enough(void **state)
{
	static const char *const kinds[] = {
		"conv",
		"dense",
		"avgpool",
		"conv avgpool",
		"conv relu avgpool dense",
		"avgpool conv maxpool",
		"sigmoid",
		"tanh",
		"conv sigmoid",
		"conv tanh maxpool",
		"conv sigmoid relu maxpool",
		"dense sigmoid dense tanh dense",
		"conv sigmoid avgpool tanh dense",
		"conv sigmoid dense",
		"batchnorm",
		"batchnorm relu",
		"batchnorm relu maxpool",
		"batchnorm batchnorm tanh",
		"conv batchnorm relu",
		"conv batchnorm relu maxpool",
		"conv relu batchnorm maxpool",
		"conv batchnorm sigmoid avgpool",
		"conv maxpool batchnorm relu conv batchnorm relu dense",
		"dense batchnorm",
		"dense batchnorm relu dense",
		"conv relu conv relu maxpool dense relu dense",
		"conv batchnorm relu branch relu branch dense",
		"conv batchnorm branch maxpool tanh branch batchnorm add avgpool",
		"conv sigmoid avgpool conv sigmoid upsample conv sigmoid",
		"conv batchnorm relu maxpool upsample batchnorm relu dense",
		"template",
		"conv relu template dense",
		"conv relu template maxpool conv template conv relu",
		"conv batchnorm relu branch template branch upsample template dense",
	};

	(void)state;
	try_all("close enough", kinds, COUNT(kinds), false, COUNT(modes));
}

/* Any layers in any order, as far as the language has them. */
static void anything(void **state)
{
	static const char *const images[] = {"conv",      "relu",    "maxpool",  "avgpool",
	                                     "batchnorm", "sigmoid", "tanh",     "dropout",
	                                     "add",       "branch",  "upsample", "template"};
	static const char *const vectors[] = {"dense", "relu",    "batchnorm", "sigmoid",
	                                      "tanh",  "dropout", "add",       "branch"};
	struct draw r = {{1, rng_stream("anything")}, 0};

	(void)state;
	for (int k = 0; k < 200; k++) {
		char *kinds = xstrdup("");
		size_t flat = draw_below(&r, 6), layers = flat + 1 + draw_below(&r, 3);
		for (size_t i = 0; i < layers; i++) {
			char *more = xprintf("%s%s%s", kinds, i ? " " : "",
			                     i < flat    ? images[draw_below(&r, COUNT(images))]
			                     : i == flat ? "dense"
			                                 : vectors[draw_below(&r, COUNT(vectors))]);
			free(kinds);
			kinds = more;
		}
		struct engine_options o = modes[draw_below(&r, COUNT(modes))];
		o.last = strstr(kinds, "branch") ? 0 : (int)draw_below(&r, layers + 1);
		struct trial *t = trial_new(&r, kinds, false, &o);
		passes(&r, t);
		trial_free(t);
		free(kinds);
	}
}

/* Batches so large that the engine takes them through the first layers in slices: through all
 * layers, all before a dense layer, before weights that are larger than the image, before batch
 * norm; and batches of another size after. */
static void slices(void **state)
{
	static const char *const texts[] = {
		"conv 48 2x2\nrelu\nmaxpool 2x2\n",
		"conv 48 1x1\nrelu\nmaxpool 3x3 stride 2 ceil\nrelu\nmaxpool 2x2\ndense 3\n",
		"conv 48 2x2 stride 1 pad same nobias\nmaxpool 5x5\nconv 40 3x3\nrelu\ndense 3\n",
		"conv 48 1x2 nobias\nbatchnorm\nsigmoid\navgpool 2x2\ndense 3\n",
		"conv 48 2x1 nobias\navgpool 4x4\nbatchnorm\nsigmoid\ndense 3\n",
	};
	struct draw r = {{1, rng_stream("slices")}, 0};

	(void)state;
	for (size_t k = 0; k < COUNT(texts) * 2; k++) {
		const char *text = texts[k / 2];
		bool whole = !strstr(text, "batchnorm");
		struct engine_options o = modes[k % 2 ? 3 : 1];
		o.batch = 24;
		struct trial *t = trial_of(&r,
		                           xprintf("input 1x30x30%s\n%s",
		                                   whole ? " mean 2" : " mean 120 scale 70", text),
		                           whole, &o);
		passes(&r, t);
		trial_free(t);
	}
}

/* Convolutions on few channels, and dense layers, are loops of the engine's own: every width of
 * their tiles, numbers of taps and blocks, strides; and batches that fill the last tile or do not.
 */
static void own_loops(void **state)
{
	static const char *const texts[] = {
		"input 1x9x28\nconv 33 3x3 pad 1\n",
		"input 1x9x27\nconv 64 5x5\nrelu\n",
		"input 2x9x13\nconv 16 7x7 pad 3\n",
		"input 3x9x15\nconv 40 3x3 pad 1\nrelu\nmaxpool 3x3\n",
		"input 4x8x31\nconv 17 1x11 pad 2\n",
		"input 1x12x26\nconv 24 6x4 stride 2 pad 1\n",
		"input 1x14x23\nconv 9 5x8 stride 3 pad 2 nobias\n",
		"input 4x6x6\nconv 100 2x2\nrelu\nconv 7 2x2\n",
		"input 1x1x37\ndense 33\nrelu\ndense 70\n",
		"input 3x4x5\ndense 100 nobias\ndense 1\n",
		"input 5x3x3\ndense 31\nrelu\ndense 32\ndense 16\n",
	};
	static const size_t batches[] = {1, 15, 33, 70};
	struct draw r = {{1, rng_stream("own")}, 0};

	(void)state;
	for (size_t k = 0; k < COUNT(texts); k++)
		for (size_t b = 0; b < COUNT(batches); b++) {
			struct engine_options o = modes[(b + k) % COUNT(modes)];
			o.batch = batches[b];
			struct trial *t = trial_of(&r, xstrdup(texts[k]), true, &o);
			passes(&r, t);
			trial_free(t);
		}
}

/*
 * Convolutions with few channels on both sides stay in C order, which is one long row to them:
 * every number of channels; kernels that reach far, or not at all, beyond the edge and with more
 * zeros than they need; images narrower than a vector and wider than a tile.  So do the layers
 * between them, and what follows may need C order or blocks.
 */
static const char *const narrow_texts[] = {
	"input 1x9x28\nconv 1 3x3 pad 1\n",
	"input 1x5x7\nconv 2 1x1\n",
	"input 2x7x5\nconv 3 3x3 pad 1 nobias\nrelu\n",
	"input 3x11x13\nconv 4 5x5 pad same\nconv 3 2x3\nrelu\nconv 2 3x2 pad same\n",
	"input 4x6x3\nconv 4 3x3 pad 1\nrelu\nconv 1 1x1 nobias\n",
	"input 4x3x150\nconv 3 2x3\nconv 4 1x7 pad 0x2\n",
	"input 2x1x1\nconv 4 3x3 pad 2\nrelu\nconv 2 3x3\n",
	"input 1x4x17\nconv 2 2x2 pad 3\nconv 2 1x1 pad 1\n",
	"input 3x8x8\nconv 2 8x8\nconv 4 1x1\n",
	"input 1x40x1\nconv 4 5x1 pad 2x0\nconv 3 7x1\n",
	"input 1x10x12\nconv 3 3x3 pad 1\nrelu\nmaxpool 2x2\nconv 2 3x3 pad 1\nmaxpool 3x2\n",
	"input 2x9x11\nconv 3 3x3\nrelu\nmaxpool 3x3 stride 2 pad 1\nconv 3 2x2\nrelu\n",
	"input 3x5x6\nmaxpool 2x2 stride 1\nconv 3 3x3 pad 1\nupsample 2\nconv 1 3x3 pad 1\n",
	"input 1x7x9\nconv 3 3x3 pad 1\nrelu\ndense 5\n",
	"input 3x7x9\nupsample 3\nrelu\nconv 2 2x2\nmaxpool 4x4\ndense 5\nrelu\ndense 3\n",
	/* No narrow ones: what reads them needs blocks, or skips pixels. */
	"input 1x7x9\nconv 3 3x3 pad 1\nconv 5 3x3 pad 1\nrelu\nconv 2 3x3 pad 1\n",
	"input 2x7x9\nconv 3 3x3 pad 1\nrelu\nconv 3 3x3 pad 1\nadd relu1\n",
	"input 2x9x9\nconv 3 3x3 pad 1\nrelu\nconv 3 3x3 stride 2\nconv 2 1x1\n",
	/* Two that read one, and what comes back to it. */
	"input 2x7x6\nconv 3 3x3 as a\ndense 4 as b\nconv 2 2x2 from a\ndense 4\nadd b\n",
};
static const char *const narrow_near_texts[] = {
	"input 1x12x10 mean 120 scale 70\nconv 3 3x3 pad 1\nsigmoid\navgpool 2x2\n"
	"conv 3 3x3 pad 1\nsigmoid\nupsample 2\nconv 1 3x3 pad 1\nsigmoid\n",
	"input 3x11x9 mean 120 scale 70\nconv 4 2x3 pad 1\ntanh\navgpool 3x3 stride 2 pad 1\n"
	"conv 2 3x3 pad same\ntanh\nmaxpool 2x3\nsigmoid\ndense 7\n",
	"input 2x7x9 mean 120 scale 70\nsigmoid\navgpool 2x2 stride 1\nconv 2 3x3\nrelu\n"
	"avgpool global\ndense 3\n",
	"input 2x7x9 mean 120 scale 70\nconv 3 3x3 pad 1\nbatchnorm\nrelu\nconv 3 3x3\n",
	"input 1x9x9 mean 120 scale 70\nconv 2 3x3 pad 1\ndropout 0\nsigmoid\nconv 3 3x3\n"
	"template\nrelu\ndense 3\n",
	"input 4x8x8 mean 120 scale 70\nconv 2 3x3 pad 1\nsigmoid\nconv 20 3x3\nsigmoid\n"
	"conv 3 3x3\ntanh\n",
};

static void narrow(void **state)
{
	static const size_t batches[] = {1, 3, 33, 70};
	struct draw r = {{1, rng_stream("narrow")}, 0};
	size_t exactly = COUNT(narrow_texts), all = exactly + COUNT(narrow_near_texts);

	(void)state;
	for (size_t k = 0; k < all * COUNT(batches) * COUNT(modes); k++) {
		size_t i = k % all;
		struct engine_options o = modes[k / all % COUNT(modes)];
		o.batch = batches[k / all / COUNT(modes)];
		struct trial *t = trial_of(
			&r, xstrdup(i < exactly ? narrow_texts[i] : narrow_near_texts[i - exactly]),
			i < exactly, &o);
		passes(&r, t);
		trial_free(t);
	}
}

/* ---- branches ---- */

/* What several layers read must be there for all of them, whatever else is done in place or in one
 * op; and what they send back must add up. */
static const struct {
	const char *text;
	bool whole;
} graphs[] = {
	/* The block of He et al. 2015, with and without a convolution on the shortcut. */
	{"conv 8 3x3 pad 1 nobias\nbatchnorm\nrelu\nconv 8 3x3 pad 1 nobias\nbatchnorm\nrelu\n"
         "conv 8 3x3 pad 1 nobias\nbatchnorm\nadd relu1\nrelu\n"
         "conv 24 3x3 stride 2 pad 1 nobias\nbatchnorm\nrelu\nconv 24 3x3 pad 1 nobias\n"
         "batchnorm as main\nconv 24 1x1 stride 2 nobias from relu3\nbatchnorm\nadd main\nrelu\n"
         "avgpool global\ndense 5\n",
         false},
	/* An output read three times, by a convolution, an activation and twice by adds. */
	{"conv 20 3x3 pad 1 as a\nrelu\nconv 20 3x3 pad 1\nrelu\nadd a\nrelu from a as b\nadd "
         "add1\n"
         "relu\nadd a\nmaxpool 2x2\ndense 3\n",
         true},
	/* A ReLU whose input is also needed as it was; and one that is read beside a pool. */
	{"conv 9 2x2 as a\nrelu\nadd a\nrelu as c\nmaxpool 2x2\nrelu\ndense 6 as d\n"
         "maxpool 2x2 from c\ndense 6\nadd d\nrelu\n",
         true},
	/* Batch norm read by a pool and by an add; the first convolution read twice. */
	{"conv 17 3x3 pad 1 as a\nbatchnorm as n\nmaxpool 2x2 as p\nadd n from a\nrelu\n"
         "maxpool 2x2\nadd p\nbatchnorm\nrelu\nmaxpool 2x2\ndense 4\n",
         false},
	/* Dropout, which in inference leaves two names for one output; added to itself then. */
	{"dropout 0 as x\ndropout 0 as y\nadd x\nconv 8 3x3 as c\ndropout 0 as d\nadd c\nrelu\n"
         "dropout 0\nadd relu1\nmaxpool global\ndense 12 as e\ndense 12\nadd e\n",
         true},
	/* Vectors, which lie differently by what makes them. */
	{"conv 10 3x3\nmaxpool global as m\ndense 10\nadd m\nrelu\ndense 10 as z\nadd m\nadd z\n",
         true},
	{"conv 6 3x3 pad 1\nrelu\nmaxpool 3x3 stride 1 as w\nconv 6 3x3 from relu1\nadd w\ntanh as "
         "t\n"
         "sigmoid from add1\nadd t\navgpool 2x2 as q\nbatchnorm\nadd q\ndense 3 nobias\n",
         false},
};

static void replace(char *text, const char *old, const char *new)
{
	for (; (text = strstr(text, old)); text += strlen(old))
		memcpy(text, new, strlen(new));
}

/* Of many numbers that are not whole some are always near a kink: then there are none. */
static struct trial *graph_trial(struct draw *r, size_t i, const struct engine_options *o)
{
	const char *mean = graphs[i].whole ? "mean 2" : "mean 120.3 scale 70";
	char *text = xprintf("input 2x7x6 %s\n%s", mean, graphs[i].text);

	if (!graphs[i].whole && o->batch > 10) {
		replace(text, "relu", "tanh");
		replace(text, "maxpool", "avgpool");
	}
	return trial_of(r, text, graphs[i].whole, o);
}

/* All modes with few images; with several slices of them, those that do most and least. */
static void branches(void **state)
{
	static const size_t batches[] = {0, 1, 40};
	struct draw r = {{1, rng_stream("branches")}, 0};

	(void)state;
	for (size_t i = 0; i < COUNT(graphs); i++)
		for (size_t k = 0; k < COUNT(batches) * COUNT(modes); k++) {
			struct engine_options o = modes[k % COUNT(modes)];
			o.batch = batches[k / COUNT(modes)];
			if (o.batch > 10 && o.train != o.input_gradient)
				continue;
			struct trial *t = graph_trial(&r, i, &o);
			passes(&r, t);
			trial_free(t);
		}
}

static int graph_layers(struct draw *r, size_t i)
{
	struct trial *whole = graph_trial(r, i, &modes[3]);
	int layers = whole->model.spec.layers;

	trial_free(whole);
	return layers;
}

/* Up to every layer, tapped at every layer, and down to every layer that the output is made of. */
static void branches_cut(void **state)
{
	struct draw r = {{1, rng_stream("cut")}, 0};

	(void)state;
	for (size_t i = 0; i < COUNT(graphs); i++) {
		int layers = graph_layers(&r, i);
		for (int at = 0; at < layers; at++) {
			struct engine_options o = modes[at % 3];
			o.last = at + 1;
			struct trial *t = graph_trial(&r, i, &o);
			passes(&r, t);
			trial_free(t);
			for (int down = 0; down < (at + 1 < layers ? 3 : 0); down++) {
				o = (struct engine_options){.input_gradient = true,
				                            .below = at + 1,
				                            .rule = graphs[i].whole ? down : 0};
				t = graph_trial(&r, i, &o);
				pass(&r, t, t->o.batch);
				trial_free(t);
			}
		}
	}
}

/* Every layer's output, before and after the ReLU that is part of it. */
static void every_last(void **state)
{
	struct draw r = {{1, rng_stream("last")}, 0};

	(void)state;
	for (int last_layer = 1; last_layer <= 8; last_layer++)
		for (size_t mode = 0; mode < COUNT(modes); mode++) {
			struct engine_options o = modes[mode];
			o.last = last_layer;
			struct trial *t = trial_new(
				&r, "conv relu maxpool conv relu maxpool dense relu", true, &o);
			passes(&r, t);
			trial_free(t);
		}
}

static void relu_rules(void **state)
{
	static const char *const kinds[] = {
		"relu",
		"conv relu",
		"conv relu maxpool",
		"conv relu maxpool relu",
		"relu maxpool",
		"conv relu conv relu maxpool dense relu dense",
		"conv relu branch relu maxpool branch relu dense",
	};
	struct draw r = {{1, rng_stream("rules")}, 0};

	(void)state;
	for (size_t i = 0; i < COUNT(kinds); i++)
		for (int k = 0; k < 6; k++) {
			struct engine_options o = {.input_gradient = true,
			                           .rule = k % 2 ? RELU_GUIDED : RELU_DECONV};
			struct trial *t = trial_new(&r, kinds[i], true, &o);
			passes(&r, t);
			trial_free(t);
		}
	/* Batch norm takes in no ReLU that has a rule. */
	for (int rule = RELU_GUIDED; rule <= RELU_DECONV; rule++) {
		struct engine_options o = {.input_gradient = true, .rule = (enum relu_rule)rule};
		struct trial *t = trial_new(&r, "conv batchnorm relu maxpool dense", false, &o);
		passes(&r, t);
		trial_free(t);
	}
}

/* ---- taps ---- */

/* The sums of a naive network's gradients: of each parameter, then of the pixels. */
struct sums {
	int n;
	double **sum;
	double *made_of; /* the squares of what they are sums of, see compare_gradients() */
};

static size_t count_of(const struct naive *m, int i)
{
	const struct spec *s = m->spec;

	return i < s->parameters ? parameter_count(&s->parameter[i]) : m->n * shape_count(s->input);
}

static struct sums sums_new(const struct naive *m)
{
	struct sums s = {.n = m->spec->parameters + 1};

	s.sum = xcalloc((size_t)s.n, sizeof *s.sum);
	s.made_of = xcalloc((size_t)s.n, sizeof *s.made_of);
	for (int i = 0; i < s.n; i++)
		s.sum[i] = xcalloc(count_of(m, i), sizeof **s.sum);
	return s;
}

static void sums_add(struct sums *s, const struct naive *m)
{
	for (int i = 0; i < s->n; i++) {
		bool pixels = i == s->n - 1;
		const double *more = pixels ? m->pixel_gradient : m->gradient[i];
		for (size_t k = 0; k < count_of(m, i); k++)
			s->sum[i][k] += more[k];
		if (pixels)
			break;
		int layer = m->spec->parameter[i].layer;
		size_t outputs = m->n * shape_count(m->spec->layer[layer].out);
		s->made_of[i] = fmax(s->made_of[i], squares(m->d[layer + 1], outputs));
	}
}

static void sums_free(struct sums *s)
{
	for (int i = 0; i < s->n; i++)
		free(s->sum[i]);
	free(s->sum);
	free(s->made_of);
}

static void compare_sums(struct trial *t, const struct sums *s)
{
	const struct spec *spec = &t->model.spec;
	float **gradient = tensors(spec);

	if (t->o.input_gradient)
		compare(t, "gradient to the pixels", engine_input_gradient(t->e), s->sum[s->n - 1],
		        count_of(&t->m, s->n - 1),
		        squares(s->sum[s->n - 1], count_of(&t->m, s->n - 1)));
	if (t->o.train)
		engine_unpack(t->e, engine_gradients(t->e), gradient);
	for (int i = 0; t->o.train && i < s->n - 1; i++)
		compare(t, spec->parameter[i].name, gradient[i], s->sum[i], count_of(&t->m, i),
		        fmax(squares(s->sum[i], count_of(&t->m, i)), s->made_of[i]));
	free_tensors(spec, gradient);
}

/*
 * A pass with a gradient at the output and one at each tap.  Backward is linear in them: what the
 * naive one makes of each alone adds up.
 */
static void tapped_pass(struct draw *r, struct trial *t, size_t n)
{
	const struct layer *layer = t->model.spec.layer;

	draw_pass(r, t, n);
	struct sums sums = sums_new(&t->m);
	engine_forward(t->e, n);
	naive_backward(&t->m, last(t));
	sums_add(&sums, &t->m);
	for (int i = 0; i < t->o.taps; i++) {
		int at = t->o.tap[i];
		size_t outputs = n * shape_count(layer[at].out);
		float *gradient = draw_gradient(r, outputs, t->whole);
		compare(t, layer[at].name, engine_tap(t->e, at), t->m.y[at + 1], outputs,
		        squares(t->m.y[at + 1], outputs));
		engine_tap_gradient(t->e, at, gradient);
		for (size_t k = 0; k < outputs; k++)
			t->m.d[at + 1][k] = (double)gradient[k];
		naive_backward(&t->m, at + 1);
		sums_add(&sums, &t->m);
		free(gradient);
	}
	engine_backward(t->e, n, t->gradient);
	compare_sums(t, &sums);
	compare_parameters(t);
	sums_free(&sums);
	free_pass(t);
}

/* Every layer tapped, alone and beside another; and a pass that gives no gradient at them is one
 * without taps. */
static void taps(void **state)
{
	static const struct {
		const char *kinds;
		bool whole;
	} cases[] = {
		{"conv relu maxpool conv relu maxpool dense relu dense", true},
		{"conv dropout relu dropout maxpool dense", true},
		{"dropout conv conv relu relu dense", true},
		{"maxpool conv maxpool relu dense dense", true},
		{"conv batchnorm relu maxpool conv batchnorm relu dense", false},
		{"conv batchnorm maxpool dense batchnorm relu dense", false},
		{"conv tanh avgpool conv sigmoid dense tanh dense", false},
	};
	struct draw r = {{1, rng_stream("taps")}, 0};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		for (int at = 0; at < 9; at++) {
			struct engine_options o = modes[(i + (size_t)at) % 3];
			const int tap[] = {at, 1};
			char *text = draw_network(&r, cases[i].kinds, cases[i].whole);
			struct spec s = spec_parse("network", text);
			bool there = at < s.layers;
			spec_free(&s);
			o.tap = tap;
			o.taps = 1 + (at % 3 == 2);
			if (!there) {
				free(text);
				continue;
			}
			struct trial *t = trial_of(&r, text, cases[i].whole, &o);
			size_t fewer = 1 + draw_below(&r, t->o.batch);
			tapped_pass(&r, t, t->o.batch);
			if (enough_samples(t, fewer))
				tapped_pass(&r, t, fewer);
			pass(&r, t, t->o.batch);
			trial_free(t);
		}
}

static void taps_in_branches(void **state)
{
	struct draw r = {{1, rng_stream("tapped branches")}, 0};

	(void)state;
	for (size_t i = 0; i < COUNT(graphs); i++) {
		int layers = graph_layers(&r, i);
		for (int at = 0; at < layers; at++) {
			const int tap[] = {at, layers / 2};
			struct engine_options o = modes[at % 3];
			o.tap = tap;
			o.taps = at == layers / 2 ? 1 : 2;
			struct trial *t = graph_trial(&r, i, &o);
			tapped_pass(&r, t, t->o.batch);
			pass(&r, t, t->o.batch);
			trial_free(t);
		}
	}
}

/* A batch of several slices. */
static void taps_of_slices(void **state)
{
	static const int tap[] = {0, 1, 2, 3, 4};
	struct draw r = {{1, rng_stream("tapped slices")}, 0};

	(void)state;
	for (size_t mode = 0; mode < 3; mode++) {
		struct engine_options o = modes[mode];
		o.batch = 24;
		o.tap = tap;
		o.taps = COUNT(tap);
		struct trial *t = trial_of(&r,
		                           xstrdup("input 1x30x30 mean 2\nconv 48 2x2\nrelu\n"
		                                   "maxpool 2x2\ndense 7\nrelu\ndense 3\n"),
		                           true, &o);
		tapped_pass(&r, t, 24);
		tapped_pass(&r, t, 13);
		trial_free(t);
	}
}

/* The loss of a template: a sum of logits and the squared distance of a hidden layer's output from
 * what it should be, of the naive network, in double precision. */
static double template_loss(struct naive *m, int hidden, const float *by_logit,
                            const float *template)
{
	const struct spec *s = m->spec;
	size_t outputs = m->n * shape_count(s->layer[s->layers - 1].out);
	size_t numbers = m->n * shape_count(s->layer[hidden].out);
	double loss = 0;

	naive_forward(m);
	for (size_t i = 0; i < outputs; i++)
		loss += (double)by_logit[i] * m->y[s->layers][i];
	for (size_t i = 0; i < numbers; i++) {
		double d = m->y[hidden + 1][i] - (double)template[i];
		loss += d * d / 2;
	}
	return loss;
}

/*
 * Compare some elements of a gradient with central differences of the loss, but where a kink is
 * near.  The step is 1e-5 of a number around 1: differences in double precision err by some 1e-10,
 * the gradient in floats by some 1e-5 of its largest elements.
 */
static int differences(struct draw *r, struct naive *m, int hidden, const float *by_logit,
                       const float *template, double *x, const float *gradient, size_t n,
                       double step)
{
	double size = 0;
	int compared = 0;

	for (size_t i = 0; i < n; i++)
		size = fmax(size, fabs((double)gradient[i]));
	for (int k = 0; k < 12; k++) {
		size_t i = draw_below(r, n);
		double kept = x[i];
		x[i] = kept - step;
		double below = template_loss(m, hidden, by_logit, template);
		uint64_t decisions = m->decisions;
		x[i] = kept + step;
		double above = template_loss(m, hidden, by_logit, template);
		x[i] = kept;
		if (m->decisions != decisions)
			continue;
		double expected = (above - below) / (2 * step);
		if (!(fabs((double)gradient[i] - expected) <= 1e-4 * size))
			fail_msg("layer %d: element %zu is %g, expected %g", hidden, i,
			         (double)gradient[i], expected);
		compared++;
	}
	return compared;
}

/* The gradient of such a loss, to parameters and to pixels, against finite differences. */
static void template_gradients(void **state)
{
	static const char text[] = "input 3x9x8 mean 120 scale 70\nconv 6 3x3 pad 1\nrelu\n"
				   "maxpool 2x2\nconv 5 2x2\nbatchnorm\ntanh\ndense 7\nrelu\n"
				   "dense 4\n";
	struct draw r = {{1, rng_stream("template")}, 0};
	int compared = 0;

	(void)state;
	for (int hidden = 0; hidden < 9; hidden++) {
		const struct engine_options o = {.batch = 6,
		                                 .train = true,
		                                 .input_gradient = true,
		                                 .tap = &hidden,
		                                 .taps = 1};
		struct trial *t = trial_of(&r, xstrdup(text), false, &o);
		const struct spec *s = &t->model.spec;
		size_t numbers = 6 * shape_count(s->layer[hidden].out);
		float *template = draw_gradient(&r, numbers, false), *by_h, **gradient = tensors(s);

		draw_pass(&r, t, 6);
		engine_forward(t->e, 6);
		by_h = xcalloc(numbers, sizeof *by_h);
		for (size_t i = 0; i < numbers; i++)
			by_h[i] = engine_tap(t->e, hidden)[i] - template[i];
		engine_tap_gradient(t->e, hidden, by_h);
		engine_backward(t->e, 6, t->gradient);
		engine_unpack(t->e, engine_gradients(t->e), gradient);
		for (int i = 0; i < s->parameters; i++)
			/* That of the bias before batch norm is 0 but for rounding. */
			if (s->parameter[i].trained && (s->parameter[i].layer != 3 || hidden == 3))
				compared += differences(&r, &t->m, hidden, t->gradient, template,
				                        t->m.parameter[i], gradient[i],
				                        parameter_count(&s->parameter[i]), 1e-5);
		compared +=
			differences(&r, &t->m, hidden, t->gradient, template, t->m.pixels,
		                    engine_input_gradient(t->e), 6 * shape_count(s->input), 70e-5);
		free(template);
		free(by_h);
		free_tensors(s, gradient);
		free_pass(t);
		trial_free(t);
	}
	assert_in_range(compared, 700, 100000); /* kinks are rare */
}

/* ---- parameters ---- */

static const char *const holders[] = {
	"conv",
	"dense",
	"conv conv dense",
	"conv relu maxpool dense dense",
	"conv batchnorm relu conv avgpool dense batchnorm",
	"conv batchnorm relu branch relu dense",
};

static void same_tensors(const struct spec *s, float *const a[], float *const b[])
{
	for (int i = 0; i < s->parameters; i++)
		assert_memory_equal(a[i], b[i], parameter_count(&s->parameter[i]) * sizeof **a);
}

/* What is loaded comes back to the bit, from the engine's own order too. */
static void load_and_store(void **state)
{
	struct draw r = {{1, rng_stream("load")}, 0};

	(void)state;
	for (size_t k = 0; k < 10 * COUNT(holders); k++) {
		struct trial *t = trial_new(&r, holders[k % COUNT(holders)], false, &modes[k % 4]);
		const struct spec *s = &t->model.spec;
		float **back = tensors(s);
		engine_store(t->e, back);
		same_tensors(s, t->model.tensor, back);
		free_tensors(s, back);

		back = tensors(s);
		float *packed = xaligned(engine_size(t->e), sizeof *packed);
		engine_pack(t->e, t->model.tensor, packed);
		engine_unpack(t->e, packed, back);
		same_tensors(s, t->model.tensor, back);
		free_tensors(s, back);
		free(packed);
		trial_free(t);
	}
}

/* An engine for another purpose and batch has the same parameters to the bit, wherever they lie. */
static void take(void **state)
{
	struct draw r = {{1, rng_stream("take")}, 0};

	(void)state;
	for (size_t k = 0; k < 12 * COUNT(holders); k++) {
		struct trial *t = trial_new(&r, holders[k % COUNT(holders)], false, &modes[k % 4]);
		const struct spec *s = &t->model.spec;
		struct engine_options o = modes[k / COUNT(holders) % 4];
		o.batch = 1 + draw_below(&r, 20);
		struct engine *e = engine_new(s, &o);
		engine_take(e, t->e);
		float **back = tensors(s);
		engine_store(e, back);
		same_tensors(s, t->model.tensor, back);
		free_tensors(s, back);
		engine_free(e);
		trial_free(t);
	}
}

/* Where no parameter is, in the engine's own order: found by packing ones. */
static float *occupied(const struct trial *t)
{
	const struct spec *s = &t->model.spec;
	float **ones = tensors(s), *packed = xaligned(engine_size(t->e), sizeof *packed);

	for (int i = 0; i < s->parameters; i++)
		for (size_t k = 0; k < parameter_count(&s->parameter[i]); k++)
			ones[i][k] = 1;
	engine_pack(t->e, ones, packed);
	free_tensors(s, ones);
	return packed;
}

/* An optimizer updates all of engine_values(), by what it makes of all of engine_gradients(): where
 * a layout pads, both stay 0, and the network stays the one it is. */
static void updates(void **state)
{
	struct draw r = {{1, rng_stream("updates")}, 0};

	(void)state;
	for (size_t k = 0; k < 4 * COUNT(holders); k++) {
		struct trial *t = trial_new(&r, holders[k % COUNT(holders)], false,
		                            &modes[k / COUNT(holders) % 2]);
		float *is = occupied(t), *values = engine_values(t->e);
		const float *gradients = engine_gradients(t->e);
		for (int step = 0; step < 3; step++) {
			pass(&r, t, t->o.batch);
			for (size_t i = 0; i < engine_size(t->e); i++)
				if (is[i] == 0)
					assert_true(gradients[i] == 0 && values[i] == 0);
			for (size_t i = 0; i < engine_trained(t->e); i++)
				values[i] -= 0.01F * gradients[i] / (1e-3F + fabsf(gradients[i]));
			engine_store(t->e, t->model.tensor);
		}
		free(is);
		trial_free(t);
	}
}

/* ---- batch norm ---- */

/* The largest difference over the largest number, tensor by tensor. */
static void expect_near(const struct trial *t, const char *what, float *const *is,
                        double *const *expected, double limit)
{
	const struct spec *s = &t->model.spec;

	for (int i = 0; i < s->parameters; i++) {
		double error = 0, size = 0;
		for (size_t k = 0; k < parameter_count(&s->parameter[i]); k++) {
			error = fmax(error, fabs((double)is[i][k] - expected[i][k]));
			size = fmax(size, fabs(expected[i][k]));
		}
		if (!(error <= limit * size) && strcmp(s->parameter[i].name, "conv1.bias") != 0)
			fail_msg("%s of %s: error %g of %g", what, s->parameter[i].name, error,
			         size);
	}
}

/*
 * Statistics of 512 images, 401,408 numbers a channel, whose mean is some ten times their
 * deviation: a sum of floats in a row, or of squares, would be off by 1e-3.  What is left, 2e-5, is
 * the convolution's and the dense layer's floats, of that many numbers.  The gradient of a bias
 * before batch norm is 0 but for rounding.
 */
static void norm_is_exact(void **state)
{
	struct draw r = {{1, rng_stream("exact norm")}, 0};
	const struct engine_options o = {.batch = 512, .train = true};
	struct trial *t = trial_of(&r,
	                           xprintf("input 1x28x28 mean -1000 scale 70\nconv 4 3x3 pad 1\n"
	                                   "batchnorm\navgpool 4x4\ndense 10\n"),
	                           false, &o);
	float **gradient = tensors(&t->model.spec);

	(void)state;
	draw_pass(&r, t, 512);
	engine_forward(t->e, 512);
	engine_backward(t->e, 512, t->gradient);
	naive_backward(&t->m, last(t));
	engine_unpack(t->e, engine_gradients(t->e), gradient);
	expect_near(t, "gradient", gradient, t->m.gradient, 2e-5);
	engine_store(t->e, t->model.tensor);
	expect_near(t, "value", t->model.tensor, t->m.parameter, 2e-6);
	free_tensors(&t->model.spec, gradient);
	free_pass(t);
	trial_free(t);
}

/* Scales of every sign, by channel. */
static void set_scales(struct trial *t, const char *name)
{
	static const float scales[] = {-1.5F, 0, 0.7F, -0.4F, 1.2F};

	for (int i = 0; i < t->model.spec.parameters; i++)
		for (size_t k = 0; !strcmp(t->model.spec.parameter[i].name, name) &&
		                   k < parameter_count(&t->model.spec.parameter[i]);
		     k++)
			t->model.tensor[i][k] = scales[k % COUNT(scales)];
	engine_load(t->e, t->model.tensor);
}

/*
 * In training batch norm takes in max pooling, and then pools its input, by the scale's sign:
 * windows that leave a rest, that are not square, that overlap or reach beyond the edge (which are
 * not taken in); scales below 0, whose maxima are of the smallest inputs, and equal to 0, for which
 * every output is a maximum and the first gets the gradient; and inputs of which many are equal.
 */
static void norm_and_maxpool(void **state)
{
	static const char *const texts[] = {
		"input 1x8x10 mean 120.3 scale 70\nconv 20 3x3 pad 1\nbatchnorm\nrelu\n"
		"maxpool 2x2\ndense 3\n",
		"input 1x9x11 mean 120.3 scale 70\nconv 17 2x3\nbatchnorm\nmaxpool 2x2\nrelu\n",
		"input 2x10x7 mean 120.3 scale 70\nconv 9 3x3 pad 1\nrelu\nbatchnorm\nrelu\n"
		"maxpool 3x3\n",
		"input 1x7x9 mean 120.3 scale 70\nconv 20 3x3 pad 1\nrelu\nbatchnorm\n"
		"maxpool 3x2\nconv 8 2x2\n",
		"input 6x8x7 mean 120.3 scale 70\nconv 33 3x3 pad 1\nbatchnorm\nrelu\n"
		"maxpool 2x3\nmaxpool 2x2\n",
		"input 5x9x8 mean 120.3 scale 70\nbatchnorm\nrelu\nmaxpool 1x4\n",
		"input 5x9x8 mean 120.3 scale 70\nbatchnorm\nrelu\nmaxpool 2x2 ceil\n",
		"input 5x9x8 mean 120.3 scale 70\nbatchnorm\nrelu\nmaxpool 3x3 stride 2\n",
	};
	struct draw r = {{1, rng_stream("norm and maxpool")}, 0};

	(void)state;
	for (size_t k = 0; k < 6 * COUNT(texts); k++) {
		struct engine_options o = modes[k % 2];
		o.batch = 2 + k / COUNT(texts);
		struct trial *t = trial_of(&r, xstrdup(texts[k % COUNT(texts)]), false, &o);
		set_scales(t, "bn1.weight");
		passes(&r, t);
		trial_free(t);
	}
}

/* Pads of pools, which are no elements: behind a ReLU, whose derivative max pooling applies, and
 * batch norm, which takes in none that pads; windows that overlap, that leave gaps, and that are
 * larger than the image. */
static void padded_pools(void **state)
{
	static const char *const texts[] = {
		"input 1x8x10 mean 120.3 scale 70\nconv 20 3x3\nrelu\nmaxpool 3x3 stride 2 pad 1\n"
		"dense 3\n",
		"input 3x9x7 mean 120.3 99 110 scale 70 60 80\nconv 16 3x3 pad 1\nbatchnorm\nrelu\n"
		"maxpool 2x2 pad 1\nmaxpool 3x2 stride 2x1 pad 2x1 ceil\ndense 4\n",
		"input 5x9x8 mean 120.3 scale 70\nconv 9 2x2\ntanh\navgpool 3x3 stride 2 pad 1\n"
		"conv 5 2x2\n",
		"input 5x7x10 mean 120.3 scale 70\navgpool 4x3 stride 3x2 pad 3x0 ceil\nconv 5 "
		"2x2\n"
		"maxpool 4x4 stride 1 pad same\n",
		"input 17x5x6 mean 120.3 scale 70\navgpool 2x2 stride 1 pad same\nconv 3 "
		"2x2\nrelu\n"
		"avgpool 9x9 stride 4 pad 8\n",
		"input 2x2x1 mean 120.3 scale 70\nconv 40 1x1\nmaxpool 4x3 stride 5x1 pad 3x2\n",
	};
	struct draw r = {{1, rng_stream("padded pools")}, 0};

	(void)state;
	for (size_t k = 0; k < 8 * COUNT(texts); k++) {
		struct engine_options o = modes[k / COUNT(texts) % COUNT(modes)];
		struct trial *t = trial_of(&r, xstrdup(texts[k % COUNT(texts)]), false, &o);
		passes(&r, t);
		trial_free(t);
	}
}

/* Any of the layers frozen, in rows and with branches: a frozen batch norm is as in inference, and
 * gradients go through frozen layers to those that are not, and no further. */
static void frozen(void **state)
{
	static const char *const texts[] = {
		"input 1x8x10 mean 120.3 scale 70\nconv 20 3x3 pad 1\nbatchnorm\nrelu\n"
		"maxpool 2x2\nconv 9 3x3\nbatchnorm\nrelu\ndense 7\nbatchnorm\ndense 3\n",
		"input 1x9x11 mean 120.3 scale 70\nconv 17 2x3\nbatchnorm\nmaxpool 2x2\ntanh\n"
		"conv 20 2x2 nobias\nsigmoid\n",
		"input 6x8x7 mean 120.3 scale 70\nbatchnorm\nconv 33 3x3 pad 1\nbatchnorm\nrelu\n"
		"upsample 2\nmaxpool 2x3\nconv 5 2x2\nbatchnorm\n",
		"input 2x1x9 mean 120.3 scale 70\ndense 33\ntanh\ndense 20 nobias\nbatchnorm\n"
		"tanh\ndense 4\n",
		/* The second convolution takes more images at a time than the first. */
		"input 1x28x28 mean 120.3 scale 70\nconv 16 3x3 pad 1\nbatchnorm\n"
		"conv 8 5x5 stride 5\n",
	};
	static const size_t batches[] = {0, 12, 40};
	struct draw r = {{1, rng_stream("frozen")}, 0};
	bool layers[64];

	(void)state;
	for (size_t k = 0; k < 40 * (COUNT(texts) + COUNT(graphs)); k++) {
		size_t i = k % (COUNT(texts) + COUNT(graphs));
		struct engine_options o = modes[draw_below(&r, 2)];
		for (size_t l = 0; l < COUNT(layers); l++)
			layers[l] = draw_below(&r, 2);
		o.frozen = layers;
		o.batch = batches[draw_below(&r, COUNT(batches))];
		struct trial *t = i < COUNT(texts) ? trial_of(&r, xstrdup(texts[i]), false, &o)
		                                   : graph_trial(&r, i - COUNT(texts), &o);
		passes(&r, t);
		trial_free(t);
	}
}

/* The output of the layers before `last` in training, for pixels and parameters drawn from r. */
static float *output_of(struct draw r, const char *text, int last_layer)
{
	const struct engine_options o = {.batch = 9, .train = true, .last = last_layer};
	struct trial *t = trial_of(&r, xstrdup(text), false, &o);
	size_t row = shape_count(t->model.spec.input),
	       out = 9 * shape_count(t->model.spec.layer[last(t) - 1].out);
	uint8_t *pixels = draw_pixels(&r, 9 * row, false);
	float *y = xcalloc(out, sizeof *y);

	set_scales(t, "bn1.weight");
	for (size_t i = 0; i < 9; i++)
		engine_image(t->e, i, NPY_U1, pixels + i * row);
	engine_forward(t->e, 9);
	memcpy(y, engine_output(t->e), out * sizeof *y);
	free(pixels);
	trial_free(t);
	return y;
}

/* To pool before the scale makes no difference to the output, not of a bit. */
static void maxpool_before_scale(void **state)
{
	static const char text[] = "input 1x8x8 mean 120.3 scale 70\nconv 20 3x3 pad 1\nbatchnorm\n"
				   "relu\nmaxpool 2x2\n";
	const struct draw r = {{1, rng_stream("before scale")}, 0};
	float *whole = output_of(r, text, 3), *pooled = output_of(r, text, 4);

	(void)state;
	for (size_t i = 0; i < (size_t)9 * 20 * 4 * 4; i++) {
		const float *corner = whole + i / 4 * 16 + i % 4 * 2;
		float most = fmaxf(fmaxf(corner[0], corner[1]), fmaxf(corner[8], corner[9]));
		assert_true(pooled[i] == most);
	}
	free(whole);
	free(pooled);
}

/* The deviation of one number is none: such a batch leaves the running statistics alone. */
static void norm_of_one(void **state)
{
	struct draw r = {{1, rng_stream("one")}, 0};
	const struct engine_options o = {.batch = 20, .train = true};
	struct trial *t =
		trial_of(&r, xstrdup("input 1x3x3\ndense 5\nbatchnorm\ndense 4\n"), false, &o);
	const struct spec *s = &t->model.spec;
	float **before = tensors(s), **after = tensors(s);
	static const float gradient[4] = {1, 2, 3, 4};

	(void)state;
	pass(&r, t, 20);
	engine_store(t->e, before);
	engine_forward(t->e, 1);
	engine_backward(t->e, 1, gradient);
	engine_store(t->e, after);
	same_tensors(s, before, after);
	for (size_t i = 0; i < engine_size(t->e); i++)
		assert_true(isfinite(engine_gradients(t->e)[i]));
	free_tensors(s, before);
	free_tensors(s, after);
	trial_free(t);
}

/* ---- pixels ---- */

static void pixel_types(void **state)
{
	struct spec s = spec_parse("network", "input 1x1x3 mean 100 scale 50\nrelu\n");
	struct engine *e = engine_new(&s, &(struct engine_options){.batch = 4});
	const float expected[] = {1.5F, 0, 3.1F};

	(void)state;
	engine_image(e, 0, NPY_U1, (uint8_t[]){175, 0, 255});
	engine_image(e, 1, NPY_I8, (int64_t[]){175, 0, 255});
	engine_image(e, 2, NPY_F4, (float[]){175, 0, 255});
	engine_image(e, 3, NPY_F8, (double[]){175, 0, 255});
	engine_forward(e, 4);
	for (int i = 0; i < 12; i++)
		assert_float_equal(engine_output(e)[i], expected[i % 3], 1e-6);
	engine_free(e);
	spec_free(&s);
}

/* ---- dropout ---- */

enum { DROPOUT_N = 3, DROPOUT_ROW = 17 * 40 * 50, DROPOUT_ALL = DROPOUT_N * DROPOUT_ROW };

/* A pass through dropout alone, of ones; its output, and its gradient of ones. */
static void drop(struct engine *e, uint64_t step, float *output, float *gradient)
{
	float *ones = xcalloc(DROPOUT_ALL, sizeof *ones);

	for (size_t i = 0; i < DROPOUT_ALL; i++)
		ones[i] = 1;
	for (size_t i = 0; i < DROPOUT_N; i++)
		engine_image(e, i, NPY_F4, ones);
	engine_step(e, step);
	engine_forward(e, DROPOUT_N);
	memcpy(output, engine_output(e), DROPOUT_ALL * sizeof *output);
	engine_backward(e, DROPOUT_N, ones);
	memcpy(gradient, engine_input_gradient(e), DROPOUT_ALL * sizeof *gradient);
	free(ones);
}

static size_t kept(const float *output, double probability)
{
	size_t n = 0;

	for (size_t i = 0; i < DROPOUT_ALL; i++) {
		if (output[i] == 0)
			continue;
		assert_float_equal(output[i], 1 / (1 - probability), 1e-6);
		n++;
	}
	return n;
}

/* How many elements two masks agree on. */
static size_t agreement(const float *a, const float *b)
{
	size_t n = 0;

	for (size_t i = 0; i < DROPOUT_ALL; i++)
		n += (a[i] == 0) == (b[i] == 0);
	return n;
}

/* Of n draws of probability p, n p come, give or take five standard deviations. */
static void expect_count(size_t count, double p)
{
	double expected = DROPOUT_ALL * p, deviation = sqrt(DROPOUT_ALL * p * (1 - p));

	if (fabs((double)count - expected) > 5 * deviation)
		fail_msg("%zu of %d, expected %g +- %g", count, DROPOUT_ALL, expected, deviation);
}

static void dropout(void **state)
{
	static const double probabilities[] = {0.1, 0.5, 0.75};
	float *y[4], *d = xcalloc(DROPOUT_ALL, sizeof *d);

	(void)state;
	for (int i = 0; i < 4; i++)
		y[i] = xcalloc(DROPOUT_ALL, sizeof *d);
	for (size_t k = 0; k < COUNT(probabilities); k++) {
		double p = probabilities[k], both = (1 - p) * (1 - p) + p * p;
		char *text = xprintf("input 17x40x50\ndropout %g\n", p);
		struct spec s = spec_parse("network", text);
		struct engine_options o = {
			.batch = DROPOUT_N, .train = true, .input_gradient = true, .seed = k};
		struct engine *e = engine_new(&s, &o);
		o.seed += 100;
		struct engine *other = engine_new(&s, &o);
		for (int i = 0; i < 4; i++) {
			drop(i < 3 ? e : other, i < 3 ? (uint64_t)i % 2 : 0, y[i], d);
			expect_count(kept(y[i], p), 1 - p);
			assert_memory_equal(y[i], d, DROPOUT_ALL * sizeof *d);
		}
		/* The same step, another one, another seed, another image. */
		assert_memory_equal(y[0], y[2], DROPOUT_ALL * sizeof *d);
		expect_count(agreement(y[0], y[1]), both);
		expect_count(agreement(y[0], y[3]), both);
		assert_memory_not_equal(y[0], y[0] + DROPOUT_ROW, DROPOUT_ROW * sizeof *d);
		engine_free(e);
		engine_free(other);
		spec_free(&s);
		free(text);
	}
	for (int i = 0; i < 4; i++)
		free(y[i]);
	free(d);
}

/* Two layers of dropout do not drop alike. */
static void dropout_twice(void **state)
{
	struct spec s = spec_parse("network", "input 17x40x50\ndropout 0.5\ndropout 0.5\n");
	struct engine_options o = {.batch = DROPOUT_N, .train = true, .input_gradient = true};
	struct engine *e = engine_new(&s, &o);
	float *y = xcalloc(DROPOUT_ALL, sizeof *y), *d = xcalloc(DROPOUT_ALL, sizeof *d);

	(void)state;
	drop(e, 0, y, d);
	expect_count(kept(y, 0.75), 0.25);
	assert_memory_equal(y, d, DROPOUT_ALL * sizeof *d);
	free(y);
	free(d);
	engine_free(e);
	spec_free(&s);
}

/* ---- again ---- */

enum { AGAIN_BATCH = 70 };

/* The numbers that training leaves: some steps, dropout included; and a pull to 0 of what is
 * tapped. */
static float *train(struct draw r, const char *text, int taps, size_t *count)
{
	static const int tap[] = {1, 3, 5};
	struct model m = draw_model(&r, text, false);
	struct engine *e = engine_new(&m.spec, &(struct engine_options){.batch = AGAIN_BATCH,
	                                                                .train = true,
	                                                                .input_gradient = true,
	                                                                .tap = tap,
	                                                                .taps = taps});
	size_t row = shape_count(m.spec.input), size = engine_size(e);

	engine_load(e, m.tensor);
	for (uint64_t step = 0; step < 3; step++) {
		size_t n = step == 2 ? 4 : AGAIN_BATCH;
		uint8_t *pixels = draw_pixels(&r, n * row, false);
		float *gradient = draw_gradient(&r, n * 10, false);
		for (size_t i = 0; i < n; i++)
			engine_image(e, i, NPY_U1, pixels + i * row);
		engine_step(e, step);
		engine_forward(e, n);
		for (int i = 0; i < taps; i++)
			engine_tap_gradient(e, tap[i], engine_tap(e, tap[i]));
		engine_backward(e, n, gradient);
		for (size_t i = 0; i < engine_trained(e); i++)
			engine_values(e)[i] -= 1e-3F * engine_gradients(e)[i];
		free(pixels);
		free(gradient);
	}
	*count = size + 4 * row;
	float *left = xcalloc(*count, sizeof *left);
	memcpy(left, engine_values(e), size * sizeof *left);
	memcpy(left + size, engine_input_gradient(e), 4 * row * sizeof *left);
	engine_free(e);
	model_free(&m);
	return left;
}

/* The same bytes again, and for any number of threads. */
static void same_bytes_again(void **state)
{
	static const char *const texts[] = {
		"input 1x10x10 scale 255\nconv 8 3x3 pad 1\nbatchnorm\nrelu\n"
		"maxpool 2x2\ndropout 0.3\nconv 20 3x3\nrelu\nmaxpool 3x3 ceil\n"
		"dense 50\nrelu\ndropout 0.5\ndense 10\n",
		"input 6x6x6 scale 255\nconv 10 3x3 pad 1\nbatchnorm\nsigmoid\navgpool 2x2\n"
		"dense 50\nbatchnorm\ntanh\ndense 10\n",
		"input 1x6x6 scale 255\nconv 8 3x3 pad 1 nobias\nbatchnorm\nrelu\n"
		"conv 8 3x3 pad 1 nobias\nbatchnorm\nadd relu1\nrelu\n"
		"conv 20 3x3 stride 2 pad 1 nobias\nbatchnorm as main\n"
		"conv 20 1x1 stride 2 nobias from relu2\nadd main\nrelu\navgpool global\ndense "
		"10\n",
		"input 1x9x10 scale 255\nconv 3 3x3 pad 1\nsigmoid\navgpool 2x2\nconv 4 3x3\n"
		"relu\nupsample 2\nmaxpool 2x2\ndense 10\n",
	};
	static const int counts[] = {1, 1, 2, 5};
	struct draw r = {{1, rng_stream("again")}, 0};

	(void)state;
	for (size_t k = 0; k < 2 * COUNT(texts); k++) {
		float *one = NULL;
		for (size_t i = 0; i < COUNT(counts); i++) {
			size_t size;
			threads_use(counts[i]);
			float *left = train(r, texts[k / 2], k % 2 ? 3 : 0, &size);
			assert_true(isfinite(left[0]));
			if (one)
				assert_memory_equal(one, left, size * sizeof *left);
			free(one);
			one = left;
		}
		free(one);
	}
}

/* ---- the program ---- */

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(exact),
		cmocka_unit_test(frozen),
		cmocka_unit_test(close_enough),
		cmocka_unit_test(anything),
		cmocka_unit_test(slices),
		cmocka_unit_test(every_last),
		cmocka_unit_test(relu_rules),
		cmocka_unit_test(branches),
		cmocka_unit_test(branches_cut),
		cmocka_unit_test(taps_in_branches),
		cmocka_unit_test(load_and_store),
		cmocka_unit_test(take),
		cmocka_unit_test(updates),
		cmocka_unit_test(pixel_types),
		cmocka_unit_test(dropout),
		cmocka_unit_test(dropout_twice),
		cmocka_unit_test(same_bytes_again),
		cmocka_unit_test(own_loops),
		cmocka_unit_test(narrow),
		cmocka_unit_test(norm_is_exact),
		cmocka_unit_test(norm_of_one),
		cmocka_unit_test(norm_and_maxpool),
		cmocka_unit_test(padded_pools),
		cmocka_unit_test(maxpool_before_scale),
		cmocka_unit_test(taps),
		cmocka_unit_test(taps_of_slices),
		cmocka_unit_test(template_gradients),
	};
	int failed = cmocka_run_group_tests_name("engine", tests, NULL, NULL);

	print_message("largest error %g of at most %g\n", worst, LIMIT);
	return failed;
}
