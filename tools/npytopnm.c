/* npytopnm - draw an NPY array as a PGM or PPM picture */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "dataset/dataset.h"
#include "image/image.h"
#include "npy/npy.h"
#include "pnm/pnm.h"

/* What -r says, and the values that become black and white. */
struct range {
	enum { PIXELS, GIVEN, SYMMETRIC, MINMAX } kind;
	double low, high;
};

struct style {
	struct range range;
	int map; /* enum image_map */
	size_t scale;
	unsigned maxval;
	bool each, separate;
};

static struct range parse_range(const char *text)
{
	struct range r = {GIVEN, 0, 255};
	char *colon, *end;

	if (!text)
		r.kind = PIXELS;
	else if (!strcmp(text, "symmetric"))
		r.kind = SYMMETRIC;
	else if (!strcmp(text, "minmax"))
		r.kind = MINMAX;
	else {
		r.low = strtod(text, &colon);
		r.high = *colon == ':' ? strtod(colon + 1, &end) : 0;
		if (colon == text || *colon != ':' || end == colon + 1 || *end ||
		    !isfinite(r.low) || !isfinite(r.high) || r.low == r.high)
			die("--range: '%s' is not LO:HI, symmetric or minmax", text);
	}
	return r;
}

/* ---- checks ---- */

/* The channels of a picture, (H,W) or (C,H,W). */
static bool picture_shape(const struct npy *a, size_t *n, struct shape *s)
{
	*n = 1;
	*s = (struct shape){a->ndim == 3 ? a->dim[0] : 1, 0, 0};
	return a->ndim == 2 || a->ndim == 3;
}

/* One picture of the array, without data; how many there are goes to n.  The array is one, or with
 * --each as many images as it holds. */
static struct npy picture_of(const struct npy *a, bool each, const char *name, size_t *n)
{
	struct npy p = {.type = a->type, .ndim = a->ndim - (each && a->ndim > 2)};
	struct shape s;

	if (!(each ? images_shape : picture_shape)(a, n, &s) || (s.c != 1 && s.c != 3))
		die("%s: expected shape %s, found %s%s", name,
		    each ? "(N,H,W), (N,1,H,W), (N,3,H,W) or (H,W)" : "(H,W), (1,H,W) or (3,H,W)",
		    npy_shape(a), each ? "" : " (--each draws every picture of it)");
	memcpy(p.dim, a->dim + a->ndim - p.ndim, (size_t)p.ndim * sizeof *p.dim);
	if (!npy_count(a))
		die("%s: shape %s has no pixels", name, npy_shape(a));
	return p;
}

/* NaN is no value, and drawn as paper; an array of nothing else is a mistake. */
static void check_pixels(const struct npy *a, const char *name, const struct style *s)
{
	bool bounded = s->range.kind == SYMMETRIC || s->range.kind == MINMAX, drawn = false;

	for (size_t i = 0, n = npy_count(a); i < n; i++) {
		double x = npy_get(a, i);
		if (isnan(x))
			continue;
		drawn = true;
		if (isinf(x) && bounded)
			die("%s: element %zu is infinite", name, i);
		if (s->map == IMAGE_CATEGORICAL && !(x == rint(x) && x >= 0 && x < IMAGE_CLASSES))
			die("%s: element %zu, %g, is not a class 0 ... %d", name, i, x,
			    IMAGE_CLASSES - 1);
		if (s->map != IMAGE_CATEGORICAL && s->range.kind == PIXELS && !(x >= 0 && x <= 255))
			die("%s: element %zu, %g, is not a pixel 0 ... 255 (--range says what to "
			    "draw)",
			    name, i, x);
	}
	if (!drawn)
		die("%s: every element is NaN", name);
}

/* ---- drawing ---- */

/* The range of the values of one array, NaN left out; that of all zeros, or of one value, has no
 * width. */
static struct range find_range(const struct npy *a, struct range r)
{
	double low = INFINITY, high = -INFINITY;

	if (r.kind == PIXELS || r.kind == GIVEN)
		return r;
	for (size_t i = 0, n = npy_count(a); i < n; i++) {
		low = fmin(low, npy_get(a, i));
		high = fmax(high, npy_get(a, i));
	}
	if (r.kind == MINMAX)
		return (struct range){GIVEN, low, high};
	high = fmax(fabs(low), fabs(high));
	return (struct range){GIVEN, -high, high};
}

