#include "spec/layers.h"

#include <string.h>

#include "base/base.h"

/* ---- windows: convolution and pooling ---- */

static void parse_conv(struct text *t, const struct spec *s, struct layer *l)
{
	(void)s;
	take_sizes(t, 1, &l->out.c, "a number of filters");
	take_sizes(t, 2, l->kernel, "a kernel such as 3x3");
	l->stride[0] = l->stride[1] = 1;
	l->bias = true;
}

static void parse_pool(struct text *t, const struct spec *s, struct layer *l)
{
	(void)s;
	l->global = !strcmp(t->word, "global");
	if (l->global)
		text_word(t);
	else
		take_sizes(t, 2, l->kernel, "a window such as 2x2, or global");
	memcpy(l->stride, l->kernel, sizeof l->stride);
}

/* How many windows lie along an axis of `in` elements; padding that depends on it is set. */
static size_t windows(struct text *t, struct layer *l, int axis, size_t in)
{
	size_t kernel = l->kernel[axis], stride = l->stride[axis];

	if (l->same) {
		size_t out = (in - 1) / stride + 1, reach = (out - 1) * stride + kernel;
		size_t pad = reach > in ? reach - in : 0;
		l->pad_before[axis] = pad / 2;
		l->pad_after[axis] = pad - pad / 2;
		return out;
	}
	size_t padded = in + l->pad_before[axis] + l->pad_after[axis];
	if (kernel > padded) {
		t->column = t->first;
		text_bad(t, "a window of %zux%zu does not fit into %s%s", l->kernel[0],
		         l->kernel[1], shape_text(l->in, false),
		         l->pad_before[axis] ? " and its padding" : "");
	}
	size_t out = (padded - kernel) / stride + 1;
	size_t filled = in + l->pad_before[axis];
	if (l->ceil && out * stride < filled && (padded - kernel) % stride) {
		l->pad_after[axis] = out * stride + kernel - filled;
		out++;
	}
	return out;
}

static void expect_image(struct text *t, const struct layer *l)
{
	if (!l->vector)
		return;
	t->column = t->first;
	text_bad(t, "expected an image (C,H,W) as input, found the vector %s",
	         shape_text(l->in, true));
}

/* One window, the whole of the input. */
static void see_all(struct layer *l)
{
	l->kernel[0] = l->in.h;
	l->kernel[1] = l->in.w;
	l->stride[0] = l->stride[1] = 1;
	l->out.h = l->out.w = 1;
	l->vector = true;
}

static void shape_conv(struct text *t, const struct spec *s, struct layer *l)
{
	(void)s;
	expect_image(t, l);
	l->out.h = windows(t, l, 0, l->in.h);
	l->out.w = windows(t, l, 1, l->in.w);
}

/* Every window has an element of the image. */
static void check_pad(struct text *t, const struct layer *l)
{
	t->column = t->first;
	for (int axis = 0; axis < 2; axis++)
		if (!l->same && l->pad_before[axis] && l->pad_before[axis] >= l->kernel[axis])
			text_bad(t, "a padding of %zux%zu for a window of %zux%zu, expected less",
			         l->pad_before[0], l->pad_before[1], l->kernel[0], l->kernel[1]);
}

static void shape_pool(struct text *t, const struct spec *s, struct layer *l)
{
	l->out.c = l->in.c;
	expect_image(t, l);
	check_pad(t, l);
	if (l->global)
		see_all(l);
	else
		shape_conv(t, s, l);
}

static void write_conv(FILE *text, const struct spec *s, const struct layer *l)
{
	(void)s;
	fprintf(text, " %zu %zux%zu", l->out.c, l->kernel[0], l->kernel[1]);
}

static void write_pool(FILE *text, const struct spec *s, const struct layer *l)
{
	(void)s;
	if (l->global)
		fputs(" global", text);
	else
		fprintf(text, " %zux%zu", l->kernel[0], l->kernel[1]);
}

static void add_weight_and_bias(struct text *t, struct spec *s, const struct layer *l,
                                struct parameter weight)
{
	const struct parameter bias = {
		.name = "bias", .ndim = 1, .dim = {l->out.c}, .trained = true, .drawn = true};

	add_parameter(t, s, &weight);
	if (l->bias)
		add_parameter(t, s, &bias);
}

static void add_conv(struct text *t, struct spec *s, const struct layer *l)
{
	add_weight_and_bias(
		t, s, l,
		(struct parameter){.name = "weight",
	                           .ndim = 4,
	                           .dim = {l->out.c, l->in.c, l->kernel[0], l->kernel[1]},
	                           .trained = true,
	                           .drawn = true});
}

static uint64_t multiply_conv(const struct layer *l)
{
	return (uint64_t)shape_count(l->out) * l->in.c * l->kernel[0] * l->kernel[1];
}

/* ---- dense: a window over the whole of its input ---- */

static void parse_dense(struct text *t, const struct spec *s, struct layer *l)
{
	(void)s;
	take_sizes(t, 1, &l->out.c, "a number of neurons");
	l->bias = true;
}

static void shape_dense(struct text *t, const struct spec *s, struct layer *l)
{
	(void)t;
	(void)s;
	see_all(l);
}

static void write_dense(FILE *text, const struct spec *s, const struct layer *l)
{
	(void)s;
	fprintf(text, " %zu", l->out.c);
}

static void add_dense(struct text *t, struct spec *s, const struct layer *l)
{
	add_weight_and_bias(t, s, l,
	                    (struct parameter){.name = "weight",
	                                       .ndim = 2,
	                                       .dim = {l->out.c, shape_count(l->in)},
	                                       .trained = true,
	                                       .drawn = true});
}

