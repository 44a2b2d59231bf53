/* nn-join - make one network of two */
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "model/model.h"

/* ---- whether they fit ---- */

static void check_shape(const struct spec *a, const char *a_name, const struct spec *b,
                        const char *b_name)
{
	const struct layer *last = &a->layer[a->layers - 1];

	if (memcmp(&last->out, &b->input, sizeof b->input) != 0)
		die("the output of %s is %s, the input of %s is %s", a_name,
		    shape_text(last->out, last->vector), b_name, shape_text(b->input, false));
}

/* The output of the first is in its input's space, which is to be that of the second. */
static void check_space(const struct spec *a, const char *a_name, const struct spec *b,
                        const char *b_name)
{
	if (!mapping_same(&a->mapping, &b->mapping))
		die("%s has %s, %s has %s: the second would misread the output of the first",
		    a_name, mapping_text(&a->mapping), b_name, mapping_text(&b->mapping));
}

/* ---- the network ---- */

static bool has(const struct spec *s, const char *name)
{
	for (int i = 0; i < s->layers; i++)
		if (!strcmp(s->layer[i].name, name))
			return true;
	return false;
}

/* Name a layer of b, which is to stand behind those that `joined` has: NAME, or the first of
 * NAME_2, NAME_3 ... that no layer has or had. */
static void rename_layer(struct layer *l, const struct spec *joined, const struct spec *b)
{
	char *name = xstrdup(l->name);

	for (int k = 2; has(joined, name) || (k > 2 && has(b, name)); k++) {
		free(name);
		name = xprintf("%s_%d", l->name, k);
	}
	if (strlen(name) >= SPEC_NAME)
		die("layer %s: the name %s has more than %d letters", l->name, name, SPEC_NAME - 1);
	memcpy(l->name, name, strlen(name) + 1);
	free(name);
}

/* All layers of a, then those of b; to be freed as text. */
static char *join(const struct spec *a, const struct spec *b)
{
	struct spec joined = *a;

	joined.layer = xcalloc((size_t)a->layers + (size_t)b->layers, sizeof *joined.layer);
	memcpy(joined.layer, a->layer, (size_t)a->layers * sizeof *a->layer);
	for (int i = 0; i < b->layers; i++) {
		struct layer l = b->layer[i];
		rename_layer(&l, &joined, b);
		/* What was -1, b's input, becomes the last layer of a. */
		l.from += a->layers;
		if (l.add >= 0)
			l.add += a->layers;
		joined.layer[joined.layers++] = l;
	}
	char *text = spec_write(&joined);
	free(joined.layer);
	return text;
}

/* ---- the model ---- */

/* Parameters stand in the order of the layers. */
static void copy(struct model *to, int at, const struct model *from)
{
	for (int i = 0; i < from->spec.parameters; i++)
		memcpy(to->tensor[at + i], from->tensor[i],
		       parameter_count(&from->spec.parameter[i]) * sizeof(float));
}

static int lines(const char *text)
{
	int n = 0;

	for (; *text; text++)
		n += *text == '\n';
	return n;
}

static struct model join_models(const struct model *a, const struct model *b)
{
	char *text = join(&a->spec, &b->spec);
	struct model m = model_new(spec_parse("the joined network", text));

	copy(&m, 0, a);
	copy(&m, a->spec.parameters, b);
	free(m.history);
	m.history = xprintf("%s%s", a->history, b->history);
	history_add(&m.history, "nn-join lines:%d+%d", lines(a->history), lines(b->history));
	free(text);
	return m;
}

int main(int argc, char *argv[])
{
	const struct cli_option options[] = {OPTION_END};
	const struct cli cli = {"A B", 2, 2, "Make one network of two: B reads the output of A.",
	                        options};
	char **path = cli_parse(argc, argv, &cli);
	const char *a_name = file_name(path[0]), *b_name = file_name(path[1]);

	cli_one_stdin("the two models", 2, (const char *const *)path);
	out_binary();
	struct model a = model_read(path[0]), b = model_read(path[1]);
	check_shape(&a.spec, a_name, &b.spec, b_name);
	check_space(&a.spec, a_name, &b.spec, b_name);
	struct model joined = join_models(&a, &b);
	model_write(&joined);
	model_free(&a);
	model_free(&b);
	model_free(&joined);
	return cli_close();
}
