#include "spec/spec.h"

#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "spec/layers.h"

int spec_find(const struct spec *spec, const char *name)
{
	char list[1024] = "";

	for (int i = 0; i < spec->layers; i++) {
		if (!strcmp(spec->layer[i].name, name))
			return i;
		size_t n = strlen(list);
		snprintf(list + n, sizeof list - n, "%s%s", i ? ", " : "", spec->layer[i].name);
	}
	die("there is no layer '%s', only %s", name, list);
}

void spec_mark(const struct spec *spec, int layer, bool mark[])
{
	for (int i = 0; i < spec->layers; i++)
		mark[i] = i == layer;
	for (int i = layer; i >= 0; i--) {
		const struct layer *l = &spec->layer[i];
		if (mark[i] && l->from >= 0)
			mark[l->from] = true;
		if (mark[i] && l->add >= 0)
			mark[l->add] = true;
	}
}

bool spec_is_vector(const struct spec *spec, int layer)
{
	const struct layer *l = &spec->layer[layer];

	return l->vector || (layer == spec->layers - 1 && l->out.h == 1 && l->out.w == 1);
}

size_t spec_classes(const struct spec *spec)
{
	const struct layer *last = &spec->layer[spec->layers - 1];

	if (!spec_is_vector(spec, spec->layers - 1))
		die("the network ends in %s, whose output is %s: a classifier ends in a vector of "
		    "logits",
		    last->name, shape_text(last->out, last->vector));
	return last->out.c;
}

/* ---- shapes ---- */

size_t shape_count(struct shape s)
{
	return s.c * s.h * s.w;
}

const char *shape_text(struct shape s, bool vector)
{
	static char buffer[8][80];
	static unsigned next;
	char *text = buffer[next++ % 8];

	if (vector)
		snprintf(text, sizeof *buffer, "(%zu)", s.c);
	else
		snprintf(text, sizeof *buffer, "(%zu,%zu,%zu)", s.c, s.h, s.w);
	return text;
}

/* ---- parameters ---- */

size_t parameter_count(const struct parameter *p)
{
	size_t count = 1;

	for (int i = 0; i < p->ndim; i++)
		count *= p->dim[i];
	return count;
}

void parameter_fans(const struct parameter *p, size_t *fan_in, size_t *fan_out)
{
	size_t kernel = parameter_count(p) / (p->dim[0] * p->dim[1]);

	*fan_in = p->dim[1] * kernel;
	*fan_out = p->dim[0] * kernel;
}

/* ---- layers ---- */

const char *layer_kind_name(enum layer_kind kind)
{
	return layer_types[kind].word;
}

uint64_t layer_multiply_adds(const struct layer *l)
{
	const struct layer_type *type = &layer_types[l->kind];

	return type->multiply_adds ? type->multiply_adds(l) : 0;
}

uint64_t layer_neurons(const struct layer *l)
{
	return layer_types[l->kind].neurons ? shape_count(l->out) : 0;
}

/* a * b and a + b, or the largest size there is: strides multiply without limit. */
static size_t times(size_t a, size_t b)
{
	return size_multiply(a, b, &a) ? a : SIZE_MAX;
}

static size_t plus(size_t a, size_t b)
{
	return a + b < a ? SIZE_MAX : a + b;
}

static size_t larger(size_t a, size_t b)
{
	return a > b ? a : b;
}

/* An axis of what an output element sees. */
struct view {
	size_t field, jump;
};

/* Of layer l, of[] being those of the layers above. */
static struct view see(const struct layer *l, int axis, const struct view of[])
{
	struct view v = {1, 1};
	size_t kernel = l->kernel[axis] ? l->kernel[axis] : 1;

	if (l->from >= 0)
		v = of[l->from];
	if (l->add >= 0)
		v = (struct view){larger(v.field, of[l->add].field),
		                  larger(v.jump, of[l->add].jump)};
	v.field = plus(v.field, times(kernel - 1, v.jump));
	if (l->stride[axis])
		v.jump = times(v.jump, l->stride[axis]);
	return v;
}

void spec_receptive_field(const struct spec *spec, int i, size_t field[2], size_t jump[2])
{
	struct view *of = xcalloc((size_t)i + 1, sizeof *of);

	for (int axis = 0; axis < 2; axis++) {
		for (int k = 0; k <= i; k++)
			of[k] = see(&spec->layer[k], axis, of);
		field[axis] = of[i].field;
		jump[axis] = of[i].jump;
	}
	free(of);
}

/* ---- text ---- */

static void write_layer(FILE *text, const struct spec *s, int i)
{
	const struct layer *l = &s->layer[i];
	const struct layer_type *type = &layer_types[l->kind];

	fputs(type->word, text);
	if (type->write)
		type->write(text, s, l);
	if ((type->options & STRIDE) && !l->global)
		fprintf(text, " stride %zux%zu", l->stride[0], l->stride[1]);
	if ((type->options & PAD) && l->same)
		fputs(" pad same", text);
	else if ((type->options & PAD) && (l->pad_before[0] || l->pad_before[1]))
		fprintf(text, " pad %zux%zu", l->pad_before[0], l->pad_before[1]);
	if (l->ceil)
		fputs(" ceil", text);
	if ((type->options & NOBIAS) && !l->bias)
		fputs(" nobias", text);
	if (l->from != i - 1)
		fprintf(text, " from %s", s->layer[l->from].name);
	fprintf(text, " as %s\n", l->name);
}

char *spec_write(const struct spec *spec)
{
	char *written = NULL;
	size_t size = 0;
	FILE *text = memory_open(&written, &size);

	fprintf(text, "input %zux%zux%zu mean %.17g scale %.17g\n", spec->input.c, spec->input.h,
	        spec->input.w, spec->mean, spec->scale);
	for (int i = 0; i < spec->layers; i++)
		write_layer(text, spec, i);
	memory_close(text);
	return written;
}

const char *layer_usage(enum layer_kind kind)
{
	static char usage[128];
	const struct layer_type *type = &layer_types[kind];
	int n = snprintf(usage, sizeof usage, "%s%s%s", type->word, type->arguments ? " " : "",
	                 type->arguments ? type->arguments : "");

	for (const struct layer_option *o = layer_options; o->word; o++)
		if (type->options & o->option)
			n += snprintf(usage + n, sizeof usage - (size_t)n, " [%s]", o->usage);
	return usage;
}
