/*
 * layers - the table of layers: spec's inside.
 *
 * A layer is added with its row here, its kind in spec.h, its paragraph in network(5), which a test
 * holds against the row, and its op in the engine.
 */
#ifndef SPEC_LAYERS_H
#define SPEC_LAYERS_H

#include <stdio.h>

#include "spec/sizes.h"
#include "spec/spec.h"

/* What may follow a layer's arguments, in any order. */
enum { STRIDE = 1, PAD = 2, CEIL = 4, NOBIAS = 8, FROM = 16, AS = 32, MEAN = 64, SCALE = 128 };

/* Those of every layer. */
enum { COMMON = FROM | AS };

/*
 * What a null function does stands in brackets.
 *
 *	arguments      what follows the word, as the manual has it: "N RxC"
 *	parse          takes the arguments, after the options have their defaults [none]
 *	shape          makes the output's shape of the input's, and padding that
 *	               depends on it [the same shape]
 *	write          the arguments as parse takes them, each behind a space [none]
 *	parameters     adds them with add_parameter() [none]
 *	multiply_adds  of an image's forward pass [0]
 *	neurons        whether each element of the output is one
 *
 * s holds the layers above.
 */
struct layer_type {
	const char *word, *prefix; /* in the text; of names */
	const char *arguments;
	unsigned options; /* besides the common ones */
	void (*parse)(struct text *t, const struct spec *s, struct layer *l);
	void (*shape)(struct text *t, const struct spec *s, struct layer *l);
	void (*write)(FILE *text, const struct spec *s, const struct layer *l);
	void (*parameters)(struct text *t, struct spec *s, const struct layer *l);
	uint64_t (*multiply_adds)(const struct layer *l);
	bool neurons;
};

/* By enum layer_kind. */
extern const struct layer_type layer_types[LAYER_KINDS];

/* The layer above that the word at hand names, and go on. */
int take_layer(struct text *t, const struct spec *s);

/* Add a parameter of the last layer, named within it: "weight". */
void add_parameter(struct text *t, struct spec *s, const struct parameter *p);

/* The words of options, for those of a mask: null after the last. */
struct layer_option {
	const char *word, *usage;
	unsigned option;
};
extern const struct layer_option layer_options[];

#endif
