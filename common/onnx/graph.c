#include "onnx/graph.h"

#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "onnx/fields.h"
#include "spec/spec.h"

/* ---- texts ---- */

bool onnx_same(struct onnx_text a, struct onnx_text b)
{
	return a.n == b.n && (!a.n || !memcmp(a.at, b.at, a.n));
}

bool onnx_is(struct onnx_text text, const char *word)
{
	return onnx_same(text, (struct onnx_text){word, strlen(word)});
}

const char *onnx_show(struct onnx_text text)
{
	static char buffer[4][80];
	static unsigned next;
	char *shown = buffer[next++ % 4];
	size_t n = text.n < sizeof *buffer ? text.n : sizeof *buffer - 1;

	if (n)
		memcpy(shown, text.at, n);
	shown[n] = '\0';
	return shown;
}

static struct onnx_text take_text(const struct protobuf_field *f)
{
	struct protobuf b = protobuf_bytes(f);

	return (struct onnx_text){(const char *)b.at, protobuf_size(&b)};
}

/* ---- lists ---- */

/* Room for one more of n things, zeroed, or death: a file that has more than `most` is none of
 * ours. */
static void *grow(const struct onnx_graph *g, void *list, size_t n, size_t size, size_t most,
                  const char *what)
{
	if (n >= most)
		die("%s: more than %zu %s", g->name, most, what);
	/* A power of two at a time. */
	if (!(n & (n - 1)))
		list = xrealloc(list, n ? 2 * n : 1, size);
	memset((char *)list + n * size, 0, size);
	return list;
}

/* ---- tensors ---- */

static void add_dim(const struct onnx_graph *g, struct onnx_tensor *t, int64_t dim)
{
	if (t->ndim == NPY_MAXDIM)
		die("%s: tensor '%s' has more than %d dimensions", g->name, onnx_show(t->name),
		    NPY_MAXDIM);
	if (dim < 0 || (size_t)dim > INT32_MAX)
		die("%s: tensor '%s': %lld is not a size", g->name, onnx_show(t->name),
		    (long long)dim);
	t->dim[t->ndim++] = (size_t)dim;
}

/* What the elements are, and where: raw bytes or none; whether they are in another file. */
static struct protobuf take_head(const struct onnx_graph *g, struct protobuf m,
                                 struct onnx_tensor *t, bool *external)
{
	struct protobuf raw = {0};

	*external = false;
	for (struct protobuf_field f; protobuf_next(&m, &f);)
		switch (f.number) {
		case TENSOR_NAME: t->name = take_text(&f); break;
		case TENSOR_TYPE: t->type = protobuf_int(&f); break;
		case TENSOR_RAW: raw = protobuf_bytes(&f); break;
		case TENSOR_LOCATION: *external = protobuf_int(&f) == 1; break;
		case TENSOR_DIM:
			for (int64_t dim; protobuf_next_int(&f, &dim);)
				add_dim(g, t, dim);
			break;
		}
	return raw;
}

static void count_elements(const struct onnx_graph *g, struct onnx_tensor *t)
{
	struct npy a = {.type = NPY_F8, .ndim = t->ndim};

	memcpy(a.dim, t->dim, sizeof a.dim);
	if (!npy_fits(&a))
		die("%s: tensor '%s' is too large", g->name, onnx_show(t->name));
	t->count = npy_count(&a);
}

/* Elements that are in raw bytes, little-endian. */
static void take_raw(const struct onnx_graph *g, struct onnx_tensor *t, struct protobuf raw)
{
	size_t size = t->type == DATA_BOOL ? 1 : t->type == DATA_INT64 ? 8 : 4;

	if (protobuf_size(&raw) != t->count * size)
		die("%s: tensor '%s': %zu elements take %zu bytes, found %zu", g->name,
		    onnx_show(t->name), t->count, t->count * size, protobuf_size(&raw));
	if (t->type == DATA_FLOAT) {
		t->f4 = xcalloc(t->count, sizeof *t->f4);
		memcpy(t->f4, raw.at, t->count * size);
		return;
	}
	t->i8 = xcalloc(t->count, sizeof *t->i8);
	for (size_t i = 0; i < t->count; i++) {
		int32_t word = 0;
		if (size == 8)
			memcpy(&t->i8[i], raw.at + i * size, size);
		else
			memcpy(&word, raw.at + i * size, size);
		if (size < 8)
			t->i8[i] = word;
	}
}

