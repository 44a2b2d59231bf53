#include "attack/detectors.h"

#include <stdlib.h>
#include <string.h>

#include "base/base.h"

/* Cut the text at its last colon; what is behind it. */
static char *cut(const char *option, const char *whole, char *text)
{
	char *colon = strrchr(text, ':');

	if (!colon || colon == text)
		die("%s: '%s' is not MODEL:CLASS:WEIGHT", option, whole);
	*colon = '\0';
	return colon + 1;
}

static void check_input(const char *option, const char *path, struct shape found,
                        struct shape expected)
{
	if (found.c != expected.c || found.h != expected.h || found.w != expected.w)
		die("%s: %s: expected a network of images %s, found one of %s", option, path,
		    shape_text(expected, false), shape_text(found, false));
}

static void take(struct detector *d, const char *option, const char *text, const struct spec *spec,
                 size_t batch)
{
	char *path = xstrdup(text);
	const char *weight = cut(option, text, path), *class = cut(option, text, path);

	if (!strcmp(path, "-"))
		die("%s: a model from standard input is not possible", option);
	d->weight = cli_real(option, weight, 0, 1e30);
	d->model = model_read(path);
	check_input(option, path, d->model.spec.input, spec->input);
	d->class = (size_t)cli_integer(option, class, 0, (int64_t)spec_classes(&d->model.spec) - 1);
	d->engine = engine_new(&d->model.spec,
	                       &(struct engine_options){.batch = batch, .input_gradient = true});
	engine_load(d->engine, d->model.tensor);
	d->gradient = gradient_new(d->engine, &d->model.spec, batch);
	free(path);
}

struct detectors detectors_parse(const char *option, const char *text, const struct spec *spec,
                                 size_t batch)
{
	struct detectors d = {.n = 0};

	if (!text)
		return d;
	char **words = cli_list(text, &d.n);
	d.each = xcalloc(d.n, sizeof *d.each);
	for (size_t i = 0; i < d.n; i++)
		take(&d.each[i], option, words[i], spec, batch);
	free(words);
	return d;
}

void detectors_free(struct detectors *d)
{
	for (size_t i = 0; i < d->n; i++) {
		gradient_free(&d->each[i].gradient);
		engine_free(d->each[i].engine);
		model_free(&d->each[i].model);
	}
	free(d->each);
}
