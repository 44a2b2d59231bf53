/*
 * plan - a network laid out for one number of images: the engine's inside.
 *
 * A plan is a row of ops, each of which reads one tensor and writes the next, and backward the
 * other way round.  An activation that follows a convolution or a dense layer is part of that op
 * ("fused").
 *
 * The first ops, whose images are large and whose weights are small, run on a slice of the images
 * at a time, so that what one op writes is still in the nearest cache when the next reads it.  The
 * same op, with the same memory objects, runs once for each slice; its tensors move along.
 */
#ifndef ENGINE_PLAN_H
#define ENGINE_PLAN_H

#include "base/base.h"
#include "engine/dnn.h"
#include "engine/engine.h"

struct tensor {
	dnn_layout layout; /* of a slice, or of all images */
	float *first;      /* slice 0 */
	size_t step;       /* floats from a slice to the next; 0: all use the same place */
	float *data;       /* the slice at hand */
	dnnl_memory_t memory;
};

struct op {
	const struct op_kind *kind;
	const struct layer *layer;
	int parameter; /* index of the layer's first in spec.parameter */
	enum dnn_activation fused;
	bool next_derives; /* the op after this one applies the fused ReLU's derivative */
	bool derives;      /* this one does so for the op before */
	size_t n, slices;  /* images at a time; how many times */
	size_t slice;      /* the one at hand */
	struct tensor *src, *dst;
	struct tensor *diff_src, *diff_dst; /* diff_src is null where nobody needs it */
	void *own;
};

struct plan {
	size_t n;
	int ops, sliced; /* the first ones run in slices */
	struct op *op;
	/* Between ops, first to last; where the slices end there are two for the same numbers. */
	int tensors;
	struct tensor *tensor, *diff;
	float **buffer; /* one for each tensor, or null; then those of gradients and of inference */
	dnnl_primitive_t to_plain, from_plain; /* null where the last layout is plain */
	dnnl_memory_t output, output_gradient; /* plain, for these */
	struct plan *next;
};

/* A kind of op.  prepare() sets dst's layout from src's; bind() makes the primitives, all buffers
 * and slots being known. */
struct op_kind {
	void (*prepare)(struct engine *e, struct op *op);
	void (*bind)(struct engine *e, struct op *op);
	void (*forward)(struct engine *e, struct op *op);
	void (*backward)(struct engine *e, struct op *op);
	void (*free)(struct op *op);
};
extern const struct op_kind op_weighted, op_maxpool, op_avgpool, op_norm, op_activation, op_dropout;

/* Where a parameter lies in the engine's own order. */
struct slot {
	dnn_layout layout, plain; /* null: not part of this engine */
	dnn_layout image, row; /* not null: from plain to image, and from the same bytes as row */
	size_t offset;         /* floats */
};

struct engine {
	struct engine_options o;
	const struct spec *spec;
	struct shape in; /* what engine_image() takes, and how */
	double mean, scale;
	struct dnn *dnn;
	struct slot *slot; /* one for each spec.parameter */
	size_t trained, size;
	float *values, *gradients;
	float *input, *input_gradient, *output, *output_gradient; /* for `batch` images */
	uint64_t step;
	struct plan *plans, *plan; /* all; the one of the last forward pass */
};

/* A plan for n images, added to the engine's; the first decides the layouts of the parameters. */
struct plan *plan_new(struct engine *e, size_t n);
void plan_free(struct plan *p);

bool has_backward(const struct engine *e);

/* The layout of a layer's side for n images: (n,C,H,W), or (n,C) for a vector. */
dnn_layout plain_side(struct engine *e, size_t n, struct shape s, bool vector);
dnn_layout any_side(struct engine *e, size_t n, struct shape s, bool vector);

struct dnn_window window_of(const struct layer *l);

static inline size_t floats(const struct tensor *t)
{
	return dnn_bytes(t->layout) / sizeof(float);
}

/* In place: gradient *= activation'(its input), known from its output y. */
void derive(struct engine *e, enum dnn_activation a, const struct tensor *y,
            struct tensor *gradient);

#endif
