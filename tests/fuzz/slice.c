/* Index expressions: what is selected of an axis lies inside it. */
#include "slice/slice.h"

#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "fuzz/fuzz.h"

static void resolve(const struct slice *s, size_t size)
{
	struct span span;

	if (s->kind != SLICE_INDEX && s->kind != SLICE_RANGE)
		return;
	if (!slice_resolve(s, size, &span))
		return;
	FUZZ_EXPECT(span.step != 0 && span.count <= size);
	FUZZ_EXPECT(!span.count || (span.first < size && span_at(&span, span.count - 1) < size));
}

void fuzz(const uint8_t *data, size_t size)
{
	static const size_t sizes[] = {0, 1, 2, 7, 1000, SIZE_MAX / 8};
	char *text = xcalloc(size + 1, 1);
	int n = 0;

	memcpy(text, data, size);
	struct slice *items = slice_parse(text, &n);
	for (int i = 0; items && i < n; i++)
		for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++)
			resolve(&items[i], sizes[k]);
	free(items);
	free(text);
}
