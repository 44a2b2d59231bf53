#include "train/network.h"

#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "engine/engine.h"
#include "train/attacker.h"
#include "train/filters.h"

enum { JUDGE_BATCH = 128 };

/* Images in memory, and what a batch of them points to. */
struct images_source {
	const struct dataset *data;
	const struct engine *engine; /* whose input space target images are mapped to */
	const void **image;
	struct labels labels; /* or, of target images: */
	float *values;
	/* Where they are changed: by what, which, and where they go. */
	struct augmenter *augmenter;
	struct augment_item *items;
	char *changed;
};

/* The layers that layers template read: taps, whose outputs have losses of their own. */
struct tapped {
	int n, *layer;
	struct filters **filters;
	float *gradient; /* by one layer's output */
	size_t *label;   /* of a batch's images */
	double weight;
};

struct network {
	struct learner learner; /* first, so that it is the whole */
	struct model *model;
	struct engine *engine, *judge; /* judge: in inference; null: there is no validation */
	struct images_source images, held;
	/* Null where there is no adversary: of the training, of the validation. */
	const struct adversary *adversary;
	struct attacker *attacker, *tester;
	struct loss loss, plain; /* plain: to validate by */
	size_t width;            /* of a row of outputs */
	float *gradient;         /* of a batch's outputs */
	struct tapped tapped;
	bool *frozen; /* of each layer */
};

/* ---- source ---- */

static struct images_source source_new(const struct dataset *d, const struct engine *e,
                                       size_t batch)
{
	struct images_source s = {.data = d, .engine = e, .image = xcalloc(batch, sizeof *s.image)};

	if (d && d->targets)
		s.values = xcalloc(batch * shape_count(d->target), sizeof *s.values);
	else if (d && d->labels.soft)
		s.labels.soft = xcalloc(batch * d->classes, sizeof *s.labels.soft);
	else
		s.labels.hard = xcalloc(batch, sizeof *s.labels.hard);
	return s;
}

/* Have it give changed images, of this shape. */
static void source_augment(struct images_source *s, const struct training *t, struct shape shape,
                           size_t batch)
{
	const struct dataset *d = s->data;

	s->augmenter = augmenter_new(t->augment, (uint64_t)t->seed, shape, d->type);
	s->items = xcalloc(batch, sizeof *s->items);
	s->changed = xcalloc(batch * d->pixels, npy_size(d->type));
}

static void source_free(struct images_source *s)
{
	augmenter_free(s->augmenter);
	free(s->image);
	labels_free(&s->labels);
	free(s->values);
	free(s->items);
	free(s->changed);
}

/* What the images of these numbers are to become. */
static struct targets targets_of(const struct images_source *s, const size_t *which, size_t n)
{
	const struct dataset *d = s->data;
	size_t width = shape_count(d->target), classes = d->classes;

	for (size_t j = 0; j < n; j++)
		if (d->targets)
			engine_from_pixels(s->engine, d->target, d->target_type,
			                   dataset_target(d, which[j]), 1, s->values + j * width);
		else if (d->labels.soft)
			memcpy(s->labels.soft + j * classes, d->labels.soft + which[j] * classes,
			       classes * sizeof *s->labels.soft);
		else
			s->labels.hard[j] = d->labels.hard[which[j]];
	return (struct targets){s->labels, s->values};
}

static void give(void *context, uint64_t epoch, const size_t *which, size_t n, struct batch *b)
{
	const struct images_source *s = context;

	for (size_t j = 0; j < n; j++)
		s->image[j] = dataset_image(s->data, which[j]);
	*b = (struct batch){.n = n,
	                    .epoch = epoch,
	                    .which = which,
	                    .type = s->data->type,
	                    .image = s->image,
	                    .targets = targets_of(s, which, n)};
}

static void give_changed(void *context, uint64_t epoch, const size_t *which, size_t n,
                         struct batch *b)
{
	const struct images_source *s = context;
	const size_t bytes = s->data->pixels * npy_size(s->data->type);

	give(context, epoch, which, n, b);
	for (size_t j = 0; j < n; j++) {
		void *to = s->changed + j * bytes;
		s->items[j] = (struct augment_item){epoch, which[j], s->image[j], to};
		s->image[j] = to;
	}
	augmenter_run(s->augmenter, s->items, n);
}

/* ---- gradients and measure ---- */

/* The outputs of the batch's images; where `changed` is not null of those, to train on pairs of
 * both.
 */
