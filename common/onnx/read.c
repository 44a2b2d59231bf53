#include "onnx/read.h"

#include <ctype.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "digest/digest.h"
#include "onnx/fields.h"
#include "onnx/onnx.h"

/* A file may use a tensor more than once, but not so that a small one makes a large model. */
enum { SHARED = 16 };

/* "node 'conv1'", or by its number where it has no name. */
static const char *node_name(const struct onnx_node *n)
{
	static char name[128];

	if (n->name.n)
		snprintf(name, sizeof name, "node '%s'", onnx_show(n->name));
	else
		snprintf(name, sizeof name, "node %d", n->number);
	return name;
}

void onnx_bad(const struct reader *r, const char *format, ...)
{
	char what[256];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(what, sizeof what, format, arguments);
	va_end(arguments);
	die("%s: %s (%s): %s", r->graph.name, node_name(r->node), onnx_show(r->node->op), what);
}

/* ---- inputs ---- */

bool onnx_has(const struct reader *r, size_t i)
{
	return i < r->node->inputs && r->node->input[i].n;
}

/* The newest first, since most nodes read the node above. */
static const struct value *find(const struct reader *r, struct onnx_text name)
{
	for (size_t i = r->values; i-- > 0;)
		if (onnx_same(r->value[i].name, name))
			return &r->value[i];
	return NULL;
}

const struct value *onnx_any(const struct reader *r, size_t i)
{
	if (!onnx_has(r, i))
		onnx_bad(r, "input %zu is missing", i);
	const struct value *v = find(r, r->node->input[i]);
	if (!v)
		onnx_bad(r, "reads '%s', which no node above gives", onnx_show(r->node->input[i]));
	return v;
}

const struct value *onnx_maps(const struct reader *r, size_t i)
{
	const struct value *v = onnx_any(r, i);

	if (v->kind != VALUE_MAPS)
		onnx_bad(r, "expected the output of a layer as input %zu, found a constant", i);
	return v;
}

const struct value *onnx_floats(const struct reader *r, size_t i)
{
	const struct value *v = onnx_any(r, i);

	if (v->kind != VALUE_CONSTANT)
		onnx_bad(r, "expected a constant as input %zu, found what is computed", i);
	if (!v->tensor->f4)
		onnx_bad(r, "expected 32-bit floats in '%s'", onnx_show(v->name));
	return v;
}

struct value onnx_sizes(const struct reader *r, size_t i)
{
	const struct value *v = onnx_any(r, i);

	if (v->kind == VALUE_SIZES)
		return *v;
	if (v->kind != VALUE_CONSTANT || !v->tensor->i8 || v->tensor->count > ONNX_INTS)
		onnx_bad(r, "expected a few whole numbers as input %zu", i);
	struct value sizes = {.kind = VALUE_SIZES, .n = (int)v->tensor->count};
	memcpy(sizes.size, v->tensor->i8, v->tensor->count * sizeof *sizes.size);
	return sizes;
}

double onnx_meant(float x)
{
	char text[32];

	for (int digits = 1; digits <= 9; digits++) {
		snprintf(text, sizeof text, "%.*g", digits, (double)x);
		if (strtof(text, NULL) == x)
			break;
	}
	return strtod(text, NULL);
}

bool onnx_number(const struct onnx_tensor *t, double *x)
{
	for (size_t i = 0; i < t->count; i++)
		if (t->f4[i] != t->f4[0])
			return false;
	if (!t->count || !isfinite(t->f4[0]))
		return false;
	*x = onnx_meant(t->f4[0]);
	return true;
}

bool onnx_is_each(const struct onnx_tensor *t, const struct value *x)
{
	size_t behind = x->rank == 2 ? 0 : 2; /* axes behind the channels */
	bool flat = x->rank == 2 && (x->shape.h > 1 || x->shape.w > 1);

	return t->count == x->shape.c && !flat && (size_t)t->ndim > behind &&
	       t->dim[(size_t)t->ndim - 1 - behind] == t->count;
}

