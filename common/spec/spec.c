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

bool spec_has_parameters(const struct spec *spec, int layer)
{
	for (int i = 0; i < spec->parameters; i++)
		if (spec->parameter[i].layer == layer)
			return true;
	return false;
}

bool *spec_listed(const struct spec *spec, const char *option, const char *list)
{
	bool *in = xcalloc((size_t)spec->layers, sizeof *in);
	size_t n = 0;
	char **names = list ? cli_list(list, &n) : NULL;

	for (size_t i = 0; i < n; i++) {
		int layer = spec_find(spec, names[i]);
		if (!spec_has_parameters(spec, layer))
			die("%s: layer %s has no parameters", option, names[i]);
		in[layer] = true;
	}
	free(names);
	return in;
}

char *spec_names(const struct spec *spec, const bool mark[])
{
	char *list = NULL;

	for (int i = 0; i < spec->layers; i++) {
		if (!mark[i])
			continue;
		char *longer =
			xprintf("%s%s%s", list ? list : "", list ? "," : "", spec->layer[i].name);
		free(list);
		list = longer;
	}
	return list;
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

void spec_check_pixels(const struct spec *spec, int layer)
{
	const struct layer *l = &spec->layer[layer];

	if (spec->mapping.n > 1 && l->out.c != spec->mapping.n)
		die("the input has a mean and a scale for each of %zu channels, the output of %s "
		    "is "
		    "%s: it has no pixels",
		    spec->mapping.n, l->name, shape_text(l->out, l->vector));
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

/* How far apart the elements are at most that two of layer l's outputs are made of, which are
 * `apart` themselves; with its window, to the end of the farther one's. */
static size_t reach(const struct layer *l, int axis, size_t apart, bool window)
{
	if (l->enlarge)
		return apart / l->enlarge + (apart % l->enlarge > 0);
	if (!l->kernel[axis])
		return apart;
	return plus(times(apart, l->stride[axis]), window ? l->kernel[axis] - 1 : 0);
}

/* The same of layer i and the image, over all layers between them. */
static size_t reach_image(const struct spec *spec, int i, int axis, size_t apart, bool window)
{
	/* of[k + 1] is layer k's, of[0] the image's. */
	size_t *of = xcalloc((size_t)i + 2, sizeof *of);
	bool *mark = xcalloc((size_t)spec->layers, sizeof *mark);

	spec_mark(spec, i, mark);
	of[i + 1] = apart;
	for (int k = i; k >= 0; k--) {
		const struct layer *l = &spec->layer[k];
		if (!mark[k])
			continue;
		size_t below = reach(l, axis, of[k + 1], window);
		of[l->from + 1] = larger(of[l->from + 1], below);
		if (l->add >= 0)
			of[l->add + 1] = larger(of[l->add + 1], below);
	}
	size_t all = of[0];
	free(of);
	free(mark);
	return all;
}

void spec_receptive_field(const struct spec *spec, int i, size_t field[2], size_t jump[2])
{
	for (int axis = 0; axis < 2; axis++) {
		field[axis] = plus(reach_image(spec, i, axis, 0, true), 1);
		jump[axis] = reach_image(spec, i, axis, 1, false);
	}
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
	char *written = NULL, *mapping = mapping_text(&spec->mapping);
	size_t size = 0;
	FILE *text = memory_open(&written, &size);

	fprintf(text, "input %zux%zux%zu %s\n", spec->input.c, spec->input.h, spec->input.w,
	        mapping);
	free(mapping);
	for (int i = 0; i < spec->layers; i++)
		write_layer(text, spec, i);
	memory_close(text, &written);
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
