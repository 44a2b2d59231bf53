/*
 * engine - a network computed, forward, backward to the parameters and to the input: by oneDNN, and
 * by loops of its own where oneDNN has nothing fast for some processor or version.
 *
 * The only room that knows oneDNN.  Activations, weights, gradients and whatever an optimizer keeps
 * for each weight lie in blocks of channels; files and callers see C order.
 *
 *	struct engine *e = engine_new(&model.spec, &(struct engine_options){.batch = 128});
 *	engine_load(e, model.tensor);
 *	engine_image(e, 0, NPY_U1, pixels);
 *	engine_forward(e, 1);
 *	const float *logits = engine_output(e);
 *
 * Threads are those of base.h.  The same input and processor give the same bytes, for any number of
 * threads: a reduction's order depends on the network and the batch alone.
 */
#ifndef ENGINE_H
#define ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "npy/npy.h"
#include "spec/spec.h"

/*
 * What a ReLU y = max(x, 0) sends back of the gradient d:
 *	plain		d where x > 0: the derivative
 *	deconv		d where d > 0 (Zeiler, Fergus: "Visualizing and understanding convolutional
 *			networks", ECCV 2014)
 *	guided		d where both are (Springenberg et al.: "Striving for simplicity", 2015)
 */
enum relu_rule { RELU_PLAIN, RELU_GUIDED, RELU_DECONV };

struct engine_options {
	size_t batch;        /* images a pass at most, > 0 */
	bool train;          /* batch norm by the batch, dropout, gradients to the parameters */
	bool input_gradient; /* backward goes down to the pixels */
	int below;           /* and not train: only down to the output of layer below - 1; 0: all */
	int last;            /* what the layer before this one is made of; 0: all layers */
	enum relu_rule rule;
	uint64_t seed;  /* of dropout */
	const int *tap; /* layers that engine_tap() is to read; copied */
	int taps;       /* so many */
	/* With train, for each layer whether it is frozen: no gradient to its parameters, and batch
	 * norm as in inference.  Null: none is.  Of use to engine_new() only. */
	const bool *frozen;
};

struct engine;

struct engine *engine_new(const struct spec *spec, const struct engine_options *options);
void engine_free(struct engine *e);

/* ---- parameters ---- */

/* tensor[i] is spec.parameter[i] in C order, as in struct model; layers not computed are left out.
 */
void engine_load(struct engine *e, float *const tensor[]);
void engine_store(struct engine *e, float *const tensor[]);

/* The parameters of another engine for all layers of the same network, as they are now: what
 * engine_store() and engine_load() would do, in the time of a copy where both lie alike. */
void engine_take(struct engine *e, struct engine *from);

/*
 * The same in one piece, in the engine's own order, which holds zeros where a layout pads: first
 * the parameters that are trained, engine_trained(e) floats, then batch norm's running statistics
 * and frozen layers, in all engine_size(e).  What an optimizer keeps for each parameter has the
 * same order; engine_pack() and engine_unpack() take any such array from and to C order.
 */
size_t engine_trained(const struct engine *e);
size_t engine_size(const struct engine *e);
float *engine_values(struct engine *e);
void engine_pack(struct engine *e, float *const tensor[], float *packed);
void engine_unpack(struct engine *e, const float *packed, float *const tensor[]);

/* After engine_backward(), train only: engine_size(e) floats, 0 behind the trained ones. */
const float *engine_gradients(const struct engine *e);

/* ---- passes ---- */

/* Image i of the coming pass: C x H x W pixels of 0..255, mapped to the network's input space. */
void engine_image(struct engine *e, size_t i, enum npy_type type, const void *pixels);

/* Between pixels and the numbers of the network's input space, (pixel - mean) / scale: n images of
 * shape s, which is that of the input or one that spec_check_pixels() has let pass. */
void engine_from_pixels(const struct engine *e, struct shape s, enum npy_type type,
                        const void *pixels, size_t n, float *x);
void engine_to_pixels(const struct engine *e, struct shape s, const float *x, size_t n,
                      float *pixels);

/* Which step of training this is: dropout's draws depend on (seed, layer, step) alone. */
void engine_step(struct engine *e, uint64_t step);

/* The layers on the first n images, 0 < n <= batch. Where train is set this moves batch norm's
 * running statistics. */
void engine_forward(struct engine *e, size_t n);

/* The output of the last layer computed: n rows of C x H x W, valid until the next pass. */
const float *engine_output(struct engine *e);

/* After engine_forward(e, n): from the gradient with respect to the output, n rows, to that of the
 * parameters (train) and of the pixels (input_gradient).  Unless train is set, several gradients
 * may follow one forward pass. */
void engine_backward(struct engine *e, size_t n, const float *gradient);

/* The gradient with respect to what engine_image() took, or to the output of layer below - 1: n
 * rows of C x H x W.  A layer that several read gets the sum of what comes back from all. */
const float *engine_input_gradient(struct engine *e);

/*
 * Of a layer, by its index in spec.layer, that the options tap: its output, n rows of C x H x W,
 * valid until the next pass; and, between engine_forward() and engine_backward(), the gradient with
 * respect to it, likewise n rows, of whatever else is to be differentiated.  It is added to what
 * comes from the layers behind, and counts for this pass alone.  So for a loss of the logits z and
 * of a hidden layer's output h:
 *
 *	engine_forward(e, n);
 *	... gradient of the loss by z from engine_output(e), by h from engine_tap(e, layer) ...
 *	engine_tap_gradient(e, layer, by_h);
 *	engine_backward(e, n, by_z);
 *
 * A ReLU behind a tapped layer is computed apart from it, so a tap may change results by rounding.
 */
const float *engine_tap(struct engine *e, int layer);
void engine_tap_gradient(struct engine *e, int layer, const float *gradient);

/* ---- who computes what ---- */

struct engine_kernel {
	const struct layer *layer;
	bool relu, pool;        /* the ReLU, the max pool that follows is part of it */
	const char *direction;  /* "forward", "to weights", "to input", "backward" */
	char by[64];            /* "oneDNN jit:avx2"; "own avx2" */
	size_t slice;           /* images a thread takes at a time; 0: threads share outputs */
	size_t block;           /* channels next to each other in the output */
	uint64_t multiply_adds; /* of an image */
};

struct engine_kernels {
	int n;
	struct engine_kernel *row; /* to be freed */
};

/* By layer, forward first.  A kernel of oneDNN's whose name begins with "ref" is slow. */
struct engine_kernels engine_kernels(const struct engine *e);

#endif
