/* tsv-pick - write columns of a table by name, of rows by key */
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "tsv/tsv.h"

/* The texts that a row must have to be picked. */
struct filter {
	char **where, **key; /* the words of the options */
	size_t *columns;     /* one for each word of `where` */
	size_t n_where, n_key;
};

/* Take "COLUMN=VALUE,..." apart: its words become the values. */
static void take_where(struct filter *f, const struct tsv_table *t, const char *list)
{
	f->where = cli_list(list, &f->n_where);
	f->columns = xcalloc(f->n_where, sizeof *f->columns);
	for (size_t i = 0; i < f->n_where; i++) {
		char *equals = strchr(f->where[i], '=');
		if (!equals)
			die("--where: '%s' is not COLUMN=VALUE", f->where[i]);
		*equals = '\0';
		f->columns[i] = tsv_column(t, f->where[i]);
		f->where[i] = equals + 1;
	}
}

static void take_key(struct filter *f, const struct tsv_table *t, const char *list)
{
	f->key = cli_list(list, &f->n_key);
	if (f->n_key > t->columns)
		die("--key: expected at most %zu values, one for each column of %s, found %zu",
		    t->columns, t->name, f->n_key);
}

static bool passes(const struct filter *f, const struct tsv_table *t, size_t line)
{
	for (size_t i = 0; i < f->n_where; i++)
		if (strcmp(tsv_cell(t, line, f->columns[i]), f->where[i]))
			return false;
	for (size_t i = 0; i < f->n_key; i++)
		if (strcmp(tsv_cell(t, line, i), f->key[i]))
			return false;
	return true;
}

/* The line of the last row that passes. */
static size_t find_last(const struct filter *f, const struct tsv_table *t)
{
	for (size_t line = t->lines - 1; line; line--)
		if (passes(f, t, line))
			return line;
	die("%s: --last: none of the %zu rows matches", t->name, t->lines - 1);
}

static void print_line(const struct tsv_table *t, size_t line, const size_t *columns, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const char *text = tsv_cell(t, line, columns[i]);
		out_write(text, strlen(text));
		out_write(i + 1 < n ? "\t" : "\n", 1);
	}
}

int main(int argc, char *argv[])
{
	const char *where = NULL, *key = NULL;
	bool only_last = false, header = false;
	const struct cli_option options[] = {
		OPTION_TEXT('w', "where", "COLUMN=VALUE,...", &where,
	                    "write only rows with these texts in these columns"),
		OPTION_TEXT('k', "key", "VALUE,...", &key,
	                    "write only rows that begin with these texts"),
		OPTION_FLAG('l', "last", &only_last,
	                    "write only the last row that matches; there must be one"),
		OPTION_FLAG('H', "header", &header,
	                    "first write a line with the names of the columns"),
		OPTION_END};
	const struct cli cli = {"COLUMN[,COLUMN ...] [TABLE]", 1, 2,
	                        "Write columns of a table by name, of rows by key.", options};
	char **operands = cli_parse(argc, argv, &cli);
	const char *names = cli_operand(&operands);
	struct tsv_table t = tsv_read(cli_operand(&operands));
	struct filter filter = {.n_where = 0};
	size_t n;
	size_t *columns = tsv_columns(&t, names, &n);

	if (where)
		take_where(&filter, &t, where);
	if (key)
		take_key(&filter, &t, key);

	size_t first = only_last ? find_last(&filter, &t) : 1;
	if (header)
		print_line(&t, 0, columns, n);
	for (size_t line = first; line < t.lines; line++)
		if (passes(&filter, &t, line))
			print_line(&t, line, columns, n);

	free(columns);
	free(filter.columns);
	free(filter.where);
	free(filter.key);
	tsv_free(&t);
	return cli_close();
}
