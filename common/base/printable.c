/* Characters that a terminal shows and does not obey. */
#include "base/base.h"

#include <string.h>

/* The code point of the UTF-8 character at `at` and its length, 1 to 4; 0 for what is none, a
 * character written longer than it need be or half of a UTF-16 pair among them (RFC 3629). */
static size_t decode(const unsigned char *at, uint32_t *point)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	size_t n = at[0] < 0x80 ? 1 : at[0] < 0xc0 ? 0 : at[0] < 0xe0 ? 2 : at[0] < 0xf0 ? 3 : 4;

	if (n == 0 || at[0] > 0xf4)
		return 0;
	*point = n == 1 ? at[0] : at[0] & (0x7fu >> n);
	for (size_t i = 1; i < n; i++) {
		if ((at[i] & 0xc0) != 0x80) /* the NUL at the end, too */
			return 0;
		*point = *point << 6 | (at[i] & 0x3f);
	}
	if (*point < least[n] || *point > 0x10ffff || (*point >= 0xd800 && *point < 0xe000))
		return 0;
	return n;
}

/* Unicode's control characters, its ends of lines and paragraphs, and what turns the direction of
 * writing around, so that a line reads as another. */
static bool is_control(uint32_t point)
{
	return point < 0x20 || (point >= 0x7f && point < 0xa0) ||
	       (point >= 0x2028 && point <= 0x202e) || (point >= 0x2066 && point <= 0x2069);
}

size_t printable_next(const char *text, char shown[5])
{
	uint32_t point = 0;
	size_t n = decode((const unsigned char *)text, &point);

	if (n > 0 && !is_control(point)) {
		memcpy(shown, text, n);
		shown[n] = '\0';
		return n;
	}
	if (*text == '\n' || *text == '\t')
		snprintf(shown, 5, "\\%c", *text == '\n' ? 'n' : 't');
	else
		snprintf(shown, 5, "\\x%02x", (unsigned char)*text);
	return 1;
}

void printable(const char *text, char *line, size_t room)
{
	static const char cut[] = "...";
	size_t used = 0, last = 0; /* last: where there was room for the cut */

	while (*text) {
		char shown[5];
		size_t taken = printable_next(text, shown), n = strlen(shown);
		if (used + sizeof cut <= room)
			last = used;
		if (used + n + 1 > room) {
			memcpy(line + last, cut, sizeof cut);
			return;
		}
		memcpy(line + used, shown, n);
		used += n;
		text += taken;
	}
	line[used] = '\0';
}
