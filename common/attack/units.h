/* units - the units of a layer that a user names, and their sum. */
#ifndef ATTACK_UNITS_H
#define ATTACK_UNITS_H

#include <stddef.h>

#include "spec/spec.h"

struct units {
	int layer;
	size_t outputs; /* numbers in the layer's output */
	float *in;      /* for each of them 1 if it is in the sum, else 0 */
};

/* What a user writes: LAYER, or LAYER:CHANNEL,ROW,COLUMN, of which the last ones may be left out;
 * each index may be a range.  Death, with a message that begins with the option, where there is no
 * such layer or unit. */
struct units units_parse(const char *option, const char *text, const struct spec *spec);

/* The sum of the units in an image's output, and its derivative with respect to each output. */
double units_sum(const struct units *u, const float *output);
void units_gradient(const struct units *u, float *gradient);

void units_free(struct units *u);

#endif
