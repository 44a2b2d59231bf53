/* Checkpoints: a model file with what else the training needs to go on as if nothing had been. */
#include <ctype.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "train/state.h"

/* ---- numbers ---- */

/* A number of the state, exact to the bit as the text training.NAME: one of the three. */
struct number {
	const char *name;
	int64_t *whole;
	size_t *count;
	double *real;
};

enum { NUMBERS = 11 };

static void numbers_of(struct state *s, struct number list[NUMBERS])
{
	const struct number all[NUMBERS] = {
		{.name = "step", .whole = &s->step},
		{.name = "seconds", .real = &s->before},
		{.name = "loss", .real = &s->since.loss},
		{.name = "wrong", .count = &s->since.wrong},
		{.name = "count", .count = &s->since.count},
		{.name = "gradient", .real = &s->slopes.norm},
		{.name = "gradients", .count = &s->slopes.steps},
		{.name = "clipped", .count = &s->slopes.clipped},
		{.name = "best_loss", .real = &s->best_loss},
		{.name = "best_step", .whole = &s->best_step},
		{.name = "worse", .whole = &s->worse},
	};

	memcpy(list, all, sizeof all);
}

static void add_numbers(struct state *s, struct safetensors *file)
{
	struct number list[NUMBERS];
	double time = now();

	s->before += time - s->begun;
	s->begun = time;
	numbers_of(s, list);
	for (int i = 0; i < NUMBERS; i++) {
		const struct number *n = &list[i];
		char *key = xprintf("training.%s", n->name);
		char *text = n->whole   ? xprintf("%" PRId64, *n->whole)
		             : n->count ? xprintf("%zu", *n->count)
		                        : xprintf("%a", *n->real);
		safetensors_add_text(file, key, text);
		free(key);
		free(text);
	}
}

static bool parse(const struct number *n, const char *text)
{
	char *end;

	if (n->whole)
		*n->whole = strtoll(text, &end, 10);
	else if (n->count)
		*n->count = strtoull(text, &end, 10);
	else
		*n->real = strtod(text, &end);
	/* strtoull() would take -1, too. */
	return end != text && !*end && (n->real ? !isnan(*n->real) : isdigit((unsigned char)*text));
}

static void take_numbers(struct state *s, const struct safetensors *file)
{
	const char *name = file_name(s->t->resume);
	struct number list[NUMBERS];

	numbers_of(s, list);
	for (int i = 0; i < NUMBERS; i++) {
		char *key = xprintf("training.%s", list[i].name);
		const char *text = safetensors_text(file, key);
		if (!text)
			die("%s: not a checkpoint: it lacks %s", name, key);
		if (!parse(&list[i], text))
			die("%s: not a checkpoint: its %s is '%s'", name, key, text);
		free(key);
	}
	if (s->step > s->steps)
		die("%s: has %" PRId64 " steps, more than the %" PRId64 " of this training", name,
		    s->step, s->steps);
	/* One update a step. */
	s->optim.steps = (uint64_t)s->step;
}

/* ---- tensors ---- */

/* Add an array in the order of form.values as tensors prefix.NAME. */
static void add_array(struct state *s, struct safetensors *file, const char *prefix,
                      const void *packed, bool all)
{
	const struct form *form = &s->l->form;

	form->unpack(form->context, packed);
	for (int i = 0; i < form->tensors; i++) {
		const struct form_tensor *t = &form->tensor[i];
		if (!t->trained && !all)
			continue;
		char *name = xprintf("%s.%s", prefix, t->name);
		safetensors_add(file, name, &t->array);
		free(name);
	}
}

/* One tensor, zeros if the file lacks it; whether it has it. */
static bool take_tensor(struct state *s, const struct safetensors *file, const char *name,
                        struct npy *array)
{
	const struct safetensor *t = safetensors_find(file, name);
	size_t bytes = npy_count(array) * npy_size(array->type);

	memset(array->data, 0, bytes);
	if (!t)
		return false;
	if (t->array.type != array->type || !npy_same_shape(&t->array, array))
		die("%s: %s has another shape than the network's", file_name(s->t->resume), name);
	memcpy(array->data, t->array.data, bytes);
	return true;
}

/* The reverse of add_array(), null being no prefix; false if the file has none of it. */
static bool take_array(struct state *s, const struct safetensors *file, const char *prefix,
                       void *packed)
{
	const struct form *form = &s->l->form;
	bool found = false;

	for (int i = 0; i < form->tensors; i++) {
		struct form_tensor *t = &form->tensor[i];
		char *name = xprintf("%s%s%s", prefix ? prefix : "", prefix ? "." : "", t->name);
		found = take_tensor(s, file, name, &t->array) || found;
		free(name);
	}
	if (found)
		form->pack(form->context, packed);
	return found;
}

/* ---- the file ---- */

void checkpoint_write(struct state *s)
{
	struct safetensors file = recipe_contents(s, s->l->form.values, s->step);

	if (s->average)
		add_array(s, &file, "average", s->average, true);
	if (s->best && s->best_loss < INFINITY)
		add_array(s, &file, "best", s->best, true);
	for (int i = 0; i < s->optim.kind->states; i++) {
		char *prefix = xprintf("optimizer.%d", i);
		add_array(s, &file, prefix, s->optim.state[i], false);
		free(prefix);
	}
	add_numbers(s, &file);

	struct replacement r = replacement_begin(s->t->checkpoint);
	safetensors_write(r.stream, &file);
	replacement_commit(&r);
	safetensors_free(&file);
}

/* Die unless all that the file says of its model, but the history, is true of ours. */
static void check_network(struct state *s, const struct safetensors *file)
{
	struct safetensors ours = s->l->form.contents(s->l->form.context);

	for (size_t i = 0; i < ours.texts; i++) {
		const char *text = safetensors_text(file, ours.text[i].key);
		if (strcmp(ours.text[i].key, "history") != 0 &&
		    (!text || strcmp(text, ours.text[i].value) != 0))
			die("%s: is of another network than the model", file_name(s->t->resume));
	}
	safetensors_free(&ours);
}

static void take_states(struct state *s, const struct safetensors *file)
{
	const char *name = file_name(s->t->resume);

	if (!take_array(s, file, NULL, s->l->form.values))
		die("%s: lacks the parameters", name);
	for (int i = 0; i < s->optim.kind->states; i++) {
		char *prefix = xprintf("optimizer.%d", i);
		if (!take_array(s, file, prefix, s->optim.state[i]))
			die("%s: lacks the state of the optimizer", name);
		free(prefix);
	}
	if (s->average && !take_array(s, file, "average", s->average))
		die("%s: lacks the averaged parameters", name);
	if (s->best && s->best_loss < INFINITY && !take_array(s, file, "best", s->best))
		die("%s: lacks the best parameters so far", name);
}

void checkpoint_resume(struct state *s)
{
	struct safetensors file = safetensors_open(s->t->resume);

	check_network(s, &file);
	take_numbers(s, &file);
	recipe_check(s, safetensors_text(&file, "history"));
	take_states(s, &file);
	if (!safetensors_text(&file, "sha256"))
		die("%s: not a checkpoint: it lacks sha256", file_name(s->t->resume));
	if (!safetensors_is_intact(&file))
		die("%s: its contents do not have the sha256 that it states",
		    file_name(s->t->resume));
	safetensors_free(&file);
}
