#include "rnn/rnn.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "model/history.h"
#include "model/model.h"

const char *const rnn_cells[] = {"tanh", "lstm", NULL};
const char *const rnn_candidates[] = {"tanh", "sigmoid", NULL};

static const char second_bias[] = "rnn1.bias_hh_l0";

/* ---- in memory ---- */

void rnn_arrays(const struct rnn *m, struct rnn_array a[RNN_ARRAYS])
{
	const struct rnn_array all[RNN_ARRAYS] = {
		{"W", "rnn1.weight_hh_l0", {NPY_F8, 2, {m->rows, m->hidden}, {m->w}}},
		{"U", "rnn1.weight_ih_l0", {NPY_F8, 2, {m->rows, m->inputs}, {m->u}}},
		{"V", "dense1.weight", {NPY_F8, 2, {m->outputs, m->hidden}, {m->v}}},
		{"b", "rnn1.bias_ih_l0", {NPY_F8, 1, {m->rows}, {m->b}}},
		{"c", "dense1.bias", {NPY_F8, 1, {m->outputs}, {m->c}}},
	};

	memcpy(a, all, sizeof all);
}

struct rnn rnn_new(enum rnn_cell cell, size_t hidden, size_t inputs, size_t outputs)
{
	struct rnn m = {.cell = cell, .hidden = hidden, .inputs = inputs, .outputs = outputs};
	double **array[RNN_ARRAYS] = {&m.w, &m.u, &m.v, &m.b, &m.c};
	struct rnn_array a[RNN_ARRAYS];

	if (!size_multiply(hidden, cell == RNN_LSTM ? 4 : 1, &m.rows))
		die("%zu units are too many", hidden);
	rnn_arrays(&m, a);
	for (int i = 0; i < RNN_ARRAYS; i++)
		if (!npy_fits(&a[i].array) ||
		    __builtin_add_overflow(m.count, npy_count(&a[i].array), &m.count))
			die("%s of shape %s is too large", a[i].letter, npy_shape(&a[i].array));
	m.values = xaligned(m.count, sizeof *m.values);
	double *at = m.values;
	for (int i = 0; i < RNN_ARRAYS; at += npy_count(&a[i++].array))
		*array[i] = at;
	m.history = xstrdup("");
	return m;
}

struct rnn rnn_like(const struct rnn *m)
{
	struct rnn like = rnn_new(m->cell, m->hidden, m->inputs, m->outputs);

	like.candidate = m->candidate;
	return like;
}

struct rnn rnn_at(const struct rnn *m, double *values)
{
	struct rnn at = *m;
	double **array[] = {&at.w, &at.u, &at.v, &at.b, &at.c, &at.values};

	for (size_t i = 0; i < sizeof array / sizeof *array; i++)
		*array[i] = values + (*array[i] - m->values);
	return at;
}

void rnn_free(struct rnn *m)
{
	free(m->values);
	free(m->history);
	m->values = NULL;
	m->history = NULL;
}

/* ---- from arrays, however they came ---- */

/* The model that arrays make, as far as they are known. */
struct parts {
	const char *name;              /* of the file */
	const char *label[RNN_ARRAYS]; /* what its arrays are called there */
	struct npy array[RNN_ARRAYS];  /* as they came */
	struct rnn shape;              /* without values */
};

/* The cell is in the shape of W. */
static enum rnn_cell cell_of(const struct parts *p)
{
	const size_t *dim = p->array[0].dim;
	size_t four;

	if (dim[0] == dim[1])
		return RNN_TANH;
	if (!size_multiply(dim[1], 4, &four) || dim[0] != four)
		die("%s: %s: expected (H,H), a tanh RNN, or (4H,H), an LSTM, found %s", p->name,
		    p->label[0], npy_shape(&p->array[0]));
	return RNN_LSTM;
}

