/* npy-reduce - sum, average or otherwise reduce arrays along axes */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "npy/npy.h"
#include "num/num.h"
#include "slice/slice.h"

enum { CHUNK = 1 << 14 };

/* What is known of the elements seen so far that one element of the result stands for. */
struct cell {
	size_t n;    /* how many */
	double x, y; /* sum; mean and squared deviations; extreme; as the operation has it */
	int64_t i;   /* the same of integers; a count; a truth */
	size_t at;   /* which of them the extreme is */
	union {      /* all of them, for the median and the mode */
		double *values;
		int64_t *wholes;
	};
};

/* ---- operations: each takes one more element into a cell; false if it does not fit ---- */

static void add_sum(struct cell *c, double x)
{
	c->x += x;
}

static bool add_sum_whole(struct cell *c, int64_t i)
{
	return !__builtin_add_overflow(c->i, i, &c->i);
}

/* Welford's recurrence (Technometrics 1962). */
static void add_deviation(struct cell *c, double x)
{
	double delta = x - c->x;

	c->x += delta / (double)(c->n + 1);
	c->y += delta * (x - c->x);
}

static void add_square(struct cell *c, double x)
{
	c->x += x * x;
}

static void keep_extreme(struct cell *c, double x, bool better)
{
	/* As in NumPy, the first NaN is the extreme, and stays it. */
	if (c->n && !better && !(isnan(x) && !isnan(c->x)))
		return;
	c->x = x;
	c->at = c->n;
}

static void add_min(struct cell *c, double x)
{
	keep_extreme(c, x, x < c->x);
}

static void add_max(struct cell *c, double x)
{
	keep_extreme(c, x, x > c->x);
}

static void keep_extreme_whole(struct cell *c, int64_t i, bool better)
{
	if (c->n && !better)
		return;
	c->i = i;
	c->at = c->n;
}

static bool add_min_whole(struct cell *c, int64_t i)
{
	keep_extreme_whole(c, i, i < c->i);
	return true;
}

static bool add_max_whole(struct cell *c, int64_t i)
{
	keep_extreme_whole(c, i, i > c->i);
	return true;
}

/* NaN is not zero. */
static void add_nonzero(struct cell *c, double x)
{
	c->i += x != 0;
}

static void add_value(struct cell *c, double x)
{
	c->values[c->n] = x;
}

static bool add_value_whole(struct cell *c, int64_t i)
{
	c->wholes[c->n] = i;
	return true;
}

/* ---- results of a cell ---- */

static double value_of(const struct cell *c, double ddof)
{
	(void)ddof;
	return c->x;
}

static double mean_of(const struct cell *c, double ddof)
{
	(void)ddof;
	return c->x / (double)c->n;
}

static double var_of(const struct cell *c, double ddof)
{
	double freedom = (double)c->n - ddof;

	return freedom > 0 ? c->y / freedom : NAN;
}

static double std_of(const struct cell *c, double ddof)
{
	return sqrt(var_of(c, ddof));
}

