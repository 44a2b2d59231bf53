#include "base/base.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int cli_status = EXIT_YES;

/* stdout refused a byte. */
static noreturn void out_failed(void)
{
	if (errno == EPIPE)
		_Exit(cli_status);
	die("standard output: %s", strerror(errno));
}

void out_write(const void *bytes, size_t n)
{
	if (fwrite(bytes, 1, n, stdout) != n)
		out_failed();
}

void out_printf(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	if (vfprintf(stdout, format, arguments) < 0)
		out_failed();
	va_end(arguments);
}

void out_flush(void)
{
	if (fflush(stdout))
		out_failed();
}

void out_binary(void)
{
	if (isatty(STDOUT_FILENO))
		die("standard output is a terminal: send it to a file or a pipe");
}

int cli_close(void)
{
	if (fflush(stdout) || ferror(stdout) || fclose(stdout))
		out_failed();
	return cli_status;
}

FILE *file_open(const char *path)
{
	if (!strcmp(path, "-"))
		return stdin;
	FILE *stream = fopen(path, "rb");
	if (!stream)
		die("%s: %s", path, strerror(errno));
	return stream;
}

const char *file_name(const char *path)
{
	return strcmp(path, "-") ? path : "standard input";
}

/* The file is too long to be what was expected; say what it is, where its first bytes do. */
static noreturn void too_long(const char *path, const char *expected, const char *content,
                              size_t most)
{
	const char *format = file_format(content, FILE_KIND_BYTES);

	if (format)
		die("%s: expected %s, found %s", file_name(path), expected, format);
	die("%s: expected %s, found more than %zu bytes", file_name(path), expected, most);
}

char *file_read(const char *path, const char *expected, size_t most, size_t *bytes)
{
	FILE *stream = file_open(path);
	size_t room = 0, got;
	char *text = NULL;

	for (*bytes = 0;; *bytes += got) {
		if (*bytes + 1 >= room) {
			room = room ? 2 * room : 1 << 12;
			text = xrealloc(text, room, 1);
		}
		got = fread(text + *bytes, 1, room - *bytes - 1, stream);
		if (ferror(stream))
			die("%s: %s", file_name(path), strerror(errno));
		if (!got)
			break;
		if (got > most - *bytes)
			too_long(path, expected, text, most);
	}
	text[*bytes] = '\0';
	if (stream != stdin)
		fclose(stream);
	return text;
}

FILE *file_create(const char *path)
{
	FILE *stream = fopen(path, "w");

	if (!stream)
		die("%s: %s", path, strerror(errno));
	setvbuf(stream, NULL, _IOLBF, 0);
	return stream;
}

void file_finish(FILE *stream, const char *path)
{
	bool failed = ferror(stream);

	if (fclose(stream) || failed)
		die("%s: %s", path, strerror(errno));
}

struct replacement replacement_begin(const char *path)
{
	struct replacement r = {.path = xstrdup(path), .temporary = xprintf("%s.XXXXXX", path)};
	int descriptor = mkstemp(r.temporary);

	if (descriptor < 0 || !(r.stream = fdopen(descriptor, "wb")))
		die("%s: %s", path, strerror(errno));
	return r;
}

void replacement_commit(struct replacement *r)
{
	/* mkstemp() made it 0600; give it what open() would have. */
	mode_t mask = umask(0);
	umask(mask);
	bool failed = fflush(r->stream) || ferror(r->stream) ||
	              fchmod(fileno(r->stream), 0666 & ~mask) || fsync(fileno(r->stream));
	failed = fclose(r->stream) || failed;
	if (failed || rename(r->temporary, r->path)) {
		int cause = errno;
		unlink(r->temporary);
		die("%s: %s", r->path, strerror(cause));
	}
	free(r->path);
	free(r->temporary);
}
