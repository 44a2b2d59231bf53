/* npy-knn - find the nearest rows of each row */
#include <stdlib.h>

#include "base/base.h"
#include "neighbors/neighbors.h"
#include "npy/npy.h"

/* The rows to look among: those of a file, or the rows themselves. */
static struct rows *read_references(const char *path, struct rows *rows, const char *name)
{
	if (!path)
		return rows;
	struct rows *of = xcalloc(1, sizeof *of);
	*of = rows_read(path);
	rows_match(rows, name, of, file_name(path));
	return of;
}

int main(int argc, char *argv[])
{
	int64_t k = 10;
	const char *of = NULL;
	bool quiet = false, verbose = false;
	const struct cli_option options[] = {
		OPTION_INTEGER('k', "neighbors", "COUNT", &k, 1, UINT32_MAX,
	                       "number of neighbors of each row"),
		OPTION_TEXT(0, "of", "REF", &of, "find the neighbors among the rows of this file"),
		OPTIONS_PROGRESS(&quiet, &verbose), OPTION_END};
	const struct cli cli = {"[FILE]", 0, 1,
	                        "Find the nearest rows of each row: indices, then distances.",
	                        options};
	char **operands = cli_parse(argc, argv, &cli);
	const char *path = cli_operand(&operands);

	cli_one_stdin("the rows and --of", 2, (const char *const[]){path, of});
	out_binary();
	struct rows rows = rows_read(path);
	struct rows *among = read_references(of, &rows, file_name(path));
	size_t least = (size_t)k + (among == &rows);
	if (among->n < least)
		die("%s: expected at least %zu rows, for %zu neighbors of each, found %zu",
		    file_name(of ? of : path), least, (size_t)k, among->n);

	struct npy index = npy_new(NPY_I8, 2, (size_t[]){rows.n, (size_t)k});
	struct npy distance = npy_new(NPY_F4, 2, (size_t[]){rows.n, (size_t)k});
	struct progress p = progress_begin("rows", 0, (double)rows.n, quiet, verbose);
	neighbors_find(&rows, among, (size_t)k, index.i8, distance.f4, &p);
	progress_end(&p);
	npy_write(&index);
	npy_write(&distance);
	npy_free(&index);
	npy_free(&distance);
	if (among != &rows) {
		rows_free(among);
		free(among);
	}
	rows_free(&rows);
	return cli_close();
}
