/* npy-calc - compute an expression element by element */
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "expr/expr.h"
#include "npy/npy.h"

enum { CHUNK = 1 << 13 };

/*
 * An array of the expression.  It is read as the result is written where it has as many elements,
 * and is in memory where it repeats.  Then `size` and `step` are its walk: the result's axes, each
 * with the distance of the elements that follow each other along it, 0 where they repeat; axes that
 * make one longer axis together are one.
 */
struct operand {
	struct npy_in *in;
	struct npy array;
	bool named;
	int axes;
	size_t size[NPY_MAXDIM], step[NPY_MAXDIM];
	void *raw;
	double *values;
};

struct operands {
	struct operand *list;
	int count;
	bool separate; /* each from a file of its own; else all from the first's */
};

/* ---- shapes ---- */

/* The axis of a result of ndim dimensions where the array's first axis lies. */
static int first_axis(const struct npy *a, int ndim, bool last)
{
	return last ? ndim - a->ndim : 0;
}

static void merge_shape(struct npy *shape, const struct operand *o, char letter, bool last)
{
	const struct npy *a = &o->array;
	int first = first_axis(a, shape->ndim, last);

	for (int i = 0; i < a->ndim; i++) {
		size_t *n = &shape->dim[first + i];
		if (*n != a->dim[i] && *n != 1 && a->dim[i] != 1)
			die("%s: %c has shape %s, which does not fit %s of the others, aligned at "
			    "the %s axis%s",
			    npy_name(o->in), letter, npy_shape(a), npy_shape(shape),
			    last ? "last" : "first", last ? "" : " (-l: the last)");
		if (*n == 1)
			*n = a->dim[i];
	}
}

/* The shape of the result.  Arrays of one element fit every shape, and count where there is no
 * other. */
static struct npy result_shape(const struct operands *o, bool last)
{
	struct npy shape = {.ndim = 0};
	bool single = true;

	for (int i = 0; i < o->count; i++)
		single &= !o->list[i].named || npy_count(&o->list[i].array) == 1;
	for (int i = 0; i < NPY_MAXDIM; i++)
		shape.dim[i] = 1;
	for (int pass = 0; pass < 2; pass++)
		for (int i = 0; i < o->count; i++) {
			const struct npy *a = &o->list[i].array;
			if (!o->list[i].named || (!single && npy_count(a) == 1))
				continue;
			if (pass)
				merge_shape(&shape, &o->list[i], (char)('a' + i), last);
			else if (a->ndim > shape.ndim)
				shape.ndim = a->ndim;
		}

	if (!npy_fits(&shape))
		die("the result's shape %s is too large", npy_shape(&shape));
	return shape;
}

/* How to walk along an array of this shape, in the order of the result's elements. */
static void plan_walk(struct operand *o, const struct npy *shape, bool last)
{
	const struct npy *a = &o->array;
	size_t step[NPY_MAXDIM] = {0}, product = 1;
	int first = first_axis(a, shape->ndim, last);

	if (npy_count(a) > 1)
		for (int i = a->ndim; i-- > 0; product *= a->dim[i])
			step[first + i] = a->dim[i] == 1 ? 0 : product;
	o->axes = 0;
	for (int i = 0; i < shape->ndim; i++) {
		size_t n = shape->dim[i];
		if (n == 1)
			continue;
		int before = o->axes - 1;
		if (before >= 0 && o->step[before] == step[i] * n) {
			o->size[before] *= n;
			o->step[before] = step[i];
		} else {
			o->size[o->axes] = n;
			o->step[o->axes++] = step[i];
		}
	}
}

/* ---- values ---- */

