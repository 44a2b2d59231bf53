/*
 * minimal - attacks of minimal norm: for each image the nearest one, in the Euclidean distance, on
 * which a network errs.
 *
 * Images are pixels of 0..255, and so is what is found: it stays in this box.  The papers have
 * pixels in 0..1; with r the change in pixels, their |r|^2 is |r|^2 / 255^2 here, so that their
 * constants mean what they mean there.  An image is misclassified where its label is not the class
 * of the largest logit; what is wanted is such an image, or one classified as a target (goal.h).
 *
 * The methods, a file and a row of minimal_methods each:
 *
 *	deepfool	Moosavi-Dezfooli, Fawzi, Frossard, "DeepFool: a simple and accurate method
 *			to fool deep neural networks", CVPR 2016, algorithm 2
 *	cw		Carlini, Wagner, "Towards evaluating the robustness of neural networks",
 *			2017, section VI.A, and their code
 *	lbfgs		Szegedy et al., "Intriguing properties of neural networks", 2014, section
 *			4.1, with the distance squared, as it is commonly programmed (CleverHans)
 *
 * Images lie in lanes, as many as go through the network at a time, each with all that its method
 * keeps: a lane knows nothing of the others, and when its image is done takes the next one.  So the
 * network's batch is full until the images run out, memory does not grow with their number, and no
 * result depends on how many lanes or threads there are.
 */
#ifndef MINIMAL_H
#define MINIMAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "attack/targets.h"
#include "engine/engine.h"
#include "minimal/goal.h"

struct minimal;
struct lane;
struct minimal_method;

/* NAN: the method has no such thing, or, before minimal_settle(), not said. */
struct minimal_options {
	const struct minimal_method *method;
	double steps;      /* at most; of cw and lbfgs: of a search */
	double searches;   /* cw, lbfgs: for the constant c */
	double constant;   /* cw, lbfgs: the first c */
	double rate;       /* cw: Adam's */
	double confidence; /* cw: of the goal */
	double overshoot;  /* deepfool: the share that is added to the change */
};

/* An option is as the command line has it. */
void minimal_settle(struct minimal_options *o);

/* ---- methods ---- */

/*
 * A method changes lane->x, the image that the network sees, time after time.  Each time it asks
 * for derivatives, and it gets them as often as it passes:
 *
 *	begin	a new image, which the network does not err on: lane->x is lane->start, or what the
 *		method makes it
 *	ask	in this pass, the derivative by each logit of what is to be derived by the pixels
 *	take	this derivative; in the last pass, choose the next x; false: there is none
 *
 * They run on any thread, for one lane at a time.  What the network errs on as it should is kept,
 * the nearest one, before the method is asked.
 */
struct minimal_method {
	const char *name;
	struct minimal_options defaults;
	bool targets;      /* it can have one */
	bool to_the_first; /* it ends with the first error */
	size_t arrays;     /* of as many floats as an image has pixels, kept for each lane */
	size_t own;        /* bytes, kept too */
	bool each_class;   /* a pass for each class but the label; else there is one */
	void (*begin)(const struct minimal *a, struct lane *l);
	void (*ask)(const struct minimal *a, struct lane *l, size_t pass, float *by_logit);
	bool (*take)(const struct minimal *a, struct lane *l, size_t pass, const float *by_pixel);
};

extern const struct minimal_method minimal_deepfool, minimal_cw, minimal_lbfgs;

/* All of them, and their names for OPTION_CHOICE. */
extern const struct minimal_method *const minimal_methods[];
extern const char *const minimal_names[];

/* ---- images ---- */

enum minimal_status {
	MINIMAL_WRONG,  /* misclassified as it came, and left alone */
	MINIMAL_SAME,   /* its label is the target, and it is left alone */
	MINIMAL_FOUND,  /* replaced by what was found */
	MINIMAL_FAILED, /* nothing was found, and it stays as it is */
};

struct minimal_result {
	bool done;
	enum minimal_status status;
	size_t predicted; /* the class of what is written */
	uint64_t steps;   /* changes of the image */
	uint64_t gradients;
	double linf, l2; /* of the change, in pixels */
	double constant; /* c where it was found; NAN: there is none */
};

/* An image in work. */
struct lane {
	size_t image;
	bool on; /* goes on */
	struct goal goal;
	const float *start;  /* the image as it came */
	float *x, *best;     /* what the network sees; the nearest of those it has erred on */
	double squares;      /* |x - start|^2 */
	double best_squares; /* INFINITY: there is no best */
	bool reached;        /* x reaches the goal */
	const float *logits; /* of x */
	struct minimal_result result;
	double constant; /* the c in use; NAN: none */
	float *array;    /* method->arrays of them, one after the other */
	void *own;       /* what else the method keeps */
};

/* Array i of the lane. */
float *lane_array(const struct minimal *a, const struct lane *l, size_t i);

struct minimal {
	const struct minimal_options *o;
	size_t n, pixels, classes, passes;
	float *images; /* replaced one by one by what is found */
	const int32_t *label;
	const struct targets *targets; /* null: any other class */
	struct minimal_result *result; /* of each image */
	size_t next, done;             /* the next image to be taken; how many are done */
	size_t lanes, most;            /* in use, in memory */
	struct lane *lane;
	float *arrays;
	char *own;
	const float *logits, *by_pixel; /* of all lanes, during a pass */
	float *by_logit;
	size_t pass;
};

/* n images of pixels in 0..255 for a network, `batch` of which go through it at a time, with their
 * labels and targets (null: none), which are the caller's.  Options are settled. */
struct minimal minimal_new(const struct minimal_options *o, const struct spec *spec, float *images,
                           const int32_t *labels, const struct targets *targets, size_t n,
                           size_t batch);
void minimal_free(struct minimal *a);

/* The engine of what follows has input_gradient and room for `batch` images.  First, find those
 * that are to be left alone; dies where the output for an image is not finite. */
void minimal_begin(struct minimal *a, struct engine *e);

/* Let all images that are in work take a step; false when there is none left. */
bool minimal_step(struct minimal *a, struct engine *e);

/* The target of image i; 0 where there are none. */
size_t minimal_target(const struct minimal *a, size_t i);

/* The names of the log's columns, and the row of image i, which is done. */
void minimal_log_head(FILE *log);
void minimal_log(const struct minimal *a, FILE *log, size_t i);

#endif
