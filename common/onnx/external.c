#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/base.h"
#include "onnx/fields.h"
#include "onnx/graph.h"

/* A whole number; an entry of these is a text. */
static size_t to_size(const struct onnx_graph *g, struct onnx_text text)
{
	size_t x = 0;

	for (size_t i = 0; i < text.n; i++) {
		if (text.at[i] < '0' || text.at[i] > '9' || x > INT32_MAX)
			die("%s: '%s' is no place in a file of tensors", g->name, onnx_show(text));
		x = 10 * x + (size_t)(text.at[i] - '0');
	}
	return x;
}

/* A file beside the model's, which alone cannot be made to read others. */
static void open_other(struct onnx_graph *g, struct onnx_text location, const char *tensor)
{
	struct stat status;

	if (g->other && onnx_is(location, g->other))
		return;
	if (g->other)
		die("%s: tensors in two other files", g->name);
	if (!location.n || memchr(location.at, '/', location.n) ||
	    memchr(location.at, '\0', location.n))
		die("%s: tensor '%s' is in '%s', which is no file of the same folder", g->name,
		    tensor, onnx_show(location));
	g->other = xprintf("%.*s", (int)location.n, location.at);
	char *path = xprintf("%s%s", g->folder, g->other);
	if (stat(path, &status) || !S_ISREG(status.st_mode))
		die("%s: tensor '%s' is in the file '%s', which is not there", g->name, tensor,
		    onnx_show(location));
	g->other_bytes = file_read(path, "tensors", SIZE_MAX, &g->other_size);
	free(path);
}

struct protobuf onnx_external(struct onnx_graph *g, struct protobuf m, const char *tensor)
{
	struct onnx_text location = {0};
	size_t offset = 0, length = SIZE_MAX;

	for (struct protobuf_field f; protobuf_next(&m, &f);) {
		struct onnx_text text[3] = {0};
		if (f.number != TENSOR_EXTERNAL)
			continue;
		struct protobuf entry = protobuf_bytes(&f);
		for (struct protobuf_field e; protobuf_next(&entry, &e);)
			if (e.number == ENTRY_KEY || e.number == ENTRY_VALUE) {
				struct protobuf b = protobuf_bytes(&e);
				text[e.number] =
					(struct onnx_text){(const char *)b.at, protobuf_size(&b)};
			}
		if (!text[ENTRY_KEY].at || !text[ENTRY_VALUE].at)
			continue;
		if (onnx_is(text[ENTRY_KEY], "location"))
			location = text[ENTRY_VALUE];
		if (onnx_is(text[ENTRY_KEY], "offset"))
			offset = to_size(g, text[ENTRY_VALUE]);
		if (onnx_is(text[ENTRY_KEY], "length"))
			length = to_size(g, text[ENTRY_VALUE]);
	}
	open_other(g, location, tensor);
	if (offset > g->other_size || (length != SIZE_MAX && length > g->other_size - offset))
		die("%s: tensor '%s' is behind the end of the file '%s'", g->name, tensor,
		    onnx_show(location));
	struct protobuf found = protobuf_begin(g->name, g->other_bytes, g->other_size);
	found.at += offset;
	if (length != SIZE_MAX)
		found.end = found.at + length;
	/* So that many tensors of one place do not take more memory than the file. */
	if (protobuf_size(&found) > g->other_size - g->other_taken)
		die("%s: tensors overlap in the file '%s'", g->name, onnx_show(location));
	g->other_taken += protobuf_size(&found);
	return found;
}
