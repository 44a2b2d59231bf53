/* npy-montage - lay pictures out in a grid, with frames and captions */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "dataset/dataset.h"
#include "image/image.h"
#include "npy/npy.h"
#include "tsv/tsv.h"

/* The images of the array, which becomes one of four axes. */
static void check_cells(struct npy *cells, const char *name)
{
	struct shape s;
	size_t n;

	if (!images_shape(cells, &n, &s) || (s.c != 1 && s.c != 3))
		die("%s: expected images (N,H,W), (N,1,H,W) or (N,3,H,W), or one (H,W), found %s",
		    name, npy_shape(cells));
	if (!npy_count(cells))
		die("%s: shape %s has no pixels", name, npy_shape(cells));
	cells->ndim = 4;
	memcpy(cells->dim, (size_t[]){n, s.c, s.h, s.w}, 4 * sizeof *cells->dim);
}

/* What is between the cells: white, where integers are pixels; NaN among floats, which npytopnm
 * draws white and leaves out of the range it finds. */
static double background_of(enum npy_type type)
{
	return npy_is_whole(type) ? 255 : NAN;
}

/* The cells' type must hold the values drawn beside them. */
static void check_value(const char *what, double x, enum npy_type type)
{
	if (type == NPY_U1 && (x != rint(x) || x < 0 || x > 255))
		die("%s: %g is not among the values of the cells, 0 ... 255", what, x);
	if (type == NPY_I8 && x != rint(x))
		die("%s: %g is not whole, as the cells are", what, x);
}

/* One caption for each cell, that can be drawn. */
static char **read_captions(const char *path, size_t n)
{
	size_t lines;
	char **captions = tsv_lines(path, &lines);

	if (lines != n)
		die("%s: expected %zu lines, one for each cell, found %zu", file_name(path), n,
		    lines);
	for (size_t i = 0; i < n; i++) {
		const char *refusal = image_text_refusal(captions[i]);
		if (refusal)
			die("%s: line %zu: %s", file_name(path), i + 1, refusal);
	}
	return captions;
}

/* One mark for each cell. */
static struct npy read_marks(const char *path, size_t n)
{
	struct npy marks = npy_read(path);

	npy_expect(&marks, file_name(path), 1, "(N,)");
	if (marks.dim[0] != n)
		die("%s: expected %zu marks, one for each cell, found %zu", file_name(path), n,
		    marks.dim[0]);
	for (size_t i = 0; i < n; i++) {
		double x = npy_get(&marks, i);
		if (!(x == rint(x) && x >= 0 && x < IMAGE_MARKS))
			die("%s: element %zu, %g, is not a mark 0 ... %d", file_name(path), i, x,
			    IMAGE_MARKS - 1);
	}
	npy_convert(&marks, NPY_U1);
	return marks;
}

int main(int argc, char *argv[])
{
	const char *texts = NULL, *marks = NULL;
	int64_t columns = 0, scale = 1, gap = 2, frame = 0, text_scale = 1;
	struct image_layout layout = {.background = NAN, .ink = 0};
	const struct cli_option options[] = {
		OPTION_INTEGER('c', "columns", "COLUMNS", &columns, 0, 1 << 20,
	                       "cells in a row; 0: as many as rows, or one more"),
		OPTION_INTEGER('s', "scale", "FACTOR", &scale, 1, 4096,
	                       "draw each pixel as a square of FACTOR x FACTOR"),
		OPTION_INTEGER('g', "gap", "PIXELS", &gap, 0, 4096,
	                       "space between and around the cells"),
		OPTION_INTEGER('f', "frame", "PIXELS", &frame, 0, 4096,
	                       "width of a frame around each cell"),
		OPTION_TEXT('t', "text", "FILE", &texts, "captions, a line for each cell"),
		OPTION_INTEGER('z', "text-scale", "FACTOR", &text_scale, 1, 4096,
	                       "draw each pixel of a caption as such a square"),
		OPTION_TEXT(
			'm', "mark", "FILE", &marks,
			"colors of frames and captions: an array of 0 ... 4, one for each cell"),
		OPTION_REAL('b', "background", "VALUE", &layout.background, -1e300, 1e300,
	                    "value between the cells [255; among floats NaN]"),
		OPTION_REAL('i', "ink", "VALUE", &layout.ink, -1e300, 1e300,
	                    "value of frames and captions"),
		OPTION_END};
	const struct cli cli = {"[FILE]", 0, 1,
	                        "Lay pictures out in a grid, with frames and captions.", options};
	char **operands = cli_parse(argc, argv, &cli);
	const char *path = cli_operand(&operands);
	struct npy cells = npy_read(path), mark = {.data = NULL};

	check_cells(&cells, file_name(path));
	if (isnan(layout.background))
		layout.background = background_of(cells.type);
	check_value("--background", layout.background, cells.type);
	check_value("--ink", layout.ink, cells.type);
	size_t n = cells.dim[0];
	layout.columns = columns ? (size_t)columns : (size_t)ceil(sqrt((double)n));
	layout.scale = (size_t)scale;
	layout.gap = (size_t)gap;
	layout.frame = (size_t)frame;
	layout.text_scale = (size_t)text_scale;
	if (texts)
		layout.captions = read_captions(texts, n);
	if (marks) {
		mark = read_marks(marks, n);
		layout.mark = mark.u1;
	}

	struct npy montage = image_montage(&cells, &layout);
	npy_write(&montage);
	npy_free(&montage);
	npy_free(&cells);
	npy_free(&mark);
	if (texts)
		tsv_free_lines(layout.captions, n);
	return cli_close();
}
