#include "attack/targets.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/base.h"
#include "npy/npy.h"
#include "num/num.h"
#include "slice/slice.h"

/* The classes of the list's items, one after the other. */
static void take_list(struct targets *t, const char *option, const char *text,
                      const struct slice *items, int n, size_t classes)
{
	for (int i = 0; i < n; i++) {
		struct span span;
		if (items[i].kind != SLICE_INDEX && items[i].kind != SLICE_RANGE)
			die("%s: '%s' is not a list of classes such as '0,4,7:10'", option, text);
		if (!slice_resolve(&items[i], classes, &span))
			die("%s: %" PRId64 " is not among the network's %zu classes", option,
			    items[i].start, classes);
		t->class = xrealloc(t->class, t->n + span.count, sizeof *t->class);
		for (size_t j = 0; j < span.count; j++)
			t->class[t->n++] = (int32_t)span_at(&span, j);
	}
	if (!t->n)
		die("%s: '%s' holds no class", option, text);
}

static void take_file(struct targets *t, const char *path, size_t classes)
{
	struct npy a = npy_read(path);

	npy_expect(&a, path, 1, "classes (N,)");
	if (!npy_is_whole(a.type))
		die("%s: expected classes of an integer type, found %s", path,
		    npy_type_name(a.type));
	npy_convert(&a, NPY_I8);
	t->n = a.dim[0];
	t->class = xcalloc(t->n, sizeof *t->class);
	for (size_t i = 0; i < t->n; i++) {
		if (a.i8[i] < 0 || (uint64_t)a.i8[i] >= classes)
			die("%s: %" PRId64 " is not among the network's %zu classes", path, a.i8[i],
			    classes);
		t->class[i] = (int32_t)a.i8[i];
	}
	npy_free(&a);
}

/* `words` is what a user may write beside a list and a file: "label, predicted, ". */
static struct targets parse(const char *option, const char *text, size_t classes, const char *words)
{
	struct targets t = {.kind = TARGETS_LIST};
	int n;

	if (!strcmp(text, "label")) {
		t.kind = TARGETS_LABEL;
		return t;
	}
	if (!strcmp(text, "predicted")) {
		t.kind = TARGETS_PREDICTED;
		return t;
	}
	struct slice *items = slice_parse(text, &n);
	if (items) {
		take_list(&t, option, text, items, n, classes);
	} else {
		if (access(text, R_OK))
			die("%s: '%s' is neither a list of classes such as '0,4,7:10', %snor a "
			    "file",
			    option, text, words);
		t.kind = TARGETS_EACH;
		take_file(&t, text, classes);
	}
	free(items);
	return t;
}

struct targets targets_parse(const char *option, const char *text, size_t classes)
{
	return parse(option, text, classes, "label, predicted, ");
}

struct targets targets_lasting(const char *option, const char *text, size_t classes)
{
	struct targets t = parse(option, text, classes, "label, ");

	if (t.kind == TARGETS_PREDICTED)
		die("%s: 'predicted' is not possible: it changes with the image", option);
	return t;
}

void targets_fit(const struct targets *t, const char *option, size_t n)
{
	if (t->kind == TARGETS_LIST ? n % t->n : t->kind == TARGETS_EACH && n != t->n)
		die("%s: %zu classes do not go with %zu images", option, t->n, n);
}

struct targets targets_towards(const char *option, const char *text, size_t classes)
{
	struct targets t = parse(option, text, classes, "");

	if (t.kind == TARGETS_LABEL || t.kind == TARGETS_PREDICTED)
		die("%s: '%s' is no class to be changed to", option, text);
	return t;
}

void targets_for(struct targets *t, const char *option, struct images *images, size_t classes)
{
	if (t->kind == TARGETS_LABEL) {
		t->class = images_labels(images, classes);
		t->n = images->n;
	}
	targets_fit(t, option, images->n);
}

size_t targets_class(const struct targets *t, size_t i, const float *logits, size_t classes)
{
	if (t->kind == TARGETS_PREDICTED)
		return num_argmax(logits, classes);
	return (size_t)t->class[i % t->n];
}

void targets_free(struct targets *t)
{
	free(t->class);
}
