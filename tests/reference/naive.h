/*
 * naive - a network computed the slow and obvious way: what the engine is measured against.
 *
 * Loops over indices in C order, in double precision, written from each layer's definition and
 * shared with nothing else: the network's language, read as a specification.  tests/naive.c proves
 * the gradients by central differences and the values by hand.
 *
 *	struct naive m = naive_new(&spec, n, true);
 *	naive_load(&m, model.tensor);
 *	... m.pixels ...
 *	naive_forward(&m);
 *	... m.y[spec.layers], m.d[spec.layers] ...
 *	naive_backward(&m, spec.layers);
 *	... m.gradient, m.pixel_gradient ...
 */
#ifndef NAIVE_H
#define NAIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/engine.h"
#include "spec/spec.h"

struct naive {
	const struct spec *spec;
	size_t n;            /* images */
	bool train;          /* batch norm by the batch, moving its running statistics */
	enum relu_rule rule; /* plain */
	/* For each layer whether it is frozen: batch norm by the running statistics, which stay,
	 * and gradients of parameters that are zero.  Null: none is. */
	const bool *frozen;

	double *pixels, *pixel_gradient; /* n rows of C x H x W */
	double **parameter, **gradient;  /* one of each for each spec.parameter, in C order */

	/* y[0] is the network's input and y[i + 1] the output of layer i; d, gradients with respect
	 * to them.  Of n rows of C x H x W each. */
	double **y, **d;

	/* What the last forward pass decided: which side of 0 every ReLU's input was on, and which
	 * element of its window was each maximum.  Two passes with one answer are on one smooth
	 * piece of the function.  And the least change that would have decided otherwise; not
	 * counting equals, which are equal in any precision: zeros that a ReLU made. */
	uint64_t decisions;
	double margin;
};

/* Everything is zero. */
struct naive naive_new(const struct spec *spec, size_t n, bool train);
void naive_free(struct naive *m);

/* The parameters, of a struct model. */
void naive_load(struct naive *m, float *const tensor[]);

/* From the pixels through all layers.  Dropout passes everything on, as in inference. */
void naive_forward(struct naive *m);

/* After naive_forward(): from d[layers] down to d[0], to the pixels and to the parameters of these
 * layers. */
void naive_backward(struct naive *m, int layers);

/* The mean over n rows of the cross-entropy of softmax(logits) and the label, and its gradient with
 * respect to the logits. */
double naive_cross_entropy(size_t n, size_t classes, const double *logits, const int64_t *label,
                           double *gradient);

#endif
