#include <ctype.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "spec/spec.h"

enum { TEXT_MAX = 1 << 20, WORD = 128, LAYERS_MAX = 4096 };

/* No image, layer, tensor or network has more elements. */
static const size_t ELEMENTS_MAX = INT32_MAX;

/* What may follow a layer's first words, in any order. */
enum { STRIDE = 1, PAD = 2, CEIL = 4, NOBIAS = 8, AS = 16, MEAN = 32, SCALE = 64 };

static const struct {
	const char *word, *prefix; /* of names */
	unsigned options;
} kinds[] = {
	[LAYER_CONV] = {"conv", "conv", STRIDE | PAD | NOBIAS | AS},
	[LAYER_DENSE] = {"dense", "dense", NOBIAS | AS},
	[LAYER_MAXPOOL] = {"maxpool", "maxpool", STRIDE | CEIL | AS},
	[LAYER_AVGPOOL] = {"avgpool", "avgpool", STRIDE | CEIL | AS},
	[LAYER_BATCHNORM] = {"batchnorm", "bn", AS},
	[LAYER_DROPOUT] = {"dropout", "dropout", AS},
	[LAYER_RELU] = {"relu", "relu", AS},
	[LAYER_SIGMOID] = {"sigmoid", "sigmoid", AS},
	[LAYER_TANH] = {"tanh", "tanh", AS},
};

enum { KINDS = sizeof kinds / sizeof *kinds };

const char *layer_kind_name(enum layer_kind kind)
{
	return kinds[kind].word;
}

/* ---- the text, word by word ---- */

struct reader {
	const char *name;   /* of the text */
	const char *line;   /* the line's first character */
	const char *at;     /* what follows the word at hand */
	int number, column; /* of the line; of the word at hand */
	int first;          /* the column of the line's first word */
	char kind[WORD];    /* the line's first word, or "" */
	char word[WORD];    /* the word at hand; "" is the end of the line */
	size_t weights;     /* of the network so far */
};

