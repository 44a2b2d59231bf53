/* safetensors files: what is written of them gives the same bytes when read and written again, and
 * a model that is accepted can be written. */
#include "model/safetensors.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "fuzz/fuzz.h"
#include "model/model.h"
#include "rnn/rnn.h"

struct bytes {
	char *data;
	size_t size;
};

static struct bytes written(const struct safetensors *s, size_t room)
{
	struct bytes b = {.data = xcalloc(room, 1)};
	FILE *stream = fmemopen(b.data, room, "wb");

	FUZZ_EXPECT(safetensors_write(stream, s));
	fflush(stream);
	b.size = (size_t)ftell(stream);
	fclose(stream);
	return b;
}

static struct safetensors reading(const void *bytes, size_t size)
{
	fuzz_stdin(bytes, size);
	return safetensors_read(stdin, "input");
}

void fuzz(const uint8_t *data, size_t size)
{
	/* Room for escapes, and for offsets that were written shorter. */
	size_t room = 16 * size + 4096;
	struct safetensors s = reading(data, size);
	struct bytes first = written(&s, room);
	struct safetensors again = reading(first.data, first.size);
	struct bytes second = written(&again, room);

	FUZZ_EXPECT(first.size == second.size && !memcmp(first.data, second.data, first.size));
	free(first.data);
	free(second.data);
	safetensors_free(&again);

	if (rnn_is(&s)) {
		struct rnn m = rnn_from(&s, "input");
		struct safetensors contents = rnn_contents(&m);
		safetensors_free(&contents);
		rnn_free(&m);
	} else {
		struct model m = model_from(&s, "input");
		struct safetensors contents = model_contents(&m);
		safetensors_free(&contents);
		model_free(&m);
	}
	safetensors_free(&s);
}
