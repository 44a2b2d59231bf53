/* safetensors files: what is written of them gives the same bytes when read and written again, a
 * model that is accepted can be written, and a state_dict's tensors go where they are expected. */
#include "model/safetensors.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "fuzz/fuzz.h"
#include "model/model.h"
#include "model/statedict.h"
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

/* Each parameter gets a tensor of its part. */
static void find(const struct safetensors *s)
{
	struct spec spec =
		spec_parse("network", "input 1x4x4\nconv 2 3x3\nbatchnorm as b\ndense 2");
	const struct safetensor **found = statedict_find(s, &spec, "input");

	for (int i = 0; i < spec.parameters; i++) {
		const char *part = strrchr(spec.parameter[i].name, '.');
		const char *dot = found[i] ? strrchr(found[i]->name, '.') : NULL;
		FUZZ_EXPECT(!found[i] || !strcmp(dot ? dot + 1 : found[i]->name, part + 1));
	}
	free(found);
	spec_free(&spec);
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

	if (statedict_is(&s))
		find(&s);
	else if (rnn_is(&s)) {
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
