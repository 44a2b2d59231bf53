/* The recipe: what a history says of a training. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/history.h"
#include "train/state.h"

/* The options that are numbers, but for those that are off. */
static void write_numbers(FILE *text, const struct state *s)
{
	const struct training *t = s->t;
	const struct optim_options *o = &t->options;
	const struct {
		const char *name;
		double value, off;
	} numbers[] = {
		{"lr", o->rate, NAN},
		{"momentum", o->momentum, NAN},
		{"beta1", o->beta1, NAN},
		{"beta2", o->beta2, NAN},
		{"rho", o->rho, NAN},
		{"epsilon", o->epsilon, NAN},
		{"weight-decay", o->weight_decay, 0},
		{"warmup", (double)t->warmup, 0},
		{"label-smoothing", t->smoothing, 0},
		{"template-weight", t->template_weight, 0},
		{"clip", t->clip, 0},
		{"average", t->average, 0},
		{"batch", (double)t->batch, NAN},
		{"steps", schedule_looks_ahead(&t->schedule) ? (double)s->steps : NAN, NAN},
		{"holdout", (double)t->holdout, 0},
		{"patience", (double)t->patience, 0},
		{"validate-every", t->patience ? (double)t->validate_every : NAN, NAN},
	};

	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
		if (!isnan(numbers[i].value) && numbers[i].value != numbers[i].off)
			fprintf(text, " --%s %.15g", numbers[i].name, numbers[i].value);
}

char *recipe_of(const struct state *s)
{
	const struct training *t = s->t;
	char *schedule = schedule_text(&t->schedule), *recipe = NULL;
	size_t size = 0;
	FILE *text = memory_open(&recipe, &size);

	fprintf(text, "%s", t->command);
	if (t->loss)
		fprintf(text, " --loss %s", t->loss);
	fprintf(text, " --optimizer %s --schedule %s --seed %" PRId64 "%s", t->optimizer->name,
	        schedule, t->seed, t->in_order ? " --no-shuffle" : "");
	write_numbers(text, s);
	if (s->l->frozen)
		fprintf(text, " --freeze %s", s->l->frozen);
	if (t->augment) {
		char *operations = augment_text(t->augment);
		fprintf(text, " --augment '%s'", operations);
		free(operations);
	}
	if (t->adversary) {
		char *adversary = adversary_text(t->adversary);
		fprintf(text, " --adversary '%s'", adversary);
		free(adversary);
	}
	if (t->patience && t->validation)
		fprintf(text, " --validation sha256:%s", s->l->validation);
	fprintf(text, " %s:%zu data:sha256:%s", s->l->unit, s->source.n, s->l->digest);
	memory_close(text, &recipe);
	free(schedule);
	return recipe;
}

/* Where the word that begins here ends; within quotes it goes on. */
static const char *end_of(const char *word)
{
	for (bool quoted = false; *word && (quoted || *word != ' '); word++)
		quoted ^= *word == '\'';
	return word;
}

static bool is_option(const char *word)
{
	return !strncmp(word, "--", 2);
}

/* The option, with its value, or the word of a recipe that has its character i: "--lr 0.1". */
static char *item(const char *recipe, size_t i)
{
	const char *option = recipe, *word = recipe, *end = end_of(recipe);

	while (end < recipe + i && *end) {
		bool names = is_option(word) && !is_option(end + 1);
		option = names ? word : end + 1;
		word = end + 1;
		end = end_of(word);
	}
	if (option == word && is_option(word) && *end && !is_option(end + 1))
		end = end_of(end + 1);
	return xprintf("%.*s", (int)(end - option), option);
}

/* Whether the recipe has not the option of this item of another one. */
static bool lacks(const char *recipe, const char *item)
{
	size_t n = strcspn(item, " ");

	if (!is_option(item))
		return false;
	for (const char *word = recipe; *word; word = end_of(word), word += *word == ' ')
		if (!strncmp(word, item, n) && (word[n] == ' ' || !word[n]))
			return false;
	return true;
}

void recipe_check(const struct state *s, const char *found)
{
	const char *name = file_name(s->t->resume), *model = *s->l->form.history;
	size_t n = strlen(model), i = 0;

	if (!found || strncmp(found, model, n) != 0 || !found[n])
		die("%s: is of a training that began with another model", name);
	found += n;
	while (s->recipe[i] && found[i] == s->recipe[i])
		i++;
	if (!s->recipe[i] && found[i] == ' ')
		return;
	char *theirs = item(found, i), *ours = item(s->recipe, i);
	if (lacks(found, ours))
		die("%s: is of a training without %s, this one is with it", name, ours);
	if (lacks(s->recipe, theirs))
		die("%s: is of a training with %s, this one is without", name, theirs);
	die("%s: is of a training with %s, this one is with %s", name, theirs, ours);
}

struct safetensors recipe_contents(struct state *s, const void *parameters, int64_t step)
{
	const struct form *form = &s->l->form;
	char *before = *form->history;

	form->unpack(form->context, parameters);
	*form->history = xstrdup(before);
	history_add(form->history, "%s step:%" PRId64, s->recipe, step);
	struct safetensors file = form->contents(form->context);
	free(*form->history);
	*form->history = before;
	return file;
}
