/* operations - what a text asks for, and what an image draws of it: augment's inside. */
#ifndef AUGMENT_OPERATIONS_H
#define AUGMENT_OPERATIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "augment/augment.h"
#include "rng/rng.h"

/* First those that move pixels, then those that change them where they are. */
enum operation_kind {
	FLIP,
	VFLIP,
	SHIFT,
	CROP,
	ROTATE,
	ZOOM,
	SHEAR,
	PERSPECTIVE,
	ELASTIC,
	BRIGHTNESS,
	CONTRAST,
	NOISE,
	SALTPEPPER,
	ERASE,
	OPERATIONS
};

static inline bool moves_pixels(enum operation_kind kind)
{
	return kind <= ELASTIC;
}

struct range {
	double low, high; /* both included; equal: always this */
};

/* What pixels get that no pixel of the image is for. */
struct fill {
	enum { FILL_VALUE, FILL_NEAREST, FILL_RANDOM, FILL_MEAN } with;
	double value;
};

enum { VALUES = 2 };

struct operation {
	enum operation_kind kind;
	int values; /* how many were given or are usual */
	struct range value[VALUES];
	double chance;    /* that it happens */
	bool subpixel;    /* shift: by fractions of a pixel too */
	struct fill fill; /* erase */
};

struct augment {
	struct operation *operation;
	size_t n;
	struct fill border; /* of all operations that move pixels */
	bool bordered;      /* the text has said so */
};

/* ---- draw.c: what one image draws for one operation ---- */

/* The stream of operation k of the image that has this key. */
struct rng draw_stream(uint64_t key, size_t k);

bool draw_happens(struct rng r, const struct operation *o);

/* Value i of an operation. */
double draw_value(struct rng r, const struct operation *o, int i);

/* Uniform in the range, from a number of the draws that are the operation's own. */
double draw_range(struct rng r, uint64_t number, struct range range);

/* Uniform in 0 ... n-1, n > 0, from such a number. */
size_t draw_below(struct rng r, uint64_t number, size_t n);

/* n random words for pixels, after the first `skip` of them, which is a multiple of 4. */
void draw_words(struct rng r, size_t skip, uint32_t *words, size_t n);

/* ---- matrix.c ---- */

/*
 * A map of the plane: (x, y, 1) to (X, Y, Z), which is the place (X / Z, Y / Z).  Places are pixels
 * from the center of the image, x to the right and y down.  From places of the result to places of
 * the image: a chain of operations is the product of their matrices in the text's order.
 */
struct matrix {
	double at[3][3];
};

struct matrix matrix_identity(void);
struct matrix matrix_product(struct matrix a, struct matrix b);

/* What an operation that moves pixels, other than elastic, draws for images of h x w. */
struct matrix matrix_draw(struct rng r, const struct operation *o, size_t h, size_t w);

/* ---- move.c ---- */

/* A thread's own memory: an image as it is, the next, and what operations need beside it. */
struct canvas {
	struct shape shape;
	enum npy_type type; /* of pixels and next: NPY_U1 where no operation needs fractions */
	void *pixels, *next;
	float *padded;   /* a plane with a border */
	float *field[2]; /* how far elastic displaces each pixel, along x and y */
	uint32_t *words; /* of a plane */
	int32_t *place;  /* of a row: where in `padded` each pixel's upper left neighbor is */
	float *along[2]; /* of a row: x and y of the places, then their fractions */
	struct image_blur **blur; /* for each operation, where that is elastic */
};

/* Numbers beside each row and column of `padded`: one on the left and above, two on the right and
 * below, since the upper left of four neighbors is anywhere from -1 to the size. */
enum { MOVE_BEFORE = 1, MOVE_AROUND = 3 };

/* Whether every pixel of the result is one of the image, or beyond it. */
bool matrix_is_exact(const struct matrix *m, struct shape shape);

/* Copy pixels: the map is exact. */
void move_copy(struct canvas *c, const struct matrix *m, struct fill border);

/* Interpolate between pixels; `elastic` displaces the places by c->field first.  NPY_F4 only. */
void move_interpolate(struct canvas *c, const struct matrix *m, bool elastic, struct fill border);

/* ---- pixels.c ---- */

/* Draw elastic's field for operation k. */
void elastic_field(struct canvas *c, struct rng r, const struct operation *o, size_t k);

/* Change pixels where they are, by an operation that does not move them. */
void change_pixels(struct canvas *c, struct rng r, const struct operation *o);

#endif
