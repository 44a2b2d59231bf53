/* npy-pick - pick rows of every array of a data set together */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "npy/npy.h"
#include "rng/rng.h"
#include "slice/slice.h"

/* What the command line asks for; null is what it does not ask for. */
struct wish {
	const char *list, *list_file, *mask, *labels, *by, *first, *random, *count;
	int64_t seed;
	bool reverse, others;
};

/* A data set: arrays with the same number of rows, which are what lies behind an index of their
 * first axis. */
struct set {
	const char *name;
	struct npy *array;
	int arrays;
	size_t rows;
	const int64_t *label; /* null if nobody asked */
};

/* Rows in the order they are to be written. */
struct picks {
	size_t *row, n;
};

/* ---- the data set ---- */

static struct set read_set(const char *path)
{
	struct npy_in *in = npy_open(path);
	struct set s = {.name = npy_name(in)};
	struct npy a;

	while (npy_next(in, &a)) {
		if (!a.ndim)
			die("%s: array %d is a scalar, which has no rows", s.name, s.arrays);
		if (s.arrays && a.dim[0] != s.rows)
			die("%s: array %d: expected %zu rows as in array 0, found shape %s", s.name,
			    s.arrays, s.rows, npy_shape(&a));
		s.rows = a.dim[0];
		s.array = xrealloc(s.array, (size_t)s.arrays + 1, sizeof *s.array);
		npy_load(in, &s.array[s.arrays++]);
	}
	npy_close(in);
	return s;
}

/* The labels, which are the last array that is a list of integers. */
static int64_t *read_labels(const struct set *s)
{
	for (int i = s->arrays; i-- > 0;) {
		const struct npy *a = &s->array[i];
		if (a->ndim != 1 || !npy_is_whole(a->type))
			continue;
		int64_t *label = xcalloc(s->rows, sizeof *label);
		npy_convert_elements(NPY_I8, label, a->type, a->data, s->rows);
		return label;
	}
	die("%s: no labels: none of its arrays is a list of integers", s->name);
}

static void free_set(struct set *s)
{
	for (int i = 0; i < s->arrays; i++)
		npy_free(&s->array[i]);
	free(s->array);
	free((void *)s->label);
}

/* ---- picking ---- */

static struct picks every_row(size_t rows)
{
	struct picks p = {xcalloc(rows, sizeof(size_t)), rows};

	for (size_t i = 0; i < rows; i++)
		p.row[i] = i;
	return p;
}

/* The rows of "3,17,5:10". */
static struct picks listed(const char *text, const struct set *s)
{
	struct picks p = {NULL, 0};
	int n;
	struct slice *items = slice_parse(text, &n);

	if (!items)
		die("--index: '%s' is not a list such as '3,17,5:10'", text);
	for (int i = 0; i < n; i++) {
		struct span span;
		if (items[i].kind != SLICE_INDEX && items[i].kind != SLICE_RANGE)
			die("--index: '%s' is not a list such as '3,17,5:10'", text);
		if (!slice_resolve(&items[i], s->rows, &span))
			die("%s: --index: %" PRId64 " is not one of the %zu rows", s->name,
			    items[i].start, s->rows);
		p.row = xrealloc(p.row, p.n + span.count, sizeof *p.row);
		for (size_t j = 0; j < span.count; j++)
			p.row[p.n++] = span_at(&span, j);
	}
	free(items);
	return p;
}

/* The rows whose indices are the elements of a file's array. */
static struct picks listed_in(const char *path, size_t rows)
{
	struct npy a = npy_read(path);
	struct picks p = {xcalloc(npy_count(&a), sizeof *p.row), 0};

	npy_expect(&a, file_name(path), 1, "(K,)");
	if (!npy_is_whole(a.type))
		die("%s: expected indices, found elements of type %s", file_name(path),
		    npy_type_name(a.type));
	npy_convert(&a, NPY_I8);
	for (; p.n < a.dim[0]; p.n++) {
		struct slice item = {.kind = SLICE_INDEX, .start = a.i8[p.n]};
		struct span span;
		if (!slice_resolve(&item, rows, &span))
			die("%s: %" PRId64 " is not one of the %zu rows", file_name(path),
			    item.start, rows);
		p.row[p.n] = span.first;
	}
	npy_free(&a);
	return p;
}

/* An array with an element for each row. */
static struct npy read_column(const char *path, const struct set *s)
{
	struct npy a = npy_read(path);

	if (a.ndim != 1 || a.dim[0] != s->rows)
		die("%s: expected shape (%zu,), an element for each row, found %s", file_name(path),
		    s->rows, npy_shape(&a));
	return a;
}

