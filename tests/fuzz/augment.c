/* Lists of operations: written again they are the same list, and pixels stay bytes of the image. */
#include "augment/augment.h"

#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "fuzz/fuzz.h"

enum { C = 2, H = 5, W = 7 };

static void change(const struct augment *a, float *pixels)
{
	const struct shape shape = {C, H, W};
	struct augmenter *w = augmenter_new(a, 1, shape, NPY_F4);
	float from[C * H * W];

	for (size_t i = 0; i < C * H * W; i++)
		from[i] = (float)(i * 37 % 256);
	augmenter_run(w, &(struct augment_item){.number = 3, .from = from, .to = pixels}, 1);
	augmenter_free(w);
}

void fuzz(const uint8_t *data, size_t size)
{
	float first[C * H * W], second[C * H * W];
	char *text = xcalloc(size + 1, 1);

	memcpy(text, data, size);
	threads_use(1);
	struct augment *a = augment_parse("text", text);
	char *line = augment_text(a);
	struct augment *b = augment_parse("line", line);
	char *again = augment_text(b);
	FUZZ_EXPECT(!strcmp(line, again));
	change(a, first);
	change(b, second);
	for (size_t i = 0; i < C * H * W; i++) {
		FUZZ_EXPECT(first[i] == second[i]);
		FUZZ_EXPECT(first[i] >= -0.01F && first[i] <= 255.01F);
	}
	free(again);
	free(line);
	free(text);
	augment_free(a);
	augment_free(b);
}