/* ---- attributes ---- */

const struct onnx_attribute *onnx_get(const struct reader *r, const char *name)
{
	for (size_t i = 0; i < r->node->attributes; i++) {
		struct onnx_attribute *a = &r->node->attribute[i];
		if (onnx_is(a->name, name)) {
			a->used = true;
			return a;
		}
	}
	return NULL;
}

int64_t onnx_get_int(const struct reader *r, const char *name, int64_t otherwise)
{
	const struct onnx_attribute *a = onnx_get(r, name);

	return a ? a->i : otherwise;
}

double onnx_get_float(const struct reader *r, const char *name, double otherwise)
{
	const struct onnx_attribute *a = onnx_get(r, name);

	return a ? onnx_meant(a->f) : otherwise;
}

int onnx_get_ints(const struct reader *r, const char *name, int64_t ints[ONNX_INTS])
{
	const struct onnx_attribute *a = onnx_get(r, name);

	if (!a)
		return 0;
	memcpy(ints, a->ints, sizeof a->ints);
	return a->n;
}

bool onnx_get_is(const struct reader *r, const char *name, const char *otherwise, const char *word)
{
	const struct onnx_attribute *a = onnx_get(r, name);

	return a ? onnx_is(a->text, word) : !strcmp(otherwise, word);
}

/* What no function of an operator knows may mean anything. */
static void check_attributes(const struct reader *r)
{
	for (size_t i = 0; i < r->node->attributes; i++)
		if (!r->node->attribute[i].used)
			onnx_bad(r, "the attribute '%s' is not supported",
			         onnx_show(r->node->attribute[i].name));
}

/* ---- outputs ---- */

static void add_value(struct reader *r, const struct value *v)
{
	struct value copy = *v;

	if (copy.name.n && find(r, copy.name))
		die("%s: two values have the name '%s'", r->graph.name, onnx_show(copy.name));
	if (!(r->values & (r->values + 1)))
		r->value = xrealloc(r->value, 2 * r->values + 1, sizeof *r->value);
	r->value[r->values++] = copy;
}

void onnx_give(struct reader *r, const struct value *v)
{
	struct value named = *v;

	if (!r->node->outputs)
		onnx_bad(r, "no output");
	named.name = r->node->output[0];
	add_value(r, &named);
}

/* Only the first layer of a network reads its input, whose mapping is the network's. */
static void check_input(struct reader *r, const struct value *v)
{
	if (v->layer < 0 && r->draft.layers)
		onnx_bad(r, "reads the input of the network, which only the first layer can");
	if (v->layer < 0)
		r->draft.mapping = r->mapping[v->mapping];
}

struct layer *onnx_layer(struct reader *r, enum layer_kind kind, const struct value *v)
{
	struct spec *s = &r->draft;
	size_t n = (size_t)s->layers + 1;
	struct layer l = {.kind = kind,
	                  .from = v->layer,
	                  .add = -1,
	                  .in = v->shape,
	                  .out = v->shape,
	                  .vector = v->layer >= 0 && s->layer[v->layer].vector};

	check_input(r, v);
	s->layer = xrealloc(s->layer, n, sizeof *s->layer);
	r->maker = xrealloc(r->maker, n, sizeof *r->maker);
	r->maker[s->layers] = r->node->number;
	s->layer[s->layers] = l;
	return &s->layer[s->layers++];
}

void onnx_parameter(struct reader *r, const char *part, const struct value *v, double plus)
{
	r->source = xrealloc(r->source, r->sources + 1, sizeof *r->source);
	r->source[r->sources++] = (struct source){.layer = r->draft.layers - 1,
	                                          .part = part,
	                                          .tensor = v->tensor,
	                                          .transposed = v->transposed,
	                                          .plus = plus};
}

static bool is_small(struct shape s)
{
	size_t n;

	return size_multiply(s.c, s.h, &n) && size_multiply(n, s.w, &n) && n <= INT32_MAX;
}

