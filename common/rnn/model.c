#include "rnn/rnn.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"

const char *const rnn_candidates[] = {"tanh", "sigmoid", NULL};

static const char *const names[] = {"W", "U", "V", "b", "c"};
enum { ARRAYS = 5 };

/* The shapes of the arrays, in their order. */
static void describe(const struct rnn *m, struct npy shape[ARRAYS])
{
	shape[0] = (struct npy){.type = NPY_F8, .ndim = 2, .dim = {m->rows, m->hidden}};
	shape[1] = (struct npy){.type = NPY_F8, .ndim = 2, .dim = {m->rows, m->inputs}};
	shape[2] = (struct npy){.type = NPY_F8, .ndim = 2, .dim = {m->outputs, m->hidden}};
	shape[3] = (struct npy){.type = NPY_F8, .ndim = 1, .dim = {m->rows}};
	shape[4] = (struct npy){.type = NPY_F8, .ndim = 1, .dim = {m->outputs}};
}

struct rnn rnn_new(enum rnn_cell cell, size_t hidden, size_t inputs, size_t outputs)
{
	struct rnn m = {.cell = cell, .hidden = hidden, .inputs = inputs, .outputs = outputs};
	double **array[ARRAYS] = {&m.w, &m.u, &m.v, &m.b, &m.c};
	struct npy shape[ARRAYS];

	if (!size_multiply(hidden, cell == RNN_LSTM ? 4 : 1, &m.rows))
		die("%zu units are too many", hidden);
	describe(&m, shape);
	for (int i = 0; i < ARRAYS; i++)
		if (!npy_fits(&shape[i]) ||
		    __builtin_add_overflow(m.count, npy_count(&shape[i]), &m.count))
			die("%s of shape %s is too large", names[i], npy_shape(&shape[i]));
	m.values = xaligned(m.count, sizeof *m.values);
	double *at = m.values;
	for (int i = 0; i < ARRAYS; i++, at += npy_count(&shape[i - 1]))
		*array[i] = at;
	return m;
}

struct rnn rnn_like(const struct rnn *m)
{
	struct rnn like = rnn_new(m->cell, m->hidden, m->inputs, m->outputs);

	like.candidate = m->candidate;
	return like;
}

void rnn_free(struct rnn *m)
{
	free(m->values);
	m->values = NULL;
}

/* The next array, which has so many dimensions. */
static struct npy read_array(struct npy_in *in, int i, int ndim, const char *expected)
{
	struct npy a;

	if (!npy_next(in, &a))
		die("%s: expected five arrays W U V b c, found %d", npy_name(in), i);
	if (a.ndim != ndim || !npy_count(&a))
		die("%s: %s: expected %s, found %s", npy_name(in), names[i], expected,
		    npy_shape(&a));
	return a;
}

/* The cell is in the shape of W. */
static enum rnn_cell cell_of(const struct npy_in *in, const struct npy *w)
{
	size_t four;

	if (w->dim[0] == w->dim[1])
		return RNN_TANH;
	if (!size_multiply(w->dim[1], 4, &four) || w->dim[0] != four)
		die("%s: W: expected (H,H), a tanh RNN, or (4H,H), an LSTM, found %s", npy_name(in),
		    npy_shape(w));
	return RNN_LSTM;
}

static void load(struct npy_in *in, int i, struct npy *a)
{
	npy_load(in, a);
	npy_convert(a, NPY_F8);
	for (size_t k = 0; k < npy_count(a); k++)
		if (!isfinite(a->f8[k]))
			die("%s: %s: element %zu is not finite", npy_name(in), names[i], k);
}

struct rnn rnn_read(struct npy_in *in)
{
	static const char *const expected[ARRAYS] = {"(H,H) or (4H,H)", "(R,I)", "(O,H)", "(R,)",
	                                             "(O,)"};
	struct npy a[ARRAYS], shape[ARRAYS];
	struct rnn m = {0};

	for (int i = 0; i < ARRAYS; i++) {
		a[i] = read_array(in, i, i < 3 ? 2 : 1, expected[i]);
		if (i == 0) {
			m.cell = cell_of(in, &a[0]);
			m.rows = a[0].dim[0];
			m.hidden = a[0].dim[1];
		} else if (i == 1)
			m.inputs = a[1].dim[1];
		else if (i == 2)
			m.outputs = a[2].dim[0];
		describe(&m, shape);
		if (!npy_same_shape(&a[i], &shape[i]))
			die("%s: %s: expected %s, found %s", npy_name(in), names[i],
			    npy_shape(&shape[i]), npy_shape(&a[i]));
		load(in, i, &a[i]);
	}
	m = rnn_new(m.cell, m.hidden, m.inputs, m.outputs);
	double *to = m.values;
	for (int i = 0; i < ARRAYS; i++) {
		size_t n = npy_count(&a[i]);
		memcpy(to, a[i].f8, n * sizeof *to);
		to += n;
		npy_free(&a[i]);
	}
	return m;
}

void rnn_write(const struct rnn *m)
{
	struct npy shape[ARRAYS];
	const double *values = m->values;

	describe(m, shape);
	for (int i = 0; i < ARRAYS; i++) {
		npy_put_head(&shape[i]);
		npy_put(&shape[i], values, npy_count(&shape[i]));
		values += npy_count(&shape[i]);
	}
}
