/*
 * pixels - a convolution's gradient with respect to images in C order, by loops of our own.
 *
 * For the first layer of a network, whose images have a channel or three, oneDNN 2.x has its
 * reference implementation only, which takes a hundred times as long as all else in a backward
 * pass.
 */
#ifndef ENGINE_PIXELS_H
#define ENGINE_PIXELS_H

#include "engine/plan.h"

/* The outputs that an input row (or column) is seen by: o, o - 1 ... through the kernel's rows k, k
 * + stride ... */
struct reach {
	size_t k, o, count;
};

struct pixels {
	size_t n, channels, in[2];     /* images, their channels, rows and columns */
	size_t kernel[2], stride[2];   /* of the windows */
	size_t filters, blocks, block; /* the output is blocks x out x block */
	size_t out[2];
	struct reach *reach[2]; /* for each input row; for each column */
	float *weights;         /* channel x kernel x blocks x block */
};

/* Whether the op's layouts are ones that this can do. */
bool pixels_can(const struct op *op);

struct pixels *pixels_new(const struct op *op);
void pixels_free(struct pixels *p);

/* From the gradient with respect to the output to that of the input; weights (O,I,KH,KW) in C
 * order. */
void pixels_backward(struct pixels *p, const float *weights, const float *from, float *to);

/* The same for a channel of an image. */
void pixels_plane_16(const struct pixels *p, const float *weights, const float *from, float *to);
void pixels_plane_8(const struct pixels *p, const float *weights, const float *from, float *to);
void pixels_plane_1(const struct pixels *p, const float *weights, const float *from, float *to);

#endif
