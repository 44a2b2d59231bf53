/*
 * plan - a network laid out for the engine: ops, where their tensors lie, and in which order
 * threads compute what.
 *
 * A plan is a row of ops, each of which reads tensors written before, mostly the last one, and
 * writes the next; and backward the other way round.  A ReLU that follows a convolution, a dense
 * layer, batch norm or an add is part of that op ("fused"), if it alone reads what the op writes;
 * in training, so is a max pool that follows batch norm, or its ReLU.
 *
 * Backward, the gradients of all that read a tensor add up.  The op that comes last, and so is
 * first on the way back, writes the gradient; what the others send back lies apart, and is then
 * added.
 *
 * A pass is a row of stages.  Most are sliced: a task is a few images, which one thread takes
 * through all ops of the stage, so that what one op writes is still in that thread's cache when the
 * next reads it, and threads meet at the end of the stage only.  Other stages spread what is about
 * all images: a dense layer's outputs, batch norm's statistics, the sums of the slices' gradients.
 * Threads take tasks as they come; how a pass is cut into tasks, and in which order their results
 * are added, depends on the network and the batch alone.  So the bytes do not depend on the
 * threads.
 */
#ifndef ENGINE_PLAN_H
#define ENGINE_PLAN_H

#include "base/base.h"
#include "engine/dnn.h"
#include "engine/engine.h"

/* What lies between two ops: for each image blocks of channels, see dnn_blocked(), or C order. Many
 * are needed by the thread that made them only, and lie in that thread's scratch memory. */
struct tensor {
	struct shape shape;
	size_t block;    /* channels next to each other; 1: C order */
	size_t blocks;   /* of an image */
	size_t image;    /* floats of an image, the zeros that fill the last block included */
	int reads, last; /* ops that read it; index of the last one */
	bool whole;      /* all images are kept in data */
	int turn;        /* else: which of the thread's places */
	float *data;
};

/* Where a task's images are. */
struct slice {
	size_t first, n; /* n of an op at most; fewer at the end */
	int thread;
};

struct op {
	const struct op_kind *kind;
	const struct layer *layer;
	int parameter;            /* index of the layer's first in spec.parameter */
	bool relu;                /* fused */
	const struct layer *pool; /* fused behind the ReLU, if there is one; else null */
	bool next_derives;        /* the op after this one applies the fused ReLU's derivative */
	bool derives;             /* this one does so for the op before */
	size_t n;                 /* images of a slice */
	bool trains;              /* backward gives the gradient of the layer's parameters */
	bool back;                /* is part of the backward pass */
	struct tensor *src, *dst, *with;                /* with: an add's second one; else null */
	struct tensor *diff_src, *diff_dst, *diff_with; /* null where nobody needs it */
	/* Where diff_src is then added: to the gradient at src, of which it is a part; or null. */
	struct tensor *sum;
	struct tensor part; /* diff_src, where there is a sum */
	void *own;
};

/* Sliced work gets its images; spread work the number of its task as .first. */
typedef void work(struct engine *e, struct op *op, struct slice s);

struct step {
	work *run;
	struct op *op;
	size_t tasks; /* of spread work */
};

struct stage {
	size_t slice; /* images of a task, each of which goes through all steps; 0: spread */
	int steps, room;
	struct step *step;
};

struct pass {
	int stages, room;
	struct stage *stage;
};

/* A layer whose output is read, and where a gradient is added; see tap.c. */
struct tap {
	int layer, tensor; /* index of the tensor that is its output */
	bool given;        /* a gradient for the coming backward pass */
	float *output;     /* in C order */
	float *gradient;   /* as the tensor lies */
};

struct plan {
	size_t n; /* images at most, a multiple of every slice */
	int ops;
	struct op *op;
	struct tensor *tensor, *diff; /* one more than ops: 0 is the input, k + 1 op k's output */
	int input;                    /* the tensor whose gradient is the input gradient */
	int taps;
	struct tap *tap;
	struct pass forward, backward;
};

/*
 * A kind of op.
 *
 *	slice          how many images at a time suit it best, and how many it needs at
 *	               least (1: any); null: it goes along with others
 *	prepare        decides dst's layout, the parameters' slots, and which tensors are
 *	               kept whole
 *	forward        adds its steps to the pass; so does backward
 *	step           in place of forward: the one step, on slices; so is step_back of
 *	               backward, where there is a gradient to send back
 *	before, after  add what all of backward begins or ends with; may be null
 *	kernels        says who computes it; null: loops of our own for each level
 *	free           frees op->own; null: free(3) is enough
 */
struct op_kind {
	void (*slice)(const struct engine *e, const struct op *op, size_t *best, size_t *least);
	void (*prepare)(struct engine *e, struct op *op);
	void (*forward)(struct plan *p, struct op *op);
	void (*backward)(struct plan *p, struct op *op);
	work *step, *step_back;
	void (*before)(struct plan *p, struct op *op);
	void (*after)(struct plan *p, struct op *op);
	void (*kernels)(const struct engine *e, const struct op *op, struct engine_kernels *k);
	void (*free)(struct op *op);
};
extern const struct op_kind op_conv, op_pixels, op_narrow, op_dense, op_maxpool, op_avgpool,
	op_norm, op_activation, op_dropout, op_add, op_upsample, op_template;

