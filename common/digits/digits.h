/*
 * digits - handwritten-like digits, drawn from nothing but numbers.
 *
 * A digit is written the way people write it, then treated the way MNIST treated its own:
 *
 *	styles.c	the ways people write each digit: strokes through a few knots
 *	hand.c		the writer: knots miss their place, strokes run long or short, the hand
 *			presses, slants, turns, stretches, trembles
 *	curve.c		the path of the pen: a smooth curve through the knots
 *	frame.c		the frame: fitted into a box of 20x20, centered by mass in 28x28
 *	pen.c		the ink: a stroke of varying width on a grid of pixels, anti-aliased
 *
 * Every random number is a function of (seed, index), through room rng: digit 17 is the same digit
 * alone or among 60,000, on any thread and in any order.
 *
 * How like people's they are was measured by transfer.  Two convolutions of 32 3x3 filters, each
 * with ReLU and 2x2 max-pooling, 500 hidden units, Adam, batches of 128: after two epochs over the
 * first 60,000 digits of seed 1 and nothing else it reads 97.2 % of the last 10,000 of MNIST's
 * training images, by which the styles and deviations were chosen, and 96.7 % of its test images,
 * looked at once after that.
 */
#ifndef DIGITS_H
#define DIGITS_H

#include <stdint.h>

enum {
	DIGITS_SIDE = 28, /* pixels of the picture */
	DIGITS_BOX = 20,  /* pixels of the box the ink is fitted into */
	DIGITS_PIXELS = DIGITS_SIDE * DIGITS_SIDE,
	DIGITS_CLASSES = 10
};

/* The label of digit `index`: one of labels[0 ... n-1], each as likely as the others. */
uint8_t digits_label(uint64_t seed, uint64_t index, const uint8_t labels[], int n);

/* Draw digit `index` as `label`, 0 ... 9: 0 is paper, 255 is ink.  The longer side of the ink fills
 * the box, and the center of mass is in pixel (14,14), counted from 0, as in MNIST.  index must be
 * below 2^54. */
void digits_draw(uint64_t seed, uint64_t index, int label, uint8_t image[DIGITS_PIXELS]);

#endif
