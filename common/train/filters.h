/*
 * filters - the filter loss of Zhang, Wu, Zhu: "Interpretable convolutional neural networks" (CVPR
 * 2018): minus the mutual information, in nats, of a filter's maps x of h x w elements and the
 * templates T: one around each place, as spec.h has them, and one that is -tau everywhere, for
 * images that lack what the filter looks for.
 *
 *	Loss = - sum_T p(T) sum_x p(x|T) log(p(x|T) / p(x))
 *
 *	p(T) = 1 / (1 + h w)		both alpha / (h w) and 1 - alpha, with alpha = h w / (1 + h
 *w) p(x|T) = exp(x . T) / Z_T	Z_T: summed over the images of the batch p(x) = sum_T p(T) p(x|T)
 *
 * So a filter is to fire on some of the images and not on the others, and at one place.  The
 * derivative is exact, through every Z_T too; so it asks for no class that a filter belongs to.
 */
#ifndef FILTERS_H
#define FILTERS_H

#include <stddef.h>

#include "spec/spec.h"

struct filters;

/* For at most so many images of this many channels, each with a filter's map. */
struct filters *filters_new(struct shape shape, size_t images);
void filters_free(struct filters *f);

/* The sum of the losses of all channels over n images; maps and gradient are n rows of C x H x W.
 * The gradient is `weight` times the sum's derivative.  The same for any number of threads. */
double filters_loss(struct filters *f, const float *maps, size_t n, double weight, float *gradient);

#endif