/* Images of so few channels stay in C order: a block of them would be mostly zeros. */
enum { FEW_CHANNELS = 4 };

/* What the layers of a slice pass to each other should stay in the second-level cache. */
enum { SLICE_FLOATS = 100 << 10 };

/* Add a step to a pass: to its last stage where that has the op's slices, else to a new one. */
void add_sliced(struct plan *p, struct pass *pass, struct op *op, work *run);

/* The same for a step that reads only what is whole anyway. */
void add_apart(struct pass *pass, struct op *op, work *run);

/* Add an op's steps on the way back, as its kind has them. */
void add_back(struct plan *p, struct op *op);

/* Add a stage of its own for spread work; or a step to a stage of spread work that is the last. */
void add_spread(struct pass *pass, struct op *op, work *run, size_t tasks);
void join_spread(struct pass *pass, struct op *op, work *run, size_t tasks);

/* The engine's taps; the layer's output is that tensor, which is known once its op is chosen;
 * whether one is there; memory for them, when tensors have their shapes. */
void taps_new(struct engine *e);
void taps_at(struct plan *p, int layer, int tensor);
bool is_tapped(const struct plan *p, int tensor);
void taps_keep(struct engine *e);
void taps_free(struct plan *p);

/* Add the step that adds the gradients at the op's output, before its backward step. */
void taps_before(struct plan *p, struct op *op);

/* Add the gradients given at the tensor, for these images, which lie at `to`; forget all. */
void taps_add(const struct engine *e, int tensor, struct slice s, float *to);
void taps_done(struct plan *p);

/* Let the ops that make an add's inputs read the gradient at its output, where that is all there is
 * at theirs; once the tensors have their shapes, and of all adds the last one first. */
void add_shares(struct plan *p, struct op *op);

/* Compute the output of a convolution on few channels once more. */
void pixels_repeat(struct pass *pass, struct op *op);

/* A parameter's place in the engine's own order, and how its numbers lie there. */
struct slot {
	enum { SLOT_NONE, SLOT_ROW, SLOT_TAPS, SLOT_PANELS, SLOT_DNN } kind;
	dnn_layout layout, plain; /* SLOT_DNN: in C order (outputs,inputs,KH,KW), filled up */
	size_t outputs, inputs;
	const struct tensor *from; /* SLOT_PANELS: what the dense layer reads */
	size_t width;              /* SLOT_TAPS: filters, padded; SLOT_PANELS: outputs of a panel */
	size_t offset, floats;
};

/* The floats from the slot of so many to the next: whole cache lines. */
static inline size_t slot_room(size_t floats)
{
	return (floats + 15) / 16 * 16;
}

/* A layer's slots, by the order of its parameters in struct spec. */
struct slot *slot_of(const struct engine *e, const struct op *op, int which);

/* From a tensor in C order to a slot, and back. */
void slot_pack(struct engine *e, int parameter, const float *plain, float *packed);
void slot_unpack(struct engine *e, int parameter, const float *packed, float *plain);

/* Whether a parameter's numbers lie alike in both. */
bool slot_same(const struct slot *a, const struct slot *b);

struct engine {
	struct engine_options o;
	const struct spec *spec;
	enum level level;
	size_t lanes;
	int threads;
	struct dnn *dnn;
	struct slot *slot; /* one for each spec.parameter */
	size_t trained, size;
	float *values, *gradients;
	float **scratch; /* each thread's four places: for activations 0 and 1, gradients 2 and 3 */
	float *output, *input_gradient; /* in C order; null where the tensor is */
	uint64_t step;
	size_t n; /* images of the pass at hand */
	struct plan plan;
};

/* Add a row of engine_kernels(): computed by `who`, in its words `how`. */
void kernels_add(struct engine_kernels *k, const struct op *op, const char *direction,
                 const char *who, const char *how, uint64_t multiply_adds);

void plan_make(struct engine *e);
void plan_free(struct engine *e);

/* Run all stages for the engine's n images. */
void pass_run(struct engine *e, const struct pass *pass);

bool has_backward(const struct engine *e);

/* to += more */
void add_floats(float *to, const float *more, size_t n);

/* What of a tensor belongs to these images. */
float *tensor_at(const struct engine *e, const struct tensor *t, struct slice s);

/* The sum over slices of what each has left in a row of parts, in the slices' order: task `piece`
 * of SUM_PIECES. */
enum { SUM_PIECES = 8 };
void sum_parts(const float *part, size_t row, size_t slices, size_t piece, float *sum);

/* Between C order and the tensor's, for one image. */
void tensor_take(const struct tensor *t, const float *plain, float *image);
void tensor_give(const struct tensor *t, const float *image, float *plain);

void shape_tensor(struct tensor *t, struct shape s, size_t block);

struct dnn_window window_of(const struct layer *l);

/* In place: gradient *= ReLU's derivative, known from its output y. */
void derive_relu(const struct engine *e, const float *y, float *gradient, size_t n);

#endif
