#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "rnn/rnn.h"

/* The shape of the sequences: letters or vectors, of one or of many. */
static void describe(struct rnn_data *d)
{
	const struct npy *a = &d->head;
	bool whole = npy_is_whole(a->type);

	d->letters = whole && a->ndim < 3;
	d->single = a->ndim == (whole ? 1 : 2);
	int axes = !d->single + 1 + !d->letters;
	if (a->ndim != axes)
		die("%s: expected vectors (N,T,%zu) or (T,%zu), or letters, whole numbers (N,T) or "
		    "(T,), found %s of type %s",
		    npy_name(d->in), d->inputs, d->inputs, npy_shape(a), npy_type_name(a->type));
	d->n = d->single ? 1 : a->dim[0];
	d->steps = a->dim[!d->single];
	if (!d->steps)
		die("%s: expected at least one step, found %s", npy_name(d->in), npy_shape(a));
	if (!d->letters && a->dim[axes - 1] != d->inputs)
		die("%s: expected vectors of %zu numbers, as many as U has columns, found %s",
		    npy_name(d->in), d->inputs, npy_shape(a));
	if (!npy_fits(a))
		die("%s: sequences of shape %s are too large", npy_name(d->in), npy_shape(a));
}

static struct rnn_data begin(struct npy_in *in, const struct rnn *m, struct digest *digest)
{
	struct rnn_data d = {.in = in, .inputs = m->inputs, .outputs = m->outputs};

	if (digest)
		npy_tap(in, digest_add, digest);
	npy_next(in, &d.head);
	describe(&d);
	return d;
}

struct rnn_data rnn_data_file(const char *path, const struct rnn *m, struct digest *digest)
{
	return begin(npy_open(path), m, digest);
}

struct rnn_data rnn_data_open(char **operands, struct rnn *m, struct digest *digest)
{
	const char *model = cli_operand(&operands), *file = *operands;

	if (file && !strcmp(model, "-") && !strcmp(file, "-"))
		die("model and sequences cannot be two operands '-': on one stream, the sequences "
		    "follow the model");
	FILE *stream = file_open(model);
	*m = rnn_read(stream, file_name(model));
	int more = getc(stream);
	if (file) {
		if (more != EOF)
			die("%s: expected a recurrent model, found more after it",
			    file_name(model));
		if (stream != stdin)
			fclose(stream);
		return rnn_data_file(file, m, digest);
	}
	if (more == EOF)
		die("%s: expected sequences after the model, found the end", file_name(model));
	ungetc(more, stream);
	return begin(npy_stream(stream, file_name(model)), m, digest);
}

struct npy rnn_data_shape(const struct rnn_data *d, bool steps, size_t width)
{
	struct npy a = {.type = NPY_F8};

	if (!d->single)
		a.dim[a.ndim++] = d->n;
	if (steps)
		a.dim[a.ndim++] = d->steps;
	if (width)
		a.dim[a.ndim++] = width;
	if (!npy_fits(&a))
		die("%s: %zu sequences of %zu steps are too many for %zu units", npy_name(d->in),
		    d->n, d->steps, width);
	return a;
}

/* Numbers of a sequence. */
static size_t width(const struct rnn_data *d)
{
	return d->letters ? d->steps : d->steps * d->inputs;
}

/* n elements as classes below `most`; `what` they are, and where the first of them stands. */
static void take_classes(const struct rnn_data *d, const struct npy *a, size_t first, size_t n,
                         size_t most, const char *what, int32_t *to)
{
	for (size_t i = 0; i < n; i++) {
		int64_t k = a->type == NPY_U1 ? a->u1[first + i] : a->i8[first + i];
		if (k < 0 || (uint64_t)k >= most)
			die("%s: expected %s 0 to %zu, found %" PRId64, npy_name(d->in), what,
			    most - 1, k);
		to[i] = (int32_t)k;
	}
}

/* Labels may be one for each sequence, or for each of its steps. */
static void expect_labels(struct rnn_data *d, const struct npy *a)
{
	d->each = a->ndim == 2 - d->single && a->dim[a->ndim - 1] == d->steps &&
	          (d->single || a->dim[0] == d->n);
	bool fits = d->each || (d->single ? a->ndim == 0 || (a->ndim == 1 && a->dim[0] == 1)
	                                  : a->ndim == 1 && a->dim[0] == d->n);
	if (!fits || !npy_is_whole(a->type))
		die("%s: expected labels, whole numbers %s, or the end after the sequences, found "
		    "%s of type %s",
		    npy_name(d->in), d->single ? "(1,) or (T,)" : "(N,) or (N,T)", npy_shape(a),
		    npy_type_name(a->type));
}

