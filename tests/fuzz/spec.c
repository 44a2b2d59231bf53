/* Networks' texts: what is accepted has layers that follow from each other. */
#include "spec/spec.h"

#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "fuzz/fuzz.h"

void fuzz(const uint8_t *data, size_t size)
{
	char *text = xcalloc(size + 1, 1);

	memcpy(text, data, size);
	struct spec s = spec_parse("network", text);
	for (int i = 0; i < s.layers; i++) {
		const struct layer *l = &s.layer[i];
		struct shape before = i ? s.layer[i - 1].out : s.input;
		size_t field[2], jump[2];
		FUZZ_EXPECT(shape_count(before) == shape_count(l->in));
		FUZZ_EXPECT(shape_count(l->out) > 0);
		FUZZ_EXPECT(spec_find(&s, l->name) == i);
		layer_multiply_adds(l);
		layer_neurons(l);
		spec_receptive_field(&s, i, field, jump);
	}
	for (int i = 0; i < s.parameters; i++)
		FUZZ_EXPECT(parameter_count(&s.parameter[i]) > 0);
	spec_free(&s);
	free(text);
}
