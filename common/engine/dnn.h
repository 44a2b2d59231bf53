/*
 * dnn - the part of oneDNN this project uses, behind one face for its 2.x and 3.x interfaces.
 *
 * Everything that differs between the two lies in dnn.c.  Layouts (memory descriptors), primitives
 * and memories made from one struct dnn belong to it and end with it.  Any failure of oneDNN is our
 * own bug or a lack of memory, and ends the program through die() with the call's name.
 */
#ifndef ENGINE_DNN_H
#define ENGINE_DNN_H

#include <oneapi/dnnl/dnnl.h>
#include <stdbool.h>
#include <stddef.h>

enum { DNN_MAXDIM = 4 };

#if DNNL_VERSION_MAJOR >= 3
typedef const_dnnl_memory_desc_t dnn_layout;
#else
typedef const dnnl_memory_desc_t *dnn_layout;
#endif

struct dnn;

struct dnn *dnn_new(void);
void dnn_free(struct dnn *d);

/* ---- layouts ---- */

/* Dense, first index outermost (nc, nchw, oihw ...). */
dnn_layout dnn_plain(struct dnn *d, int ndim, const size_t dim[]);

/* Whatever oneDNN finds best. */
dnn_layout dnn_any(struct dnn *d, int ndim, const size_t dim[]);

/* nhwc: the channels of a pixel next to each other. */
dnn_layout dnn_channels_last(struct dnn *d, const size_t dim[4]);

/* The same arrangement of channels for another size. */
dnn_layout dnn_like(struct dnn *d, dnn_layout l, const size_t dim[4]);

int dnn_rank(dnn_layout l);
size_t dnn_bytes(dnn_layout l);
bool dnn_same(dnn_layout a, dnn_layout b);

/*
 * How many channels lie next to each other: 16 in nChw16c, 1 in nchw, all of them in nhwc, so that
 * element (n,c,y,x) of any of these is at (((n*B + c/b)*H + y)*W + x)*b + c%b, with b the answer
 * and B = ceil(C/b).  0 for any other layout.
 */
size_t dnn_channel_block(dnn_layout l);

/* ---- computations ---- */

/* A described computation, to be asked for its layouts and made into a primitive. */
typedef dnnl_primitive_desc_t dnn_op;

/* Stride and padding of a window, rows then columns. */
struct dnn_window {
	dnnl_dims_t kernel, stride, before, after;
};

enum dnn_activation { DNN_IDENTITY, DNN_RELU, DNN_SIGMOID, DNN_TANH };

/* Weights of a convolution (O,I,KH,KW), or of an inner product (O,C) or (O,C,H,W) where window is
 * null.  bias may be null. */
struct dnn_weighted {
	const struct dnn_window *window;
	dnn_layout src, weights, bias, dst;
};
dnn_op dnn_weighted_forward(struct dnn *d, const struct dnn_weighted *w, bool training,
                            enum dnn_activation fused);
dnn_op dnn_weighted_backward_data(struct dnn *d, const struct dnn_weighted *w, dnn_op forward);
dnn_op dnn_weighted_backward_weights(struct dnn *d, const struct dnn_weighted *w, dnn_op forward);

/* Mean over a window, without the padding. */
dnn_op dnn_average_forward(struct dnn *d, const struct dnn_window *w, dnn_layout src,
                           dnn_layout dst);
dnn_op dnn_average_backward(struct dnn *d, const struct dnn_window *w, dnn_layout src,
                            dnn_layout dst, dnn_op forward);

/* Batch normalisation with scale and shift; by the batch's statistics, or by those given. */
dnn_op dnn_norm_forward(struct dnn *d, dnn_layout src, float epsilon, bool batch_statistics,
                        bool fused_relu, bool training);
dnn_op dnn_norm_backward(struct dnn *d, dnn_layout src, float epsilon, bool batch_statistics,
                         bool fused_relu, dnn_op forward);

/* The backward pass has no use for the shift; 2.x insists on it, 3.x refuses it. */
enum { DNN_NORM_BACKWARD_TAKES_SHIFT = DNNL_VERSION_MAJOR < 3 };

dnn_op dnn_activation_forward(struct dnn *d, enum dnn_activation a, dnn_layout src);
dnn_op dnn_reorder(struct dnn *d, dnn_layout from, dnn_layout to);

/* The layout a computation wants: DNN_SRC ... of its own tensors. */
enum dnn_tensor {
	DNN_SRC,
	DNN_DST,
	DNN_WEIGHTS,
	DNN_DIFF_SRC,
	DNN_DIFF_DST,
	DNN_DIFF_WEIGHTS,
	DNN_WORKSPACE,
};
dnn_layout dnn_wants(struct dnn *d, dnn_op op, enum dnn_tensor which);

/* Whether oneDNN has nothing but its slow reference implementation for this. */
bool dnn_is_reference(dnn_op op);

/* ---- execution ---- */

dnnl_primitive_t dnn_primitive(struct dnn *d, dnn_op op);

/* A tensor at an address; data may be set later. */
dnnl_memory_t dnn_memory(struct dnn *d, dnn_layout l, float *data);
void dnn_set_data(dnnl_memory_t m, float *data);

/* Run a primitive on its arguments and wait for it. */
void dnn_run(struct dnn *d, dnnl_primitive_t p, int n, const dnnl_exec_arg_t arguments[]);

/* Copy from one layout to another, once: for the file's edge, never inside a step. */
void dnn_copy(struct dnn *d, dnn_layout from_layout, const float *from, dnn_layout to_layout,
              float *to);

#endif