static double norm_of(const struct cell *c, double ddof)
{
	(void)ddof;
	return sqrt(c->x);
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static bool any_nan(const struct cell *c)
{
	for (size_t i = 0; i < c->n; i++)
		if (isnan(c->values[i]))
			return true;
	return false;
}

static double median_of(const struct cell *c, double ddof)
{
	double *v = c->values;
	size_t half = c->n / 2;

	(void)ddof;
	if (!c->n || any_nan(c))
		return NAN;
	qsort(v, c->n, sizeof *v, by_value);
	return c->n % 2 ? v[half] : v[half - 1] / 2 + v[half] / 2;
}

static double mode_of(const struct cell *c, double ddof)
{
	(void)ddof;
	return any_nan(c) ? NAN : num_mode(c->values, c->n);
}

static int64_t whole_of(const struct cell *c)
{
	return c->i;
}

static int64_t mode_of_whole(const struct cell *c)
{
	return num_mode_whole(c->wholes, c->n);
}

static int64_t place_of(const struct cell *c)
{
	return (int64_t)c->at;
}

static int64_t any_of(const struct cell *c)
{
	return c->i > 0;
}

static int64_t all_of(const struct cell *c)
{
	return (size_t)c->i == c->n;
}

/* ---- the table of operations ---- */

enum result_type {
	OWN,   /* the array's own */
	WIDE,  /* i8 of integers, the own of floats */
	FLOAT, /* f8 of integers, the own of floats */
	INDEX, /* i8 */
	TRUTH  /* u1 */
};

struct operation {
	const char *name;
	enum result_type type;
	void (*add)(struct cell *, double);
	bool (*add_whole)(struct cell *, int64_t); /* integers, where doubles would not do */
	double (*real)(const struct cell *, double ddof);
	int64_t (*whole)(const struct cell *); /* the result where it is an integer */
	bool needs_some, needs_all;            /* elements: one at least; all at once */
};

static const struct operation operations[] = {
	{"sum", WIDE, add_sum, add_sum_whole, value_of, whole_of, false, false},
	{"mean", FLOAT, add_sum, NULL, mean_of, NULL, false, false},
	{"std", FLOAT, add_deviation, NULL, std_of, NULL, false, false},
	{"var", FLOAT, add_deviation, NULL, var_of, NULL, false, false},
	{"min", OWN, add_min, add_min_whole, value_of, whole_of, true, false},
	{"max", OWN, add_max, add_max_whole, value_of, whole_of, true, false},
	{"argmin", INDEX, add_min, add_min_whole, NULL, place_of, true, false},
	{"argmax", INDEX, add_max, add_max_whole, NULL, place_of, true, false},
	{"any", TRUTH, add_nonzero, NULL, NULL, any_of, false, false},
	{"all", TRUTH, add_nonzero, NULL, NULL, all_of, false, false},
	{"count-nonzero", INDEX, add_nonzero, NULL, NULL, whole_of, false, false},
	{"norm", FLOAT, add_square, NULL, norm_of, NULL, false, false},
	{"median", FLOAT, add_value, NULL, median_of, NULL, false, true},
	{"mode", OWN, add_value, add_value_whole, mode_of, mode_of_whole, true, true},
};

enum { OPERATIONS = sizeof operations / sizeof operations[0] };

static const struct operation *find_operation(const char *name)
{
	const char *names[OPERATIONS + 1] = {NULL};

	for (int i = 0; i < OPERATIONS; i++)
		names[i] = operations[i].name;
	return &operations[cli_choice("OPERATION", name, names)];
}

static enum npy_type result_type(const struct operation *op, enum npy_type type)
{
	switch (op->type) {
	case WIDE: return npy_is_whole(type) ? NPY_I8 : type;
	case FLOAT: return npy_is_whole(type) ? NPY_F8 : type;
	case INDEX: return NPY_I8;
	case TRUTH: return NPY_U1;
	default: return type;
	}
}

/* ---- which element belongs to which cell ---- */

/*
 * The array is a row of blocks, one for each index of the axes before the first reduced one; the
 * cells of a block are complete where it ends.  Within it, neighboring axes that are both kept or
 * both reduced are one axis.
 */
struct plan {
	const struct operation *op;
	const char *name; /* of the file */
	double ddof;
	struct npy in, out;
	size_t block, cells, depth; /* elements and cells of a block, elements of a cell */
	int axes;
	size_t size[NPY_MAXDIM], step[NPY_MAXDIM]; /* of the axes: their size, in cells a step */
	bool whole;                                /* the elements are added as integers */
	struct cell *cell;
	double *values;
};

/* The axes named in text, or all of them. */
static void choose_axes(bool reduced[NPY_MAXDIM], const char *text, const struct npy *a,
                        const char *name)
{
	int n;
	struct slice *items = text ? slice_parse(text, &n) : NULL;

	for (int i = 0; i < NPY_MAXDIM; i++)
		reduced[i] = !text;
	if (!text)
		return;
	if (!items)
		die("--axis: '%s' is not a list of axes such as '1,2'", text);
	for (int i = 0; i < n; i++) {
		if (items[i].kind != SLICE_INDEX)
			die("--axis: '%s' is not a list of axes such as '1,2'", text);
		int axis = npy_axis(a, name, items[i].start);
		if (reduced[axis])
			die("--axis: '%s' names axis %d twice", text, axis);
		reduced[axis] = true;
	}
	free(items);
}

/* Put an axis before those there are. */
static void plan_axis(struct plan *p, size_t size, bool reduced)
{
	bool joins = p->axes && (p->step[0] == 0) == reduced;

	if (!joins) {
		memmove(p->size + 1, p->size, (size_t)p->axes * sizeof p->size[0]);
		memmove(p->step + 1, p->step, (size_t)p->axes * sizeof p->step[0]);
		p->size[0] = 1;
		p->step[0] = reduced ? 0 : p->cells;
		p->axes++;
	}
	p->size[0] *= size;
	p->block *= size;
	*(reduced ? &p->depth : &p->cells) *= size;
}

static struct plan plan(const struct operation *op, const struct npy *head, const char *name,
                        const char *axes, bool keep, double ddof)
{
	struct plan p = {.op = op,
	                 .name = name,
	                 .ddof = ddof,
	                 .in = *head,
	                 .block = 1,
	                 .cells = 1,
	                 .depth = 1};
	bool reduced[NPY_MAXDIM];
	int first = 0;

	choose_axes(reduced, axes, head, name);
	while (first < head->ndim && !reduced[first])
		first++;
	for (int i = head->ndim; i-- > first;)
		plan_axis(&p, head->dim[i], reduced[i]);
	p.out.type = result_type(op, head->type);
	for (int i = 0; i < head->ndim; i++)
		if (!reduced[i] || keep)
			p.out.dim[p.out.ndim++] = reduced[i] ? 1 : head->dim[i];
	if (op->needs_some && !p.depth && npy_count(&p.out))
		die("%s: nothing to choose from in an array of shape %s", name, npy_shape(head));
	p.whole = npy_is_whole(head->type) && op->add_whole;
	return p;
}

/* ---- work ---- */

/* Write the results of the cells, and clear these for the next block.  Not before the first: memory
 * that nobody has written to is not there yet, whatever a head claims. */
static void put_cells(struct plan *p)
{
	bool whole = npy_is_whole(p->out.type);

	for (size_t i = 0; i < p->cells; i++) {
		char element[8];
		if (whole) {
			int64_t result = p->op->whole(&p->cell[i]);
			npy_convert_elements(p->out.type, element, NPY_I8, &result, 1);
		} else {
			double result = p->op->real(&p->cell[i], p->ddof);
			npy_convert_elements(p->out.type, element, NPY_F8, &result, 1);
		}
		npy_put(&p->out, element, 1);
		p->cell[i] = (struct cell){0};
	}
}

/* Where the n cells from this one on, or this one alone, hold all of their elements. */
static void give_room(const struct plan *p, struct cell *cell, size_t step, size_t n)
{
	for (size_t k = 0; k < (step ? n : 1); k++, cell++)
		cell->values = p->values + (size_t)(cell - p->cell) * p->depth;
}

/* n elements, 8 bytes each, to a cell and those after it, or all to the same. */
static void add_run(const struct plan *p, struct cell *cell, size_t step, const char *elements,
                    size_t n)
{
	if (p->op->needs_all)
		give_room(p, cell, step, n);
	if (p->whole) {
		const int64_t *i = (const int64_t *)(const void *)elements;
		for (size_t k = 0; k < n; k++, cell += step) {
			if (!p->op->add_whole(cell, i[k]))
				die("%s: the sum of the integers does not fit 64 bits", p->name);
			cell->n++;
		}
	} else {
		const double *x = (const double *)(const void *)elements;
		for (size_t k = 0; k < n; k++, cell += step) {
			p->op->add(cell, x[k]);
			cell->n++;
		}
	}
}

/* n elements, the first being element `at` of the array. */
static void add_elements(struct plan *p, const char *elements, size_t at, size_t n)
{
	int last = p->axes - 1;

	for (size_t done = 0, run; done < n; done += run) {
		size_t rest = (at + done) % p->block, cell = 0;
		run = last < 0 ? 1 : p->size[last] - rest % p->size[last];
		if (run > n - done)
			run = n - done;
		for (int i = last; i >= 0; rest /= p->size[i--])
			cell += rest % p->size[i] * p->step[i];
		add_run(p, p->cell + cell, last < 0 ? 0 : p->step[last], elements + done * 8, run);
		if ((at + done + run) % p->block == 0)
			put_cells(p);
	}
}

static void reduce(struct plan *p, struct npy_in *in)
{
	size_t count = npy_count(&p->in), size = npy_size(p->in.type);
	char *raw = xcalloc(CHUNK, size), *elements = xcalloc(CHUNK, 8);

	npy_put_head(&p->out);
	p->cell = xcalloc(p->cells, sizeof *p->cell);
	p->values = p->op->needs_all ? xcalloc(p->block, sizeof *p->values) : NULL;
	for (size_t at = 0, n; at < count; at += n) {
		n = count - at < CHUNK ? count - at : CHUNK;
		npy_take(in, raw, n);
		npy_convert_elements(p->whole ? NPY_I8 : NPY_F8, elements, p->in.type, raw, n);
		add_elements(p, elements, at, n);
	}
	/* Cells that no element belongs to have a result too. */
	for (size_t i = 0; !count && i < npy_count(&p->out); i += p->cells)
		put_cells(p);
	free(raw);
	free(elements);
	free(p->cell);
	free(p->values);
}

int main(int argc, char *argv[])
{
	const char *axes = NULL;
	int64_t ddof = 0;
	bool keep = false;
	const struct cli_option options[] = {
		OPTION_TEXT('a', "axis", "AXES", &axes,
	                    "reduce these axes, such as 0 or 1,2 [all]"),
		OPTION_FLAG('k', "keep", &keep, "keep the reduced axes, with size 1"),
		OPTION_INTEGER('d', "ddof", "COUNT", &ddof, 0, INT64_MAX,
	                       "divide std and var by the number of elements minus COUNT"),
		OPTION_END};
	const struct cli cli = {
		"OPERATION [FILE]", 1, 2,
		"Sum, average or otherwise reduce arrays along axes. OPERATION is one of\n"
		"sum mean median mode std var norm min max argmin argmax any all count-nonzero.",
		options};
	char **operands = cli_parse(argc, argv, &cli);
	const struct operation *op = find_operation(*operands++);
	struct npy_in *in = npy_open(cli_operand(&operands));
	struct npy head;

	while (npy_next(in, &head)) {
		struct plan p = plan(op, &head, npy_name(in), axes, keep, (double)ddof);
		reduce(&p, in);
	}
	npy_close(in);
	return cli_close();
}
