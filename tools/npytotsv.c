/* npytotsv - print an NPY array as a table */
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "npy/npy.h"
#include "tsv/tsv.h"

enum { CHUNK = 1 << 15 };

/* How the elements become lines. */
struct table {
	bool is_long;   /* a line for each element, its index before it */
	size_t columns; /* of values; 1 where is_long */
	int digits;
};

/* "a,b,c" as a line, if it names as many columns as there are. */
static void print_header(const char *names, size_t columns)
{
	size_t n;
	char **name = cli_list(names, &n);

	if (n != columns)
		die("--header: expected %zu names, one for each column, found %zu", columns, n);
	for (size_t i = 0; i < n; i++)
		out_printf("%s%s", name[i], i + 1 < n ? "\t" : "\n");
	free(name);
}

/* Element i of the array, at j of the chunk, with what is before and behind it. */
static void print_element(const struct npy *chunk, size_t j, size_t i, const struct table *t)
{
	size_t below = npy_count(chunk);
	struct tsv_text number = tsv_number(chunk, j, t->digits);

	for (int d = 0; t->is_long && d < chunk->ndim; d++) {
		below /= chunk->dim[d];
		out_printf("%zu\t", i / below % chunk->dim[d]);
	}
	out_write(number.text, strlen(number.text));
	out_write((i + 1) % t->columns ? "\t" : "\n", 1);
}

static void print_array(struct npy_in *in, const struct npy *head, const struct table *t)
{
	struct npy chunk = *head;
	size_t n = npy_count(head);

	chunk.data = xcalloc(CHUNK, npy_size(head->type));
	for (size_t i = 0; i < n;) {
		size_t some = n - i < CHUNK ? n - i : CHUNK;
		npy_take(in, chunk.data, some);
		for (size_t j = 0; j < some; j++)
			print_element(&chunk, j, i + j, t);
		i += some;
	}
	npy_free(&chunk);
}

int main(int argc, char *argv[])
{
	const char *names = NULL;
	int64_t digits = 0;
	struct table table = {.is_long = false};
	const struct cli_option options[] = {
		OPTION_TEXT('H', "header", "NAMES", &names,
	                    "print a first line of these names, separated by commas"),
		OPTION_FLAG('l', "long", &table.is_long,
	                    "a line for each element: its index, and its value"),
		OPTION_INTEGER('p', "precision", "DIGITS", &digits, 0, 17,
	                       "significant digits of floats; 0: as many as a number needs"),
		OPTION_END};
	const struct cli cli = {"[FILE]", 0, 1, "Print an NPY array as a table.", options};
	char **operands = cli_parse(argc, argv, &cli);
	struct npy_in *in = npy_open(cli_operand(&operands));
	struct npy head;

	npy_next(in, &head);
	if (head.ndim > 2 && !table.is_long)
		die("%s: expected shape (N,) or (N,M), found %s (--long prints any)", npy_name(in),
		    npy_shape(&head));
	table.digits = (int)digits;
	table.columns = head.ndim == 2 && !table.is_long ? head.dim[1] : 1;
	if (names)
		print_header(names, table.is_long ? (size_t)head.ndim + 1 : table.columns);
	print_array(in, &head, &table);
	npy_close(in);
	return cli_close();
}