/* Array i is described: does it fit those before? */
static void check(struct parts *p, int i)
{
	static const char *const expected[] = {"(H,H) or (4H,H)", "(R,I)", "(O,H)", "(R,)", "(O,)"};
	const struct npy *a = &p->array[i];
	struct rnn_array want[RNN_ARRAYS];
	struct rnn *m = &p->shape;

	if (a->ndim != (i < 3 ? 2 : 1) || !npy_count(a))
		die("%s: %s: expected %s, found %s", p->name, p->label[i], expected[i],
		    npy_shape(a));
	if (i == 0) {
		m->cell = cell_of(p);
		m->rows = a->dim[0];
		m->hidden = a->dim[1];
	} else if (i == 1) {
		m->inputs = a->dim[1];
	} else if (i == 2) {
		m->outputs = a->dim[0];
	}
	rnn_arrays(m, want);
	if (!npy_same_shape(a, &want[i].array))
		die("%s: %s: expected %s, found %s", p->name, p->label[i],
		    npy_shape(&want[i].array), npy_shape(a));
}

/* After all were checked and loaded. */
static struct rnn assemble(const struct parts *p)
{
	const struct rnn *s = &p->shape;
	struct rnn m = rnn_new(s->cell, s->hidden, s->inputs, s->outputs);
	struct rnn_array to[RNN_ARRAYS];

	rnn_arrays(&m, to);
	for (int i = 0; i < RNN_ARRAYS; i++) {
		const struct npy *a = &p->array[i];
		size_t n = npy_count(a);
		double *values = to[i].array.f8;
		npy_convert_elements(NPY_F8, values, a->type, a->data, n);
		for (size_t k = 0; k < n; k++)
			if (!isfinite(values[k]))
				die("%s: %s: element %zu is not finite", p->name, p->label[i], k);
	}
	return m;
}

struct rnn rnn_read_arrays(FILE *stream, const char *name)
{
	struct npy_in *in = npy_stream(stream, name);
	struct parts p = {.name = name};
	struct rnn_array is[RNN_ARRAYS];
	struct digest digest;
	char hex[DIGEST_HEX];

	digest_begin(&digest);
	npy_tap(in, digest_add, &digest);
	rnn_arrays(&p.shape, is);
	for (int i = 0; i < RNN_ARRAYS; i++) {
		p.label[i] = is[i].letter;
		if (!npy_next(in, &p.array[i]))
			die("%s: expected five arrays W U V b c, found %d", name, i);
		check(&p, i);
		npy_load(in, &p.array[i]);
	}
	npy_leave(in);
	struct rnn m = assemble(&p);
	for (int i = 0; i < RNN_ARRAYS; i++)
		npy_free(&p.array[i]);
	digest_hex(&digest, hex);
	history_add(&m.history, "arrays sha256:%s", hex);
	return m;
}

/* ---- from a file ---- */

bool rnn_is(const struct safetensors *s)
{
	return safetensors_text(s, "cell") != NULL;
}

/* What the text of this key says, the first word if there is none. */
static int choice(const struct safetensors *s, const char *name, const char *key,
                  const char *const *words)
{
	const char *text = safetensors_text(s, key);
	char *what = xprintf("%s: %s", name, key);
	int i = text ? cli_choice(what, text, words) : 0;

	free(what);
	return i;
}

static void check_known(const struct safetensors *s, const char *name)
{
	const struct rnn none = {.cell = RNN_TANH};
	struct rnn_array is[RNN_ARRAYS];

	rnn_arrays(&none, is);
	for (size_t i = 0; i < s->tensors; i++) {
		const char *tensor = s->tensor[i].name;
		int j = 0;
		while (j < RNN_ARRAYS && strcmp(tensor, is[j].name) != 0)
			j++;
		if (j == RNN_ARRAYS && strcmp(tensor, second_bias) != 0 && !model_is_aside(tensor))
			die("%s: tensor '%s' is not one of a recurrent model", name, tensor);
	}
}

