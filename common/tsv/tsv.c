#include "tsv/tsv.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"

struct tsv_in {
	FILE *stream;
	const char *name;
	size_t line;                 /* counted from 1 */
	char first[FILE_KIND_BYTES]; /* of the file, which tell what it is ... */
	size_t firsts;               /* ... so many, at most */
	char *text;
	size_t room;   /* of text, in bytes */
	char **fields; /* they point into text */
	size_t n, fields_room;
};

/* ---- reading ---- */

struct tsv_in *tsv_open(const char *path)
{
	struct tsv_in *in = xcalloc(1, sizeof *in);

	in->stream = file_open(path);
	in->name = file_name(path);
	return in;
}

/* What is wrong with the line at hand may be that the file is no table at all. */
static void check_format(const struct tsv_in *in)
{
	const char *format = file_format(in->first, in->firsts);

	if (format)
		die("%s: expected a table, found %s", in->name, format);
}

static void keep_first(struct tsv_in *in, size_t length)
{
	in->firsts = length < sizeof in->first ? length : sizeof in->first;
	memcpy(in->first, in->text, in->firsts);
}

/* The next line without its end; false at the end of the file. */
static bool next_line(struct tsv_in *in)
{
	errno = 0;
	ssize_t length = getline(&in->text, &in->room, in->stream);

	if (length < 0 && !feof(in->stream))
		die("%s: %s", in->name, strerror(errno));
	if (length < 0)
		return false;
	if (!in->line++)
		keep_first(in, (size_t)length);
	if (strlen(in->text) != (size_t)length) {
		check_format(in);
		die("%s: line %zu holds a null byte: expected text", in->name, in->line);
	}
	if (length && in->text[length - 1] == '\n')
		in->text[--length] = '\0';
	if (length && in->text[length - 1] == '\r')
		in->text[--length] = '\0';
	return true;
}

bool tsv_next(struct tsv_in *in)
{
	if (!next_line(in))
		return false;
	in->n = 0;
	for (char *p = in->text; p;) {
		if (in->n == in->fields_room) {
			in->fields_room = in->fields_room ? 2 * in->fields_room : 16;
			in->fields = xrealloc(in->fields, in->fields_room, sizeof *in->fields);
		}
		in->fields[in->n++] = p;
		p = strchr(p, '\t');
		if (p)
			*p++ = '\0';
	}
	return true;
}

size_t tsv_fields(const struct tsv_in *in)
{
	return in->n;
}

const char *tsv_field(const struct tsv_in *in, size_t i)
{
	return in->fields[i];
}

void tsv_bad(const struct tsv_in *in, size_t i, const char *format, ...)
{
	char what[256];
	va_list arguments;

	/* Further down, a table of pictures named P1 and P2 is in better order than its numbers. */
	if (in->line == 1)
		check_format(in);
	va_start(arguments, format);
	vsnprintf(what, sizeof what, format, arguments);
	va_end(arguments);
	if (i < in->n)
		die("%s: line %zu, column %zu: %s", in->name, in->line, i + 1, what);
	die("%s: line %zu: %s", in->name, in->line, what);
}

void tsv_close(struct tsv_in *in)
{
	if (in->stream != stdin)
		fclose(in->stream);
	free(in->text);
	free(in->fields);
	free(in);
}

char **tsv_lines(const char *path, size_t *n)
{
	struct tsv_in *in = tsv_open(path);
	char **lines = NULL;
	size_t room = 0;

	for (*n = 0; next_line(in); ++*n) {
		if (*n == room) {
			room = room ? 2 * room : 64;
			lines = xrealloc(lines, room, sizeof *lines);
		}
		lines[*n] = xstrdup(in->text);
	}
	tsv_close(in);
	return lines;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

char **tsv_names(const char *path, size_t *n)
{
	char **names = tsv_lines(path, n), **sorted = xcalloc(*n, sizeof *sorted);

	for (size_t i = 0; i < *n; i++) {
		if (strchr(names[i], '\t'))
			die("%s: line %zu: a name with a tab has no place in a table",
			    file_name(path), i + 1);
		sorted[i] = names[i];
	}
	qsort(sorted, *n, sizeof *sorted, by_text);
	for (size_t i = 1; i < *n; i++)
		if (!strcmp(sorted[i - 1], sorted[i]))
			die("%s: two lines are the same name, %s", file_name(path), sorted[i]);
	free(sorted);
	return names;
}

void tsv_free_lines(char **lines, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(lines[i]);
	free(lines);
}

/* ---- writing ---- */

struct tsv_text tsv_number(const struct npy *a, size_t i, int digits)
{
	struct tsv_text t = {""};

	if (a->type == NPY_U1)
		snprintf(t.text, sizeof t.text, "%" PRIu8, a->u1[i]);
	else if (a->type == NPY_I8)
		snprintf(t.text, sizeof t.text, "%" PRId64, a->i8[i]);
	else if (isnan(npy_get(a, i))) /* has a sign, and printf() tells it */
		t = (struct tsv_text){"nan"};
	else if (digits)
		snprintf(t.text, sizeof t.text, "%.*g", digits, npy_get(a, i));
	else
		number_text(npy_get(a, i), a->type == NPY_F4, t.text);
	return t;
}
