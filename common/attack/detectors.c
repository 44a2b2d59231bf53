#include "attack/detectors.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"

/* Cut the text at its last colon; what is behind it, null if there is none. */
static char *cut(char *text)
{
	char *colon = strrchr(text, ':');

	if (!colon || colon == text)
		return NULL;
	*colon = '\0';
	return colon + 1;
}

/* The words of MODEL:CLASS:WEIGHT or MODEL:CLASS, which become strings of their own. */
static void split(const char *option, const char *whole, char *path, char **class, char **weight)
{
	char *last = cut(path);
	char *before = last ? strrchr(path, ':') : NULL;

	if (!last)
		die("%s: '%s' is not MODEL:CLASS or MODEL:CLASS:WEIGHT", option, whole);
	/* A name may have colons: what is not a number belongs to it. */
	bool three =
		last && before > path && before[1] && !before[1 + strspn(before + 1, "0123456789")];
	*class = three ? cut(path) : last;
	*weight = three ? last : NULL;
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
	char *class, *weight;

	split(option, text, path, &class, &weight);
	if (!strcmp(path, "-"))
		die("%s: a model from standard input is not possible", option);
	d->weight = weight ? cli_real(option, weight, 0, 1e30) : (double)NAN;
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

bool detectors_take_turns(const struct detectors *d)
{
	for (size_t i = 0; i < d->n; i++)
		if (isnan(d->each[i].weight))
			return true;
	return false;
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