void onnx_give_layer(struct reader *r, int rank)
{
	struct value v = {.kind = VALUE_MAPS, .layer = r->draft.layers - 1, .rank = rank};

	v.shape = r->draft.layer[v.layer].out;
	if (!is_small(v.shape))
		onnx_bad(r, "an output %s is too large", shape_text(v.shape, false));
	onnx_give(r, &v);
}

/* ---- nodes ---- */

static onnx_op *find_op(const struct onnx_ops *ops, struct onnx_text name)
{
	for (; ops->name; ops++)
		if (onnx_is(name, ops->name))
			return ops->read;
	return NULL;
}

static void read_node(struct reader *r)
{
	const struct onnx_node *n = r->node;
	bool ours = onnx_is(n->domain, ONNX_DOMAIN), known = !n->domain.n || ours;
	onnx_op *op = find_op(onnx_layer_ops, n->op);

	if (!op)
		op = find_op(onnx_shape_ops, n->op);
	if (!op || (!known && !onnx_is(n->domain, "ai.onnx")) ||
	    ours != onnx_is(n->op, ONNX_TEMPLATE))
		onnx_bad(r, "this operator is not supported");
	op(r);
	check_attributes(r);
}

/* ---- the graph's input and output ---- */

/* The input is what is not also a tensor of the file. */
static const struct onnx_value *find_input(const struct reader *r)
{
	const struct onnx_graph *g = &r->graph;
	const struct onnx_value *found = NULL;

	for (size_t i = 0; i < g->inputs; i++) {
		if (find(r, g->input[i].name))
			continue;
		if (found)
			die("%s: two inputs, '%s' and '%s', expected one", g->name,
			    onnx_show(found->name), onnx_show(g->input[i].name));
		found = &g->input[i];
	}
	if (!found)
		die("%s: expected an input, found none", g->name);
	if (found->type != DATA_FLOAT)
		die("%s: input '%s': expected 32-bit floats", g->name, onnx_show(found->name));
	return found;
}

/* "1x28x28" */
static struct shape parse_shape(const char *text)
{
	struct shape s;
	char end;

	if (strspn(text, "0123456789x") != strlen(text) ||
	    sscanf(text, "%9zux%9zux%9zu%c", &s.c, &s.h, &s.w, &end) != 3 || !s.c || !s.h || !s.w ||
	    !is_small(s))
		die("--input: expected channels, rows and columns such as 1x28x28, found '%s'",
		    text);
	return s;
}

static bool is_known(int64_t dim)
{
	return dim > 0 && dim <= INT32_MAX;
}

/* What the file says of the images' shape, if it says all of it. */
static bool file_shape(const struct onnx_value *v, struct shape *s)
{
	if (v->ndim != 4 || !is_known(v->dim[1]) || !is_known(v->dim[2]) || !is_known(v->dim[3]))
		return false;
	*s = (struct shape){(size_t)v->dim[1], (size_t)v->dim[2], (size_t)v->dim[3]};
	return is_small(*s);
}

/* Die where the shape that the user gave is not one of the file's input. */
static void check_shape(const struct reader *r, const struct onnx_value *v, struct shape s)
{
	const size_t image[] = {s.c, s.h, s.w}, flat[] = {shape_count(s)};
	const size_t *size = v->ndim == 2 ? flat : image;

	for (int i = 1; i < v->ndim; i++)
		if (is_known(v->dim[i]) && (size_t)v->dim[i] != size[i - 1])
			die("%s: input '%s': the file says that axis %d is %lld, not %zu",
			    r->graph.name, onnx_show(v->name), i, (long long)v->dim[i],
			    size[i - 1]);
}

