/*
 * loss - what a training makes small: a number for each row of a network's outputs, and what it is
 * compared with.
 *
 *	loss_labels(s)		cross-entropy of softmax(outputs) against labels, hard or soft,
 *				smoothed by s
 *	loss_image()		squared error against an image, the mean over its elements
 *
 * and of examples of which the network sees both the image x as it is and a changed one, x':
 *
 *	loss_mixed(s, w)	w times loss_labels(s) of x, 1 - w times that of x' (Goodfellow,
 *				Shlens, Szegedy, "Explaining and harnessing adversarial
 *				examples", 2015, section 6)
 *	loss_trades(s, beta)	loss_labels(s) of x, and beta times the divergence of softmax(x)
 *				from softmax(x') (Zhang et al., "Theoretically principled
 *				trade-off between robustness and accuracy", 2019, equation 5)
 *
 * Outputs are floats, sums are doubles in the order of the data.  An image is compared as
 * outputs are, in the space of the network's input: the caller maps its pixels.
 */
#ifndef LOSS_H
#define LOSS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "num/num.h"

/* What n rows are to be: one of the two, as the loss wants it. */
struct targets {
	struct labels labels;
	const float *image; /* n rows as wide as the outputs */
};

struct loss;

/*
 * The loss of n rows of `width` outputs, summed over the rows.  Where gradient is not null it gets
 * the derivative of the *mean* over the rows.  *wrong is increased by the rows whose largest output
 * is not the target's largest; by none where the target is an image.
 */
typedef double loss_of(const struct loss *loss, const float *outputs, const struct targets *targets,
                       size_t n, size_t width, float *gradient, size_t *wrong);

struct loss {
	loss_of *of;
	bool pairs;       /* 2 n rows of outputs: n of x, n of x'; wrong are those of x' */
	double smoothing; /* of labels: num_cross_entropy() */
	double weight;    /* w, beta */
	bool classifies;  /* a row can be wrong */
};

struct loss loss_labels(double smoothing);
struct loss loss_image(void);
struct loss loss_mixed(double smoothing, double weight);
struct loss loss_trades(double smoothing, double beta);

/* What to measure by: without smoothing, and of one image where the loss is of a pair. */
struct loss loss_plain(struct loss loss);

/* How users choose the loss of a network of labels, or of images: "ce", "mse". */
enum loss_name { LOSS_CE, LOSS_MSE };
extern const char *const loss_names[];

#endif
