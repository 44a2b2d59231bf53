#include "model/statedict.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"

/* A name's first n characters: of the module. */
struct module {
	const char *name;
	size_t n;
};

bool statedict_is(const struct safetensors *s)
{
	return !safetensors_text(s, "network") && !safetensors_text(s, "history");
}

static struct module module_of(const struct safetensor *t)
{
	const char *dot = strrchr(t->name, '.');

	return (struct module){t->name, dot ? (size_t)(dot - t->name) : 0};
}

/* "weight" */
static const char *part_of(const char *name)
{
	const char *dot = strrchr(name, '.');

	return dot ? dot + 1 : name;
}

static bool same(struct module a, struct module b)
{
	return a.n == b.n && !memcmp(a.name, b.name, a.n);
}

/* ---- the order of modules ---- */

/* Take the word up to a dot from the beginning of a module's name. */
static struct module next_word(struct module *m)
{
	const char *dot = memchr(m->name, '.', m->n);
	struct module word = {m->name, dot ? (size_t)(dot - m->name) : m->n};
	size_t taken = word.n + (dot != NULL);

	m->name += taken;
	m->n -= taken;
	return word;
}

static bool is_number(struct module word)
{
	for (size_t i = 0; i < word.n; i++)
		if (!isdigit((unsigned char)word.name[i]))
			return false;
	return word.n > 0;
}

/* Numbers by what they are, before other words. */
static int compare_words(struct module a, struct module b)
{
	bool numbers = is_number(a) && is_number(b);

	if (is_number(a) != is_number(b))
		return is_number(a) ? -1 : 1;
	if (numbers && a.n != b.n)
		return a.n < b.n ? -1 : 1;
	int order = memcmp(a.name, b.name, a.n < b.n ? a.n : b.n);
	return order ? order : (a.n > b.n) - (a.n < b.n);
}

/* By the first words that differ; *known is whether these are numbers. */
static int compare(struct module a, struct module b, bool *known)
{
	*known = true;
	while (a.n && b.n) {
		struct module x = next_word(&a), y = next_word(&b);
		int order = compare_words(x, y);
		*known = is_number(x) && is_number(y);
		if (order)
			return order;
	}
	*known = a.n == b.n;
	return (a.n > b.n) - (a.n < b.n);
}

static int by_module(const void *a, const void *b)
{
	const struct safetensor *const *s = a, *const *t = b;
	bool known;
	int order = compare(module_of(*s), module_of(*t), &known);

	return order ? order : strcmp((*s)->name, (*t)->name);
}

/* The tensors, module by module. */
static const struct safetensor **sorted(const struct safetensors *s, const char *name)
{
	const struct safetensor **t = xcalloc(s->tensors, sizeof *t);
	bool known;

	for (size_t i = 0; i < s->tensors; i++)
		t[i] = &s->tensor[i];
	qsort(t, s->tensors, sizeof *t, by_module);
	for (size_t i = 1; i < s->tensors; i++) {
		compare(module_of(t[i - 1]), module_of(t[i]), &known);
		if (!known)
			die("%s: the order of '%s' and '%s' does not follow from their names: "
			    "expected numbers, as of a torch.nn.Sequential, or the names of the "
			    "network's layers",
			    name, t[i - 1]->name, t[i]->name);
	}
	return t;
}

/* ---- from tensors to parameters ---- */

static void give(const struct safetensor *t, const struct spec *spec, int layer,
                 const struct safetensor *found[], const char *name)
{
	const char *part = part_of(t->name), *layer_name = spec->layer[layer].name;

	for (int i = 0; i < spec->parameters; i++) {
		const struct parameter *p = &spec->parameter[i];
		if (p->layer != layer || strcmp(part_of(p->name), part) != 0)
			continue;
		if (found[i])
			die("%s: tensors '%s' and '%s' are both for %s", name, found[i]->name,
			    t->name, p->name);
		found[i] = t;
		return;
	}
	die("%s: tensor '%s': layer %s has no %s", name, t->name, layer_name, part);
}

/* Whether a layer has the module's name. */
static bool is_named(const struct layer *l, struct module m)
{
	for (size_t i = 0; i < m.n; i++)
		if (l->name[i] != (isalnum((unsigned char)m.name[i]) ? m.name[i] : '_'))
			return false;
	return m.n > 0 && !l->name[m.n];
}

/* Whether a module has the name of a layer; modules without one are left out. */
static bool find_by_name(const struct safetensors *s, const struct spec *spec,
                         const struct safetensor *found[], const char *name)
{
	bool any = false;

	for (size_t k = 0; k < s->tensors; k++)
		for (int i = 0; i < spec->layers; i++)
			if (is_named(&spec->layer[i], module_of(&s->tensor[k]))) {
				give(&s->tensor[k], spec, i, found, name);
				any = true;
			}
	return any;
}

/* The first layer with parameters from this one on, or the number of layers. */
static int with_parameters(const struct spec *spec, int layer)
{
	for (int i = 0; i < spec->parameters; i++)
		if (spec->parameter[i].layer >= layer)
			return spec->parameter[i].layer;
	return spec->layers;
}

static void find_in_order(const struct safetensors *s, const struct spec *spec,
                          const struct safetensor *found[], const char *name)
{
	const struct safetensor **t = sorted(s, name);
	int layer = with_parameters(spec, 0);

	for (size_t k = 0; k < s->tensors; k++) {
		if (k && !same(module_of(t[k - 1]), module_of(t[k])))
			layer = with_parameters(spec, layer + 1);
		if (layer == spec->layers)
			die("%s: tensor '%s': the network has no more layers with weights", name,
			    t[k]->name);
		give(t[k], spec, layer, found, name);
	}
	free(t);
}

const struct safetensor **statedict_find(const struct safetensors *s, const struct spec *spec,
                                         const char *name)
{
	const struct safetensor **found = xcalloc((size_t)spec->parameters, sizeof *found);

	if (!find_by_name(s, spec, found, name))
		find_in_order(s, spec, found, name);
	return found;
}
