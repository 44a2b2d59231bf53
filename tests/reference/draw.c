#include "reference/draw.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"

size_t draw_below(struct draw *r, size_t n)
{
	return (size_t)rng_below(r->rng, r->index++, n);
}

double draw_normal(struct draw *r)
{
	return rng_normal(r->rng, r->index++);
}

/* ---- networks ---- */

#define ONE_OF(r, list) (list)[draw_below(r, sizeof(list) / sizeof *(list))]

static const size_t channels[] = {1, 3, 5, 8, 10, 16, 17, 24, 32, 40};

/* What is drawn so far. */
struct text {
	char *words;
	struct spec spec; /* no layers at first */
	struct shape out; /* of the last layer */
};

static void append(struct text *t, char *words)
{
	char *longer = xprintf("%s%s", t->words, words);

	free(t->words);
	free(words);
	t->words = longer;
}

/* Two draws are never arguments of one call: compilers differ in which they make first. */

/* " WORD 3x2", of at most h x w. */
static void append_sides(struct draw *r, struct text *t, const char *word, size_t h, size_t w)
{
	size_t columns = 1 + draw_below(r, w), rows = 1 + draw_below(r, h);

	append(t, xprintf("%s %zux%zu", word, rows, columns));
}

/* A window that fits an image of h x w. */
static void append_kernel(struct draw *r, struct text *t, size_t h, size_t w)
{
	append_sides(r, t, "", h < 4 ? h : 4, w < 4 ? w : 4);
}

static void append_stride(struct draw *r, struct text *t)
{
	if (draw_below(r, 4) == 0)
		append_sides(r, t, " stride", 3, 3);
	else if (draw_below(r, 2))
		append(t, xprintf(" stride %zu", 1 + draw_below(r, 3)));
}

static void append_conv(struct draw *r, struct text *t)
{
	size_t pad = draw_below(r, 4);

	append(t, xprintf("conv %zu", ONE_OF(r, channels)));
	if (pad == 3) {
		append_kernel(r, t, t->out.h, t->out.w);
		append(t, xstrdup(" pad same"));
	} else {
		append_kernel(r, t, t->out.h + 2 * pad, t->out.w + 2 * pad);
		append(t, xprintf(" pad %zu", pad));
	}
	append_stride(r, t);
	append(t, xstrdup(draw_below(r, 4) ? "" : " nobias"));
}

static void append_pool(struct draw *r, struct text *t, const char *kind)
{
	append(t, xstrdup(kind));
	append_kernel(r, t, t->out.h, t->out.w);
	append_stride(r, t);
	append(t, xstrdup(draw_below(r, 2) ? " ceil" : ""));
}

/* Images remain small. */
static void append_upsample(struct draw *r, struct text *t)
{
	size_t side = t->out.h > t->out.w ? t->out.h : t->out.w;

	append(t, xprintf("upsample %zu", side > 12 ? 1 : 1 + draw_below(r, side > 8 ? 2 : 3)));
}

static void append_dense(struct draw *r, struct text *t)
{
	const char *bias = draw_below(r, 4) ? "" : " nobias";

	append(t, xprintf("dense %zu%s", ONE_OF(r, channels), bias));
}

/* A layer before the last one, of its shape; or null. */
static const char *draw_like(struct draw *r, const struct spec *s)
{
	const struct layer *last = &s->layer[s->layers - 1];
	const char *found = NULL;
	size_t count = 0;

	for (const struct layer *l = s->layer; l < last; l++)
		if (!memcmp(&l->out, &last->out, sizeof l->out) && l->vector == last->vector &&
		    draw_below(r, ++count) == 0)
			found = l->name;
	return found;
}

static void append_add(struct draw *r, struct text *t)
{
	const char *other = t->spec.layers ? draw_like(r, &t->spec) : NULL;

	append(t, other ? xprintf("add %s", other) : xstrdup("relu"));
}

static void append_branch(struct draw *r, struct text *t, bool whole)
{
	const char *const kinds[] = {"relu", "dropout 0", "tanh", "batchnorm"};

	if (!t->spec.layers) {
		append(t, xstrdup("relu"));
		return;
	}
	const char *other = draw_like(r, &t->spec);
	append(t, xstrdup(kinds[draw_below(r, whole ? 2 : 4)]));
	if (other && draw_below(r, 2))
		append(t, xprintf(" from %s", other));
	append(t, xprintf("\nadd %s", t->spec.layer[t->spec.layers - 1].name));
}

