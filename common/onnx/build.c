/* From the draft of the layers, and where their parameters come from, to a model. */
#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "onnx/fields.h"
#include "onnx/read.h"

/* A file may use a tensor more than once, but not so that a small one makes a large model. */
enum { SHARED = 16 };

/* ---- names ---- */

static const struct source *weight_of(const struct reader *r, int layer)
{
	for (size_t i = 0; i < r->sources; i++)
		if (r->source[i].layer == layer && !strcmp(r->source[i].part, "weight"))
			return &r->source[i];
	return NULL;
}

/* What a layer may be called by: PyTorch's name of its weight without ".weight", else, in a file
 * of our own, the name of its node up to a slash; perhaps nothing. */
static struct onnx_text wish(const struct reader *r, int layer)
{
	static const char suffix[] = ".weight";
	const struct source *weight = weight_of(r, layer);
	struct onnx_text name = {0};
	size_t n = sizeof suffix - 1;

	if (weight) {
		name = weight->tensor->name;
		if (name.n < n || memcmp(name.at + name.n - n, suffix, n) != 0)
			return (struct onnx_text){0};
		name.n -= n;
	} else if (onnx_is(r->graph.producer, ONNX_PRODUCER)) {
		name = r->graph.node[r->maker[layer]].name;
		const char *slash = name.n ? memchr(name.at, '/', name.n) : NULL;
		if (slash)
			name.n = (size_t)(slash - name.at);
	}
	return name;
}

static void name_layer(struct reader *r, int i)
{
	struct spec above = r->draft;
	struct layer *l = &r->draft.layer[i];
	struct onnx_text text = wish(r, i);
	char name[SPEC_NAME] = "";

	for (size_t j = 0; text.n < sizeof name && j < text.n; j++)
		name[j] = isalnum((unsigned char)text.at[j]) ? text.at[j] : '_';
	above.layers = i;
	if (layer_name_is_free(&above, name)) {
		memcpy(l->name, name, sizeof name);
		return;
	}
	layer_name_by_count(&above, l);
	memcpy(name, l->name, sizeof name);
	for (int k = 2; !layer_name_is_free(&above, l->name); k++)
		snprintf(l->name, sizeof l->name, "%.40s_%d", name, k);
}

/* ---- the model ---- */

/* The text that describes the layers, read as any other: what it means is what the nodes meant, or
 * death. */
static struct spec make_spec(struct reader *r)
{
	char *name = xprintf("%s: its network", r->graph.name);

	for (int i = 0; i < r->draft.layers; i++)
		name_layer(r, i);
	char *text = spec_write(&r->draft);
	struct spec s = spec_parse(name, text);
	for (int i = 0; i < s.layers; i++) {
		const struct layer *a = &r->draft.layer[i], *b = &s.layer[i];
		bool window = (a->kind == LAYER_CONV || a->kind == LAYER_MAXPOOL ||
		               a->kind == LAYER_AVGPOOL) &&
		              !a->global;
		r->node = &r->graph.node[r->maker[i]];
		if (memcmp(&a->out, &b->out, sizeof a->out) != 0 ||
		    (window && (memcmp(a->pad_before, b->pad_before, sizeof a->pad_before) != 0 ||
		                memcmp(a->pad_after, b->pad_after, sizeof a->pad_after) != 0)))
			onnx_bad(r, "pads of %zu,%zu,%zu,%zu are not supported", a->pad_before[0],
			         a->pad_before[1], a->pad_after[0], a->pad_after[1]);
	}
	free(name);
	free(text);
	return s;
}

/* A parameter's elements; one alone is for all. */
static void copy_elements(float *to, size_t n, const struct source *from)
{
	const struct onnx_tensor *t = from->tensor;
	size_t rows = from->transposed ? t->dim[0] : 1, columns = t->count / rows;

	for (size_t i = 0; i < n; i++) {
		size_t at = t->count == 1 ? 0 : (i % rows) * columns + i / rows;
		to[i] = from->plus ? (float)((double)t->f4[at] + from->plus) : t->f4[at];
	}
}

static const struct source *source_of(const struct reader *r, const struct spec *s,
                                      const struct parameter *p)
{
	const char *part = p->name + strlen(s->layer[p->layer].name) + 1;

	for (size_t i = 0; i < r->sources; i++)
		if (r->source[i].layer == p->layer && !strcmp(r->source[i].part, part))
			return &r->source[i];
	die("internal error: no tensor for %s", p->name);
}

static void check_parameter(struct reader *r, const struct parameter *p, const struct source *from)
{
	bool variance = !strcmp(from->part, "running_var");
	const struct onnx_tensor *t = from->tensor;

	r->node = &r->graph.node[r->maker[p->layer]];
	if (t->count != parameter_count(p) && (t->count != 1 || p->ndim > 1))
		onnx_bad(r, "expected %zu elements of %s, found %zu", parameter_count(p),
		         from->part, t->count);
	for (size_t i = 0; i < t->count; i++) {
		if (!isfinite((float)((double)t->f4[i] + from->plus)))
			onnx_bad(r, "its %s is not finite%s", from->part,
			         variance ? ", with epsilon - 1e-5 added" : "");
		if (variance && (double)t->f4[i] + from->plus < 0)
			onnx_bad(r, "its variance is negative, with epsilon - 1e-5 added");
	}
}

struct model onnx_make_model(struct reader *r)
{
	struct spec s = make_spec(r);

	if (s.elements / SHARED > r->graph.elements)
		die("%s: its %zu tensors' elements would make a network of %zu", r->graph.name,
		    r->graph.elements, s.elements);
	for (int i = 0; i < s.parameters; i++)
		check_parameter(r, &s.parameter[i], source_of(r, &s, &s.parameter[i]));
	struct model m = model_new(s);
	for (int i = 0; i < s.parameters; i++)
		copy_elements(m.tensor[i], parameter_count(&s.parameter[i]),
		              source_of(r, &s, &s.parameter[i]));
	return m;
}
