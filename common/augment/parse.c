#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "augment/operations.h"
#include "base/base.h"
#include "text/text.h"

/* ---- operations ---- */

/* A value: its limits, and what it is where it may be left out. */
struct value_type {
	const char *what; /* null: there is none */
	double least, most;
	enum { WHOLE = 1, FIXED = 2, OPTIONAL = 4 } rules; /* FIXED: a number, not a range */
	struct range usual;                                /* NaN: as the value before */
};

enum { FAR = 1 << 20 }; /* pixels */

/* clang-format off */
static const struct operation_type {
	const char *word;
	struct value_type value[VALUES];
} types[OPERATIONS] = {
	[FLIP] = {"flip", {{0}}},
	[VFLIP] = {"vflip", {{0}}},
	[SHIFT] = {"shift", {
		{"a shift to the right in pixels such as -2:2", -FAR, FAR, 0, {0, 0}},
		{"a shift down in pixels such as -2:2", -FAR, FAR, 0, {0, 0}}}},
	[CROP] = {"crop", {{"a margin in pixels such as 4", 0, FAR, WHOLE | FIXED, {0, 0}}}},
	[ROTATE] = {"rotate", {{"degrees such as -10:10", -360, 360, 0, {0, 0}}}},
	[ZOOM] = {"zoom", {
		{"a factor such as 0.9:1.1", 0.01, 100, 0, {0, 0}},
		{"a factor of the height such as 0.9:1.1", 0.01, 100, OPTIONAL, {NAN, NAN}}}},
	[SHEAR] = {"shear", {
		{"degrees along rows such as -10:10", -80, 80, 0, {0, 0}},
		{"degrees along columns such as -10:10", -80, 80, OPTIONAL, {0, 0}}}},
	[PERSPECTIVE] = {"perspective", {{"a share of the size such as 0.1", 0, 0.24, 0, {0, 0}}}},
	[ELASTIC] = {"elastic", {
		{"an amplitude such as 34", 0, 1e6, 0, {0, 0}},
		{"a standard deviation in pixels such as 4", 0.1, 100, FIXED, {0, 0}}}},
	[BRIGHTNESS] = {"brightness", {{"a difference such as -25:25", -255, 255, 0, {0, 0}}}},
	[CONTRAST] = {"contrast", {{"a factor such as 0.8:1.2", 0, 100, 0, {0, 0}}}},
	[NOISE] = {"noise", {{"a standard deviation such as 10", 0, 1000, 0, {0, 0}}}},
	[SALTPEPPER] = {"saltpepper", {{"a share of the pixels such as 0.05", 0, 1, 0, {0, 0}}}},
	[ERASE] = {"erase", {
		{"a share of the area such as 0.02:0.33", 0, 1, 0, {0, 0}},
		{"a ratio of height to width such as 0.3:3.3", 0.01, 100, OPTIONAL, {0.3, 1 / 0.3}}}},
};

static const struct value_type chance_type = {"a probability such as 0.5", 0, 1, FIXED, {0, 0}};
static const struct value_type pixel_type = {"a pixel", 0, 255, FIXED, {0, 0}};
/* clang-format on */

/* ---- values ---- */

/* A number of the type, or null; sets where it ends. */
static const char *number(const char *text, const struct value_type *type, double *x)
{
	char *end;

	*x = strtod(text, &end);
	/* Not inf, nan, 0x1. */
	if (end == text || end > text + strspn(text, "+-.0123456789eE"))
		return NULL;
	if (!(*x >= type->least && *x <= type->most) || (type->rules & WHOLE && *x != rint(*x)))
		return NULL;
	return end;
}

static bool parse_range(const char *text, const struct value_type *type, struct range *v)
{
	const char *end = number(text, type, &v->low);

	v->high = v->low;
	if (end && *end == ':' && !(type->rules & FIXED))
		end = number(end + 1, type, &v->high);
	return end && !*end && v->low <= v->high;
}

/* Die: the word is not such a value. */
static noreturn void expected_value(const struct text *t, const struct value_type *type)
{
	char what[256];

	snprintf(what, sizeof what, "%s, %s%s%.15g to %.15g", type->what,
	         type->rules & WHOLE ? "a whole number " : "", type->rules & FIXED ? "" : "within ",
	         type->least, type->most);
	text_expected(t, what);
}

static struct range take_range(struct text *t, const struct value_type *type)
{
	struct range v;

	if (!parse_range(t->word, type, &v))
		expected_value(t, type);
	text_word(t);
	return v;
}

static double take_number(struct text *t, const struct value_type *type)
{
	return take_range(t, type).low;
}

/* ---- an operation ---- */

static bool accept(struct text *t, const char *word)
{
	if (strcmp(t->word, word) != 0)
		return false;
	text_word(t);
	return true;
}

static void take_values(struct text *t, struct operation *o)
{
	const struct value_type *value = types[o->kind].value;

	for (int i = 0; i < VALUES && value[i].what; i++) {
		if (value[i].rules & OPTIONAL && (!*t->word || isalpha((unsigned char)*t->word))) {
			if (isnan(value[i].usual.low))
				break;
			o->value[i] = value[i].usual;
		} else {
			o->value[i] = take_range(t, &value[i]);
		}
		o->values = i + 1;
	}
}

