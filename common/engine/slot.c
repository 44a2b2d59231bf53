/* Parameters between C order and the engine's own. */
#include <stdlib.h>
#include <string.h>

#include "engine/plan.h"

struct slot *slot_of(const struct engine *e, const struct op *op, int which)
{
	return &e->slot[op->parameter + which];
}

/* Where element (o, k) of a tensor (O, ...) in C order lies; k counts the rest. */
static size_t place_of(const struct slot *s, size_t o, size_t k)
{
	const struct tensor *t = s->from;

	if (s->kind == SLOT_ROW)
		return o;
	if (s->kind == SLOT_TAPS)
		return k * s->width + o;
	size_t plane = t->shape.h * t->shape.w, c = k / plane, at = k % plane;
	size_t row = (c / t->block * plane + at) * t->block + c % t->block;
	return (o / s->width * t->image + row) * s->width + o % s->width;
}

/* Between (O,I,KH,KW) and the same with zeros for more outputs and inputs; out of it where `out`.
 */
static void fill(const struct slot *s, const struct parameter *p, float *plain, float *filled,
                 bool out)
{
	size_t taps = p->dim[2] * p->dim[3], row = p->dim[1] * taps;

	for (size_t o = 0; o < p->dim[0]; o++) {
		float *few = plain + o * row, *many = filled + o * s->inputs * taps;
		memcpy(out ? few : many, out ? many : few, row * sizeof *few);
	}
}

static void copy_dnn(struct engine *e, int parameter, float *plain, float *packed, bool out)
{
	const struct slot *s = &e->slot[parameter];
	const struct parameter *p = &e->spec->parameter[parameter];
	float *filled = xaligned(s->outputs * s->inputs * p->dim[2] * p->dim[3], sizeof *filled);

	if (out) {
		dnn_copy(e->dnn, s->layout, packed, s->plain, filled);
		fill(s, p, plain, filled, true);
	} else {
		fill(s, p, plain, filled, false);
		dnn_copy(e->dnn, s->plain, filled, s->layout, packed);
	}
	free(filled);
}

void slot_pack(struct engine *e, int parameter, const float *plain, float *packed)
{
	const struct slot *s = &e->slot[parameter];
	const struct parameter *p = &e->spec->parameter[parameter];
	size_t outputs = p->dim[0], row = parameter_count(p) / outputs;

	if (s->kind == SLOT_DNN) {
		copy_dnn(e, parameter, (float *)plain, packed, false);
		return;
	}
	memset(packed, 0, s->floats * sizeof *packed);
	for (size_t o = 0; o < outputs; o++)
		for (size_t k = 0; k < row; k++)
			packed[place_of(s, o, k)] = plain[o * row + k];
}

void slot_unpack(struct engine *e, int parameter, const float *packed, float *plain)
{
	const struct slot *s = &e->slot[parameter];
	const struct parameter *p = &e->spec->parameter[parameter];
	size_t outputs = p->dim[0], row = parameter_count(p) / outputs;

	if (s->kind == SLOT_DNN) {
		copy_dnn(e, parameter, plain, (float *)packed, true);
		return;
	}
	for (size_t o = 0; o < outputs; o++)
		for (size_t k = 0; k < row; k++)
			plain[o * row + k] = packed[place_of(s, o, k)];
}
