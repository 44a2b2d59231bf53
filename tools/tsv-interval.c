/* tsv-interval - average columns of a table by group, with confidence intervals */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "num/num.h"
#include "tsv/tsv.h"

struct work {
	struct tsv_table table;
	size_t column;       /* that names the groups */
	const char **groups; /* one null name: all rows together */
	size_t n_groups;
	size_t *partner; /* of each line of the first group: its line of the second, or 0 */
	double *sample;  /* n numbers, with room for all lines */
	size_t n;
	double confidence;
};

static bool belongs(const struct work *w, size_t line, const char *group)
{
	return !group || !strcmp(tsv_cell(&w->table, line, w->column), group);
}

/* The first line of a group with this text in a column, or 0. */
static size_t find_line(const struct work *w, const char *group, size_t column, const char *text)
{
	for (size_t line = 1; line < w->table.lines; line++)
		if (belongs(w, line, group) && !strcmp(tsv_cell(&w->table, line, column), text))
			return line;
	return 0;
}

/* A group for each text in the column of the groups, in order of appearance. */
static void find_groups(struct work *w)
{
	for (size_t line = 1; line < w->table.lines; line++) {
		const char *name = tsv_cell(&w->table, line, w->column);
		if (find_line(w, NULL, w->column, name) == line)
			w->groups[w->n_groups++] = name;
	}
}

/* The two groups of "A:B", whose text is cut in two. */
static void take_pair(struct work *w, char *pair)
{
	char *colon = strchr(pair, ':');

	if (!colon)
		die("--pair: '%s' is not A:B", pair);
	*colon = '\0';
	w->groups[w->n_groups++] = pair;
	w->groups[w->n_groups++] = colon + 1;
	if (!strcmp(w->groups[0], w->groups[1]))
		die("--pair: expected two groups, found '%s' twice", pair);
	for (int i = 0; i < 2; i++)
		if (!find_line(w, NULL, w->column, w->groups[i]))
			die("%s: column '%s': no row is of group '%s'", w->table.name,
			    tsv_cell(&w->table, 0, w->column), w->groups[i]);
}

/* Pair the rows of the two groups that have the same key. */
static void find_partners(struct work *w, size_t key)
{
	w->partner = xcalloc(w->table.lines, sizeof *w->partner);
	for (size_t line = 1; line < w->table.lines; line++) {
		const char *text = tsv_cell(&w->table, line, key);
		for (int i = 0; i < 2; i++)
			if (belongs(w, line, w->groups[i]) &&
			    find_line(w, w->groups[i], key, text) != line)
				die("%s: line %zu: group '%s' has two rows with %s '%s'",
				    w->table.name, line + 1, w->groups[i],
				    tsv_cell(&w->table, 0, key), text);
		if (belongs(w, line, w->groups[0]))
			w->partner[line] = find_line(w, w->groups[1], key, text);
	}
}

/* The numbers of the columns, (n, lines), NaN where one is missing. */
static double *read_values(const struct tsv_table *t, const size_t *columns, size_t n)
{
	double *values = xcalloc(n, t->lines * sizeof *values);

	for (size_t i = 0; i < n; i++)
		for (size_t line = 1; line < t->lines; line++)
			values[i * t->lines + line] = tsv_real(t, line, columns[i]);
	return values;
}

static void take(struct work *w, double x)
{
	if (!isnan(x))
		w->sample[w->n++] = x;
}

/* The line of what was taken. */
static void report(struct work *w, const char *quantity, const char *group)
{
	struct interval i = num_interval(w->sample, w->n, w->confidence);

	out_printf("%s%s%s\t%zu", quantity, group ? "\t" : "", group ? group : "", i.n);
	out_cell(6, i.mean);
	out_cell(4, i.sd);
	out_cell(6, i.low);
	out_cell(6, i.high);
	out_printf("\n");
	w->n = 0;
}

static void report_quantity(struct work *w, const char *name, const double *x)
{
	size_t lines = w->table.lines;

	for (size_t i = 0; i < w->n_groups; i++) {
		for (size_t line = 1; line < lines; line++)
			if (belongs(w, line, w->groups[i]))
				take(w, x[line]);
		report(w, name, w->groups[i]);
	}
	if (!w->partner)
		return;
	for (size_t line = 1; line < lines; line++)
		if (w->partner[line])
			take(w, x[w->partner[line]] - x[line]);
	report(w, name, "difference");
	for (size_t line = 1; line < lines; line++)
		if (w->partner[line] && x[line] != 0)
			take(w, x[w->partner[line]] / x[line]);
	report(w, name, "ratio");
}

int main(int argc, char *argv[])
{
	const char *group = NULL, *pair = NULL, *key = NULL;
	struct work w = {.confidence = 0.95};
	const struct cli_option options[] = {
		OPTION_TEXT('g', "group", "COLUMN", &group,
	                    "group rows by the text in this column"),
		OPTION_TEXT('p', "pair", "A:B", &pair,
	                    "write only these groups, their difference B - A and ratio B / A"),
		OPTION_TEXT('k', "key", "COLUMN", &key,
	                    "pair rows with the same text in this column"),
		OPTION_REAL('c', "confidence", "P", &w.confidence, 0.01, 0.9999,
	                    "probability that an interval contains the true mean"),
		OPTION_END};
	const struct cli cli = {"COLUMN[,COLUMN ...] [TABLE]", 1, 2,
	                        "Average columns of a table by group, with confidence intervals.",
	                        options};
	char **operands = cli_parse(argc, argv, &cli);
	const char *names = cli_operand(&operands);

	if (!pair != !key)
		die("--pair and --key need each other");
	if (pair && !group)
		die("--pair needs --group: the column of the two groups");
	w.table = tsv_read(cli_operand(&operands));

	char *two = xstrdup(pair ? pair : "");
	size_t n, *columns = tsv_columns(&w.table, names, &n);
	double *values = read_values(&w.table, columns, n);
	w.groups = xcalloc(w.table.lines + 2, sizeof *w.groups);
	w.sample = xcalloc(w.table.lines, sizeof *w.sample);
	w.column = group ? tsv_column(&w.table, group) : 0;
	if (pair)
		take_pair(&w, two);
	else if (group)
		find_groups(&w);
	else
		w.n_groups = 1;
	if (pair)
		find_partners(&w, tsv_column(&w.table, key));

	out_printf("quantity%s%s\truns\tmean\tsd\tlow\thigh\n", group ? "\t" : "",
	           group ? group : "");
	for (size_t i = 0; i < n; i++)
		report_quantity(&w, tsv_cell(&w.table, 0, columns[i]), values + i * w.table.lines);

	free(two);
	free(columns);
	free(values);
	free(w.groups);
	free(w.partner);
	free(w.sample);
	tsv_free(&w.table);
	return cli_close();
}
