/* Checkpoints: a model file with what else the training needs to go on as if nothing had been. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "train/state.h"

/* The numbers that are not tensors, exact to the bit. */
#define NUMBERS                                                                                 \
	"step %" PRId64 " seconds %la since %la %zu %zu best %la at %" PRId64 " worse %" PRId64 \
	" optimizer %" PRIu64
#define SCAN_NUMBERS                                                                            \
	"step %" SCNd64 " seconds %la since %la %zu %zu best %la at %" SCNd64 " worse %" SCNd64 \
	" optimizer %" SCNu64

/* Add the tensors of an array in the engine's order, as prefix.NAME. */
static void add_array(struct state *s, struct safetensors *file, const char *prefix,
                      const float *packed, bool statistics)
{
	const struct spec *spec = &s->model->spec;

	engine_unpack(s->engine, packed, s->model->tensor);
	for (int i = 0; i < spec->parameters; i++) {
		const struct parameter *p = &spec->parameter[i];
		if (!p->trained && !statistics)
			continue;
		char *name = xprintf("%s.%s", prefix, p->name);
		const struct npy array = parameter_array(p, s->model->tensor[i]);
		safetensors_add(file, name, &array);
		free(name);
	}
}

void checkpoint_write(struct state *s)
{
	struct safetensors file = state_contents(s, engine_values(s->engine), s->step);

	if (s->average)
		add_array(s, &file, "average", s->average, true);
	if (s->best && s->best_loss < INFINITY)
		add_array(s, &file, "best", s->best, true);
	for (int i = 0; i < s->optim.kind->states; i++) {
		char *prefix = xprintf("optimizer.%d", i);
		add_array(s, &file, prefix, s->optim.state[i], false);
		free(prefix);
	}
	char *numbers = xprintf(NUMBERS, s->step, s->before + now() - s->begun, s->since.loss,
	                        s->since.wrong, s->since.count, s->best_loss, s->best_step,
	                        s->worse, s->optim.steps);
	safetensors_add_text(&file, "training", numbers);
	free(numbers);

	struct replacement r = replacement_begin(s->t->checkpoint);
	safetensors_write(r.stream, &file);
	replacement_commit(&r);
	safetensors_free(&file);
}

/* The reverse of add_array(); false if the file has none of it. */
static bool take_array(struct state *s, const struct safetensors *file, const char *prefix,
                       float *packed)
{
	const struct spec *spec = &s->model->spec;
	bool found = false;

	for (int i = 0; i < spec->parameters; i++) {
		const struct parameter *p = &spec->parameter[i];
		size_t bytes = parameter_count(p) * sizeof(float);
		char *name = xprintf("%s.%s", prefix, p->name);
		const struct safetensor *t = safetensors_find(file, name);
		free(name);
		memset(s->model->tensor[i], 0, bytes);
		if (!t)
			continue;
		const struct npy array = parameter_array(p, NULL);
		if (t->array.type != NPY_F4 || !npy_same_shape(&t->array, &array))
			die("%s: %s.%s has another shape than the network's",
			    file_name(s->t->resume), prefix, p->name);
		memcpy(s->model->tensor[i], t->array.data, bytes);
		found = true;
	}
	if (found)
		engine_pack(s->engine, s->model->tensor, packed);
	return found;
}

static void take_numbers(struct state *s, const char *numbers)
{
	const char *name = file_name(s->t->resume);

	if (!numbers ||
	    sscanf(numbers, SCAN_NUMBERS, &s->step, &s->before, &s->since.loss, &s->since.wrong,
	           &s->since.count, &s->best_loss, &s->best_step, &s->worse,
	           &s->optim.steps) != 9 ||
	    s->step < 0)
		die("%s: not a checkpoint: it lacks the state of a training", name);
	if (s->step > s->steps)
		die("%s: has %" PRId64 " steps, more than the %" PRId64 " of this training", name,
		    s->step, s->steps);
}

/* The option or word of a recipe that has its character i: "--lr 0.1". */
static char *item(const char *recipe, size_t i)
{
	size_t first = i, before;

	while (first && recipe[first - 1] != ' ')
		first--;
	for (before = first ? first - 1 : 0; before && recipe[before - 1] != ' ';)
		before--;
	if (recipe[first] != '-' && !strncmp(recipe + before, "--", 2))
		first = before;
	return xprintf("%.*s", (int)(i - first + strcspn(recipe + i, " ")), recipe + first);
}

/* Die unless the checkpoint is one of the same training: its history is the model's, and then our
 * own recipe. */
static void check_history(const struct state *s, const char *found)
{
	const char *name = file_name(s->t->resume), *model = s->model->history;
	size_t n = strlen(model), i = 0;

	if (!found || strncmp(found, model, n) != 0 || !found[n])
		die("%s: is of a training that began with another model", name);
	found += n;
	while (s->recipe[i] && found[i] == s->recipe[i])
		i++;
	if (s->recipe[i] || found[i] != ' ')
		die("%s: is of a training with %s, this one is with %s", name, item(found, i),
		    item(s->recipe, i));
}

void checkpoint_resume(struct state *s)
{
	const char *name = file_name(s->t->resume);
	FILE *stream = file_open(s->t->resume);
	struct safetensors file = safetensors_read(stream, name);
	const char *network = safetensors_text(&file, "network");

	if (stream != stdin)
		fclose(stream);
	if (!network || strcmp(network, s->model->spec.text) != 0)
		die("%s: is of another network than the model", name);
	take_numbers(s, safetensors_text(&file, "training"));
	check_history(s, safetensors_text(&file, "history"));

	struct model found = model_from(&file, name);
	engine_load(s->engine, found.tensor);
	for (int i = 0; i < s->optim.kind->states; i++) {
		char *prefix = xprintf("optimizer.%d", i);
		if (!take_array(s, &file, prefix, s->optim.state[i]))
			die("%s: lacks the state of the optimizer", name);
		free(prefix);
	}
	if (s->average && !take_array(s, &file, "average", s->average))
		die("%s: lacks the averaged parameters", name);
	if (s->best && s->best_loss < INFINITY && !take_array(s, &file, "best", s->best))
		die("%s: lacks the best parameters so far", name);
	safetensors_free(&file);
	model_free(&found);
}
