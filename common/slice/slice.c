#include "slice/slice.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"

static const char *blank(const char *p)
{
	while (isspace((unsigned char)*p))
		p++;
	return p;
}

/* The number at *p, if there is one; past it and the blanks around it.  What does not fit 64 bits
 * is beyond the end of every axis, and stays so at the largest number. */
static bool take_number(const char **p, int64_t *number)
{
	const char *text = blank(*p);
	char *end = (char *)text;

	if (isdigit((unsigned char)text[*text == '-' || *text == '+']))
		*number = strtoll(text, &end, 10);
	*p = blank(end);
	return end != text;
}

static bool take_word(const char **p, const char *word)
{
	const char *text = blank(*p);
	size_t length = strlen(word);

	if (strncmp(text, word, length))
		return false;
	*p = blank(text + length);
	return true;
}

static bool take_item(const char **p, struct slice *s)
{
	*s = (struct slice){.kind = SLICE_INDEX, .step = 1};
	if (take_word(p, "...")) {
		s->kind = SLICE_ELLIPSIS;
		return true;
	}
	if (take_word(p, "None")) {
		s->kind = SLICE_NEW;
		return true;
	}
	s->has_start = take_number(p, &s->start);
	if (!take_word(p, ":"))
		return s->has_start;
	s->kind = SLICE_RANGE;
	s->has_stop = take_number(p, &s->stop);
	if (take_word(p, ":"))
		take_number(p, &s->step);
	return s->step != 0;
}

struct slice *slice_parse(const char *text, int *n)
{
	struct slice *items = NULL;

	*n = 0;
	do {
		items = xrealloc(items, (size_t)*n + 1, sizeof *items);
		if (!take_item(&text, &items[(*n)++])) {
			free(items);
			return NULL;
		}
	} while (take_word(&text, ","));
	if (!*text)
		return items;
	free(items);
	return NULL;
}

/* An end of a range, counted from the end of the axis if negative, in [least, most]. */
static int64_t clamp(int64_t i, int64_t size, int64_t least, int64_t most)
{
	if (i < 0)
		i += size;
	return i < least ? least : i > most ? most : i;
}

bool slice_resolve(const struct slice *s, size_t size, struct span *span)
{
	int64_t n = (int64_t)size, step = s->step;

	if (s->kind == SLICE_INDEX) {
		int64_t i = s->start < 0 ? s->start + n : s->start;
		*span = (struct span){.first = (size_t)i, .count = 1, .step = 1};
		return i >= 0 && i < n;
	}
	/* Backwards, the place before the first element is where a range can end. */
	int64_t least = step < 0 ? -1 : 0, most = step < 0 ? n - 1 : n;
	int64_t start = step < 0 ? most : least, stop = step < 0 ? least : most;
	if (s->has_start)
		start = clamp(s->start, n, least, most);
	if (s->has_stop)
		stop = clamp(s->stop, n, least, most);

	uint64_t length = 0, stride = step < 0 ? -(uint64_t)step : (uint64_t)step;
	if (step > 0 && stop > start)
		length = (uint64_t)(stop - start);
	if (step < 0 && stop < start)
		length = (uint64_t)(start - stop);
	size_t count = length ? (size_t)((length - 1) / stride + 1) : 0;
	*span = (struct span){.first = count ? (size_t)start : 0, .count = count, .step = step};
	return true;
}

size_t span_at(const struct span *span, size_t i)
{
	/* Modulo 2^64, a negative step is one too. */
	return span->first + i * (size_t)span->step;
}