/* Elements that are numbers of protobuf's, each of which is at least a byte of it. */
static void take_numbers(const struct onnx_graph *g, struct onnx_tensor *t, struct protobuf m)
{
	int field = t->type == DATA_FLOAT   ? TENSOR_FLOATS
	            : t->type == DATA_INT64 ? TENSOR_INT64S
	                                    : TENSOR_INT32S;
	bool fits = t->count <= protobuf_size(&m);
	size_t n = 0;

	if (t->type == DATA_FLOAT)
		t->f4 = xcalloc(fits ? t->count : 0, sizeof *t->f4);
	else
		t->i8 = xcalloc(fits ? t->count : 0, sizeof *t->i8);
	for (struct protobuf_field f; fits && protobuf_next(&m, &f);) {
		float x;
		int64_t i;
		if (f.number != field)
			continue;
		for (; t->f4 ? protobuf_next_float(&f, &x) : protobuf_next_int(&f, &i); n++)
			if (n < t->count && t->f4)
				t->f4[n] = x;
			else if (n < t->count)
				t->i8[n] = i;
	}
	if (n != t->count)
		die("%s: tensor '%s': expected %zu elements, found %s", g->name, onnx_show(t->name),
		    t->count, n < t->count ? "fewer" : "more");
}

static void take_tensor(struct onnx_graph *g, struct protobuf m, struct onnx_tensor *t)
{
	bool external;
	struct protobuf raw = take_head(g, m, t, &external);

	count_elements(g, t);
	if (t->type != DATA_FLOAT && t->type != DATA_INT64 && t->type != DATA_INT32 &&
	    t->type != DATA_BOOL)
		return;
	if (external)
		raw = onnx_external(g, m, onnx_show(t->name));
	if (raw.at)
		take_raw(g, t, raw);
	else
		take_numbers(g, t, m);
	g->elements += t->count;
}

/* ---- nodes ---- */

static void take_attribute(struct onnx_graph *g, struct protobuf m, struct onnx_attribute *a)
{
	for (struct protobuf_field f; protobuf_next(&m, &f);)
		switch (f.number) {
		case ATTRIBUTE_NAME: a->name = take_text(&f); break;
		case ATTRIBUTE_TYPE: a->type = protobuf_int(&f); break;
		case ATTRIBUTE_FLOAT: a->f = protobuf_float(&f); break;
		case ATTRIBUTE_INT: a->i = protobuf_int(&f); break;
		case ATTRIBUTE_TEXT: a->text = take_text(&f); break;
		case ATTRIBUTE_INTS:
			for (int64_t i; protobuf_next_int(&f, &i);) {
				if (a->n == ONNX_INTS)
					die("%s: attribute '%s' has more than %d numbers", g->name,
					    onnx_show(a->name), ONNX_INTS);
				a->ints[a->n++] = i;
			}
			break;
		case ATTRIBUTE_TENSOR:
			if (a->tensor)
				die("%s: attribute '%s' has two tensors", g->name,
				    onnx_show(a->name));
			a->tensor = xcalloc(1, sizeof *a->tensor);
			take_tensor(g, protobuf_bytes(&f), a->tensor);
			break;
		}
}

static void take_node(struct onnx_graph *g, struct protobuf m, struct onnx_node *n)
{
	for (struct protobuf_field f; protobuf_next(&m, &f);)
		switch (f.number) {
		case NODE_NAME: n->name = take_text(&f); break;
		case NODE_OP: n->op = take_text(&f); break;
		case NODE_DOMAIN: n->domain = take_text(&f); break;
		case NODE_INPUT:
			n->input = grow(g, n->input, n->inputs, sizeof *n->input, ONNX_INTS,
			                "inputs of a node");
			n->input[n->inputs++] = take_text(&f);
			break;
		case NODE_OUTPUT:
			n->output = grow(g, n->output, n->outputs, sizeof *n->output, ONNX_INTS,
			                 "outputs of a node");
			n->output[n->outputs++] = take_text(&f);
			break;
		case NODE_ATTRIBUTE:
			n->attribute = grow(g, n->attribute, n->attributes, sizeof *n->attribute,
			                    ONNX_ATTRIBUTES, "attributes of a node");
			take_attribute(g, protobuf_bytes(&f), &n->attribute[n->attributes++]);
			break;
		}
}

/* ---- inputs and outputs ---- */

static void take_dim(const struct onnx_graph *g, struct protobuf m, struct onnx_value *v)
{
	if (v->ndim == NPY_MAXDIM)
		die("%s: '%s' has more than %d dimensions", g->name, onnx_show(v->name),
		    NPY_MAXDIM);
	int64_t *dim = &v->dim[v->ndim++];
	*dim = -1;
	for (struct protobuf_field f; protobuf_next(&m, &f);)
		if (f.number == DIM_VALUE)
			*dim = protobuf_int(&f);
}

/* The message in a field of a message, the last of that number; empty where there is none. */
static struct protobuf inside(struct protobuf m, int number)
{
	struct protobuf found = m;

	found.at = found.end;
	for (struct protobuf_field f; protobuf_next(&m, &f);)
		if (f.number == number)
			found = protobuf_bytes(&f);
	return found;
}

