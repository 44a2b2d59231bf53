/*
 * spec - the text that describes a network, as a checked list of layers with shapes.
 *
 *	# PA2: the assignment's network
 *	input   1x28x28 scale 255
 *	conv    32 3x3 pad 1
 *	relu
 *	maxpool 2x2
 *	dense   10
 *
 * A layer's input is the output of the layer above, or of one that `from` names; the layer add has
 * a second one.  So layers are in an order in which each comes after those that it reads.
 *
 * network(5) is the language's manual.  Whatever is wrong with a text ends the program through
 * die(), with a message "NAME:LINE:COLUMN: what".
 */
#ifndef SPEC_H
#define SPEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "spec/mapping.h"

enum layer_kind {
	LAYER_CONV,
	LAYER_DENSE,
	LAYER_MAXPOOL,
	LAYER_AVGPOOL,
	LAYER_BATCHNORM,
	LAYER_DROPOUT,
	LAYER_RELU,
	LAYER_SIGMOID,
	LAYER_TANH,
	LAYER_ADD,
	LAYER_UPSAMPLE,
	LAYER_TEMPLATE,
	LAYER_KINDS
};

/* Channels, rows, columns of one image; a vector of n is (n,1,1). */
struct shape {
	size_t c, h, w;
};

enum { SPEC_NAME = 64 };

/*
 * The templates of the layer template (Zhang, Wu, Zhu: "Interpretable convolutional neural
 * networks", CVPR 2018) for maps of h x w elements: a cone around each place,
 *
 *	tau max(1 - TEMPLATE_SLOPE d / n, -1),	tau = 0.5 / (h w)
 *
 * at a distance of d = |rows| + |columns| from the place, with n the longer of h and w.
 */
enum { TEMPLATE_SLOPE = 4 };

struct layer {
	enum layer_kind kind;
	char name[SPEC_NAME]; /* "conv1", or what `as` said */
	int from; /* index of the layer whose output is the input; -1: the network's input */
	int add;  /* add: index of the layer whose output is the second input; else -1 */
	struct shape in, out;
	bool vector; /* the output is (N,C) rather than (N,C,H,W): a dense layer, a global pool, and
	                what follows them */

	/* Windows of conv and pool; that of a dense layer or a global pool is the whole of its
	 * input.  Index 0 is rows, 1 columns. */
	size_t kernel[2], stride[2];
	size_t pad_before[2],
		pad_after[2]; /* zeros for conv; a pool's are left out of max and mean */
	bool same;            /* pad same: the pads follow from the shape */
	bool ceil;            /* pool: keep a last window that starts inside the image */
	bool global;          /* pool: one window */
	bool bias;            /* conv, dense */
	double drop;          /* dropout: probability of dropping */
	size_t enlarge;       /* upsample: rows and columns of an element's block */
};

/* One tensor of a layer, named and shaped as PyTorch does. */
struct parameter {
	char name[SPEC_NAME + 16]; /* "conv1.weight" */
	int layer;                 /* index into spec.layer */
	int ndim;
	size_t dim[4];
	bool trained; /* false: batch norm's running_mean and running_var */
	bool drawn;   /* a new model's are drawn at random; false: all are `start` */
	float start;
};

struct spec {
	char *text; /* as given */
	struct shape input;
	struct mapping mapping; /* from pixels to the network's input */
	bool scaled;            /* the text names a scale, be it 1 */
	int layers;
	struct layer *layer;
	int parameters;
	struct parameter
		*parameter; /* in the layers' order; weight, bias, running_mean, running_var */
	size_t elements;    /* of all parameters together */
};

/* Parse a text of UTF-8; `name` is what messages call it.  No image, layer or tensor, nor all
 * parameters together, have more than 2^31 - 1 elements, and no kernel, stride or number of
 * filters is 0. */
struct spec spec_parse(const char *name, const char *text);

/* Read a whole file of at most 1 MiB, "-" being stdin, and parse it. */
struct spec spec_read(const char *path);

void spec_free(struct spec *spec);

/* A text that spec_parse() makes the same layers of, named as they are; free with free(3).  Shapes
 * but the input's follow from it. */
char *spec_write(const struct spec *spec);

/* The kind's word in the language: "conv". */
const char *layer_kind_name(enum layer_kind kind);

/* Name a layer that is to follow those of a network as it is named without `as`: "conv2", the
 * kind's word for names and the layer's number among its kind. */
void layer_name_by_count(const struct spec *spec, struct layer *l);

/* Whether `as` would take this name for a layer that is to follow those of a network. */
bool layer_name_is_free(const struct spec *spec, const char *name);

/* How network(5) writes it, but for the name: "conv N RxC [stride S] [pad P] [nobias]"; in a static
 * buffer. */
const char *layer_usage(enum layer_kind kind);

/* The index of the layer of this name, or death with the names there are. */
int spec_find(const struct spec *spec, const char *name);

bool spec_has_parameters(const struct spec *spec, int layer);

/* For each layer whether "conv1,dense2", the names that an option lists, has it, to be freed; death
 * where a name is no layer's, or that of one without parameters.  A null list is empty. */
bool *spec_listed(const struct spec *spec, const char *option, const char *list);

/* The reverse, with the names in the network's order, to be freed; null where no layer is marked.
 */
char *spec_names(const struct spec *spec, const bool mark[]);

/* Mark the layers whose outputs a layer is made of, itself included: mark[i] is layer i's, of as
 * many as the network has. */
void spec_mark(const struct spec *spec, int layer, bool mark[]);

/* Whether a layer's output is a vector (N,C): that of a dense layer, a global pool and what follows
 * them; and that of the last layer, the logits, where it is (C,1,1). */
bool spec_is_vector(const struct spec *spec, int layer);

/* Die unless the mapping is one between pixels and a layer's output, too: where it has a mean and a
 * scale for each channel, the output has as many channels. */
void spec_check_pixels(const struct spec *spec, int layer);

/* The number of classes, which is that of the logits; dies where the last layer gives no vector. */
size_t spec_classes(const struct spec *spec);

size_t shape_count(struct shape s);

/* "(32,28,28)", or "(500)" for a vector; in one of a few static buffers. */
const char *shape_text(struct shape s, bool vector);

size_t parameter_count(const struct parameter *p);

/* How many inputs an output element is made of, and how many outputs an input element goes to, as
 * PyTorch's torch.nn.init counts them: fan_in = dim[1] x kernel, fan_out = dim[0] x kernel.  Only
 * for weights of two or four dimensions: a vector has no fans. */
void parameter_fans(const struct parameter *p, size_t *fan_in, size_t *fan_out);

/* Multiply-adds of one image's forward pass: conv and dense, padding counted, biases not. */
uint64_t layer_multiply_adds(const struct layer *l);

/* Neurons: output elements of a conv or dense layer, 0 for others. */
uint64_t layer_neurons(const struct layer *l);

/* Side of the square (rows, columns) of input pixels that one output element of layer i sees, and
 * the distance in pixels between those of its neighbors (Araujo, Norris, Sim: "Computing receptive
 * fields of convolutional neural networks", Distill 2019).  Padding is counted: the square can be
 * larger than the image.  A dense layer is a window over the whole of its input.  Of an add's two
 * inputs, the one with the larger square or distance counts.  Behind an upsample both
 * depend on where the element is: the largest count.  A template sees the place of an element only,
 * although it looks for the peak in the whole map. */
void spec_receptive_field(const struct spec *spec, int i, size_t field[2], size_t jump[2]);

#endif
