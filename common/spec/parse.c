#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "spec/layers.h"

enum { TEXT_MAX = 1 << 20, LAYERS_MAX = 4096 };

/* ---- options ---- */

/* One for all channels of the input, or one for each. */
struct numbers {
	size_t n;
	double *x;
};

/* What options may set: a layer's, or the input's. */
struct line {
	struct layer layer;
	unsigned seen;
	size_t channels; /* of the input */
	struct numbers mean, scale;
};

static void take_stride(struct text *t, struct layer *l)
{
	size_t *stride = l->stride;

	if (sizes(t, 1, stride))
		stride[1] = stride[0];
	else if (!sizes(t, 2, stride))
		text_expected(t, "a stride such as 2 or 2x1");
	if (!stride[0] || !stride[1])
		text_expected(t, "a stride of at least 1");
	text_word(t);
}

static void take_pad(struct text *t, struct layer *l)
{
	if (!strcmp(t->word, "same"))
		l->same = true;
	else if (sizes(t, 1, l->pad_before))
		l->pad_before[1] = l->pad_before[0];
	else if (!sizes(t, 2, l->pad_before))
		text_expected(t, "a padding such as 1, 2x0 or same");
	memcpy(l->pad_after, l->pad_before, sizeof l->pad_after);
	text_word(t);
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

/* The characters that a name may have at the beginning of a text. */
static size_t name_length(const char *text)
{
	size_t n = 0;

	while (isalnum((unsigned char)text[n]) || text[n] == '_')
		n++;
	return isalpha((unsigned char)*text) ? n : 0;
}

static void take_name(struct text *t, struct layer *l)
{
	size_t n = name_length(t->word);

	if (!n || t->word[n])
		text_expected(t, "a name of letters, digits and _, a letter first");
	if (n >= SPEC_NAME)
		text_bad(t, "a name of more than %d letters", SPEC_NAME - 1);
	if (is_reserved(t->word))
		text_bad(t, "the name '%s' is reserved", t->word);
	memcpy(l->name, t->word, SPEC_NAME);
	text_word(t);
}

static bool is_taken(const struct spec *s, const char *name)
{
	for (int i = 0; i < s->layers; i++)
		if (!strcmp(s->layer[i].name, name))
			return true;
	return false;
}

bool layer_name_is_free(const struct spec *s, const char *name)
{
	size_t n = name_length(name);

	return n && !name[n] && n < SPEC_NAME && !is_reserved(name) && !is_taken(s, name);
}

int take_layer(struct text *t, const struct spec *s)
{
	for (int i = 0; i < s->layers; i++)
		if (!strcmp(s->layer[i].name, t->word)) {
			text_word(t);
			return i;
		}
	if (!*t->word)
		text_expected(t, "the name of a layer above");
	text_bad(t, "there is no layer '%s' above", t->word);
}

static double take_scale(struct text *t)
{
	double scale = take_real(t, "a scale in pixels such as 255");

	if (!(scale > 0))
		text_expected(t, "a scale above 0");
	return scale;
}

static double take_mean(struct text *t)
{
	return take_real(t, "a mean in pixels such as 128");
}

/* The numbers that follow, the first of which is at hand. */
static void take_numbers(struct text *t, double (*take)(struct text *), size_t channels,
                         struct numbers *numbers)
{
	int column = t->column;

	do {
		numbers->x = xrealloc(numbers->x, numbers->n + 1, sizeof *numbers->x);
		numbers->x[numbers->n++] = take(t);
		text_word(t);
	} while (is_real(t));
	if (numbers->n == 1 || numbers->n == channels)
		return;
	t->column = column;
	text_bad(t, "%zu numbers for %zu channel%s", numbers->n, channels, channels > 1 ? "s" : "");
}

static void take_option(struct text *t, const struct spec *s, struct line *line, unsigned option)
{
	switch (option) {
	case STRIDE: take_stride(t, &line->layer); break;
	case PAD: take_pad(t, &line->layer); break;
	case FROM: line->layer.from = take_layer(t, s); break;
	case AS: take_name(t, &line->layer); break;
	case NOBIAS: line->layer.bias = false; break;
	case CEIL: line->layer.ceil = true; break;
	case MEAN: take_numbers(t, take_mean, line->channels, &line->mean); break;
	case SCALE: take_numbers(t, take_scale, line->channels, &line->scale); break;
	}
}

/* The option that the word at hand names, one of those allowed. */
static unsigned find_option(const struct text *t, unsigned allowed)
{
	char list[128] = "the end of the line";

	for (const struct layer_option *o = layer_options; o->word; o++) {
		if (!(o->option & allowed))
			continue;
		if (!strcmp(t->word, o->word))
			return o->option;
		size_t n = strlen(list);
		snprintf(list + n, sizeof list - n, " or %s", o->word);
	}
	text_expected(t, list);
}

/* The rest of the line: those of the allowed options it gives. */
static void take_options(struct text *t, const struct spec *s, struct line *line, unsigned allowed)
{
	while (*t->word) {
		unsigned option = find_option(t, allowed);
		if (line->seen & option)
			text_bad(t, "%s is given twice", t->word);
		line->seen |= option;
		text_word(t);
		take_option(t, s, line, option);
	}
}

/* ---- lines ---- */

static enum layer_kind take_kind(struct text *t)
{
	for (int kind = 0; kind < LAYER_KINDS; kind++)
		if (!strcmp(t->word, layer_types[kind].word)) {
			text_word(t);
			return (enum layer_kind)kind;
		}
	*t->item = '\0';
	if (!strcmp(t->word, "input"))
		text_bad(t, "a second input");
	char list[256] = "";
	for (int kind = 0; kind < LAYER_KINDS; kind++) {
		size_t n = strlen(list);
		snprintf(list + n, sizeof list - n, "%s%s", kind ? ", " : "",
		         layer_types[kind].word);
	}
	text_bad(t, "expected a layer (%s), found '%s'", list, t->word);
}

static void set_default(struct numbers *numbers, double x)
{
	if (numbers->n)
		return;
	*numbers = (struct numbers){1, xcalloc(1, sizeof *numbers->x)};
	*numbers->x = x;
}

static void parse_input(struct text *t, struct spec *s)
{
	struct line line = {0};
	struct numbers *mean = &line.mean, *scale = &line.scale;
	size_t size[3];

	if (strcmp(t->word, "input") != 0) {
		*t->item = '\0';
		text_expected(t, "the input first, such as: input 1x28x28 scale 255");
	}
	text_word(t);
	take_sizes(t, 3, size, "channels, rows and columns such as 1x28x28");
	product(t, 3, size, "the input");
	line.channels = size[0];
	take_options(t, s, &line, MEAN | SCALE);
	s->input = (struct shape){size[0], size[1], size[2]};
	s->scaled = scale->n > 0;
	set_default(mean, 0);
	set_default(scale, 1);
	s->mapping = mapping_new(mean->n, mean->x, scale->n, scale->x);
	free(mean->x);
	free(scale->x);
}

void layer_name_by_count(const struct spec *s, struct layer *l)
{
	int count = 1;

	for (int i = 0; i < s->layers; i++)
		count += s->layer[i].kind == l->kind;
	snprintf(l->name, sizeof l->name, "%s%d", layer_types[l->kind].prefix, count);
}

void add_parameter(struct text *t, struct spec *s, const struct parameter *p)
{
	struct parameter one = *p;

	one.layer = s->layers - 1;
	s->elements += product(t, p->ndim, p->dim, "its weights");
	product(t, 1, &s->elements, "the network's parameters");
	snprintf(one.name, sizeof one.name, "%s.%.15s", s->layer[one.layer].name, p->name);
	s->parameter = xrealloc(s->parameter, (size_t)s->parameters + 1, sizeof one);
	s->parameter[s->parameters++] = one;
}

static void infer_shape(struct text *t, const struct spec *s, struct layer *l)
{
	const struct layer_type *type = &layer_types[l->kind];
	const struct layer *before = l->from < 0 ? NULL : &s->layer[l->from];

	l->in = before ? before->out : s->input;
	l->vector = before && before->vector;
	if (type->shape)
		type->shape(t, s, l);
	else
		l->out = l->in;
	product(t, 3, (size_t[]){l->out.c, l->out.h, l->out.w}, "the output");
}

static void parse_layer(struct text *t, struct spec *s)
{
	struct line line = {.layer = {.from = s->layers - 1, .add = -1}};
	struct layer *l = &line.layer;

	l->kind = take_kind(t);
	const struct layer_type *type = &layer_types[l->kind];
	if (type->parse)
		type->parse(t, s, l);
	/* A global pool's window needs no options. */
	take_options(t, s, &line, (l->global ? 0 : type->options) | COMMON);
	if (!*l->name)
		layer_name_by_count(s, l);
	t->column = t->first;
	if (is_taken(s, l->name))
		text_bad(t, "there is a layer named '%s' already", l->name);
	if (s->layers == LAYERS_MAX)
		text_bad(t, "more than %d layers", LAYERS_MAX);
	infer_shape(t, s, l);
	s->layer = xrealloc(s->layer, (size_t)s->layers + 1, sizeof *l);
	s->layer[s->layers++] = *l;
	if (type->parameters)
		type->parameters(t, s, l);
}

static struct text text_of(const char *name, const char *text)
{
	return (struct text){
		.name = name, .separators = "", .end = "the end of the line", .at = text};
}

/* A layer that the last one is not made of has been forgotten.  Of several, the last is one that
 * no other reads. */
static void check_read(const struct text *end, const struct spec *s)
{
	bool *mark = xcalloc((size_t)s->layers, sizeof *mark);
	int i = s->layers - 1;

	spec_mark(s, i, mark);
	while (i >= 0 && mark[i])
		i--;
	free(mark);
	if (i < 0)
		return;
	struct text t = text_of(end->name, s->text);
	for (int line = -1; line <= i; line++)
		text_item(&t);
	text_bad(&t, "the output of %s is not used", s->layer[i].name);
}

/* ---- the whole ---- */

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
	struct text t = text_of(name, text);
	struct spec s = {.text = xstrdup(text)};

	check_utf8(name, text);
	if (!*text)
		die("%s: empty: expected a network's text", name);
	if (!text_item(&t))
		die("%s: expected a network's text, found no line of it", name);
	parse_input(&t, &s);
	while (text_item(&t))
		parse_layer(&t, &s);
	if (!s.layers)
		die("%s: a network without layers", name);
	check_read(&t, &s);
	return s;
}

struct spec spec_read(const char *path)
{
	size_t bytes;
	char *text = file_read(path, "a network's text", TEXT_MAX, &bytes);

	const char *format = file_format(text, bytes);
	if (format || strlen(text) < bytes)
		die("%s: expected a network's text, found %s", file_name(path),
		    format ? format : "a NUL byte");
	struct spec s = spec_parse(file_name(path), text);
	free(text);
	return s;
}

void spec_free(struct spec *spec)
{
	free(spec->text);
	mapping_free(&spec->mapping);
	free(spec->layer);
	free(spec->parameter);
	*spec = (struct spec){0};
}
