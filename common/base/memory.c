#include "base/base.h"

#include <float.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

bool size_multiply(size_t a, size_t b, size_t *product)
{
	return !__builtin_mul_overflow(a, b, product);
}

/* At least one byte, so that null always means failure. */
static size_t bytes_of(size_t n, size_t size)
{
	size_t bytes;

	if (!size_multiply(n, size, &bytes) || bytes > PTRDIFF_MAX)
		die("out of memory: %zu x %zu bytes wanted", n, size);
	return bytes ? bytes : 1;
}

static void *got(void *memory, size_t bytes)
{
	if (!memory)
		die("out of memory: %zu bytes wanted", bytes);
	return memory;
}

void *xcalloc(size_t n, size_t size)
{
	size_t bytes = bytes_of(n, size);

	return got(calloc(1, bytes), bytes);
}

void *xrealloc(void *old, size_t n, size_t size)
{
	size_t bytes = bytes_of(n, size);

	return got(realloc(old, bytes), bytes);
}

void *xaligned(size_t n, size_t size)
{
	size_t bytes = bytes_of(n, size);
	void *memory = NULL;

	if (posix_memalign(&memory, 64, bytes))
		memory = NULL;
	return memset(got(memory, bytes), 0, bytes);
}

char *xstrdup(const char *text)
{
	size_t bytes = strlen(text) + 1;

	return memcpy(xcalloc(bytes, 1), text, bytes);
}

char *xprintf(const char *format, ...)
{
	va_list arguments, again;

	va_start(arguments, format);
	va_copy(again, arguments);
	int length = vsnprintf(NULL, 0, format, arguments);
	char *text = xcalloc((size_t)length + 1, 1);
	vsnprintf(text, (size_t)length + 1, format, again);
	va_end(again);
	va_end(arguments);
	return text;
}

const char *number_text(double x, bool single, char text[NUMBER_TEXT])
{
	int enough = single ? FLT_DECIMAL_DIG : DBL_DECIMAL_DIG;

	for (int digits = single ? FLT_DIG : DBL_DIG; digits <= enough; digits++) {
		snprintf(text, NUMBER_TEXT, "%.*g", digits, x);
		if (single ? strtof(text, NULL) == (float)x : strtod(text, NULL) == x)
			break;
	}
	return text;
}

FILE *memory_open(char **bytes, size_t *size)
{
	FILE *stream = open_memstream(bytes, size);

	if (!stream)
		die("out of memory: a stream wanted");
	return stream;
}

void memory_close(FILE *stream, char *const *bytes)
{
	/* glibc's fclose() says 0, too, where there was no memory for the last bytes. */
	if (fclose(stream) || !*bytes)
		die("out of memory: a stream could not grow");
}