/* Keep the rows where the file's array is not zero. */
static void keep_masked(struct picks *p, const char *path, const struct set *s)
{
	struct npy mask = read_column(path, s);
	size_t kept = 0;

	for (size_t i = 0; i < p->n; i++)
		if (npy_get(&mask, p->row[i]) != 0)
			p->row[kept++] = p->row[i];
	p->n = kept;
	npy_free(&mask);
}

static bool wanted(const struct slice *items, int n, int64_t label)
{
	for (int i = 0; i < n; i++) {
		const struct slice *s = &items[i];
		if (s->kind == SLICE_INDEX ? label == s->start
		                           : (!s->has_start || label >= s->start) &&
		                                     (!s->has_stop || label < s->stop))
			return true;
	}
	return false;
}

/* Keep the rows with one of the labels "0,4,7:10". */
static void keep_labeled(struct picks *p, const char *text, const struct set *s)
{
	size_t kept = 0;
	int n;
	struct slice *items = slice_parse(text, &n);

	for (int i = 0; items && i < n; i++)
		if ((items[i].kind != SLICE_INDEX && items[i].kind != SLICE_RANGE) ||
		    items[i].step != 1)
			items = NULL;
	if (!items)
		die("--label: '%s' is not a list such as '0,4,7:10'", text);
	for (size_t i = 0; i < p->n; i++)
		if (wanted(items, n, s->label[p->row[i]]))
			p->row[kept++] = p->row[i];
	p->n = kept;
	free(items);
}

/* A place in the picks and the number to sort by. */
struct valued {
	double value;
	size_t place, row;
};

/* NaN is the last. */
static int compare(double x, double y)
{
	if (isnan(x) || isnan(y))
		return isnan(x) - isnan(y);
	return (x > y) - (x < y);
}

static int by_value(const void *a, const void *b)
{
	const struct valued *x = a, *y = b;
	int order = compare(x->value, y->value);

	return order ? order : x->place < y->place ? -1 : x->place > y->place;
}

/* Put the rows into the order of the file's array; equal ones stay as they are. */
static void sort_by(struct picks *p, const char *path, bool reverse, const struct set *s)
{
	struct npy column = read_column(path, s);
	struct valued *sorted = xcalloc(p->n, sizeof *sorted);

	for (size_t i = 0; i < p->n; i++) {
		double x = npy_get(&column, p->row[i]);
		sorted[i] = (struct valued){reverse ? -x : x, i, p->row[i]};
	}
	qsort(sorted, p->n, sizeof *sorted, by_value);
	for (size_t i = 0; i < p->n; i++)
		p->row[i] = sorted[i].row;
	free(sorted);
	npy_free(&column);
}

/* A place in the picks and its label, for sorting. */
struct labeled {
	int64_t label;
	size_t place, row;
};

static int by_label(const void *a, const void *b)
{
	const struct labeled *x = a, *y = b;

	if (x->label != y->label)
		return x->label < y->label ? -1 : 1;
	return x->place < y->place ? -1 : x->place > y->place;
}

/* Keep the first rows of each class, the classes in the order of their labels. */
static void keep_first(struct picks *p, size_t count, const struct set *s)
{
	struct labeled *sorted = xcalloc(p->n, sizeof *sorted);
	size_t kept = 0, of_class = 0;

	for (size_t i = 0; i < p->n; i++)
		sorted[i] = (struct labeled){s->label[p->row[i]], i, p->row[i]};
	qsort(sorted, p->n, sizeof *sorted, by_label);
	for (size_t i = 0; i < p->n; i++) {
		of_class = i && sorted[i].label == sorted[i - 1].label ? of_class + 1 : 0;
		if (of_class < count)
			p->row[kept++] = sorted[i].row;
	}
	p->n = kept;
	free(sorted);
}

/* Keep a random sample without replacement, in the order it is drawn: a smaller one begins a
 * larger one of the same seed. */
static void keep_random(struct picks *p, size_t count, uint64_t seed, const char *name)
{
	struct rng rng = {seed, rng_stream("npy-pick")};

	if (count > p->n)
		die("%s: --random asks for %zu rows, found %zu", name, count, p->n);
	size_t *order = xcalloc(p->n, sizeof *order), *row = xcalloc(count, sizeof *row);
	rng_permutation(rng, order, p->n);
	for (size_t i = 0; i < count; i++)
		row[i] = p->row[order[i]];
	free(order);
	free(p->row);
	*p = (struct picks){row, count};
}