/* Where there is a second bias, b is the sum of both. */
static void add_second_bias(struct rnn *m, const struct safetensors *s, const char *name)
{
	const struct safetensor *t = safetensors_find(s, second_bias);

	if (!t)
		return;
	if (t->array.ndim != 1 || t->array.dim[0] != m->rows)
		die("%s: %s: expected (%zu,), found %s", name, second_bias, m->rows,
		    npy_shape(&t->array));
	for (size_t i = 0; i < m->rows; i++) {
		m->b[i] += npy_get(&t->array, i);
		if (!isfinite(m->b[i]))
			die("%s: %s: element %zu is not finite", name, second_bias, i);
	}
}

struct rnn rnn_from(const struct safetensors *s, const char *name)
{
	struct parts p = {.name = name};
	struct rnn_array is[RNN_ARRAYS];
	const char *history = safetensors_text(s, "history");

	if (!rnn_is(s))
		die("%s: expected a recurrent model, with the cell in its __metadata__, found none",
		    name);
	check_known(s, name);
	rnn_arrays(&p.shape, is);
	for (int i = 0; i < RNN_ARRAYS; i++) {
		const struct safetensor *t = safetensors_find(s, is[i].name);
		if (!t)
			die("%s: expected tensor '%s', found none", name, is[i].name);
		p.label[i] = is[i].name;
		p.array[i] = t->array;
		check(&p, i);
	}
	enum rnn_cell cell = (enum rnn_cell)choice(s, name, "cell", rnn_cells);
	if (cell != p.shape.cell)
		die("%s: %s: expected that of cell %s, found %s", name, is[0].name, rnn_cells[cell],
		    npy_shape(&p.array[0]));
	struct rnn m = assemble(&p);
	m.candidate = (enum rnn_candidate)choice(s, name, "candidate", rnn_candidates);
	add_second_bias(&m, s, name);
	if (history) {
		free(m.history);
		m.history = xstrdup(history);
	}
	return m;
}

struct rnn rnn_read(FILE *stream, const char *name)
{
	int first = getc(stream);

	if (first == EOF)
		die("%s: empty: expected a recurrent model", name);
	ungetc(first, stream);
	/* A safetensors file begins with the length of its header, which is padded to a multiple of
	 * 8: that is not odd. */
	if (first == 0x93)
		return rnn_read_arrays(stream, name);
	struct safetensors s = safetensors_take(stream, name);
	struct rnn m = rnn_from(&s, name);
	safetensors_free(&s);
	return m;
}

/* ---- to a file ---- */

struct safetensors rnn_contents(const struct rnn *m)
{
	/* PyTorch's order. */
	static const int order[] = {1, 0, 3, -1, 2, 4};
	struct safetensors s = safetensors_new();
	struct rnn_array a[RNN_ARRAYS];
	struct npy zeros = npy_new(NPY_F8, 1, &m->rows);

	safetensors_add_text(&s, "format", "pt");
	safetensors_add_text(&s, "cell", rnn_cells[m->cell]);
	if (m->cell == RNN_LSTM)
		safetensors_add_text(&s, "candidate", rnn_candidates[m->candidate]);
	safetensors_add_text(&s, "history", m->history);
	rnn_arrays(m, a);
	for (size_t i = 0; i < sizeof order / sizeof *order; i++)
		if (order[i] < 0)
			safetensors_add(&s, second_bias, &zeros);
		else
			safetensors_add(&s, a[order[i]].name, &a[order[i]].array);
	npy_free(&zeros);
	return s;
}

void rnn_write(const struct rnn *m)
{
	struct safetensors s = rnn_contents(m);

	safetensors_put(&s);
	safetensors_free(&s);
}

void rnn_write_arrays(const struct rnn *m)
{
	struct rnn_array a[RNN_ARRAYS];

	rnn_arrays(m, a);
	for (int i = 0; i < RNN_ARRAYS; i++)
		npy_write(&a[i].array);
}
