/*
 * filters - the filter loss of Zhang, Wu, Zhu: "Interpretable convolutional neural networks" (CVPR
 * 2018): minus the mutual information, in nats, of a filter's maps x of h x w elements and the
 * templates T: one around each place, as spec.h has them, and one that is -tau everywhere, for
 * images that lack what the filter looks for.
 *
 *	Loss = - sum_T p(T) sum_x p(x|T) log(p(x|T) / p(x))
 *
 *	p(T)   = 1 / (1 + h w)           both alpha / (h w) and 1 - alpha, with
 *	                                 alpha = h w / (1 + h w)
 *	p(x|T) = exp(x' . T) / Z_T       Z_T: summed over the images of the batch
 *	p(x)   = sum_T p(T) p(x|T)
 *	x'     = x s / m                 m: the mean over the batch of the maps' largest elements;
 *	                                 s = FILTERS_FIT / tau
 *
 * A filter belongs to a class.  Images of this class are to fit the template around the peak of
 * their map, all others the one that is -tau everywhere; of all x' . T the derivative is only taken
 * of these, and is exact, through every Z_T and m too (the paper's equation 4 leaves these out).
 *
 * Two things differ from the paper.  Its filters belong to the class whose images activate them
 * most; here filter c belongs to class c mod K, so that a step depends on nothing but its batch.
 * And its maps are not scaled.  Those of a network at its beginning have elements of some tenths,
 * for which all p(x|T) are alike; and where larger maps make the loss smaller, they grow until
 * nothing else is learned.
 */
#ifndef FILTERS_H
#define FILTERS_H

#include <stddef.h>

#include "spec/spec.h"

/* What x' . T is for a map with nothing but an average peak, and the template around it. */
#define FILTERS_FIT 2.0

struct filters;

/* For at most so many images of this many channels, each with a filter's map. */
struct filters *filters_new(struct shape shape, size_t images);
void filters_free(struct filters *f);

/*
 * The sum of the losses of all channels over n images; maps and gradient are n rows of C x H x W.
 * The gradient is `weight` times the sum's derivative as above; 0 for a filter whose m is not above
 * 0.  label[i] is the class of image i, of K; where it is null, images are of every filter's class.
 * The same for any number of threads.
 */
double filters_loss(struct filters *f, const float *maps, const size_t *label, size_t classes,
                    size_t n, double weight, float *gradient);

#endif