/* The result's elements at ... at + n - 1 are these elements of the array in memory. */
static void walk(struct operand *o, size_t at, size_t n)
{
	size_t element = npy_size(o->array.type), inner = o->axes ? o->size[o->axes - 1] : 1;
	bool repeats = !o->axes || !o->step[o->axes - 1];

	for (size_t done = 0; done < n;) {
		size_t rest = at + done, from = 0;
		for (int i = o->axes; i-- > 0; rest /= o->size[i])
			from += rest % o->size[i] * o->step[i];
		size_t run = inner - (at + done) % inner;
		if (!o->axes || run > n - done)
			run = n - done;
		npy_convert_elements(NPY_F8, o->values + done, o->array.type,
		                     (char *)o->array.data + from * element, repeats ? 1 : run);
		for (size_t k = 1; repeats && k < run; k++)
			o->values[done + k] = o->values[done];
		done += run;
	}
}

static void fetch(struct operand *o, size_t at, size_t n)
{
	if (o->array.data) {
		walk(o, at, n);
	} else {
		npy_take(o->in, o->raw, n);
		npy_convert_elements(NPY_F8, o->values, o->array.type, o->raw, n);
	}
}

/* The index of each element along an axis of `size`, of which one step is `step` elements. */
static void fetch_index(double *values, size_t at, size_t n, size_t size, size_t step)
{
	size_t index = at / step % size, left = step - at % step;

	for (size_t k = 0; k < n; k++, left--) {
		if (!left) {
			index = index + 1 == size ? 0 : index + 1;
			left = step;
		}
		values[k] = (double)index;
	}
}

static void compute(struct expr *e, const struct operands *o, const struct npy *result)
{
	double *values = xcalloc(CHUNK, sizeof *values), *rows = xcalloc(CHUNK, sizeof *rows);
	double *columns = xcalloc(CHUNK, sizeof *columns);
	const double *variables[EXPR_VARIABLES] = {[EXPR_ROW] = rows, [EXPR_COL] = columns};
	void *raw = xcalloc(CHUNK, npy_size(result->type));
	size_t count = npy_count(result);
	size_t first = result->ndim ? result->dim[0] : 1;
	size_t last = result->ndim ? result->dim[result->ndim - 1] : 1;

	for (int i = 0; i < o->count; i++)
		variables[i] = o->list[i].values;
	npy_put_head(result);
	for (size_t at = 0; at < count; at += CHUNK) {
		size_t n = count - at < CHUNK ? count - at : CHUNK;
		for (int i = 0; i < o->count; i++)
			if (o->list[i].values)
				fetch(&o->list[i], at, n);
		if (expr_names(e, EXPR_ROW))
			fetch_index(rows, at, n, first, npy_row(result));
		if (expr_names(e, EXPR_COL))
			fetch_index(columns, at, n, last, 1);
		expr_run(e, variables, n, values);
		npy_convert_elements(result->type, raw, NPY_F8, values, n);
		npy_put(result, raw, n);
	}
	free(raw);
	free(columns);
	free(rows);
	free(values);
}

/* ---- reading and passing on ---- */

/* The operands up to the last that the expression names: of one stream all but that one are in
 * memory, unless there is no use for them. */
static struct operands open_operands(char **paths, const struct expr *e, bool keep)
{
	struct operands o = {.list = xcalloc(EXPR_LETTERS, sizeof *o.list)};
	int last = 0;

	for (int i = 0; i < EXPR_LETTERS; i++)
		if (expr_names(e, i))
			last = i;
	o.separate = paths[0] && paths[1];
	o.count = last + 1;
	if (o.separate)
		for (o.count = 0; paths[o.count]; o.count++)
			o.list[o.count].in = npy_open(paths[o.count]);
	else
		o.list[0].in = npy_open(cli_operand(&paths));
	if (last >= o.count)
		die("the expression names %c, array number %d, found %d files", 'a' + last,
		    last + 1, o.count);
	for (int i = 0; i < o.count; i++) {
		struct operand *a = &o.list[i];
		a->named = expr_names(e, i);
		if (!o.separate)
			a->in = o.list[0].in;
		if (!npy_next(a->in, &a->array))
			die("%s: the expression names %c, array number %d, found only %d array%s",
			    npy_name(a->in), 'a' + last, last + 1, i, i == 1 ? "" : "s");
		if (!o.separate && i < last && (a->named || keep))
			npy_load(a->in, &a->array);
	}
	return o;
}

