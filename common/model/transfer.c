#include "model/transfer.h"

#include <stdlib.h>
#include <string.h>

#include "base/base.h"

/* The parameter of this name, or null. */
static const struct parameter *find(const struct spec *s, const char *name)
{
	for (int i = 0; i < s->parameters; i++)
		if (!strcmp(s->parameter[i].name, name))
			return &s->parameter[i];
	return NULL;
}

static bool fits(const struct parameter *p, const struct parameter *q)
{
	return q && q->ndim == p->ndim && !memcmp(q->dim, p->dim, sizeof q->dim);
}

void transfer_mark(const struct spec *s, const struct spec *from, bool fresh[])
{
	for (int i = 0; i < s->parameters; i++)
		if (!fits(&s->parameter[i], find(from, s->parameter[i].name)))
			fresh[s->parameter[i].layer] = true;
}

void transfer_copy(struct model *m, const struct model *from, const bool fresh[], const char *name)
{
	for (int i = 0; i < m->spec.parameters; i++) {
		const struct parameter *p = &m->spec.parameter[i], *q = find(&from->spec, p->name);
		if (fresh[p->layer])
			continue;
		if (!q)
			die("%s: no tensor '%s'; --fresh draws a layer anew", name, p->name);
		if (!fits(p, q))
			die("%s: tensor '%s' has another shape than in the network; --fresh draws "
			    "a layer anew",
			    name, p->name);
		memcpy(m->tensor[i], from->tensor[q - from->spec.parameter],
		       parameter_count(p) * sizeof *m->tensor[i]);
	}
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
