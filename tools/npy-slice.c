/* npy-slice - select parts of arrays with Python's slices */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "npy/npy.h"
#include "slice/slice.h"

enum { CHUNK = 1 << 15 };

struct expression {
	const char *text;
	struct slice *items;
	int n;
};

/* The cutting of one array: a span for each of its axes, and what comes out. */
struct plan {
	struct npy in, out;
	size_t rows;
	struct span span[NPY_MAXDIM];
	char *piece; /* what comes out for one row */
};

/* ---- planning ---- */

static struct slice whole_axis(void)
{
	return (struct slice){.kind = SLICE_RANGE, .step = 1};
}

static void plan_axis(struct plan *p, const struct slice *item, int axis, const char *name)
{
	if (!slice_resolve(item, p->in.dim[axis], &p->span[axis]))
		die("%s: index %" PRId64 " is outside axis %d of shape %s", name, item->start, axis,
		    npy_shape(&p->in));
	if (item->kind == SLICE_RANGE)
		p->out.dim[p->out.ndim++] = p->span[axis].count;
}

/* Check the expression against the axes there are: how many an ellipsis stands for. */
static int check_items(const struct expression *e, const struct npy *head, const char *name)
{
	int axes = 0, ellipses = 0, new = 0, gone = 0;

	for (int i = 0; i < e->n; i++) {
		axes += e->items[i].kind == SLICE_INDEX || e->items[i].kind == SLICE_RANGE;
		gone += e->items[i].kind == SLICE_INDEX;
		new += e->items[i].kind == SLICE_NEW;
		ellipses += e->items[i].kind == SLICE_ELLIPSIS;
	}
	if (ellipses > 1)
		die("'%s': more than one ellipsis", e->text);
	if (axes > head->ndim)
		die("%s: '%s' has %d indices, an array of shape %s has %d axes (-k picks one "
		    "array)",
		    name, e->text, axes, npy_shape(head), head->ndim);
	if (head->ndim + new - gone > NPY_MAXDIM)
		die("%s: '%s' of shape %s has more than %d dimensions", name, e->text,
		    npy_shape(head), NPY_MAXDIM);
	return head->ndim - axes;
}

static struct plan plan(const struct expression *e, const struct npy *head, const char *name)
{
	const struct slice whole = whole_axis();
	struct plan p = {.in = *head, .out = {.type = head->type}};
	int left = check_items(e, head, name), axis = 0;

	for (int i = 0; i < e->n; i++) {
		const struct slice *item = &e->items[i];
		if (item->kind == SLICE_NEW)
			p.out.dim[p.out.ndim++] = 1;
		else if (item->kind == SLICE_ELLIPSIS)
			for (; left > 0; left--)
				plan_axis(&p, &whole, axis++, name);
		else
			plan_axis(&p, item, axis++, name);
	}
	while (axis < head->ndim)
		plan_axis(&p, &whole, axis++, name);
	/* A scalar is a row of one element. */
	p.rows = head->ndim ? head->dim[0] : 1;
	if (!head->ndim)
		p.span[0] = (struct span){.count = 1, .step = 1};
	return p;
}

/* ---- cutting ---- */

/* What is selected of the axes from this one on, where `size` bytes lie behind each index of the
 * axis before; returns the end of what it wrote. */
static char *copy(const struct plan *p, int axis, const char *from, size_t size, char *to)
{
	if (axis >= p->in.ndim) {
		memcpy(to, from, size);
		return to + size;
	}
	const struct span *span = &p->span[axis];
	size_t stride = size / p->in.dim[axis];
	if (axis == p->in.ndim - 1 && span->step == 1) {
		memcpy(to, from + span->first * stride, span->count * stride);
		return to + span->count * stride;
	}
	for (size_t i = 0; i < span->count; i++)
		to = copy(p, axis + 1, from + span_at(span, i) * stride, stride, to);
	return to;
}

static void put_row(const struct plan *p, const char *row)
{
	size_t size = npy_size(p->in.type);
	char *end = copy(p, 1, row, npy_row(&p->in) * size, p->piece);

	npy_put(&p->out, p->piece, (size_t)(end - p->piece) / size);
}

static void put_from_memory(const struct plan *p, const char *data)
{
	size_t size = npy_row(&p->in) * npy_size(p->in.type);

	for (size_t i = 0; i < p->span[0].count; i++)
		put_row(p, data + span_at(&p->span[0], i) * size);
}

