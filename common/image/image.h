/*
 * image - pictures: color maps, enlarging, smoothing, median, montage, captions.  Arrays in, arrays
 * out.
 *
 * A picture is (H,W) or, in planes of red, green and blue, (3,H,W).  What a function returns is
 * new, and to be freed with npy_free().
 */
#ifndef IMAGE_H
#define IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "npy/npy.h"

/* ---- color maps ---- */

/*
 * Viridis, inferno and magma are those of Smith and van der Walt (matplotlib 1.5, CC0); diverging
 * is ColorBrewer's RdBu (Harrower and Brewer 2003) from blue over white to red.  Each is 21 anchors
 * of matplotlib's tables with straight lines between; of 255, the largest difference from the full
 * table of 256 is 3 (viridis), 4 (inferno), 2 (magma), 1 (diverging).  Categorical is ten colors
 * to tell classes apart (matplotlib's tab10).
 */
enum image_map {
	IMAGE_GRAY,
	IMAGE_VIRIDIS,
	IMAGE_INFERNO,
	IMAGE_MAGMA,
	IMAGE_DIVERGING,
	IMAGE_CATEGORICAL
};
enum { IMAGE_CLASSES = 10 };

/* Their names, null-terminated: "gray", "viridis" ... */
extern const char *const image_map_names[];

/* The color at t, 0 ... 1, or of class t, 0 ... 9: red, green and blue, 0 ... 1. */
void image_map_color(enum image_map map, double t, double rgb[3]);

/* ---- size ---- */

/* Each pixel as k x k pixels: (...,H,W) to (...,kH,kW), k > 0. */
struct npy image_enlarge(const struct npy *pictures, size_t k);

/* A rectangle of a picture, in rows and columns, which need not be whole. */
struct image_part {
	double top, left, height, width;
};

/* A part of a picture (H,W) or (C,H,W), which lies within it and is not empty, as (C,h,w), or
 * (1,h,w), of floats: each pixel is the mean over the piece of the part that it stands for, as
 * pamscale(1) with -linear. */
struct npy image_resample(const struct npy *picture, const struct image_part *part, size_t h,
                          size_t w);

/* ---- smoothing ---- */

/* A Gaussian of this standard deviation in pixels, cut off at three, its weights adding up to 1;
 * for planes whose sides are no longer than `longest`. */
struct image_blur *image_blur_new(double sigma, size_t longest);
void image_blur_free(struct image_blur *b);

/* What lies beyond an edge: pixels as the edge's, or those of the opposite edge. */
enum image_beyond { IMAGE_NEAREST, IMAGE_WRAP };

/* Convolve a plane (H,W), in place. */
void image_blur(struct image_blur *b, float *plane, size_t h, size_t w, enum image_beyond beyond);

/* ---- median ---- */

/*
 * The median of a window of height x width pixels, each 1 ... IMAGE_WINDOW, around each pixel.  As
 * scipy.ndimage.median_filter() has it: an even side has one pixel more above or to the left; an
 * even number of pixels has the upper of its two middle values; beyond an edge the picture is
 * mirrored, the pixel of the edge included (d c b a | a b c d | d c b a).
 */
enum { IMAGE_WINDOW = 31 };
struct image_median *image_median_new(size_t height, size_t width);
void image_median_free(struct image_median *m);

/* Filter a plane (H,W), neither of them 0, in place; no element is NaN.  Several threads may. */
void image_median(const struct image_median *m, enum npy_type type, void *plane, size_t h,
                  size_t w);

/* ---- drawing ---- */

/* Give a rectangle of a plane (H,W), or what of it lies within the plane, one value. */
void image_fill(struct npy *plane, ptrdiff_t y, ptrdiff_t x, size_t height, size_t width,
                double value);

/* ---- text ---- */

/*
 * A line of text is UTF-8, drawn in libnetpbm's built-in font: Latin-1, and beside it what captions
 * want: arrows to the left and the right, dashes, minus, ellipsis, not equal, less or equal,
 * greater or equal, almost equal, infinity, epsilon, sigma.
 */

/* Null if the text can be drawn, else the reason why not, in a static buffer. */
const char *image_text_refusal(const char *text);

/* Pixels that text which can be drawn takes: its width, and the height of any line. */
size_t image_text_width(const char *text);
size_t image_text_height(void);

/* Draw text in a plane (H,W), its upper left corner at row y and column x, each pixel of the font
 * as k x k of value ink. */
void image_text_draw(struct npy *plane, size_t y, size_t x, const char *text, size_t k, double ink);

/* ---- montage ---- */

/* How to lay out cells; sizes in pixels of the result, values in the units of the cells. */
struct image_layout {
	size_t columns;
	size_t scale;           /* each pixel of a cell becomes scale x scale */
	size_t gap;             /* between cells and around all of them */
	size_t frame;           /* width of a frame around each cell */
	double background, ink; /* the background of floats may be NaN: no value */
	char **captions;        /* a line of text under each cell, one that can be drawn; or null */
	size_t text_scale;      /* each pixel of the font becomes text_scale x text_scale */
	const uint8_t *mark;    /* for each cell an enum image_mark, or null */
};

/* A marked cell has its frame and its caption in this color.  Where there are marks, a plain cell
 * has no frame, but keeps the room for it. */
enum image_mark { IMAGE_PLAIN, IMAGE_RED, IMAGE_GREEN, IMAGE_BLUE, IMAGE_ORANGE, IMAGE_MARKS };

/*
 * Cells (N,H,W), (N,1,H,W) or (N,3,H,W), none of these 0, in a grid, row by row: to (H',W'), or to
 * (3,H',W') if they have color or there are marks.  Values and type stay.  A column is as wide as
 * a cell or the longest caption, whichever is wider.
 */
struct npy image_montage(const struct npy *cells, const struct image_layout *layout);

#endif
