#include "model/model.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"

/* ---- a model ---- */

struct npy parameter_array(const struct parameter *p, float *elements)
{
	struct npy a = {.type = NPY_F4, .ndim = p->ndim};

	memcpy(a.dim, p->dim, (size_t)p->ndim * sizeof *p->dim);
	a.f4 = elements;
	return a;
}

/* What follows the layer's name: "weight". */
static const char *part(const struct spec *spec, const struct parameter *p)
{
	return p->name + strlen(spec->layer[p->layer].name) + 1;
}

struct model model_new(struct spec spec)
{
	struct model m = {.spec = spec, .history = xstrdup("")};

	m.tensor = xcalloc((size_t)spec.parameters, sizeof *m.tensor);
	for (int i = 0; i < spec.parameters; i++) {
		const struct parameter *p = &spec.parameter[i];
		size_t n = parameter_count(p);
		m.tensor[i] = xaligned(n, sizeof(float));
		for (size_t j = 0; j < n; j++)
			m.tensor[i][j] = p->start;
	}
	return m;
}

void model_free(struct model *m)
{
	for (int i = 0; m->tensor && i < m->spec.parameters; i++)
		free(m->tensor[i]);
	free(m->tensor);
	free(m->history);
	spec_free(&m->spec);
	*m = (struct model){0};
}

/* ---- from a file ---- */

static const char *sizes_text(int ndim, const size_t dim[])
{
	static char buffer[2][NPY_MAXDIM * 21 + 3];
	static unsigned next;
	char *text = buffer[next++ % 2];
	size_t n = (size_t)sprintf(text, "(");

	for (int i = 0; i < ndim; i++)
		n += (size_t)sprintf(text + n, "%s%zu", i ? "," : "", dim[i]);
	sprintf(text + n, ")");
	return text;
}

bool model_is_aside(const char *name)
{
	static const char *const prefixes[] = {"optimizer.", "average.", "best."};

	for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++)
		if (!strncmp(name, prefixes[i], strlen(prefixes[i])))
			return true;
	return false;
}

static void check_known(const struct safetensors *s, const struct spec *spec, const char *name)
{
	for (size_t i = 0; i < s->tensors; i++) {
		int j = 0;
		if (model_is_aside(s->tensor[i].name))
			continue;
		while (j < spec->parameters &&
		       strcmp(s->tensor[i].name, spec->parameter[j].name) != 0)
			j++;
		if (j == spec->parameters)
			die("%s: tensor '%s' belongs to no layer of the network", name,
			    s->tensor[i].name);
	}
}

static void check_shape(const struct safetensors *s, const struct spec *spec,
                        const struct parameter *p, const char *name)
{
	const struct safetensor *t = safetensors_find(s, p->name);
	const struct npy *a = t ? &t->array : NULL, expected = parameter_array(p, NULL);

	if (!a || !npy_same_shape(a, &expected))
		die("%s: layer %s: expected %s %s, found %s", name, spec->layer[p->layer].name,
		    part(spec, p), sizes_text(p->ndim, p->dim),
		    a ? sizes_text(a->ndim, a->dim) : "none");
}

/* A network that computes only NaNs is no use to anyone; say so before it is run. */
void model_check(const struct model *m, int i, const char *name, const char *tensor)
{
	const struct parameter *p = &m->spec.parameter[i];
	bool variance = !strcmp(part(&m->spec, p), "running_var");

	for (size_t j = 0, n = parameter_count(p); j < n; j++) {
		if (!isfinite(m->tensor[i][j]))
			die("%s: tensor '%s' is not finite: element %zu is %g", name, tensor, j,
			    (double)m->tensor[i][j]);
		if (variance && m->tensor[i][j] < 0)
			die("%s: tensor '%s' is no variance: element %zu is %g", name, tensor, j,
			    (double)m->tensor[i][j]);
	}
}

struct model model_from(const struct safetensors *s, const char *name)
{
	const char *network = safetensors_text(s, "network");
	const char *history = safetensors_text(s, "history");
	char *where = xprintf("%s: network", name);

	if (!network && safetensors_text(s, "cell"))
		die("%s: expected the model of a network of layers, found a recurrent model "
		    "(rnn-run and others read it)",
		    name);
	if (!network)
		die("%s: expected the network's text in __metadata__, found none (nn-init --from "
		    "makes a model of a network and PyTorch's state_dict)",
		    name);
	struct spec spec = spec_parse(where, network);
	check_known(s, &spec, name);
	/* All of them before the first is allocated: a text of a line can promise gigabytes. */
	for (int i = 0; i < spec.parameters; i++)
		check_shape(s, &spec, &spec.parameter[i], name);
	struct model m = model_new(spec);
	for (int i = 0; i < m.spec.parameters; i++) {
		const struct parameter *p = &m.spec.parameter[i];
		const struct npy *a = &safetensors_find(s, p->name)->array;
		npy_convert_elements(NPY_F4, m.tensor[i], a->type, a->data, parameter_count(p));
		model_check(&m, i, name, p->name);
	}
	if (history) {
		free(m.history);
		m.history = xstrdup(history);
	}
	free(where);
	return m;
}

struct model model_read(const char *path)
{
	struct safetensors s = safetensors_open(path);
	struct model m = model_from(&s, file_name(path));

	safetensors_free(&s);
	return m;
}

/* ---- to a file ---- */

struct safetensors model_contents(const struct model *m)
{
	struct safetensors s = safetensors_new();

	safetensors_add_text(&s, "format", "pt");
	safetensors_add_text(&s, "network", m->spec.text);
	safetensors_add_text(&s, "history", m->history);
	for (int i = 0; i < m->spec.parameters; i++) {
		const struct parameter *p = &m->spec.parameter[i];
		const struct npy array = parameter_array(p, m->tensor[i]);
		safetensors_add(&s, p->name, &array);
	}
	return s;
}

void model_write(const struct model *m)
{
	struct safetensors s = model_contents(m);

	safetensors_put(&s);
	safetensors_free(&s);
}

/* ---- a model or a text ---- */

char *model_or_text(const char *path, struct safetensors *s)
{
	const char *name = file_name(path);
	size_t bytes;
	char *content = file_read(path, "a network or a model", SIZE_MAX, &bytes);

	if (!bytes)
		die("%s: empty: expected a network or a model", name);
	/* A text has no NUL byte; a model has one among its first eight, the length of its header.
	 */
	if (strlen(content) == bytes) {
		const char *format = file_format(content, bytes);
		if (format)
			die("%s: expected a network or a model, found %s", name, format);
		return content;
	}
	FILE *stream = fmemopen(content, bytes, "rb");
	if (!stream)
		die("%s: out of memory", name);
	*s = safetensors_read(stream, name);
	fclose(stream);
	free(content);
	return NULL;
}

struct model model_read_either(const char *path)
{
	struct safetensors s;
	char *text = model_or_text(path, &s);

	if (text) {
		struct model m = {.spec = spec_parse(file_name(path), text)};
		free(text);
		return m;
	}
	struct model m = model_from(&s, file_name(path));
	safetensors_free(&s);
	return m;
}