static void add_input(struct reader *r, const struct onnx_options *o)
{
	const struct onnx_value *v = find_input(r);
	struct value x = {.kind = VALUE_MAPS, .name = v->name, .layer = -1, .rank = v->ndim};

	if (v->ndim != 4 && v->ndim != 2)
		die("%s: input '%s' has %d axes, expected images (N,C,H,W)", r->graph.name,
		    onnx_show(v->name), v->ndim);
	if (o->input)
		x.shape = parse_shape(o->input);
	else if (!file_shape(v, &x.shape))
		die("%s: input '%s': the file does not say the shape of the images; --input says "
		    "it",
		    r->graph.name, onnx_show(v->name));
	check_shape(r, v, x.shape);
	r->draft.input = x.shape;
	x.mapping = onnx_mapping(r, o, x.shape.c);
	add_value(r, &x);
}

static void check_output(const struct reader *r)
{
	const struct onnx_graph *g = &r->graph;
	const struct value *v = g->outputs == 1 ? find(r, g->output[0].name) : NULL;

	if (g->outputs != 1)
		die("%s: %zu outputs, expected one", g->name, g->outputs);
	if (!v || v->kind != VALUE_MAPS || v->layer < 0 || v->layer != r->draft.layers - 1)
		die("%s: expected the output of the last layer as that of the network, found '%s'",
		    g->name, onnx_show(g->output[0].name));
	if (v->rank == 2 && (v->shape.h > 1 || v->shape.w > 1))
		die("%s: the output '%s' is a flattened image, expected logits or an image",
		    g->name, onnx_show(v->name));
}

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
		if (!isfinite(t->f4[i]))
			onnx_bad(r, "its %s is not finite", from->part);
		if (variance && (double)t->f4[i] + from->plus < 0)
			onnx_bad(r, "its variance is negative, with epsilon - 1e-5 added");
	}
}

static struct model make_model(struct reader *r)
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

/* "124,116,104", to be freed. */
static char *joined(size_t n, const double list[])
{
	char *text = xprintf("%.17g", list[0]);

	for (size_t i = 1; i < n; i++) {
		char *longer = xprintf("%s,%.17g", text, list[i]);
		free(text);
		text = longer;
	}
	return text;
}

/* The file's own lines, if it has any, and what was done here. */
static void record(struct model *m, const struct onnx_graph *g, const struct onnx_options *o)
{
	struct digest digest;
	char hex[DIGEST_HEX];

	for (size_t at = 0; at < g->history.n;) {
		const char *line = g->history.at + at, *end = memchr(line, '\n', g->history.n - at);
		size_t n = end ? (size_t)(end - line) : g->history.n - at;
		history_add(&m->history, "%.*s", (int)n, line);
		at += n + 1;
	}
	digest_begin(&digest);
	digest_add(&digest, g->bytes, g->size);
	if (g->other_bytes)
		digest_add(&digest, g->other_bytes, g->other_size);
	digest_hex(&digest, hex);
	char *mean = joined(o->means, o->mean), *scale = joined(o->scales, o->scale);
	history_add(&m->history, "onnxtonn --mean %s --scale %s%s%s sha256:%s", mean, scale,
	            o->input ? " --input " : "", o->input ? o->input : "", hex);
	free(mean);
	free(scale);
}

struct model onnx_read(const char *path, const struct onnx_options *o)
{
	struct reader r = {.graph = onnx_graph_read(path)};

	for (size_t i = 0; i < r.graph.tensors; i++)
		add_value(&r, &(struct value){.name = r.graph.tensor[i].name,
		                              .kind = VALUE_CONSTANT,
		                              .tensor = &r.graph.tensor[i]});
	add_input(&r, o);
	for (size_t i = 0; i < r.graph.nodes; i++) {
		r.node = &r.graph.node[i];
		read_node(&r);
	}
	check_output(&r);
	struct model m = make_model(&r);
	record(&m, &r.graph, o);
	free(r.value);
	free(r.source);
	free(r.maker);
	for (int i = 0; i < r.mappings; i++)
		mapping_free(&r.mapping[i]);
	free(r.mapping);
	free(r.draft.layer);
	onnx_graph_free(&r.graph);
	return m;
}