static void expect_end(struct rnn_data *d)
{
	struct npy more;

	if (npy_next(d->in, &more))
		die("%s: expected the end after sequences and labels, found another array",
		    npy_name(d->in));
}

static void load_labels(struct rnn_data *d, struct npy *a)
{
	expect_labels(d, a);
	npy_load(d->in, a);
	size_t count = npy_count(a);
	d->labels = xcalloc(count, sizeof *d->labels);
	take_classes(d, a, 0, count, d->outputs, "labels", d->labels);
	npy_free(a);
}

/* Have room for n sequences. */
static void make_room(const struct rnn_data *d, size_t n, struct rnn_batch *x)
{
	x->n = n;
	x->steps = d->steps;
	x->inputs = d->inputs;
	x->each = d->each;
	if (n <= x->room)
		return;
	size_t row = width(d);
	if (d->letters)
		x->letters = xrealloc(x->letters, n, row * sizeof *x->letters);
	else
		x->vectors = xrealloc(x->vectors, n, row * sizeof *x->vectors);
	if (d->labels)
		x->labels = xrealloc(x->labels, n, (d->each ? d->steps : 1) * sizeof *x->labels);
	x->room = n;
}

/* Sequence `from` of an array becomes number `to` of the batch. */
static void fill(const struct rnn_data *d, const struct npy *a, size_t from, struct rnn_batch *x,
                 size_t to)
{
	size_t row = width(d);

	if (d->letters) {
		take_classes(d, a, from * row, row, d->inputs, "letters", x->letters + to * row);
		return;
	}
	double *vectors = x->vectors + to * row;
	npy_convert_elements(NPY_F8, vectors, a->type,
	                     (const char *)a->data + from * row * npy_size(a->type), row);
	for (size_t i = 0; i < row; i++)
		if (!isfinite(vectors[i]))
			die("%s: expected finite numbers, found %g", npy_name(d->in), vectors[i]);
}

void rnn_data_pick(const struct rnn_data *d, const size_t *which, size_t n, struct rnn_batch *x)
{
	size_t each = d->each ? d->steps : 1;

	make_room(d, n, x);
	for (size_t i = 0; i < n; i++) {
		fill(d, &d->all, which[i], x, i);
		if (d->labels)
			memcpy(x->labels + i * each, d->labels + which[i] * each,
			       each * sizeof *x->labels);
	}
}

void rnn_data_load(struct rnn_data *d)
{
	struct rnn_batch one = {0};
	struct npy labels;

	d->all = d->head;
	npy_load(d->in, &d->all);
	/* What is no letter, or not finite, is found before a program writes anything. */
	for (size_t i = 0; i < d->n; i++)
		rnn_data_pick(d, &i, 1, &one);
	rnn_batch_free(&one);
	if (npy_next(d->in, &labels))
		load_labels(d, &labels);
	expect_end(d);
}

size_t rnn_data_next(struct rnn_data *d, size_t most, struct rnn_batch *x)
{
	size_t left = d->n - d->taken, n = left < most ? left : most;

	make_room(d, n, x);
	if (d->all.data) {
		size_t *order = xcalloc(n, sizeof *order);
		for (size_t i = 0; i < n; i++)
			order[i] = d->taken + i;
		rnn_data_pick(d, order, n, x);
		free(order);
	} else if (n) {
		struct npy rows = {.type = d->head.type};
		if (!d->raw)
			d->raw = xcalloc(n, width(d) * npy_size(rows.type));
		rows.data = d->raw;
		npy_take(d->in, rows.data, n * width(d));
		for (size_t i = 0; i < n; i++)
			fill(d, &rows, i, x, i);
	}
	d->taken += n;
	return n;
}

void rnn_data_close(struct rnn_data *d)
{
	struct npy labels;

	if (!d->all.data && npy_next(d->in, &labels)) {
		expect_labels(d, &labels);
		expect_end(d);
	}
	npy_close(d->in);
	npy_free(&d->all);
	free(d->labels);
	free(d->raw);
}

void rnn_batch_free(struct rnn_batch *x)
{
	free(x->vectors);
	free(x->letters);
	free(x->labels);
	*x = (struct rnn_batch){0};
}
