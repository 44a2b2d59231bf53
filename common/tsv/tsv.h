/*
 * tsv - tables as text: lines of fields separated by tabs.
 *
 * A stream of lines is read with tsv_open() and tsv_next(), in memory for one line; a table whose
 * first line names its columns is held whole by tsv_read().  A line ends with a newline, or with
 * the file; a carriage return before it is dropped.  What is wrong ends the program through die(),
 * with a message that names the file and the line.
 */
#ifndef TSV_H
#define TSV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdnoreturn.h>

#include "npy/npy.h"

/* ---- reading ---- */

struct tsv_in;

/* A file; "-" is stdin. */
struct tsv_in *tsv_open(const char *path);

/* Read the next line; false at the end. */
bool tsv_next(struct tsv_in *in);

/* The fields of the line at hand: how many, at least one, and each of them. */
size_t tsv_fields(const struct tsv_in *in);
const char *tsv_field(const struct tsv_in *in, size_t i);

/* Die with a message about field i of the line at hand, or about the line where i is the number of
 * its fields. */
noreturn void tsv_bad(const struct tsv_in *in, size_t i, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

void tsv_close(struct tsv_in *in);

/* Every line of a file as one string each, tabs included; *n is their number.  To be freed with
 * tsv_free_lines(). */
char **tsv_lines(const char *path, size_t *n);

/* The same of names, of classes for example: die where two are the same, or where one has a tab. */
char **tsv_names(const char *path, size_t *n);
void tsv_free_lines(char **lines, size_t n);

/* ---- a table with names, held whole ---- */

/* A line of names, then rows of as many cells. */
struct tsv_table {
	const char *name; /* the file's, as messages call it */
	size_t columns;
	size_t lines; /* the line of names, 0, and the rows after it */
	char **cells; /* (lines, columns) */
};

/* A file; "-" is stdin. */
struct tsv_table tsv_read(const char *path);
void tsv_free(struct tsv_table *t);

const char *tsv_cell(const struct tsv_table *t, size_t line, size_t column);

/* The one column of this name, or death. */
size_t tsv_column(const struct tsv_table *t, const char *name);

/* The columns named in a comma list and their number, to be freed. */
size_t *tsv_columns(const struct tsv_table *t, const char *list, size_t *n);

/* A cell as a number; NAN where the cell is empty or nan, a missing value. */
double tsv_real(const struct tsv_table *t, size_t line, size_t column);

/* A cell as a whole number in [min, max], or death. */
int64_t tsv_integer(const struct tsv_table *t, size_t line, size_t column, int64_t min,
                    int64_t max);

/* ---- writing ---- */

struct tsv_text {
	char text[32];
};

/* Element i of an array as text: with so many significant digits, or, where they are 0, with as
 * many as it takes to read back the same number of the same type.  NaN is nan, without a sign. */
struct tsv_text tsv_number(const struct npy *a, size_t i, int digits);

#endif
