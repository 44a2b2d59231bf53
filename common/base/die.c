#include "base/base.h"

#include <stdarg.h>
#include <stdlib.h>

const char *prog = "nnutils";
void (*die_hook)(void);

static void message(const char *format, va_list arguments)
{
	progress_clear();
	fprintf(stderr, "%s: ", prog);
	vfprintf(stderr, format, arguments);
	fputc('\n', stderr);
}

void warn(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	message(format, arguments);
	va_end(arguments);
}

void die(const char *format, ...)
{
	va_list arguments;

	if (die_hook)
		die_hook();
	va_start(arguments, format);
	message(format, arguments);
	va_end(arguments);
	/* Not exit(): what is still buffered for stdout is the start of something incomplete. */
	_Exit(EXIT_TROUBLE);
}