static struct fill take_fill(struct text *t)
{
	if (accept(t, "random"))
		return (struct fill){FILL_RANDOM, 0};
	if (accept(t, "mean"))
		return (struct fill){FILL_MEAN, 0};
	if (isalpha((unsigned char)*t->word) || !*t->word)
		text_expected(t, "random, mean or a pixel such as 128");
	return (struct fill){FILL_VALUE, take_number(t, &pixel_type)};
}

/* What may follow the values, once each and in any order. */
static void take_options(struct text *t, struct operation *o)
{
	bool chance = false, fill = false;

	while (*t->word) {
		if (!chance && accept(t, "chance")) {
			chance = true;
			o->chance = take_number(t, &chance_type);
		} else if (!fill && o->kind == ERASE && accept(t, "fill")) {
			fill = true;
			o->fill = take_fill(t);
		} else if (!o->subpixel && o->kind == SHIFT && accept(t, "subpixel")) {
			o->subpixel = true;
		} else {
			char what[64];
			snprintf(what, sizeof what, "the end%s%s%s", chance ? "" : " or chance",
			         o->kind == ERASE && !fill ? " or fill" : "",
			         o->kind == SHIFT && !o->subpixel ? " or subpixel" : "");
			text_expected(t, what);
		}
	}
}

static bool is_whole(const struct operation *o)
{
	for (int i = 0; i < o->values; i++)
		if (o->value[i].low != rint(o->value[i].low) ||
		    o->value[i].high != rint(o->value[i].high))
			return false;
	return true;
}

static enum operation_kind kind_of(struct text *t)
{
	for (int kind = 0; kind < OPERATIONS; kind++)
		if (!strcmp(t->word, types[kind].word))
			return (enum operation_kind)kind;
	char list[256] = "border";
	for (int kind = 0; kind < OPERATIONS; kind++) {
		size_t n = strlen(list);
		snprintf(list + n, sizeof list - n, ", %s", types[kind].word);
	}
	*t->item = '\0';
	text_bad(t, "expected an operation (%s), found '%s'", list, t->word);
}

static struct operation take_operation(struct text *t)
{
	struct operation o = {.kind = kind_of(t), .chance = 1, .fill = {FILL_RANDOM, 0}};
	const int column = t->column;

	text_word(t);
	take_values(t, &o);
	take_options(t, &o);
	if (o.kind == SHIFT && !o.subpixel && !is_whole(&o)) {
		t->column = column;
		text_bad(t, "a fraction of a pixel needs the word subpixel");
	}
	return o;
}

/* "border nearest" or "border 128" */
static void take_border(struct text *t, struct augment *a)
{
	if (a->bordered) {
		*t->item = '\0';
		text_bad(t, "a second border");
	}
	a->bordered = true;
	text_word(t);
	if (accept(t, "nearest"))
		a->border.with = FILL_NEAREST;
	else if (*t->word && !isalpha((unsigned char)*t->word))
		a->border.value = take_number(t, &pixel_type);
	else
		text_expected(t, "nearest or a pixel such as 128");
	if (*t->word)
		text_expected(t, "the end");
}

struct augment *augment_parse(const char *name, const char *text)
{
	struct augment *a = xcalloc(1, sizeof *a);
	struct text t = {.name = name, .separators = ",", .end = "the end", .at = text};

	while (text_item(&t)) {
		if (!strcmp(t.word, "border")) {
			take_border(&t, a);
			continue;
		}
		a->operation = xrealloc(a->operation, a->n + 1, sizeof *a->operation);
		a->operation[a->n] = take_operation(&t);
		a->n++;
	}
	if (!a->n)
		text_bad(&t, "expected an operation such as 'flip chance 0.5', found the end");
	return a;
}

void augment_free(struct augment *a)
{
	if (!a)
		return;
	free(a->operation);
	free(a);
}

/* ---- back to text ---- */

static void write_number(FILE *text, const char *before, double x)
{
	char digits[NUMBER_TEXT];

	fprintf(text, "%s%s", before, number_text(x, false, digits));
}

static void write_range(FILE *text, struct range v)
{
	write_number(text, " ", v.low);
	if (v.high != v.low)
		write_number(text, ":", v.high);
}

static void write_operation(FILE *text, const struct operation *o)
{
	fputs(types[o->kind].word, text);
	for (int i = 0; i < o->values; i++)
		write_range(text, o->value[i]);
	if (o->subpixel)
		fputs(" subpixel", text);
	if (o->kind == ERASE && o->fill.with == FILL_VALUE)
		write_number(text, " fill ", o->fill.value);
	else if (o->kind == ERASE)
		fprintf(text, " fill %s", o->fill.with == FILL_MEAN ? "mean" : "random");
	if (o->chance < 1)
		write_number(text, " chance ", o->chance);
}

char *augment_text(const struct augment *a)
{
	char *line = NULL;
	size_t size = 0;
	FILE *text = memory_open(&line, &size);

	for (size_t k = 0; k < a->n; k++) {
		fputs(k ? ", " : "", text);
		write_operation(text, &a->operation[k]);
	}
	if (a->border.with == FILL_NEAREST)
		fputs(", border nearest", text);
	else if (a->border.value != 0)
		write_number(text, ", border ", a->border.value);
	memory_close(text, &line);
	return line;
}