/* 0 ... 1 within the range, clamped outside; the middle where it has no width. */
static double within(struct range r, double x)
{
	if (r.low == r.high)
		return 0.5;
	return fmin(fmax((x - r.low) / (r.high - r.low), 0), 1);
}

/* The color of a value, red, green and blue, 0 ... 1; white for NaN. */
static void color_of(double x, struct range r, enum image_map map, double rgb[3])
{
	if (isnan(x))
		rgb[0] = rgb[1] = rgb[2] = 1;
	else
		image_map_color(map, map == IMAGE_CATEGORICAL ? x : within(r, x), rgb);
}

/* Samples 0 ... maxval of a picture: (3,H,W) with a map, else its own shape. */
static struct npy render(const struct npy *p, struct range r, const struct style *s)
{
	size_t n = npy_count(p), h = p->dim[p->ndim - 2], w = p->dim[p->ndim - 1];
	enum image_map map = (enum image_map)s->map;
	bool mapped = map != IMAGE_GRAY;
	struct npy samples = npy_new(NPY_F4, 3, (size_t[]){mapped ? 3 : n / (h * w), h, w});
	double rgb[3];

	for (size_t i = 0; i < n; i++) {
		color_of(npy_get(p, i), r, map, rgb);
		for (size_t c = 0; c < (mapped ? 3 : 1); c++)
			samples.f4[c * n + i] = (float)rint(rgb[c] * s->maxval);
	}
	return samples;
}

static void draw(const struct npy *p, struct range r, const struct style *s)
{
	struct npy samples = render(p, r, s), large = image_enlarge(&samples, s->scale);

	pnm_write(&large, s->maxval);
	npy_free(&samples);
	npy_free(&large);
}

static void draw_array(struct npy *a, const char *name, const struct style *s)
{
	size_t n;
	struct npy p = picture_of(a, s->each, name, &n);
	size_t bytes = npy_count(&p) * npy_size(p.type);

	if (s->map != IMAGE_GRAY && p.ndim == 3 && p.dim[0] == 3)
		die("%s: shape %s has colors of its own, which --colors cannot map", name,
		    npy_shape(a));
	check_pixels(a, name, s);
	struct range shared = find_range(a, s->range);
	for (size_t i = 0; i < n; i++) {
		p.data = (char *)a->data + i * bytes;
		draw(&p, s->separate ? find_range(&p, s->range) : shared, s);
	}
}

int main(int argc, char *argv[])
{
	const char *range = NULL;
	bool wide = false;
	int64_t scale = 1;
	struct style style = {.map = IMAGE_GRAY};
	const struct cli_option options[] = {
		OPTION_TEXT('r', "range", "RANGE", &range,
	                    "values drawn black and white: LO:HI, symmetric, minmax [0:255]"),
		OPTION_CHOICE('c', "colors", "MAP", &style.map, image_map_names,
	                      "gray, viridis, inferno, magma, diverging, categorical"),
		OPTION_INTEGER('s', "scale", "FACTOR", &scale, 1, 4096,
	                       "draw each value as a square of FACTOR x FACTOR pixels"),
		OPTION_FLAG('e', "each", &style.each,
	                    "draw a picture for each index of the first axis"),
		OPTION_FLAG(0, "separate", &style.separate,
	                    "with --each, find the range of each picture by itself"),
		OPTION_FLAG(0, "16", &wide, "write samples of 16 bits"),
		OPTION_END};
	const struct cli cli = {"[FILE]", 0, 1, "Draw an NPY array as a PGM or PPM picture.",
	                        options};
	char **operands = cli_parse(argc, argv, &cli);

	style.range = parse_range(range);
	style.scale = (size_t)scale;
	style.maxval = wide ? PNM_MAXVAL : 255;
	if (range && style.map == IMAGE_CATEGORICAL)
		die("--range has no meaning for classes (--colors categorical)");

	struct npy_in *in = npy_open(cli_operand(&operands));
	struct npy a;
	while (npy_next(in, &a)) {
		npy_load(in, &a);
		draw_array(&a, npy_name(in), &style);
		npy_free(&a);
	}
	npy_close(in);
	return cli_close();
}
