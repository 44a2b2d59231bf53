#include "train/recurrent.h"

#include <stdlib.h>
#include <string.h>

#include "base/base.h"

struct sequences_source {
	const struct rnn_data *data;
	struct rnn_batch x;
};

struct recurrent {
	struct learner learner; /* first, so that it is the whole */
	struct rnn *model;      /* whose values are only a way in and out */
	struct rnn now, gradient;
	struct rnn measured; /* the model of the validation at hand, with values of others' */
	struct rnn_pass *pass;
	double *outputs; /* of a batch */
	struct sequences_source sequences, held;
};

/* ---- source ---- */

static void give(void *context, uint64_t epoch, const size_t *which, size_t n, struct batch *b)
{
	struct sequences_source *s = context;

	(void)epoch;
	rnn_data_pick(s->data, which, n, &s->x);
	*b = (struct batch){.n = n, .sequences = &s->x};
}

/* ---- gradients and measure ---- */

/* Labels of a batch: one a sequence, or one a step. */
static size_t labels_of(const struct rnn_batch *x)
{
	return x->n * (x->each ? x->steps : 1);
}

/* How many of the labels have another class's output largest. */
static size_t count_wrong(const struct recurrent *r, const struct rnn *m, const struct rnn_batch *x)
{
	size_t wrong = 0;

	rnn_outputs(r->pass, m, r->outputs);
	for (size_t i = 0; i < labels_of(x); i++) {
		const double *o = r->outputs + (x->each ? i : (i + 1) * x->steps - 1) * m->outputs;
		size_t best = 0;
		for (size_t j = 1; j < m->outputs; j++)
			if (o[j] > o[best])
				best = j;
		wrong += best != (size_t)x->labels[i];
	}
	return wrong;
}

/* A pass forward, and back where there is a gradient to be had. */
static void pass(struct recurrent *r, const struct rnn *m, const struct rnn_batch *x,
                 struct rnn *gradient, struct score *score)
{
	const struct rnn_goal goal = {
		.of = RNN_CROSS_ENTROPY, .every = x->each, .step = x->steps - 1};

	rnn_forward(r->pass, m, x);
	score->wrong += count_wrong(r, m, x);
	score->count += labels_of(x);
	score->loss += rnn_backward(r->pass, m, x, &goal, gradient, NULL);
}

static double gradients(void *context, int64_t step, const struct batch *b, struct score *score)
{
	struct recurrent *r = context;

	(void)step;
	memset(r->gradient.values, 0, r->gradient.count * sizeof *r->gradient.values);
	pass(r, &r->now, b->sequences, &r->gradient, score);
	return (double)labels_of(b->sequences);
}

static void measure(void *context, const void *values, const struct batch *b, struct score *score)
{
	struct recurrent *r = context;

	if (values)
		r->measured = rnn_at(&r->now, (double *)values);
	pass(r, &r->measured, b->sequences, NULL, score);
}

/* ---- form ---- */

static void pack(void *context, void *packed)
{
	const struct rnn *m = ((struct recurrent *)context)->model;

	memcpy(packed, m->values, m->count * sizeof *m->values);
}

static void unpack(void *context, const void *packed)
{
	struct rnn *m = ((struct recurrent *)context)->model;

	memcpy(m->values, packed, m->count * sizeof *m->values);
}

static struct safetensors contents(void *context)
{
	return rnn_contents(((struct recurrent *)context)->model);
}

static struct form form_of(struct recurrent *r)
{
	struct form_tensor *tensor = xcalloc(RNN_ARRAYS, sizeof *tensor);
	struct rnn_array a[RNN_ARRAYS];

	rnn_arrays(r->model, a);
	for (int i = 0; i < RNN_ARRAYS; i++)
		tensor[i] = (struct form_tensor){a[i].name, a[i].array, true};
	return (struct form){
		.type = NPY_F8,
		.trained = r->now.count,
		.size = r->now.count,
		.values = r->now.values,
		.gradients = r->gradient.values,
		.tensors = RNN_ARRAYS,
		.tensor = tensor,
		.pack = pack,
		.unpack = unpack,
		.contents = contents,
		.history = &r->model->history,
		.context = r,
	};
}

/* ---- the learner ---- */

static void recurrent_free(struct learner *l)
{
	struct recurrent *r = (struct recurrent *)l;

	free(l->form.tensor);
	rnn_pass_free(r->pass);
	rnn_batch_free(&r->sequences.x);
	rnn_batch_free(&r->held.x);
	rnn_free(&r->now);
	rnn_free(&r->gradient);
	free(r->outputs);
	free(r);
}

struct learner *recurrent_learner(struct rnn *m, const struct sequences *data,
                                  const struct sequences *held, const struct training *t)
{
	struct recurrent *r = xcalloc(1, sizeof *r);
	struct learner *l = &r->learner;
	size_t batch = training_batch(t, data->data.n, "sequences"), steps = data->data.steps;

	if (held && held->data.steps > steps)
		steps = held->data.steps;
	r->model = m;
	r->now = rnn_like(m);
	r->gradient = rnn_like(m);
	r->pass = rnn_pass_new(m, batch, steps, true);
	r->outputs = xcalloc(batch * steps, m->outputs * sizeof *r->outputs);
	r->sequences.data = &data->data;
	l->unit = "sequences";
	l->classifies = true;
	memcpy(l->digest, data->digest, sizeof l->digest);
	l->source = (struct source){.give = give, .context = &r->sequences, .n = data->data.n};
	if (held) {
		r->held.data = &held->data;
		memcpy(l->validation, held->digest, sizeof l->validation);
		l->held = (struct source){.give = give, .context = &r->held, .n = held->data.n};
	}
	l->gradients = (struct gradients){gradients, r};
	l->measure = (struct measure){measure, r, batch};
	l->form = form_of(r);
	l->free = recurrent_free;
	return l;
}