static void take_value(const struct onnx_graph *g, struct protobuf m, struct onnx_value *v)
{
	struct protobuf name = inside(m, VALUE_NAME);
	struct protobuf type = inside(inside(m, VALUE_TYPE), TYPE_OF_TENSOR);
	struct protobuf shape = inside(type, OF_TENSOR_SHAPE);

	v->name = (struct onnx_text){(const char *)name.at, protobuf_size(&name)};
	for (struct protobuf_field f; protobuf_next(&type, &f);)
		if (f.number == OF_TENSOR_ELEMENTS)
			v->type = protobuf_int(&f);
	for (struct protobuf_field f; protobuf_next(&shape, &f);)
		if (f.number == SHAPE_DIM)
			take_dim(g, protobuf_bytes(&f), v);
}

/* ---- the file ---- */

static void take_graph(struct onnx_graph *g, struct protobuf m)
{
	for (struct protobuf_field f; protobuf_next(&m, &f);)
		switch (f.number) {
		case GRAPH_NODE:
			g->node = grow(g, g->node, g->nodes, sizeof *g->node, ONNX_NODES, "nodes");
			g->node[g->nodes].number = (int)g->nodes;
			take_node(g, protobuf_bytes(&f), &g->node[g->nodes++]);
			break;
		case GRAPH_TENSOR:
			g->tensor = grow(g, g->tensor, g->tensors, sizeof *g->tensor, ONNX_TENSORS,
			                 "tensors");
			take_tensor(g, protobuf_bytes(&f), &g->tensor[g->tensors++]);
			break;
		case GRAPH_INPUT:
			g->input = grow(g, g->input, g->inputs, sizeof *g->input, ONNX_TENSORS,
			                "inputs");
			take_value(g, protobuf_bytes(&f), &g->input[g->inputs++]);
			break;
		case GRAPH_OUTPUT:
			g->output = grow(g, g->output, g->outputs, sizeof *g->output, ONNX_TENSORS,
			                 "outputs");
			take_value(g, protobuf_bytes(&f), &g->output[g->outputs++]);
			break;
		case GRAPH_SPARSE: die("%s: sparse tensors are not supported", g->name);
		}
}

static void take_metadata(struct onnx_graph *g, struct protobuf m)
{
	struct protobuf key = inside(m, ENTRY_KEY), value = inside(m, ENTRY_VALUE);

	if (onnx_is((struct onnx_text){(const char *)key.at, protobuf_size(&key)}, "history"))
		g->history = (struct onnx_text){(const char *)value.at, protobuf_size(&value)};
}

static void take_model(struct onnx_graph *g, struct protobuf m)
{
	for (struct protobuf_field f; protobuf_next(&m, &f);)
		switch (f.number) {
		case MODEL_PRODUCER: g->producer = take_text(&f); break;
		case MODEL_GRAPH: take_graph(g, protobuf_bytes(&f)); break;
		case MODEL_OPSET: g->versioned = true; break;
		case MODEL_METADATA: take_metadata(g, protobuf_bytes(&f)); break;
		}
}

struct onnx_graph onnx_graph_read(const char *path)
{
	struct onnx_graph g = {.name = file_name(path)};
	const char *slash = strrchr(path, '/');

	g.folder = xprintf("%.*s", slash ? (int)(slash - path) + 1 : 0, path);
	g.bytes = file_read(path, "an ONNX file", INT32_MAX, &g.size);
	if (!g.size)
		die("%s: empty: expected an ONNX file", g.name);
	const char *kind = bytes_kind(g.bytes, g.size < FILE_KIND_BYTES ? g.size : FILE_KIND_BYTES);
	/* An ONNX file is a format of those, too; one that begins otherwise is something else. */
	if (!strstr(kind, "ONNX") && strcmp(kind, "something else") != 0)
		die("%s: expected an ONNX file, found %s", g.name, kind);
	take_model(&g, protobuf_begin(g.name, g.bytes, g.size));
	if (!g.nodes)
		die("%s: expected an ONNX file, found no graph in it", g.name);
	if (!g.versioned)
		die("%s: truncated: expected the version of its operators", g.name);
	return g;
}

static void free_tensor(struct onnx_tensor *t)
{
	free(t->f4);
	free(t->i8);
}

static void free_node(struct onnx_node *n)
{
	for (size_t i = 0; i < n->attributes; i++)
		if (n->attribute[i].tensor) {
			free_tensor(n->attribute[i].tensor);
			free(n->attribute[i].tensor);
		}
	free(n->input);
	free(n->output);
	free(n->attribute);
}

void onnx_graph_free(struct onnx_graph *g)
{
	for (size_t i = 0; i < g->nodes; i++)
		free_node(&g->node[i]);
	for (size_t i = 0; i < g->tensors; i++)
		free_tensor(&g->tensor[i]);
	free(g->node);
	free(g->tensor);
	free(g->input);
	free(g->output);
	free(g->folder);
	free(g->bytes);
	free(g->other);
	free(g->other_bytes);
	*g = (struct onnx_graph){0};
}