/* The rows that were not picked, in their order. */
static void turn(struct picks *p, size_t rows)
{
	bool *picked = xcalloc(rows, sizeof *picked);
	size_t *row = xcalloc(rows, sizeof *row), kept = 0;

	for (size_t i = 0; i < p->n; i++)
		picked[p->row[i]] = true;
	for (size_t i = 0; i < rows; i++)
		if (!picked[i])
			row[kept++] = i;
	free(picked);
	free(p->row);
	*p = (struct picks){row, kept};
}

/* What an option's argument counts. */
static size_t count_of(const char *option, const char *text)
{
	return (size_t)cli_integer(option, text, 0, INT64_MAX);
}

/* One after the other, as the options stand in -h: which rows, which of these, in what order, how
 * many. */
static struct picks pick(const struct set *s, const struct wish *w)
{
	struct picks p = w->list        ? listed(w->list, s)
	                 : w->list_file ? listed_in(w->list_file, s->rows)
	                                : every_row(s->rows);

	if (w->mask)
		keep_masked(&p, w->mask, s);
	if (w->labels)
		keep_labeled(&p, w->labels, s);
	if (w->by)
		sort_by(&p, w->by, w->reverse, s);
	if (w->first)
		keep_first(&p, count_of("--first", w->first), s);
	if (w->random)
		keep_random(&p, count_of("--random", w->random), (uint64_t)w->seed, s->name);
	if (w->count && p.n > count_of("--count", w->count))
		p.n = count_of("--count", w->count);
	if (w->others)
		turn(&p, s->rows);
	return p;
}

/* ---- writing ---- */

static void write_rows(const struct npy *a, const struct picks *p)
{
	size_t row = npy_row(a), size = row * npy_size(a->type);
	struct npy head = *a;

	head.dim[0] = p->n;
	npy_put_head(&head);
	for (size_t i = 0; i < p->n; i++)
		npy_put(&head, (const char *)a->data + p->row[i] * size, row);
}

static void write_indices(const struct picks *p)
{
	struct npy indices = npy_new(NPY_I8, 1, &p->n);

	for (size_t i = 0; i < p->n; i++)
		indices.i8[i] = (int64_t)p->row[i];
	npy_write(&indices);
	npy_free(&indices);
}

int main(int argc, char *argv[])
{
	struct wish w = {.seed = 1};
	bool indices = false;
	const struct cli_option options[] = {
		OPTION_TEXT('i', "index", "LIST", &w.list,
	                    "rows with these indices, such as 3,17,5:10"),
		OPTION_TEXT('I', "index-file", "FILE", &w.list_file,
	                    "rows whose indices are the elements of this array"),
		OPTION_TEXT('m', "mask", "FILE", &w.mask, "rows where this array is not zero"),
		OPTION_TEXT('l', "label", "LIST", &w.labels,
	                    "rows with these labels, such as 0,4,7:10"),
		OPTION_TEXT('b', "by", "FILE", &w.by,
	                    "in the order of this array's elements, the smallest first"),
		OPTION_FLAG('r', "reverse", &w.reverse, "with --by, the largest first"),
		OPTION_TEXT('f', "first", "COUNT", &w.first, "the first COUNT rows of each class"),
		OPTION_TEXT('n', "random", "COUNT", &w.random, "COUNT random rows"),
		OPTION_INTEGER('s', "seed", "SEED", &w.seed, 0, INT64_MAX, "seed of --random"),
		OPTION_TEXT('c', "count", "COUNT", &w.count, "the first COUNT rows"),
		OPTION_FLAG(0, "others", &w.others, "the rows that would not be picked"),
		OPTION_FLAG(0, "indices", &indices, "write the indices of the rows, not the rows"),
		OPTION_END};
	const struct cli cli = {"[FILE]", 0, 1, "Pick rows of every array of a data set together.",
	                        options};
	char **operands = cli_parse(argc, argv, &cli);
	const char *path = cli_operand(&operands);

	if (w.list && w.list_file)
		die("--index and --index-file cannot be combined");
	if (w.reverse && !w.by)
		die("--reverse is about the order of --by, which is missing");
	cli_one_stdin("the data, -I, -m and -b", 4,
	              (const char *const[]){path, w.list_file, w.mask, w.by});

	struct set set = read_set(path);
	if (w.labels || w.first)
		set.label = read_labels(&set);
	struct picks picks = pick(&set, &w);

	if (indices)
		write_indices(&picks);
	for (int i = 0; i < set.arrays && !indices; i++)
		write_rows(&set.array[i], &picks);
	free(picks.row);
	free_set(&set);
	return cli_close();
}
