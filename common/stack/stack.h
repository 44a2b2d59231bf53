/*
 * stack - images of a stream one at a time, of any type, and labels behind them.
 *
 * For programs that make images of images: (N,H,W), (N,C,H,W) or a single one (H,W), and then
 * N labels, where the stream is a data set.
 *
 *	struct stack s = stack_open("-");
 *	npy_put_head(...);
 *	for (size_t i = 0; i < s.n; i++) {
 *		npy_take(s.in, image, stack_pixels(&s));
 *		... npy_put(...);
 *	}
 *	stack_close(&s, 1);
 */
#ifndef STACK_H
#define STACK_H

#include <stddef.h>

#include "npy/npy.h"

struct stack {
	struct npy_in *in;
	struct npy head;        /* as it came */
	size_t n, planes, h, w; /* images; channels, rows, columns of each */
};

/* The images of a file, "-" being stdin; what is none dies.  The first is next to be taken. */
struct stack stack_open(const char *path);

/* Numbers in an image: planes * h * w. */
size_t stack_pixels(const struct stack *s);

/* After the last image: write the labels, if there are any, each `copies` times, and die unless the
 * stream ends there.  n * copies is known to fit. */
void stack_close(struct stack *s, size_t copies);

#endif
