#include "spec/spec.h"

#include <string.h>

#include "base/base.h"

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

uint64_t layer_multiply_adds(const struct layer *l)
{
	uint64_t out = shape_count(l->out);

	switch (l->kind) {
	case LAYER_CONV: return out * l->in.c * l->kernel[0] * l->kernel[1];
	case LAYER_DENSE: return out * shape_count(l->in);
	default: return 0;
	}
}

uint64_t layer_neurons(const struct layer *l)
{
	return l->kind == LAYER_CONV || l->kind == LAYER_DENSE ? shape_count(l->out) : 0;
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

void spec_receptive_field(const struct spec *spec, int i, size_t field[2], size_t jump[2])
{
	for (int axis = 0; axis < 2; axis++) {
		field[axis] = jump[axis] = 1;
		for (const struct layer *l = spec->layer; l <= spec->layer + i; l++) {
			size_t side = axis ? l->in.w : l->in.h;
			/* Dense is a window over the whole of its input. */
			size_t kernel = l->kind == LAYER_DENSE ? side
			                : l->kernel[axis]      ? l->kernel[axis]
			                                       : 1;
			field[axis] = plus(field[axis], times(kernel - 1, jump[axis]));
			if (l->stride[axis])
				jump[axis] = times(jump[axis], l->stride[axis]);
		}
	}
}
