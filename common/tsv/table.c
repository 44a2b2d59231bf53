#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "tsv/tsv.h"

/* The line at hand, as one more line of the table. */
static void append(struct tsv_table *t, const struct tsv_in *in, size_t *room)
{
	if (t->lines == *room) {
		*room = *room ? 2 * *room : 64;
		t->cells = xrealloc(t->cells, *room, t->columns * sizeof *t->cells);
	}
	for (size_t i = 0; i < t->columns; i++)
		t->cells[t->lines * t->columns + i] = xstrdup(tsv_field(in, i));
	t->lines++;
}

struct tsv_table tsv_read(const char *path)
{
	struct tsv_table t = {.name = file_name(path)};
	struct tsv_in *in = tsv_open(path);
	size_t room = 0;

	if (!tsv_next(in))
		die("%s: empty: expected a line with the names of the columns", t.name);
	t.columns = tsv_fields(in);
	if (t.columns == 1 && !*tsv_field(in, 0))
		tsv_bad(in, t.columns, "empty: expected the names of the columns");
	do {
		if (tsv_fields(in) != t.columns)
			tsv_bad(in, tsv_fields(in), "expected %zu fields, as in line 1, found %zu",
			        t.columns, tsv_fields(in));
		append(&t, in, &room);
	} while (tsv_next(in));
	tsv_close(in);
	return t;
}

void tsv_free(struct tsv_table *t)
{
	for (size_t i = 0; i < t->lines * t->columns; i++)
		free(t->cells[i]);
	free(t->cells);
	*t = (struct tsv_table){.cells = NULL};
}

const char *tsv_cell(const struct tsv_table *t, size_t line, size_t column)
{
	return t->cells[line * t->columns + column];
}

size_t tsv_column(const struct tsv_table *t, const char *name)
{
	size_t found = t->columns;

	for (size_t i = 0; i < t->columns; i++) {
		if (strcmp(tsv_cell(t, 0, i), name))
			continue;
		if (found < t->columns)
			die("%s: line 1: columns %zu and %zu are both named '%s'", t->name,
			    found + 1, i + 1, name);
		found = i;
	}
	if (found == t->columns)
		die("%s: line 1: no column is named '%s'", t->name, name);
	return found;
}

size_t *tsv_columns(const struct tsv_table *t, const char *list, size_t *n)
{
	char **names = cli_list(list, n);
	size_t *columns = xcalloc(*n, sizeof *columns);

	for (size_t i = 0; i < *n; i++)
		columns[i] = tsv_column(t, names[i]);
	free(names);
	return columns;
}

/* What messages call a cell; to be freed. */
static char *cell_name(const struct tsv_table *t, size_t line, size_t column)
{
	return xprintf("%s: line %zu, column '%s'", t->name, line + 1, tsv_cell(t, 0, column));
}

double tsv_real(const struct tsv_table *t, size_t line, size_t column)
{
	const char *text = tsv_cell(t, line, column);
	char *end;
	double x = strtod(text, &end);

	if (!*text)
		return NAN;
	if (end == text || *end)
		die("%s: '%s' is not a number", cell_name(t, line, column), text);
	return x;
}

int64_t tsv_integer(const struct tsv_table *t, size_t line, size_t column, int64_t min, int64_t max)
{
	char *what = cell_name(t, line, column);
	int64_t x = cli_integer(what, tsv_cell(t, line, column), min, max);

	free(what);
	return x;
}
