/* tsv-wilson - append a share and its confidence interval to the rows of a table */
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "num/num.h"
#include "tsv/tsv.h"

/* k of n, in a row. */
struct count {
	size_t k, n;
};

static const char *const appended[] = {"accuracy", "low", "high"};

/* The names that are appended must be new. */
static void check_names(const struct tsv_table *t)
{
	for (size_t i = 0; i < t->columns; i++)
		for (size_t j = 0; j < 3; j++)
			if (!strcmp(tsv_cell(t, 0, i), appended[j]))
				die("%s: line 1: a column is named '%s' already", t->name,
				    appended[j]);
}

/* Of every line of the table; of the line of names, nothing. */
static struct count *read_counts(const struct tsv_table *t, const char *correct, const char *total)
{
	struct count *counts = xcalloc(t->lines, sizeof *counts);
	size_t k = tsv_column(t, correct), n = tsv_column(t, total);

	for (size_t line = 1; line < t->lines; line++) {
		/* Whole numbers that a double holds exactly. */
		int64_t of = tsv_integer(t, line, n, 0, INT64_C(1) << 53);
		counts[line].n = (size_t)of;
		counts[line].k = (size_t)tsv_integer(t, line, k, 0, of);
	}
	return counts;
}

static void print_cells(const struct tsv_table *t, size_t line)
{
	for (size_t i = 0; i < t->columns; i++)
		out_printf("%s\t", tsv_cell(t, line, i));
}

static void print_share(struct count c, double confidence)
{
	double low, high;

	num_wilson(c.k, c.n, confidence, &low, &high);
	if (c.n)
		out_printf("%.4f\t%.4f\t%.4f\n", (double)c.k / (double)c.n, low, high);
	else
		out_printf("nan\t%.4f\t%.4f\n", low, high);
}

int main(int argc, char *argv[])
{
	double confidence = 0.95;
	const struct cli_option options[] = {
		OPTION_REAL('c', "confidence", "P", &confidence, 0.01, 0.9999,
	                    "probability that the interval contains the true share"),
		OPTION_END};
	const struct cli cli = {
		"CORRECT TOTAL [TABLE]", 2, 3,
		"Append a share and its confidence interval to the rows of a table.", options};
	char **operands = cli_parse(argc, argv, &cli);
	const char *correct = cli_operand(&operands), *total = cli_operand(&operands);
	struct tsv_table t = tsv_read(cli_operand(&operands));
	struct count *counts = read_counts(&t, correct, total);

	check_names(&t);
	print_cells(&t, 0);
	out_printf("%s\t%s\t%s\n", appended[0], appended[1], appended[2]);
	for (size_t line = 1; line < t.lines; line++) {
		print_cells(&t, line);
		print_share(counts[line], confidence);
	}
	free(counts);
	tsv_free(&t);
	return cli_close();
}
