#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "spec/layers.h"

enum { TEXT_MAX = 1 << 20, LAYERS_MAX = 4096 };

/* ---- options ---- */

/* What options may set: a layer's, or the input's. */
struct line {
	struct layer layer;
	unsigned seen;
	double mean, scale;
};

static void take_stride(struct reader *r, struct layer *l)
{
	size_t *stride = l->stride;

	if (sizes(r, 1, stride))
		stride[1] = stride[0];
	else if (!sizes(r, 2, stride))
		expected(r, "a stride such as 2 or 2x1");
	if (!stride[0] || !stride[1])
		expected(r, "a stride of at least 1");
	next_word(r);
}

static void take_pad(struct reader *r, struct layer *l)
{
	if (!strcmp(r->word, "same"))
		l->same = true;
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

static void take_name(struct reader *r, struct layer *l)
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
	memcpy(l->name, r->word, SPEC_NAME);
	next_word(r);
}

int take_layer(struct reader *r, const struct spec *s)
{
	for (int i = 0; i < s->layers; i++)
		if (!strcmp(s->layer[i].name, r->word)) {
			next_word(r);
			return i;
		}
	if (!*r->word)
		expected(r, "the name of a layer above");
	bad(r, "there is no layer '%s' above", r->word);
}

static void take_option(struct reader *r, const struct spec *s, struct line *line, unsigned option)
{
	switch (option) {
	case STRIDE: take_stride(r, &line->layer); break;
	case PAD: take_pad(r, &line->layer); break;
	case FROM: line->layer.from = take_layer(r, s); break;
	case AS: take_name(r, &line->layer); break;
	case NOBIAS: line->layer.bias = false; break;
	case CEIL: line->layer.ceil = true; break;
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
	}
}

/* The option that the word at hand names, one of those allowed. */
static unsigned find_option(const struct reader *r, unsigned allowed)
{
	char list[128] = "the end of the line";

	for (const struct layer_option *o = layer_options; o->word; o++) {
		if (!(o->option & allowed))
			continue;
		if (!strcmp(r->word, o->word))
			return o->option;
		size_t n = strlen(list);
		snprintf(list + n, sizeof list - n, " or %s", o->word);
	}
	expected(r, list);
}

/* The rest of the line: those of the allowed options it gives. */
static void take_options(struct reader *r, const struct spec *s, struct line *line,
                         unsigned allowed)
{
	while (*r->word) {
		unsigned option = find_option(r, allowed);
		if (line->seen & option)
			bad(r, "%s is given twice", r->word);
		line->seen |= option;
		next_word(r);
		take_option(r, s, line, option);
	}
}

/* ---- lines ---- */

static enum layer_kind take_kind(struct reader *r)
{
	for (int kind = 0; kind < LAYER_KINDS; kind++)
		if (!strcmp(r->word, layer_types[kind].word)) {
			next_word(r);
			return (enum layer_kind)kind;
		}
	*r->kind = '\0';
	if (!strcmp(r->word, "input"))
		bad(r, "a second input");
	char list[256] = "";
	for (int kind = 0; kind < LAYER_KINDS; kind++) {
		size_t n = strlen(list);
		snprintf(list + n, sizeof list - n, "%s%s", kind ? ", " : "",
		         layer_types[kind].word);
	}
	bad(r, "expected a layer (%s), found '%s'", list, r->word);
}

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
	take_options(r, s, &line, MEAN | SCALE);
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
	snprintf(l->name, sizeof l->name, "%s%d", layer_types[l->kind].prefix, count);
}

void add_parameter(struct reader *r, struct spec *s, const struct parameter *p)
{
	struct parameter one = *p;

	one.layer = s->layers - 1;
	r->weights += product(r, p->ndim, p->dim, "its weights");
	product(r, 1, &r->weights, "the network's parameters");
	snprintf(one.name, sizeof one.name, "%s.%.15s", s->layer[one.layer].name, p->name);
	s->parameter = xrealloc(s->parameter, (size_t)s->parameters + 1, sizeof one);
	s->parameter[s->parameters++] = one;
}

static void infer_shape(struct reader *r, const struct spec *s, struct layer *l)
{
	const struct layer_type *type = &layer_types[l->kind];
	const struct layer *before = l->from < 0 ? NULL : &s->layer[l->from];

	l->in = before ? before->out : s->input;
	l->vector = before && before->vector;
	if (type->shape)
		type->shape(r, s, l);
	else
		l->out = l->in;
	product(r, 3, (size_t[]){l->out.c, l->out.h, l->out.w}, "the output");
}

static void parse_layer(struct reader *r, struct spec *s)
{
	struct line line = {.layer = {.from = s->layers - 1, .add = -1}};
	struct layer *l = &line.layer;

	l->kind = take_kind(r);
	const struct layer_type *type = &layer_types[l->kind];
	if (type->parse)
		type->parse(r, s, l);
	/* A global pool's window needs no options. */
	take_options(r, s, &line, (l->global ? 0 : type->options) | COMMON);
	if (!*l->name)
		name_by_count(s, l);
	r->column = r->first;
	for (int i = 0; i < s->layers; i++)
		if (!strcmp(s->layer[i].name, l->name))
			bad(r, "there is a layer named '%s' already", l->name);
	if (s->layers == LAYERS_MAX)
		bad(r, "more than %d layers", LAYERS_MAX);
	infer_shape(r, s, l);
	s->layer = xrealloc(s->layer, (size_t)s->layers + 1, sizeof *l);
	s->layer[s->layers++] = *l;
	if (type->parameters)
		type->parameters(r, s, l);
}

/* A layer that the last one is not made of has been forgotten.  Of several, the last is one that
 * no other reads. */
static void check_read(const struct reader *end, const struct spec *s)
{
	bool *mark = xcalloc((size_t)s->layers, sizeof *mark);
	int i = s->layers - 1;

	spec_mark(s, i, mark);
	while (i >= 0 && mark[i])
		i--;
	free(mark);
	if (i < 0)
		return;
	struct reader r = {.name = end->name, .at = s->text};
	for (int line = -1; line <= i; line++)
		next_line(&r);
	bad(&r, "the output of %s is not used", s->layer[i].name);
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
	check_read(&r, &s);
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
