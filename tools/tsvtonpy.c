/* tsvtonpy - convert a table of numbers to an NPY array */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "npy/npy.h"
#include "tsv/tsv.h"

/* As choices has them; AUTO is I8 if every number is whole, else F8. */
enum { AUTO, U1, I8, F4, F8 };
static const char *const choices[] = {"auto", "u1", "i8", "f4", "f8", NULL};

/* The numbers row by row, (rows, columns), in memory that doubles. */
struct numbers {
	int type;
	bool all_whole;
	int64_t *whole; /* where the type may be an integer */
	double *real;
	size_t rows, columns, room; /* room: rows that fit */
};

/* All of text as an integer of 64 bits. */
static bool parse_whole(const char *text, int64_t *x)
{
	char *end;

	errno = 0;
	*x = strtoimax(text, &end, 10);
	return end != text && !*end && !errno;
}

/* Where reading a number stopped at `end`: why it may have. */
static const char *advice(const char *text, const char *end, size_t row)
{
	if (end != text && strchr(" ,;", *end))
		return " (columns are separated by tabs)";
	return row ? "" : " (--header skips a first line of names)";
}

static void take_field(struct numbers *t, const struct tsv_in *in, size_t i)
{
	const char *text = tsv_field(in, i);
	size_t at = t->rows * t->columns + i;
	char *end;
	bool whole = parse_whole(text, &t->whole[at]);
	double x = t->real[at] = strtod(text, &end);

	if (end == text || *end)
		tsv_bad(in, i, "'%s' is not a number%s", text, advice(text, end, t->rows));
	if ((t->type == U1 || t->type == I8) && !whole)
		tsv_bad(in, i, "%s is not a whole number of %d bits", text, t->type == U1 ? 8 : 64);
	if (t->type == U1 && (x < 0 || x > UINT8_MAX))
		tsv_bad(in, i, "%s is not between 0 and 255", text);
	/* "inf" has no digits. */
	if (isinf(t->type == F4 ? (float)x : x) && strpbrk(text, "0123456789"))
		tsv_bad(in, i, "%s is too large for %s", text, t->type == F4 ? "f4" : "f8");
	t->all_whole = t->all_whole && whole;
}

static void take_row(struct numbers *t, const struct tsv_in *in)
{
	if (!t->columns)
		t->columns = tsv_fields(in);
	if (tsv_fields(in) != t->columns)
		tsv_bad(in, tsv_fields(in), "expected %zu columns, as before, found %zu",
		        t->columns, tsv_fields(in));
	if (t->rows == t->room) {
		t->room = t->room ? 2 * t->room : 64;
		t->whole = xrealloc(t->whole, t->room, t->columns * sizeof *t->whole);
		t->real = xrealloc(t->real, t->room, t->columns * sizeof *t->real);
	}
	for (size_t i = 0; i < t->columns; i++)
		take_field(t, in, i);
	t->rows++;
}

/* Of shape (N,M); it owns the numbers. */
static struct npy as_array(struct numbers *t)
{
	static const enum npy_type types[] = {
		[U1] = NPY_U1, [I8] = NPY_I8, [F4] = NPY_F4, [F8] = NPY_F8};
	int type = t->type != AUTO ? t->type : t->all_whole ? I8 : F8;
	bool whole = type == U1 || type == I8;
	struct npy a = {.type = whole ? NPY_I8 : NPY_F8, .ndim = 2, .dim = {t->rows, t->columns}};

	a.data = whole ? (void *)t->whole : t->real;
	free(whole ? (void *)t->real : t->whole);
	npy_convert(&a, types[type]);
	return a;
}

int main(int argc, char *argv[])
{
	bool header = false, matrix = false;
	struct numbers numbers = {.type = AUTO, .all_whole = true};
	const struct cli_option options[] = {
		OPTION_CHOICE('t', "type", "TYPE", &numbers.type, choices,
	                      "element type: auto, u1, i8, f4, f8"),
		OPTION_FLAG('H', "header", &header, "skip the first line"),
		OPTION_FLAG('m', "matrix", &matrix, "give one column the shape (N,1), not (N,)"),
		OPTION_END};
	const struct cli cli = {"[FILE]", 0, 1,
	                        "Convert a table of numbers, separated by tabs, to an NPY array.",
	                        options};
	char **operands = cli_parse(argc, argv, &cli);
	const char *path = cli_operand(&operands);
	struct tsv_in *in = tsv_open(path);

	if (header)
		tsv_next(in);
	while (tsv_next(in))
		take_row(&numbers, in);
	if (!numbers.rows)
		die("%s: empty: expected a table of numbers", file_name(path));
	tsv_close(in);

	struct npy a = as_array(&numbers);
	if (numbers.columns == 1 && !matrix)
		a.ndim = 1;
	npy_write(&a);
	npy_free(&a);
	return cli_close();
}
