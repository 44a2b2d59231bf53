#include "model/history.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/base.h"

void history_add(char **history, const char *format, ...)
{
	va_list arguments, again;

	va_start(arguments, format);
	va_copy(again, arguments);
	size_t size = (size_t)vsnprintf(NULL, 0, format, arguments) + 1;
	char *line = xcalloc(size, 1);
	vsnprintf(line, size, format, again);
	va_end(again);
	va_end(arguments);
	for (char *p = line; *p; p++)
		if (!isprint((unsigned char)*p))
			*p = '?';
	char *longer = xprintf("%s%s\n", *history, line);
	free(*history);
	free(line);
	*history = longer;
}
