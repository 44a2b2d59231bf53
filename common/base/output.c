#include "base/base.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
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

void out_cell(int digits, double x)
{
	if (isnan(x))
		out_printf("\tnan");
	else
		out_printf("\t%.*g", digits, x);
}

void out_text(const char *text)
{
	char shown[5];

	while (*text) {
		bool white = *text == '\n' || *text == '\t';
		size_t n = white ? 1 : printable_next(text, shown);
		out_write(white ? text : shown, white ? 1 : strlen(shown));
		text += n;
	}
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

static bool closed;

static void ended_elsewhere(void)
{
	if (!closed)
		die("a library ended the program, maybe for lack of memory or threads");
}

void cli_expect_close(void)
{
	atexit(ended_elsewhere);
}

int cli_close(void)
{
	if (fflush(stdout) || ferror(stdout) || fclose(stdout))
		out_failed();
	closed = true;
	return cli_status;
}