/* ---- add ---- */

static void parse_add(struct text *t, const struct spec *s, struct layer *l)
{
	l->add = take_layer(t, s);
}

static void shape_add(struct text *t, const struct spec *s, struct layer *l)
{
	const struct layer *other = &s->layer[l->add], *input = &s->layer[l->from];

	t->column = t->first;
	if (other == input)
		text_bad(t, "%s is added to itself", other->name);
	if (memcmp(&other->out, &l->in, sizeof l->in) != 0 || other->vector != l->vector)
		text_bad(t, "expected two outputs of one shape, found %s of %s and %s of %s",
		         shape_text(l->in, l->vector), input->name,
		         shape_text(other->out, other->vector), other->name);
	l->out = l->in;
}

static void write_add(FILE *text, const struct spec *s, const struct layer *l)
{
	fprintf(text, " %s", s->layer[l->add].name);
}

/* ---- upsample ---- */

static void parse_upsample(struct text *t, const struct spec *s, struct layer *l)
{
	(void)s;
	take_sizes(t, 1, &l->enlarge, "a number of rows and columns");
}

static void shape_upsample(struct text *t, const struct spec *s, struct layer *l)
{
	(void)s;
	expect_image(t, l);
	l->out = (struct shape){l->in.c, l->in.h * l->enlarge, l->in.w * l->enlarge};
}

static void write_upsample(FILE *text, const struct spec *s, const struct layer *l)
{
	(void)s;
	fprintf(text, " %zu", l->enlarge);
}

/* ---- template ---- */

static void shape_template(struct text *t, const struct spec *s, struct layer *l)
{
	(void)s;
	expect_image(t, l);
	l->out = l->in;
}

/* ---- others ---- */

static void add_batchnorm(struct text *t, struct spec *s, const struct layer *l)
{
	const struct parameter p[] = {
		{.name = "weight", .trained = true, .start = 1},
		{.name = "bias", .trained = true},
		{.name = "running_mean"},
		{.name = "running_var", .start = 1},
	};

	for (size_t i = 0; i < sizeof p / sizeof *p; i++) {
		struct parameter one = p[i];
		one.ndim = 1;
		one.dim[0] = l->out.c;
		add_parameter(t, s, &one);
	}
}

static void parse_dropout(struct text *t, const struct spec *s, struct layer *l)
{
	(void)s;
	l->drop = take_real(t, "a probability of dropping such as 0.5");
	if (!(l->drop >= 0 && l->drop < 1))
		text_expected(t, "a probability of at least 0 and less than 1");
	text_word(t);
}

static void write_dropout(FILE *text, const struct spec *s, const struct layer *l)
{
	char digits[NUMBER_TEXT];

	(void)s;
	fprintf(text, " %s", number_text(l->drop, false, digits));
}

/* ---- the table ---- */

const struct layer_type layer_types[LAYER_KINDS] = {
	[LAYER_CONV] = {.word = "conv",
                        .prefix = "conv",
                        .arguments = "N RxC",
                        .options = STRIDE | PAD | NOBIAS,
                        .parse = parse_conv,
                        .shape = shape_conv,
                        .write = write_conv,
                        .parameters = add_conv,
                        .multiply_adds = multiply_conv,
                        .neurons = true},
	[LAYER_DENSE] = {.word = "dense",
                         .prefix = "dense",
                         .arguments = "N",
                         .options = NOBIAS,
                         .parse = parse_dense,
                         .shape = shape_dense,
                         .write = write_dense,
                         .parameters = add_dense,
                         .multiply_adds = multiply_conv,
                         .neurons = true},
	[LAYER_MAXPOOL] = {.word = "maxpool",
                           .prefix = "maxpool",
                           .arguments = "RxC",
                           .options = STRIDE | PAD | CEIL,
                           .parse = parse_pool,
                           .shape = shape_pool,
                           .write = write_pool},
	[LAYER_AVGPOOL] = {.word = "avgpool",
                           .prefix = "avgpool",
                           .arguments = "RxC",
                           .options = STRIDE | PAD | CEIL,
                           .parse = parse_pool,
                           .shape = shape_pool,
                           .write = write_pool},
	[LAYER_BATCHNORM] = {.word = "batchnorm", .prefix = "bn", .parameters = add_batchnorm},
	[LAYER_DROPOUT] = {.word = "dropout",
                           .prefix = "dropout",
                           .arguments = "P",
                           .parse = parse_dropout,
                           .write = write_dropout},
	[LAYER_ADD] = {.word = "add",
                       .prefix = "add",
                       .arguments = "NAME",
                       .parse = parse_add,
                       .shape = shape_add,
                       .write = write_add},
	[LAYER_UPSAMPLE] = {.word = "upsample",
                            .prefix = "upsample",
                            .arguments = "K",
                            .parse = parse_upsample,
                            .shape = shape_upsample,
                            .write = write_upsample},
	[LAYER_TEMPLATE] = {.word = "template", .prefix = "template", .shape = shape_template},
	[LAYER_RELU] = {.word = "relu", .prefix = "relu"},
	[LAYER_SIGMOID] = {.word = "sigmoid", .prefix = "sigmoid"},
	[LAYER_TANH] = {.word = "tanh", .prefix = "tanh"},
};

const struct layer_option layer_options[] = {
	{"stride", "stride S", STRIDE}, {"pad", "pad P", PAD},       {"ceil", "ceil", CEIL},
	{"nobias", "nobias", NOBIAS},   {"from", "from NAME", FROM}, {"as", "as NAME", AS},
	{"mean", "mean M", MEAN},       {"scale", "scale S", SCALE}, {NULL, NULL, 0},
};
