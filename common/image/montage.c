#include <string.h>

#include "base/base.h"
#include "image/image.h"

/* Where things are in a montage, in pixels. */
struct grid {
	size_t cell_height, cell_width;  /* enlarged */
	size_t box_height, box_width;    /* with its frame */
	size_t row_height, column_width; /* with its caption */
	size_t rows, columns, gap;
};

void image_fill(struct npy *plane, ptrdiff_t y, ptrdiff_t x, size_t height, size_t width,
                double value)
{
	ptrdiff_t bottom = y + (ptrdiff_t)height, right = x + (ptrdiff_t)width;
	size_t h = plane->dim[0], w = plane->dim[1], size = npy_size(plane->type);
	char element[8];

	npy_convert_elements(plane->type, element, NPY_F8, &value, 1);
	for (ptrdiff_t row = y < 0 ? 0 : y; row < bottom && row < (ptrdiff_t)h; row++)
		for (ptrdiff_t column = x < 0 ? 0 : x; column < right && column < (ptrdiff_t)w;
		     column++)
			memcpy((char *)plane->data + ((size_t)row * w + (size_t)column) * size,
			       element, size);
}

/* Plane p of picture i of pictures (N,H,W) or (N,C,H,W): the only one, if there is one. */
static struct npy plane_of(const struct npy *pictures, size_t i, size_t p)
{
	const size_t *size = pictures->dim + pictures->ndim - 2;
	size_t planes = pictures->ndim == 4 ? pictures->dim[1] : 1;
	size_t at = (i * planes + p % planes) * size[0] * size[1];

	return (struct npy){.type = pictures->type,
	                    .ndim = 2,
	                    .dim = {size[0], size[1]},
	                    .data = (char *)pictures->data + at * npy_size(pictures->type)};
}

static size_t larger(size_t a, size_t b)
{
	return a > b ? a : b;
}

static struct grid lay_out(const struct npy *cells, const struct image_layout *l)
{
	const size_t *size = cells->dim + cells->ndim - 2;
	size_t n = cells->dim[0], columns = l->columns < n ? l->columns : n, text = 0;
	struct grid g = {.cell_height = size[0] * l->scale,
	                 .cell_width = size[1] * l->scale,
	                 .rows = (n + columns - 1) / columns,
	                 .columns = columns,
	                 .gap = l->gap};

	g.row_height = g.box_height = g.cell_height + 2 * l->frame;
	g.box_width = g.cell_width + 2 * l->frame;
	if (l->captions) {
		g.row_height += (1 + image_text_height()) * l->text_scale;
		for (size_t i = 0; i < n; i++)
			text = larger(text, image_text_width(l->captions[i]));
	}
	g.column_width = larger(g.box_width, text * l->text_scale);
	return g;
}

static void paste(struct npy *to, size_t y, size_t x, const struct npy *from)
{
	size_t size = npy_size(to->type), width = from->dim[1];

	for (size_t row = 0; row < from->dim[0]; row++)
		memcpy((char *)to->data + ((y + row) * to->dim[1] + x) * size,
		       (char *)from->data + row * width * size, width * size);
}

/* The value of a mark's color in plane p. */
static double mark_value(enum image_mark mark, size_t p, double ink)
{
	static const int class[] = {
		[IMAGE_RED] = 3, [IMAGE_GREEN] = 2, [IMAGE_BLUE] = 0, [IMAGE_ORANGE] = 1};
	double rgb[3];

	if (mark == IMAGE_PLAIN)
		return ink;
	image_map_color(IMAGE_CATEGORICAL, class[mark], rgb);
	return 255 * rgb[p];
}

/* Plane p of cell i, with its frame and its caption, into that plane of the montage. */
static void draw_cell(struct npy *plane, const struct grid *g, const struct image_layout *l,
                      const struct npy *cells, size_t i, size_t p)
{
	size_t y = g->gap + i / g->columns * (g->row_height + g->gap);
	size_t x = g->gap + i % g->columns * (g->column_width + g->gap);
	size_t box_x = x + (g->column_width - g->box_width) / 2;
	enum image_mark mark = l->mark ? (enum image_mark)l->mark[i] : IMAGE_PLAIN;
	double ink = mark_value(mark, p, l->ink);
	struct npy cell = plane_of(cells, i, p), large = image_enlarge(&cell, l->scale);

	if (l->frame && (mark || !l->mark))
		image_fill(plane, (ptrdiff_t)y, (ptrdiff_t)box_x, g->box_height, g->box_width, ink);
	paste(plane, y + l->frame, box_x + l->frame, &large);
	npy_free(&large);
	if (!l->captions)
		return;
	size_t width = image_text_width(l->captions[i]) * l->text_scale;
	image_text_draw(plane, y + g->box_height + l->text_scale, x + (g->column_width - width) / 2,
	                l->captions[i], l->text_scale, ink);
}

struct npy image_montage(const struct npy *cells, const struct image_layout *l)
{
	struct grid g = lay_out(cells, l);
	bool color = l->mark || (cells->ndim == 4 && cells->dim[1] == 3);
	size_t height = g.gap + g.rows * (g.row_height + g.gap);
	size_t width = g.gap + g.columns * (g.column_width + g.gap);
	/* One picture of one or three planes; the axis of pictures goes at the end. */
	struct npy all = npy_new(cells->type, 4, (size_t[]){1, color ? 3 : 1, height, width});

	for (size_t p = 0; p < all.dim[1]; p++) {
		struct npy plane = plane_of(&all, 0, p);
		image_fill(&plane, 0, 0, height, width, l->background);
		for (size_t i = 0; i < cells->dim[0]; i++)
			draw_cell(&plane, &g, l, cells, i, p);
	}
	all.ndim = color ? 3 : 2;
	memmove(all.dim, all.dim + (color ? 1 : 2), (size_t)all.ndim * sizeof *all.dim);
	return all;
}
