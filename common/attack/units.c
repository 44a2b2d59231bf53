#include "attack/units.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "slice/slice.h"

/* The part of each axis of (C,H,W) that an index expression selects. */
static void select_spans(const char *option, const char *text, const struct layer *l,
                         struct span span[3])
{
	const size_t size[3] = {l->out.c, l->out.h, l->out.w};
	int n, axes = l->vector ? 1 : 3;
	struct slice *items = slice_parse(text, &n);

	if (!items || n > axes)
		die("%s: '%s' is not an index such as '%s' of the output %s of %s", option, text,
		    l->vector ? "3" : "3,0,0", shape_text(l->out, l->vector), l->name);
	for (int i = 0; i < 3; i++) {
		span[i] = (struct span){.count = size[i], .step = 1};
		if (i >= n)
			continue;
		if (items[i].kind != SLICE_INDEX && items[i].kind != SLICE_RANGE)
			die("%s: '%s' is not an index such as '3,0,0'", option, text);
		if (!slice_resolve(&items[i], size[i], &span[i]))
			die("%s: index %" PRId64 " is outside the output %s of %s", option,
			    items[i].start, shape_text(l->out, l->vector), l->name);
	}
	free(items);
}

static float *mark(const struct layer *l, const struct span span[3])
{
	float *in = xcalloc(shape_count(l->out), sizeof *in);

	for (size_t c = 0; c < span[0].count; c++)
		for (size_t y = 0; y < span[1].count; y++)
			for (size_t x = 0; x < span[2].count; x++)
				in[(span_at(&span[0], c) * l->out.h + span_at(&span[1], y)) *
				           l->out.w +
				   span_at(&span[2], x)] = 1;
	return in;
}

struct units units_parse(const char *option, const char *text, const struct spec *spec)
{
	char *name = xstrdup(text), *colon = strchr(name, ':');
	struct span span[3];

	if (colon)
		*colon = '\0';
	struct units u = {.layer = spec_find(spec, name)};
	const struct layer *l = &spec->layer[u.layer];
	select_spans(option, colon ? colon + 1 : ":", l, span);
	u.outputs = shape_count(l->out);
	u.in = mark(l, span);
	free(name);
	return u;
}

double units_sum(const struct units *u, const float *output)
{
	double sum = 0;

	for (size_t k = 0; k < u->outputs; k++)
		if (u->in[k] > 0)
			sum += (double)output[k];
	return sum;
}

void units_gradient(const struct units *u, float *gradient)
{
	memcpy(gradient, u->in, u->outputs * sizeof *gradient);
}

void units_free(struct units *u)
{
	free(u->in);
}
