#include "base/base.h"

#include <stdarg.h>
#include <stdlib.h>

const char *prog = "nnutils";
void (*die_hook)(void);

static void message(const char *format, va_list arguments)
{
	char text[1 << 13], line[sizeof text];

	progress_clear();
	vsnprintf(text, sizeof text, format, arguments);
	printable(text, line, sizeof line);
	fprintf(stderr, "%s: %s\n", prog, line);
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