static void append_layer(struct draw *r, struct text *t, const char *kind, bool whole)
{
	if (!strcmp(kind, "add"))
		append_add(r, t);
	else if (!strcmp(kind, "branch"))
		append_branch(r, t, whole);
	else if (!strcmp(kind, "conv"))
		append_conv(r, t);
	else if (strstr(kind, "pool"))
		append_pool(r, t, kind);
	else if (!strcmp(kind, "upsample"))
		append_upsample(r, t);
	else if (!strcmp(kind, "dense"))
		append_dense(r, t);
	else if (!strcmp(kind, "dropout"))
		append(t, xstrdup("dropout 0"));
	else
		append(t, xstrdup(kind));
	append(t, xstrdup("\n"));
}

/* What the language makes of the text. */
static void see(struct text *t)
{
	spec_free(&t->spec);
	t->spec = spec_parse("drawn", t->words);
	t->out = t->spec.layer[t->spec.layers - 1].out;
}

/* 120.3: no averages of pixels cancel to a zero that is nearly one in floats.  An odd number of
 * channels have a mean and a scale each. */
static void append_mapping(struct text *t, bool whole)
{
	size_t n = t->out.c % 2 ? t->out.c : 1;

	append(t, xstrdup(" mean"));
	for (size_t c = 0; c < n; c++)
		append(t, xprintf(" %g", whole ? 2 : 120.3 - 7 * (double)(c % 3)));
	for (size_t c = 0; c < n && !whole; c++)
		append(t, xprintf("%s %d", c ? "" : " scale", 70 + 11 * (int)(c % 4)));
	append(t, xstrdup("\n"));
}

char *draw_network(struct draw *r, const char *kinds, bool whole)
{
	struct text t = {.words = xstrdup(""),
	                 .out = {ONE_OF(r, channels), 4 + draw_below(r, 9), 4 + draw_below(r, 9)}};
	char *words = xstrdup(kinds), *rest = words;

	append(&t, xprintf("input %zux%zux%zu", t.out.c, t.out.h, t.out.w));
	append_mapping(&t, whole);
	for (char *kind; (kind = strtok_r(NULL, " ", &rest));) {
		append_layer(r, &t, kind, whole);
		see(&t);
	}
	free(words);
	spec_free(&t.spec);
	return t.words;
}

/* ---- numbers ---- */

/* -2 ... 2 */
static float small(struct draw *r)
{
	return (float)draw_below(r, 5) - 2;
}

static float weight(struct draw *r, const struct parameter *p)
{
	size_t in, out;

	if (p->ndim == 1)
		return (float)(0.3 * draw_normal(r));
	parameter_fans(p, &in, &out);
	return (float)(draw_normal(r) * sqrt(2 / (double)in));
}

struct model draw_model(struct draw *r, const char *text, bool whole)
{
	struct model m = model_new(spec_parse("drawn", text));

	for (int i = 0; i < m.spec.parameters; i++) {
		const struct parameter *p = &m.spec.parameter[i];
		bool variance = strstr(p->name, "running_var") != NULL;
		for (size_t k = 0; k < parameter_count(p); k++)
			m.tensor[i][k] = variance ? (float)(0.5 + fabs(draw_normal(r)))
			                 : whole  ? small(r)
			                          : m.tensor[i][k] + weight(r, p);
	}
	return m;
}

uint8_t *draw_pixels(struct draw *r, size_t n, bool whole)
{
	uint8_t *pixels = xcalloc(n, 1);

	for (size_t i = 0; i < n; i++)
		pixels[i] = (uint8_t)draw_below(r, whole ? 5 : 256);
	return pixels;
}

float *draw_gradient(struct draw *r, size_t n, bool whole)
{
	float *gradient = xcalloc(n, sizeof *gradient);

	for (size_t i = 0; i < n; i++)
		gradient[i] = whole ? small(r) : (float)draw_normal(r);
	return gradient;
}