/* Load what repeats, and make room for a chunk of every named array. */
static void prepare(const struct operands *o, const struct npy *shape, bool last)
{
	for (int i = 0; i < o->count; i++) {
		struct operand *a = &o->list[i];
		if (!a->named)
			continue;
		if (!a->array.data && npy_count(&a->array) != npy_count(shape))
			npy_load(a->in, &a->array);
		if (!npy_count(shape))
			continue;
		plan_walk(a, shape, last);
		a->raw = xcalloc(CHUNK, npy_size(a->array.type));
		a->values = xcalloc(CHUNK, sizeof *a->values);
	}
}

/* Read every stream to its end, and free what there is; the arrays without a name in the expression
 * are written if they are to be kept. */
static void finish(struct operands *o, bool keep)
{
	struct npy_in *in = o->list[0].in;
	struct npy head;

	for (int i = 0; i < o->count; i++) {
		struct operand *a = &o->list[i];
		if (keep && !a->named && a->array.data)
			npy_write(&a->array);
		else if (keep && !a->named)
			npy_pass(a->in, &a->array);
		npy_free(&a->array);
		free(a->raw);
		free(a->values);
		if (o->separate)
			npy_close(a->in);
	}
	if (!o->separate) {
		while (npy_next(in, &head))
			if (keep)
				npy_pass(in, &head);
		npy_close(in);
	}
	free(o->list);
}

/* The purpose and the language, for -h. */
static char *describe(void)
{
	enum { WIDTH = 90, INDENT = 11 };
	char *text =
		xprintf("Compute an expression of the arrays a, b, c ..., element by element.\n\n"
	                "Operators  ?:  ||  &&  == != < <= > >=  + -  * / %%  - + !  **\n"
	                "Names      row col pi inf nan\nFunctions ");

	for (size_t i = 0, at = INDENT - 1; expr_function(i); i++) {
		size_t length = strlen(expr_function(i)) + 1;
		bool wrap = at + length > WIDTH;
		char *longer = xprintf("%s%s%s%s", text, wrap ? "\n          " : "", " ",
		                       expr_function(i));
		at = (wrap ? INDENT - 1 : at) + length;
		free(text);
		text = longer;
	}
	return text;
}

int main(int argc, char *argv[])
{
	static const char *const types[] = {"auto", "u1",  "i8",  "f4",  "f8",
	                                    "|u1",  "<i8", "<f4", "<f8", NULL};
	int type = 0;
	bool last = false, keep = false;
	const struct cli_option options[] = {
		OPTION_FLAG('k', "keep", &keep,
	                    "after the result, write the arrays that EXPRESSION does not name"),
		OPTION_FLAG('l', "last", &last,
	                    "align shapes at their last axis, not at the first"),
		OPTION_CHOICE('t', "type", "TYPE", &type, types,
	                      "of the result; auto is as computed: u1, i8, f4, f8 or auto"),
		OPTION_END};
	char *purpose = describe();
	const struct cli cli = {"EXPRESSION [FILE ...]", 1, 1 + EXPR_LETTERS, purpose, options};
	char **operands = cli_parse(argc, argv, &cli);
	free(purpose);
	struct expr *e = expr_parse(*operands++);
	struct operands o = open_operands(operands, e, keep);
	enum npy_type inputs[EXPR_LETTERS] = {0};
	bool any = false;

	for (int i = 0; i < o.count; i++) {
		inputs[i] = o.list[i].array.type;
		any |= o.list[i].named;
	}
	o.list[0].named |= !any; /* the result has its shape */
	struct npy result = result_shape(&o, last);
	result.type = type ? (enum npy_type)((type - 1) % 4) : expr_type(e, inputs);
	expr_round(e, inputs);
	prepare(&o, &result, last);
	compute(e, &o, &result);
	finish(&o, keep);
	expr_free(e);
	return cli_close();
}