static const float *outputs_of(const struct network *n, struct engine *e, const struct batch *b,
                               const float *changed)
{
	size_t rows = 0, pixels = n->images.data->pixels;
	bool both = n->loss.pairs && e == n->engine;

	for (size_t j = 0; (!changed || both) && j < b->n; j++)
		engine_image(e, rows++, b->type, b->image[j]);
	for (size_t j = 0; changed && j < b->n; j++)
		engine_image(e, rows++, NPY_F4, changed + j * pixels);
	engine_forward(e, rows);
	return engine_output(e);
}

/* Of the batch's images; where the network has seen pairs, of both halves. */
static void give_filter_gradients(struct network *n, const struct batch *b, size_t images)
{
	struct tapped *t = &n->tapped;
	bool labeled = t->n && n->loss.classifies;

	for (size_t i = 0; labeled && i < images; i++)
		t->label[i] = num_label(b->targets.labels, i % b->n, n->width);
	for (int i = 0; i < t->n; i++) {
		filters_loss(t->filters[i], engine_tap(n->engine, t->layer[i]),
		             labeled ? t->label : NULL, n->width, images, t->weight, t->gradient);
		engine_tap_gradient(n->engine, t->layer[i], t->gradient);
	}
}

static double gradients(void *context, int64_t step, const struct batch *b, struct score *score)
{
	struct network *n = context;
	size_t rows = n->loss.pairs ? 2 * b->n : b->n;
	const float *changed = NULL;

	if (n->attacker) {
		engine_take(attacker_engine(n->attacker), n->engine);
		changed = attacker_run(n->attacker, b, adversary_share(n->adversary, step));
	}
	engine_step(n->engine, (uint64_t)step);
	score->loss += n->loss.of(&n->loss, outputs_of(n, n->engine, b, changed), &b->targets, b->n,
	                          n->width, n->gradient, &score->wrong);
	score->count += b->n;
	give_filter_gradients(n, b, rows);
	engine_backward(n->engine, rows, n->gradient);
	return 1;
}

/* With these parameters, where they are not null, from now on. */
static void load(struct network *n, struct engine *e, const void *values)
{
	if (!values)
		return;
	engine_unpack(n->engine, values, n->model->tensor);
	engine_load(e, n->model->tensor);
}

static void judge(struct network *n, const struct batch *b, const float *changed,
                  struct score *score)
{
	score->loss += n->plain.of(&n->plain, outputs_of(n, n->judge, b, changed), &b->targets,
	                           b->n, n->width, NULL, &score->wrong);
	score->count += b->n;
}

static void measure(void *context, const void *values, const struct batch *b, struct score *score)
{
	struct network *n = context;

	load(n, n->judge, values);
	judge(n, b, NULL, score);
}

/* After measure(), so that the judge has the parameters. */
static void measure_attacked(void *context, const void *values, const struct batch *b,
                             struct score *score)
{
	struct network *n = context;

	load(n, attacker_engine(n->tester), values);
	judge(n, b, attacker_run(n->tester, b, 1), score);
}

/* ---- form ---- */

static void pack(void *context, void *packed)
{
	struct network *n = context;

	engine_pack(n->engine, n->model->tensor, packed);
}

static void unpack(void *context, const void *packed)
{
	struct network *n = context;

	engine_unpack(n->engine, packed, n->model->tensor);
}

static struct safetensors contents(void *context)
{
	return model_contents(((struct network *)context)->model);
}

static struct form form_of(struct network *n)
{
	const struct spec *spec = &n->model->spec;
	struct form_tensor *tensor = xcalloc((size_t)spec->parameters, sizeof *tensor);

	for (int i = 0; i < spec->parameters; i++) {
		const struct parameter *p = &spec->parameter[i];
		tensor[i] = (struct form_tensor){p->name, parameter_array(p, n->model->tensor[i]),
		                                 p->trained && !n->frozen[p->layer]};
	}
	return (struct form){
		.type = NPY_F4,
		.trained = engine_trained(n->engine),
		.size = engine_size(n->engine),
		.values = engine_values(n->engine),
		.gradients = (void *)engine_gradients(n->engine),
		.tensors = spec->parameters,
		.tensor = tensor,
		.pack = pack,
		.unpack = unpack,
		.contents = contents,
		.history = &n->model->history,
		.context = n,
	};
}

/* ---- template layers ---- */

static bool is_tapped(const struct tapped *t, int layer)
{
	for (int i = 0; i < t->n; i++)
		if (t->layer[i] == layer)
			return true;
	return false;
}

/* A template of the pixels is left out: they come from no filter. */
static struct tapped tapped_new(const struct spec *spec, size_t batch, double weight)
{
	struct tapped t = {.weight = weight,
	                   .layer = xcalloc((size_t)spec->layers, sizeof *t.layer),
	                   .filters = xcalloc((size_t)spec->layers, sizeof(struct filters *))};
	size_t most = 0;

