/* Networks' texts: what is accepted has layers that follow from each other, and is read again from
 * the text that is written of it. */
#include "spec/spec.h"

#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "fuzz/fuzz.h"

static bool same_shape(struct shape a, struct shape b)
{
	return a.c == b.c && a.h == b.h && a.w == b.w;
}

static bool same(const struct layer *a, const struct layer *b)
{
	return a->kind == b->kind && !strcmp(a->name, b->name) && a->from == b->from &&
	       a->add == b->add && same_shape(a->out, b->out) &&
	       !memcmp(a->stride, b->stride, sizeof a->stride) &&
	       !memcmp(a->pad_before, b->pad_before, sizeof a->pad_before) &&
	       !memcmp(a->pad_after, b->pad_after, sizeof a->pad_after) && a->bias == b->bias &&
	       a->drop == b->drop;
}

/* A layer's input is the output of the layer `from`, not always of the layer above. */
static void expect_inputs(const struct spec *s, int i)
{
	const struct layer *l = &s->layer[i];

	FUZZ_EXPECT(-1 <= l->from && l->from < i);
	FUZZ_EXPECT(same_shape(l->in, l->from < 0 ? s->input : s->layer[l->from].out));
	FUZZ_EXPECT((l->add >= 0) == (l->kind == LAYER_ADD));
	if (l->kind == LAYER_ADD) {
		FUZZ_EXPECT(l->add < i && l->add != l->from);
		FUZZ_EXPECT(same_shape(l->in, s->layer[l->add].out));
	}
}

static void read_again(const struct spec *s)
{
	char *text = spec_write(s);
	void (*hook)(void) = die_hook;

	die_hook = abort; /* a refusal is no answer to this */
	struct spec again = spec_parse("written", text);
	die_hook = hook;
	FUZZ_EXPECT(s->layers == again.layers && s->parameters == again.parameters);
	FUZZ_EXPECT(mapping_same(&s->mapping, &again.mapping));
	for (int i = 0; i < s->layers; i++)
		FUZZ_EXPECT(same(&s->layer[i], &again.layer[i]));
	spec_free(&again);
	free(text);
}

void fuzz(const uint8_t *data, size_t size)
{
	char *text = xcalloc(size + 1, 1);

	memcpy(text, data, size);
	struct spec s = spec_parse("network", text);
	for (int i = 0; i < s.layers; i++) {
		const struct layer *l = &s.layer[i];
		size_t field[2], jump[2];
		expect_inputs(&s, i);
		FUZZ_EXPECT(shape_count(l->out) > 0);
		FUZZ_EXPECT(spec_find(&s, l->name) == i);
		layer_multiply_adds(l);
		layer_neurons(l);
		spec_receptive_field(&s, i, field, jump);
	}
	for (int i = 0; i < s.parameters; i++)
		FUZZ_EXPECT(parameter_count(&s.parameter[i]) > 0);
	read_again(&s);
	spec_free(&s);
	free(text);
}