/* Rows in their order, a chunk of them at a time in memory. */
static void put_from_stream(const struct plan *p, struct npy_in *in)
{
	size_t row = npy_row(&p->in), size = row * npy_size(p->in.type), next = 0;
	size_t most = row < CHUNK ? CHUNK / row : 1;
	char *rows = xcalloc(most, size);

	for (size_t at = 0, n; next < p->span[0].count; at += n) {
		n = p->rows - at < most ? p->rows - at : most;
		npy_take(in, rows, n * row);
		for (; next < p->span[0].count && span_at(&p->span[0], next) < at + n; next++)
			put_row(p, rows + (span_at(&p->span[0], next) - at) * size);
	}
	free(rows);
}

/* Cut the array at hand: from memory if `data` is there or the rows come backwards. */
static void cut(const struct expression *e, struct npy_in *in, const struct npy *array)
{
	struct plan p = plan(e, array, npy_name(in));

	npy_put_head(&p.out);
	if (!npy_count(&p.out))
		return;
	p.piece = xcalloc(npy_row(&p.in), npy_size(p.in.type));
	if (array->data) {
		put_from_memory(&p, array->data);
	} else if (p.span[0].step > 0) {
		put_from_stream(&p, in);
	} else {
		struct npy whole;
		npy_load(in, &whole);
		put_from_memory(&p, whole.data);
		npy_free(&whole);
	}
	free(p.piece);
}

/* ---- streams ---- */

/* The k-th array from the front, as it comes by; the rest is read past, for whoever writes it. */
static void cut_from_front(const struct expression *e, struct npy_in *in, int64_t k)
{
	struct npy head;
	int64_t i = 0;

	for (; npy_next(in, &head); i++)
		if (i == k)
			cut(e, in, &head);
	if (i <= k)
		die("%s: -k %" PRId64 ": the stream has %" PRId64 " arrays, counted from 0",
		    npy_name(in), k, i);
}

/* The k-th from the end: hold that many arrays until the end is seen. */
static void cut_from_end(const struct expression *e, struct npy_in *in, int64_t k)
{
	struct npy *held = xcalloc((size_t)k, sizeof *held), head;
	int64_t i = 0;

	for (; npy_next(in, &head); i++) {
		npy_free(&held[i % k]);
		npy_load(in, &held[i % k]);
	}
	if (i < k)
		die("%s: -k -%" PRId64 ": the stream has %" PRId64 " arrays", npy_name(in), k, i);
	cut(e, in, &held[i % k]);
	for (int64_t j = 0; j < k; j++)
		npy_free(&held[j]);
	free(held);
}

static void cut_all(const struct expression *e, struct npy_in *in)
{
	struct npy head;

	while (npy_next(in, &head))
		cut(e, in, &head);
}

/* With -k, an only operand that does not read as an expression is the file. */
static struct expression take_expression(char ***operands, bool optional)
{
	struct expression e = {.text = (*operands)[0]};

	if (e.text)
		e.items = slice_parse(e.text, &e.n);
	if (e.items) {
		++*operands;
		return e;
	}
	if (!optional || (e.text && (*operands)[1]))
		die("'%s' is not an index expression such as '3,:,0:14'", e.text);
	e.text = "...";
	e.items = slice_parse(e.text, &e.n);
	return e;
}

int main(int argc, char *argv[])
{
	const char *pick = NULL;
	const struct cli_option options[] = {
		OPTION_TEXT('k', "array", "INDEX", &pick,
	                    "write only this array, counted from 0; negative counts from the end"),
		OPTION_END};
	const struct cli cli = {"[SLICES] [FILE]", 0, 2,
	                        "Select parts of arrays with Python's slices.", options};
	char **operands = cli_parse(argc, argv, &cli);
	int64_t k = pick ? cli_integer("--array", pick, -1000, INT64_MAX) : 0;

	if (!pick && !operands[0])
		die("no SLICES, such as '3,:,0:14' (-h explains)");
	struct expression e = take_expression(&operands, pick);
	struct npy_in *in = npy_open(cli_operand(&operands));
	if (!pick)
		cut_all(&e, in);
	else if (k < 0)
		cut_from_end(&e, in, -k);
	else
		cut_from_front(&e, in, k);
	npy_close(in);
	free(e.items);
	return cli_close();
}