	for (int i = 0; weight > 0 && i < spec->layers; i++) {
		const struct layer *l = &spec->layer[i];
		if (l->kind != LAYER_TEMPLATE || l->from < 0 || is_tapped(&t, l->from))
			continue;
		t.layer[t.n] = l->from;
		t.filters[t.n++] = filters_new(l->in, batch);
		most = shape_count(l->in) > most ? shape_count(l->in) : most;
	}
	if (weight > 0 && !t.n)
		die("--template-weight: the network has no layer template behind another layer");
	t.gradient = xcalloc(batch * most, sizeof *t.gradient);
	t.label = xcalloc(batch, sizeof *t.label);
	return t;
}

static void tapped_free(struct tapped *t)
{
	for (int i = 0; i < t->n; i++)
		filters_free(t->filters[i]);
	free(t->filters);
	free(t->layer);
	free(t->gradient);
	free(t->label);
}

/* ---- frozen layers ---- */

static bool *frozen_of(const struct spec *spec, const char *list)
{
	bool *frozen = spec_listed(spec, "--freeze", list), trains = false;

	for (int i = 0; i < spec->layers; i++)
		trains = trains || (!frozen[i] && spec_has_parameters(spec, i));
	if (list && !trains)
		die("--freeze: no layer is left to train");
	return frozen;
}

/* ---- the learner ---- */

static void network_free(struct learner *l)
{
	struct network *n = (struct network *)l;

	free(l->form.tensor);
	engine_free(n->engine);
	if (n->judge)
		engine_free(n->judge);
	attacker_free(n->attacker);
	attacker_free(n->tester);
	source_free(&n->images);
	source_free(&n->held);
	free(n->gradient);
	free(n->frozen);
	free(l->frozen);
	tapped_free(&n->tapped);
	free(n);
}

/* See the header. */
static struct attacker *tester_new(const struct spec *spec, const struct training *t)
{
	const struct adversary a = {.kind = ADVERSARY_PGD,
	                            .epsilon = t->adversary->epsilon,
	                            .step = t->adversary->epsilon / 4,
	                            .steps = 10};

	return attacker_new(spec, &a, (uint64_t)t->seed, JUDGE_BATCH);
}

struct learner *network_learner(struct model *m, const struct dataset *data,
                                const struct dataset *held, struct loss loss,
                                const struct training *t)
{
	struct network *n = xcalloc(1, sizeof *n);
	struct learner *l = &n->learner;
	const struct spec *spec = &m->spec;
	size_t batch = training_batch(t, data->n, "images");
	size_t most = batch > JUDGE_BATCH ? batch : JUDGE_BATCH;
	size_t rows = loss.pairs ? 2 * batch : batch;
	bool validates = held || t->holdout;

	n->model = m;
	n->adversary = t->adversary;
	n->loss = loss;
	n->plain = loss_plain(loss);
	n->width = shape_count(spec->layer[spec->layers - 1].out);
	n->gradient = xcalloc(rows * n->width, sizeof *n->gradient);
	n->tapped = tapped_new(spec, rows, t->template_weight);
	n->frozen = frozen_of(spec, t->freeze);
	n->engine = engine_new(spec, &(struct engine_options){.batch = rows,
	                                                      .train = true,
	                                                      .seed = (uint64_t)t->seed,
	                                                      .tap = n->tapped.layer,
	                                                      .taps = n->tapped.n,
	                                                      .frozen = n->frozen});
	if (validates)
		n->judge = engine_new(spec, &(struct engine_options){.batch = JUDGE_BATCH});
	if (t->adversary)
		n->attacker = attacker_new(spec, t->adversary, (uint64_t)t->seed, batch);
	if (t->adversary && validates)
		n->tester = tester_new(spec, t);
	n->images = source_new(data, n->engine, most);
	n->held = source_new(held, n->engine, JUDGE_BATCH);
	l->unit = "images";
	l->frozen = spec_names(spec, n->frozen);
	l->classifies = loss.classifies;
	memcpy(l->digest, data->digest, sizeof l->digest);
	l->source =
		(struct source){.give = give, .plain = give, .context = &n->images, .n = data->n};
	if (t->augment) {
		source_augment(&n->images, t, spec->input, batch);
		l->source.give = give_changed;
	}
	if (held) {
		memcpy(l->validation, held->digest, sizeof l->validation);
		l->held = (struct source){.give = give, .context = &n->held, .n = held->n};
	}
	l->gradients = (struct gradients){gradients, n};
	l->measure = (struct measure){measure, n, JUDGE_BATCH};
	if (n->tester)
		l->attacked = (struct measure){measure_attacked, n, JUDGE_BATCH};
	l->form = form_of(n);
	l->free = network_free;
	return l;
}
