#include "model/transfer.h"

#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "model/statedict.h"

static const struct safetensor **find_by_name(const struct safetensors *file,
                                              const struct spec *spec)
{
	const struct safetensor **found = xcalloc((size_t)spec->parameters, sizeof *found);

	for (int i = 0; i < spec->parameters; i++)
		found[i] = safetensors_find(file, spec->parameter[i].name);
	return found;
}

struct transfer transfer_open(const char *path, const struct spec *spec)
{
	struct transfer t = {.name = file_name(path), .spec = spec, .file = safetensors_open(path)};

	if (statedict_is(&t.file)) {
		char hex[DIGEST_HEX];
		safetensors_digest(&t.file, hex);
		t.source = statedict_find(&t.file, spec, t.name);
		t.history = xprintf("state_dict sha256:%s\n", hex);
	} else {
		struct model m = model_from(&t.file, t.name);
		t.source = find_by_name(&t.file, spec);
		t.history = xstrdup(m.history);
		model_free(&m);
	}
	return t;
}

void transfer_close(struct transfer *t)
{
	safetensors_free(&t->file);
	free(t->source);
	free(t->history);
}

static bool fits(const struct parameter *p, const struct safetensor *source)
{
	const struct npy expected = parameter_array(p, NULL);

	return source && npy_same_shape(&source->array, &expected);
}

void transfer_mark(const struct transfer *t, bool fresh[])
{
	for (int i = 0; i < t->spec->parameters; i++)
		if (!fits(&t->spec->parameter[i], t->source[i]))
			fresh[t->spec->parameter[i].layer] = true;
}

static void copy(const struct transfer *t, struct model *m, int i)
{
	const struct parameter *p = &t->spec->parameter[i];
	const struct safetensor *from = t->source[i];
	const struct npy expected = parameter_array(p, NULL);

	if (!from)
		die("%s: no tensor for %s; --fresh draws a layer anew", t->name, p->name);
	if (!fits(p, from))
		die("%s: tensor '%s' is %s, expected %s for %s; --fresh draws a layer anew",
		    t->name, from->name, npy_shape(&from->array), npy_shape(&expected), p->name);
	npy_convert_elements(NPY_F4, m->tensor[i], from->array.type, from->array.data,
	                     parameter_count(p));
	model_check(m, i, t->name, from->name);
}

void transfer_copy(const struct transfer *t, struct model *m, const bool fresh[])
{
	for (int i = 0; i < t->spec->parameters; i++)
		if (!fresh[t->spec->parameter[i].layer])
			copy(t, m, i);
}

char *transfer_names(const struct spec *s, const bool fresh[], bool are)
{
	bool *mark = xcalloc((size_t)s->layers, sizeof *mark);

	for (int i = 0; i < s->parameters; i++)
		mark[s->parameter[i].layer] = fresh[s->parameter[i].layer] == are;
	char *list = spec_names(s, mark);
	free(mark);
	return list;
}
