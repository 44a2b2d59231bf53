/*
 * dnn - the part of oneDNN this project uses, behind one face for its 2.x and 3.x interfaces.
 *
 * Everything that differs between the two lies in dnn.c.  Layouts (memory descriptors),
 * computations and calls made from one struct dnn belong to it and end with it.  Any failure of
 * oneDNN is our own bug or a lack of memory, and ends the program through die() with the call's
 * name.
 *
 * A computation uses one thread, and may run on several at once: each with its own numbers.
 */
#ifndef ENGINE_DNN_H
#define ENGINE_DNN_H

#include <oneapi/dnnl/dnnl.h>
#include <stdbool.h>
#include <stddef.h>

#include "vector/level.h"

#if DNNL_VERSION_MAJOR >= 3
typedef const_dnnl_memory_desc_t dnn_layout;
#else
typedef const dnnl_memory_desc_t *dnn_layout;
#endif

struct dnn;

/* For this many threads. */
struct dnn *dnn_new(int threads);
void dnn_free(struct dnn *d);

/* The same as level_best(), as oneDNN has it. */
enum level dnn_level(void);

/* ---- layouts ---- */

/* Dense, first index outermost (nc, nchw, oihw ...). */
dnn_layout dnn_plain(struct dnn *d, int ndim, const size_t dim[]);

/* Whatever oneDNN finds best. */
dnn_layout dnn_any(struct dnn *d, int ndim, const size_t dim[]);

/* nChw8c or nChw16c: element (n,c,y,x) is at (((n*B + c/b)*H + y)*W + x)*b + c%b, with b the block
 * and B = ceil(C/b).  Where b does not divide C, zeros fill the last block. */
dnn_layout dnn_blocked(struct dnn *d, const size_t dim[4], size_t block);

size_t dnn_bytes(dnn_layout l);
bool dnn_same(dnn_layout a, dnn_layout b);

/* ---- computations ---- */

/* A described computation, to be asked for its layouts and made into a call. */
typedef dnnl_primitive_desc_t dnn_op;

/* Stride and padding of a window, rows then columns. */
struct dnn_window {
	dnnl_dims_t kernel, stride, before, after;
};

enum dnn_activation { DNN_IDENTITY, DNN_RELU, DNN_SIGMOID, DNN_TANH };

/* A convolution; weights (O,I,KH,KW), bias may be null.  The forward pass may include a ReLU. */
struct dnn_conv {
	struct dnn_window window;
	dnn_layout src, weights, bias, dst;
};
dnn_op dnn_conv_forward(struct dnn *d, const struct dnn_conv *c, bool training, bool relu);
dnn_op dnn_conv_backward_data(struct dnn *d, const struct dnn_conv *c, dnn_op forward);
dnn_op dnn_conv_backward_weights(struct dnn *d, const struct dnn_conv *c, dnn_op forward);

/* Mean over a window, without the padding. */
dnn_op dnn_average_forward(struct dnn *d, const struct dnn_window *w, dnn_layout src,
                           dnn_layout dst);
dnn_op dnn_average_backward(struct dnn *d, const struct dnn_window *w, dnn_layout src,
                            dnn_layout dst, dnn_op forward);

dnn_op dnn_activation_forward(struct dnn *d, enum dnn_activation a, dnn_layout src);
dnn_op dnn_reorder(struct dnn *d, dnn_layout from, dnn_layout to);

/* The layout a computation wants of what it reads or writes. */
enum dnn_tensor {
	DNN_WEIGHTS,
	DNN_DIFF_WEIGHTS,
	DNN_SCRATCH,
};
dnn_layout dnn_wants(dnn_op op, enum dnn_tensor which);

/* Who computes it, in oneDNN's words: "jit:avx2".  "ref:any" is its slow reference. */
const char *dnn_name(dnn_op op);

/* ---- execution ---- */

enum { DNN_ARGUMENTS = 4 };

/* What a computation is called with: oneDNN's name of the argument, and its layout. */
struct dnn_argument {
	int which;
	dnn_layout layout;
};

/* A computation ready to run on every thread. */
struct dnn_call;
struct dnn_call *dnn_call_new(struct dnn *d, dnn_op op, int n,
                              const struct dnn_argument argument[]);

/* Run it on this thread, numbered from 0, with the arguments at these addresses. */
void dnn_call_run(const struct dnn_call *c, int thread, float *const data[]);

/* Copy from one layout to another, once: for the file's edge, never inside a step. */
void dnn_copy(struct dnn *d, dnn_layout from_layout, const float *from, dnn_layout to_layout,
              float *to);

#endif
