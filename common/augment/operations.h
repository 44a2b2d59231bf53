/* operations - the parsed operations, and the random values of an image: inside augment. */
#ifndef AUGMENT_OPERATIONS_H
#define AUGMENT_OPERATIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "augment/augment.h"
#include "rng/rng.h"

/* First the operations that move pixels, then those that change pixels in place. */
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
	double low, high; /* equal for a single number */
};

/* The values of pixels that come from outside the image, or that are erased. */
struct fill {
	enum { FILL_VALUE, FILL_NEAREST, FILL_RANDOM, FILL_MEAN } with;
	double value;
};

enum { VALUES = 2 };

struct operation {
	enum operation_kind kind;
	int values; /* the number of values that were given or are the default */
	struct range value[VALUES];
	double chance;    /* the probability that it is applied */
	bool subpixel;    /* shift: also by fractions of a pixel */
	struct fill fill; /* erase */
};

struct augment {
	struct operation *operation;
	size_t n;
	struct fill border; /* of all operations that move pixels */
	bool bordered;      /* the text sets the border */
};

/* ---- draw.c: the random values of one operation for one image ---- */

/* The stream of operation k for the image that has this key. */
struct rng draw_stream(uint64_t key, size_t k);

bool draw_happens(struct rng r, const struct operation *o);

/* Value i of an operation. */
double draw_value(struct rng r, const struct operation *o, int i);

/* Uniform in the range, from draw `number` of those for the operation's other numbers. */
double draw_range(struct rng r, uint64_t number, struct range range);

/* Uniform in 0 ... n-1, n > 0, from such a draw. */
size_t draw_below(struct rng r, uint64_t number, size_t n);

/* n random words for pixels, after the first `skip`, a multiple of 4. */
void draw_words(struct rng r, size_t skip, uint32_t *words, size_t n);

/* ---- matrix.c ---- */

/*
 * A map of the plane: (x, y, 1) to (X, Y, Z), which is the place (X / Z, Y / Z).  Places are pixels
 * from the center of the image, x to the right and y down.  It maps places in the result to places
 * in the image: a chain of operations is the product of their matrices in the order of the text.
 */
struct matrix {
	double at[3][3];
};

struct matrix matrix_identity(void);
struct matrix matrix_product(struct matrix a, struct matrix b);

/* The random matrix of an operation that moves pixels, except elastic, for images of h x w. */
struct matrix matrix_draw(struct rng r, const struct operation *o, size_t h, size_t w);

/* ---- move.c ---- */

/* The memory of one thread: the image, its next version, and buffers of the operations. */
struct canvas {
	struct shape shape;
	enum npy_type type; /* of pixels and next: NPY_U1 if no operation needs fractions */
	void *pixels, *next;
	float *padded;   /* a plane with a border */
	float *field[2]; /* how far elastic displaces each pixel, along x and y */
	uint32_t *words; /* of a plane */
	int32_t *place;  /* of a row: the index in `padded` of each pixel's upper left neighbor */
	float *along[2]; /* of a row: x and y of the places, then their fractions */
	struct image_blur **blur; /* for each operation; null unless elastic */
};

/* Numbers beside each row and column of `padded`: one on the left and above, two on the right and
 * below, since the upper left of four neighbors is anywhere from -1 to the size. */
enum { MOVE_BEFORE = 1, MOVE_AROUND = 3 };

/* Whether every pixel of the result is a pixel of the image, or lies outside the image. */
bool matrix_is_exact(const struct matrix *m, struct shape shape);

/* Copy pixels, for a map that is exact. */
void move_copy(struct canvas *c, const struct matrix *m, struct fill border);

/* Interpolate between pixels; with `elastic`, places are first displaced by c->field.  Only for
 * NPY_F4. */
void move_interpolate(struct canvas *c, const struct matrix *m, bool elastic, struct fill border);

/* ---- pixels.c ---- */

/* Draw the displacements of the elastic operation k into c->field. */
void elastic_field(struct canvas *c, struct rng r, const struct operation *o, size_t k);

/* Change pixels in place, by an operation that does not move them. */
void change_pixels(struct canvas *c, struct rng r, const struct operation *o);

#endif
