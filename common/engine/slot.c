/* Parameters between C order and the engine's own. */
#include <stdlib.h>
#include <string.h>

#include "engine/plan.h"

struct slot *slot_of(const struct engine *e, const struct op *op, int which)
{
	return &e->slot[op->parameter + which];
}

/* Element (o, k) of a tensor (O, ...) in C order, k counting the rest, lies at place_of_output(o) +
 * place_of_rest(k). */
static size_t place_of_output(const struct slot *s, size_t o)
{
	return s->kind == SLOT_PANELS ? o / s->width * s->from->image * s->width + o % s->width : o;
}

static size_t place_of_rest(const struct slot *s, size_t k)
{
	const struct tensor *t = s->from;

	if (s->kind == SLOT_ROW)
		return 0;
	if (s->kind == SLOT_TAPS)
		return k * s->width;
	size_t plane = t->shape.h * t->shape.w, c = k / plane, at = k % plane;
	return ((c / t->block * plane + at) * t->block + c % t->block) * s->width;
}

/* Between C order and the rows that are the engine's own; out of them where `out`.  One is written
 * along what the other is read across: some numbers of every output at a time stay in the cache. */
static void copy_rows(const struct slot *s, const struct parameter *p, float *plain, float *packed,
                      bool out)
{
	enum { SOME = 32 };
	size_t row = parameter_count(p) / p->dim[0], place[SOME];

	for (size_t first = 0; first < row; first += SOME) {
		size_t n = row - first < SOME ? row - first : SOME;
		for (size_t k = 0; k < n; k++)
			place[k] = place_of_rest(s, first + k);
		for (size_t o = 0; o < p->dim[0]; o++) {
			float *from = plain + o * row + first;
			float *to = packed + place_of_output(s, o);
			for (size_t k = 0; k < n; k++)
				if (out)
					from[k] = to[place[k]];
				else
					to[place[k]] = from[k];
		}
	}
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

	if (s->kind == SLOT_DNN) {
		copy_dnn(e, parameter, (float *)plain, packed, false);
		return;
	}
	memset(packed, 0, s->floats * sizeof *packed);
	copy_rows(s, &e->spec->parameter[parameter], (float *)plain, packed, false);
}

void slot_unpack(struct engine *e, int parameter, const float *packed, float *plain)
{
	const struct slot *s = &e->slot[parameter];

	if (s->kind == SLOT_DNN)
		copy_dnn(e, parameter, plain, (float *)packed, true);
	else
		copy_rows(s, &e->spec->parameter[parameter], plain, (float *)packed, true);
}

bool slot_same(const struct slot *a, const struct slot *b)
{
	if (a->kind != b->kind || a->floats != b->floats || a->width != b->width)
		return false;
	if (a->kind == SLOT_PANELS)
		return a->from->block == b->from->block && a->from->image == b->from->image;
	return a->kind != SLOT_DNN || dnn_same(a->layout, b->layout);
}
