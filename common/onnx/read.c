#include "onnx/read.h"

#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "digest/digest.h"
#include "onnx/fields.h"
#include "onnx/onnx.h"

/* ---- nodes ---- */

static onnx_op *find_op(struct onnx_text name)
{
	static const struct onnx_ops *const all[] = {onnx_window_ops, onnx_layer_ops,
	                                             onnx_shape_ops};

	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		for (const struct onnx_ops *ops = all[i]; ops->name; ops++)
			if (onnx_is(name, ops->name))
				return ops->read;
	return NULL;
}

static void read_node(struct reader *r)
{
	const struct onnx_node *n = r->node;
	bool ours = onnx_is(n->domain, ONNX_DOMAIN), known = !n->domain.n || ours;
	onnx_op *op = find_op(n->op);

	if (!op || (!known && !onnx_is(n->domain, "ai.onnx")) ||
	    ours != onnx_is(n->op, ONNX_TEMPLATE))
		onnx_bad(r, "this operator is not supported");
	op(r);
	onnx_check_attributes(r);
}

/* ---- history ---- */

/* "124,116,104", to be freed. */
static char *joined(size_t n, const double list[])
{
	char digits[NUMBER_TEXT], *text = xprintf("%s", number_text(list[0], false, digits));

	for (size_t i = 1; i < n; i++) {
		char *longer = xprintf("%s,%s", text, number_text(list[i], false, digits));
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

/* ---- the whole ---- */

struct model onnx_read(const char *path, const struct onnx_options *o)
{
	struct reader r = {.graph = onnx_graph_read(path)};

	for (size_t i = 0; i < r.graph.tensors; i++)
		onnx_add_value(&r, &(struct value){.name = r.graph.tensor[i].name,
		                                   .kind = VALUE_CONSTANT,
		                                   .tensor = &r.graph.tensor[i]});
	onnx_add_input(&r, o);
	for (size_t i = 0; i < r.graph.nodes; i++) {
		r.node = &r.graph.node[i];
		read_node(&r);
	}
	onnx_check_output(&r);
	struct model m = onnx_make_model(&r);
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