static noreturn void bad(const struct reader *r, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static noreturn void bad(const struct reader *r, const char *format, ...)
{
	char what[512];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(what, sizeof what, format, arguments);
	va_end(arguments);
	die("%s:%d:%d: %s%s%s", r->name, r->number, r->column, r->kind, *r->kind ? ": " : "", what);
}

static noreturn void expected(const struct reader *r, const char *what)
{
	if (*r->word)
		bad(r, "expected %s, found '%s'", what, r->word);
	bad(r, "expected %s, found the end of the line", what);
}

static bool ends_word(char c)
{
	return !c || c == '#' || isspace((unsigned char)c);
}

/* Go on to the next word of the line. */
static void next_word(struct reader *r)
{
	size_t n = 0;

	while (*r->at != '\n' && isspace((unsigned char)*r->at))
		r->at++;
	r->column = (int)(r->at - r->line) + 1;
	for (; !ends_word(*r->at); r->at++) {
		if (!isgraph((unsigned char)*r->at)) {
			r->column = (int)(r->at - r->line) + 1;
			bad(r, "unexpected byte 0x%02x", (unsigned char)*r->at);
		}
		if (n == WORD - 1)
			bad(r, "a word of more than %d letters", WORD - 1);
		r->word[n++] = *r->at;
	}
	r->word[n] = '\0';
}

/* Go on to the first word of the next line that has one; false at the end of the text. */
static bool next_line(struct reader *r)
{
	*r->kind = '\0';
	do {
		if (r->line) {
			r->at += strcspn(r->at, "\n");
			if (!*r->at)
				return false;
			r->at++;
		}
		r->line = r->at;
		r->number++;
		next_word(r);
	} while (!*r->word);
	r->first = r->column;
	memcpy(r->kind, r->word, WORD);
	return true;
}

/* n whole numbers joined by x, as 3x3; false if the word is something else. */
static bool sizes(const struct reader *r, int n, size_t size[])
{
	const char *p = r->word;

	for (int i = 0; i < n; i++) {
		if (i && *p++ != 'x')
			return false;
		if (!isdigit((unsigned char)*p))
			return false;
		for (size[i] = 0; isdigit((unsigned char)*p); p++) {
			size[i] = 10 * size[i] + (size_t)(*p - '0');
			if (size[i] > ELEMENTS_MAX)
				bad(r, "%s is too large (the limit is %zu)", r->word, ELEMENTS_MAX);
		}
	}
	return !*p;
}

/* The same of numbers that are not 0, and go on. */
static void take_sizes(struct reader *r, int n, size_t size[], const char *what)
{
	if (!sizes(r, n, size))
		expected(r, what);
	for (int i = 0; i < n; i++)
		if (!size[i])
			expected(r, what);
	next_word(r);
}

static double take_real(struct reader *r, const char *what)
{
	char *end;
	double x = strtod(r->word, &end);

	if (!*r->word || *end || !isfinite(x))
		expected(r, what);
	return x;
}

/* ---- one line ---- */

struct line {
	struct layer layer;
	unsigned seen; /* options */
	bool same;     /* pad same */
	double mean, scale;
};

static void take_stride(struct reader *r, struct line *line)
{
	size_t *stride = line->layer.stride;

	if (sizes(r, 1, stride))
		stride[1] = stride[0];
	else if (!sizes(r, 2, stride))
		expected(r, "a stride such as 2 or 2x1");
	if (!stride[0] || !stride[1])
		expected(r, "a stride of at least 1");
	next_word(r);
}

static void take_pad(struct reader *r, struct line *line)
{
	struct layer *l = &line->layer;

	if (!strcmp(r->word, "same"))
		line->same = true;
	else if (sizes(r, 1, l->pad_before))
		l->pad_before[1] = l->pad_before[0];
	else if (!sizes(r, 2, l->pad_before))
		expected(r, "a padding such as 1, 2x0 or same");
	memcpy(l->pad_after, l->pad_before, sizeof l->pad_after);
	next_word(r);
}

/* Names that would be mistaken: a checkpoint's tensors start so, and the input is no layer. */
static bool is_reserved(const char *name)
{
	static const char *const reserved[] = {"optimizer", "average", "best", "input"};

	for (size_t i = 0; i < sizeof reserved / sizeof *reserved; i++)
		if (!strcmp(name, reserved[i]))
			return true;
	return false;
}

static void take_name(struct reader *r, struct line *line)
{
	const char *p = r->word;

	while (isalnum((unsigned char)*p) || *p == '_')
		p++;
	if (*p || !isalpha((unsigned char)*r->word))
		expected(r, "a name of letters, digits and _, a letter first");
	if (p - r->word >= SPEC_NAME)
		bad(r, "a name of more than %d letters", SPEC_NAME - 1);
	if (is_reserved(r->word))
		bad(r, "the name '%s' is reserved", r->word);
	memcpy(line->layer.name, r->word, SPEC_NAME);
	next_word(r);
}

static void take_option(struct reader *r, struct line *line, unsigned option)
{
	switch (option) {
	case STRIDE: take_stride(r, line); break;
	case PAD: take_pad(r, line); break;
	case AS: take_name(r, line); break;
	case NOBIAS: line->layer.bias = false; break;
	case MEAN:
		line->mean = take_real(r, "a mean in pixels such as 128");
		next_word(r);
		break;
	case SCALE:
		line->scale = take_real(r, "a scale in pixels such as 255");
		if (!(line->scale > 0))
			expected(r, "a scale above 0");
		next_word(r);
		break;
	default: break; /* CEIL is remembered in seen */
	}
}

/* The rest of the line: those of the allowed options it gives. */
static void take_options(struct reader *r, struct line *line, unsigned allowed)
{
	static const struct {
		const char *word;
		unsigned option;
	} words[] = {{"stride", STRIDE}, {"pad", PAD},   {"ceil", CEIL},  {"nobias", NOBIAS},
	             {"as", AS},         {"mean", MEAN}, {"scale", SCALE}};
	enum { WORDS = sizeof words / sizeof *words };

	while (*r->word) {
		int i = 0;
		while (i < WORDS && strcmp(r->word, words[i].word) != 0)
			i++;
		if (i == WORDS || !(words[i].option & allowed)) {
			char list[128] = "the end of the line";
			for (int j = 0; j < WORDS; j++)
				if (words[j].option & allowed) {
					size_t n = strlen(list);
					snprintf(list + n, sizeof list - n, " or %s",
					         words[j].word);
				}
			expected(r, list);
		}
		if (line->seen & words[i].option)
			bad(r, "%s is given twice", r->word);
		line->seen |= words[i].option;
		next_word(r);
		take_option(r, line, words[i].option);
	}
}

static enum layer_kind take_kind(struct reader *r)
{
	for (int kind = 0; kind < KINDS; kind++)
		if (!strcmp(r->word, kinds[kind].word)) {
			next_word(r);
			return (enum layer_kind)kind;
		}
	*r->kind = '\0';
	if (!strcmp(r->word, "input"))
		bad(r, "a second input");
	char list[256] = "";
	for (int kind = 0; kind < KINDS; kind++) {
		size_t n = strlen(list);
		snprintf(list + n, sizeof list - n, "%s%s", kind ? ", " : "", kinds[kind].word);
	}
	bad(r, "expected a layer (%s), found '%s'", list, r->word);
}

/* What stands between the layer's word and its options. */
static void take_arguments(struct reader *r, struct layer *l)
{
	switch (l->kind) {
	case LAYER_CONV:
		take_sizes(r, 1, &l->out.c, "a number of filters");
		take_sizes(r, 2, l->kernel, "a kernel such as 3x3");
		l->stride[0] = l->stride[1] = 1;
		l->bias = true;
		break;
	case LAYER_MAXPOOL:
	case LAYER_AVGPOOL:
		take_sizes(r, 2, l->kernel, "a window such as 2x2");
		memcpy(l->stride, l->kernel, sizeof l->stride);
		break;
	case LAYER_DENSE:
		take_sizes(r, 1, &l->out.c, "a number of neurons");
		l->bias = true;
		break;
	case LAYER_DROPOUT:
		l->drop = take_real(r, "a probability of dropping such as 0.5");
		if (!(l->drop >= 0 && l->drop < 1))
			expected(r, "a probability of at least 0 and less than 1");
		next_word(r);
		break;
	default: break;
	}
}

/* ---- shapes and parameters ---- */

/* The product of n sizes, or an error if it is absurd. */
static size_t product(struct reader *r, int n, const size_t size[], const char *what)
{
	size_t all = 1;

	for (int i = 0; i < n; i++)
		if (!size_multiply(all, size[i], &all) || all > ELEMENTS_MAX) {
			r->column = r->first;
			bad(r, "more than %zu elements in %s", ELEMENTS_MAX, what);
		}
	return all;
}

static void check_shape(struct reader *r, struct shape s)
{
	product(r, 3, (size_t[]){s.c, s.h, s.w}, *r->kind ? "the output" : "the input");
}

/* How many windows lie along an axis of `in` elements; padding that depends on it is set. */
static size_t windows(struct reader *r, struct line *line, int axis, size_t in)
{
	struct layer *l = &line->layer;
	size_t kernel = l->kernel[axis], stride = l->stride[axis];

	if (line->same) {
		size_t out = (in - 1) / stride + 1, reach = (out - 1) * stride + kernel;
		size_t pad = reach > in ? reach - in : 0;
		l->pad_before[axis] = pad / 2;
		l->pad_after[axis] = pad - pad / 2;
		return out;
	}
	size_t padded = in + l->pad_before[axis] + l->pad_after[axis];
	if (kernel > padded) {
		r->column = r->first;
		bad(r, "a window of %zux%zu does not fit into %s%s", l->kernel[0], l->kernel[1],
		    shape_text(l->in, false), l->pad_before[axis] ? " and its padding" : "");
	}
	size_t out = (padded - kernel) / stride + 1;
	if ((line->seen & CEIL) && out * stride < in && (padded - kernel) % stride) {
		l->pad_after[axis] = out * stride + kernel - in;
		out++;
	}
	return out;
}

static void infer_shape(struct reader *r, struct line *line)
{
	struct layer *l = &line->layer;

	switch (l->kind) {
	case LAYER_CONV:
	case LAYER_MAXPOOL:
	case LAYER_AVGPOOL:
		if (l->vector) {
			r->column = r->first;
			bad(r,
			    "expected an image (C,H,W) from the layer before, found the vector %s",
			    shape_text(l->in, true));
		}
		if (l->kind != LAYER_CONV)
			l->out.c = l->in.c;
		l->out.h = windows(r, line, 0, l->in.h);
		l->out.w = windows(r, line, 1, l->in.w);
		break;
	case LAYER_DENSE:
		l->out.h = l->out.w = 1;
		l->vector = true;
		break;
	default: l->out = l->in;
	}
	check_shape(r, l->out);
}

static void add_parameter(struct reader *r, struct spec *s, const char *what, int ndim,
                          const size_t dim[])
{
	struct parameter p = {.layer = s->layers - 1, .ndim = ndim, .trained = *what != 'r'};

	r->weights += product(r, ndim, dim, "its weights");
	product(r, 1, &r->weights, "the network's parameters");
	snprintf(p.name, sizeof p.name, "%s.%s", s->layer[p.layer].name, what);
	memcpy(p.dim, dim, (size_t)ndim * sizeof *dim);
	s->parameter = xrealloc(s->parameter, (size_t)s->parameters + 1, sizeof p);
	s->parameter[s->parameters++] = p;
}

/* The parameters of the last layer. */
static void add_parameters(struct reader *r, struct spec *s)
{
	const struct layer *l = &s->layer[s->layers - 1];

	switch (l->kind) {
	case LAYER_CONV:
		add_parameter(r, s, "weight", 4,
		              (size_t[]){l->out.c, l->in.c, l->kernel[0], l->kernel[1]});
		break;
	case LAYER_DENSE:
		add_parameter(r, s, "weight", 2, (size_t[]){l->out.c, shape_count(l->in)});
		break;
	case LAYER_BATCHNORM:
		add_parameter(r, s, "weight", 1, &l->out.c);
		add_parameter(r, s, "bias", 1, &l->out.c);
		add_parameter(r, s, "running_mean", 1, &l->out.c);
		add_parameter(r, s, "running_var", 1, &l->out.c);
		break;
	default: break;
	}
	if (l->bias)
		add_parameter(r, s, "bias", 1, &l->out.c);
}

/* ---- the whole ---- */

static void parse_input(struct reader *r, struct spec *s)
{
	struct line line = {.mean = 0, .scale = 1};
	size_t size[3];

	if (strcmp(r->word, "input") != 0) {
		*r->kind = '\0';
		expected(r, "the input first, such as: input 1x28x28 scale 255");
	}
	next_word(r);
	take_sizes(r, 3, size, "channels, rows and columns such as 1x28x28");
	product(r, 3, size, "the input");
	take_options(r, &line, MEAN | SCALE);
	s->input = (struct shape){size[0], size[1], size[2]};
	s->mean = line.mean;
	s->scale = line.scale;
}

/* "conv2": the kind's word for names and the layer's number among its kind. */
static void name_by_count(const struct spec *s, struct layer *l)
{
	int count = 1;

	for (int i = 0; i < s->layers; i++)
		count += s->layer[i].kind == l->kind;
	snprintf(l->name, sizeof l->name, "%s%d", kinds[l->kind].prefix, count);
}

static void parse_layer(struct reader *r, struct spec *s)
{
	const struct layer *before = s->layers ? &s->layer[s->layers - 1] : NULL;
	struct line line = {.layer.in = before ? before->out : s->input};
	struct layer *l = &line.layer;

	l->vector = before && before->vector;
	l->kind = take_kind(r);
	take_arguments(r, l);
	take_options(r, &line, kinds[l->kind].options);
	if (!*l->name)
		name_by_count(s, l);
	r->column = r->first;
	for (int i = 0; i < s->layers; i++)
		if (!strcmp(s->layer[i].name, l->name))
			bad(r, "there is a layer named '%s' already", l->name);
	if (s->layers == LAYERS_MAX)
		bad(r, "more than %d layers", LAYERS_MAX);
	infer_shape(r, &line);
	s->layer = xrealloc(s->layer, (size_t)s->layers + 1, sizeof *l);
	s->layer[s->layers++] = *l;
	add_parameters(r, s);
}

/* The bytes of the UTF-8 sequence at p, 0 if it is none (RFC 3629). */
static int utf8(const unsigned char *p)
{
	if (*p < 0x80)
		return 1;
	int n = *p >= 0xc2 && *p < 0xe0 ? 2 : *p >= 0xe0 && *p < 0xf0 ? 3 : *p >= 0xf0 ? 4 : 0;
	for (int i = 1; i < n; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	bool overlong = (*p == 0xe0 && p[1] < 0xa0) || (*p == 0xf0 && p[1] < 0x90);
	bool surrogate = *p == 0xed && p[1] >= 0xa0,
	     beyond = *p > 0xf4 || (*p == 0xf4 && p[1] > 0x8f);
	return overlong || surrogate || beyond ? 0 : n;
}

/* The text travels in a model's JSON header, which is UTF-8. */
static void check_utf8(const char *name, const char *text)
{
	const char *line = text;

	for (int number = 1, n; *text; text += n) {
		n = utf8((const unsigned char *)text);
		if (!n)
			die("%s:%d:%d: expected UTF-8, found byte 0x%02x", name, number,
			    (int)(text - line) + 1, (unsigned char)*text);
		if (*text == '\n') {
			number++;
			line = text + 1;
		}
	}
}

struct spec spec_parse(const char *name, const char *text)
{
	struct reader r = {.name = name, .at = text};
	struct spec s = {.text = xstrdup(text)};

	check_utf8(name, text);
	if (!next_line(&r))
		die("%s: expected a network's text, found no line of it", name);
	parse_input(&r, &s);
	while (next_line(&r))
		parse_layer(&r, &s);
	if (!s.layers)
		die("%s: a network without layers", name);
	return s;
}

struct spec spec_read(const char *path)
{
	size_t bytes;
	char *text = file_read(path, "a network's text", TEXT_MAX, &bytes);

	if (strlen(text) < bytes) {
		const char *format = file_format(text, bytes);
		die("%s: expected a network's text, found %s", file_name(path),
		    format ? format : "a NUL byte");
	}
	struct spec s = spec_parse(file_name(path), text);
	free(text);
	return s;
}

void spec_free(struct spec *spec)
{
	free(spec->text);
	free(spec->layer);
	free(spec->parameter);
	*spec = (struct spec){0};
}
