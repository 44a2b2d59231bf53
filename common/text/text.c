#include "text/text.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/base.h"

noreturn void text_bad(const struct text *t, const char *format, ...)
{
	char what[512];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(what, sizeof what, format, arguments);
	va_end(arguments);
	die("%s:%d:%d: %s%s%s", t->name, t->number, t->column, t->item, *t->item ? ": " : "", what);
}

noreturn void text_expected(const struct text *t, const char *what)
{
	if (*t->word)
		text_bad(t, "expected %s, found '%s'", what, t->word);
	text_bad(t, "expected %s, found %s", what, t->end);
}

static bool ends_item(const struct text *t, char c)
{
	/* strchr() finds the separators' own end, too. */
	return c == '\n' || strchr(t->separators, c);
}

static bool ends_word(const struct text *t, char c)
{
	return c == '#' || isspace((unsigned char)c) || ends_item(t, c);
}

void text_word(struct text *t)
{
	size_t n = 0;

	while (*t->at != '\n' && isspace((unsigned char)*t->at))
		t->at++;
	t->column = (int)(t->at - t->line) + 1;
	for (; !ends_word(t, *t->at); t->at++) {
		if (!isgraph((unsigned char)*t->at)) {
			t->column = (int)(t->at - t->line) + 1;
			text_bad(t, "unexpected byte 0x%02x", (unsigned char)*t->at);
		}
		if (n == TEXT_WORD - 1)
			text_bad(t, "a word of more than %d letters", TEXT_WORD - 1);
		t->word[n++] = *t->at;
	}
	t->word[n] = '\0';
}

/* Skip what is left of the item.  In a comment a separator is none. */
static void skip_item(struct text *t)
{
	while (!ends_item(t, *t->at))
		t->at += *t->at == '#' ? strcspn(t->at, "\n") : 1;
}

bool text_item(struct text *t)
{
	*t->item = '\0';
	do {
		if (t->line) {
			skip_item(t);
			if (!*t->at)
				return false;
			t->at++;
		}
		if (!t->line || t->at[-1] == '\n') {
			t->line = t->at;
			t->number++;
		}
		text_word(t);
	} while (!*t->word);
	t->first = t->column;
	memcpy(t->item, t->word, TEXT_WORD);
	return true;
}
