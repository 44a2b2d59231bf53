#include <stdio.h>
#include <string.h>

#include <netpbm/pbm.h>
#include <netpbm/pbmfont.h>

#include "base/base.h"
#include "image/image.h"

/* What libnetpbm's fonts lack, drawn in the size and weight of its "bdf" font; the fields mean what
 * they mean in its struct glyph. */
static const struct sign {
	unsigned code;
	int width, height, xadd, x, y;
	const char *rows;
} signs[] = {
	{0x2013, 6, 1, 7, 0, 3, "######"},
	{0x2014, 9, 1, 10, 0, 3, "#########"},
	{0x2212, 6, 1, 8, 1, 3, "######"},
	{0x2026, 9, 2, 11, 1, 0, "##..##..##..##..##"},
	{0x2190, 9, 5, 11, 1, 1,
         "..#......"
         ".##......"
         "#########"
         ".##......"
         "..#......"},
	{0x2192, 9, 5, 11, 1, 1,
         "......#.."
         "......##."
         "#########"
         "......##."
         "......#.."},
	{0x2260, 6, 5, 8, 1, 1,
         "....#."
         "######"
         "..##.."
         "######"
         ".#...."},
	{0x2264, 6, 7, 8, 1, 0,
         "....##"
         "..##.."
         "##...."
         "..##.."
         "....##"
         "......"
         "######"},
	{0x2265, 6, 7, 8, 1, 0,
         "##...."
         "..##.."
         "....##"
         "..##.."
         "##...."
         "......"
         "######"},
	{0x2248, 6, 5, 8, 1, 1,
         ".##..#"
         "#..##."
         "......"
         ".##..#"
         "#..##."},
	{0x221e, 9, 5, 11, 1, 1,
         ".##...##."
         "#..#.#..#"
         "#...#...#"
         "#..#.#..#"
         ".##...##."},
	{0x03b5, 4, 6, 5, 0, 0,
         ".###"
         "#..."
         ".##."
         "#..."
         "#..."
         ".###"},
	{0x03c3, 6, 6, 6, 0, 0,
         ".#####"
         "#..#.."
         "#...#."
         "#...#."
         "#...#."
         ".###.."},
};

/* ---- UTF-8 ---- */

enum { NOT_UTF8 = 0x110000 };

/* The character at *text (RFC 3629), or NOT_UTF8, which is none; *text then points behind it. */
static unsigned next_character(const char **text)
{
	static const unsigned least[] = {0, 0x80, 0x800, 0x10000};
	unsigned char first = (unsigned char)*(*text)++;
	int more = first < 0x80 ? 0 : first < 0xc0 ? -1 : first < 0xe0 ? 1 : first < 0xf0 ? 2 : 3;
	unsigned c = more > 0 ? first & (0x3fu >> more) : first;

	if (more < 0 || first > 0xf4)
		return NOT_UTF8;
	for (int i = 0; i < more; i++) {
		if ((**text & 0xc0) != 0x80)
			return NOT_UTF8;
		c = c << 6 | ((unsigned char)*(*text)++ & 0x3f);
	}
	return c < least[more] || c > 0x10ffff || (c & 0x1ffff800) == 0xd800 ? NOT_UTF8 : c;
}

/* ---- the font ---- */

static const struct font *font(void)
{
	static const struct font *loaded;

	if (!loaded) {
		pm_init(prog, 0);
		loaded = pbm_defaultfont("bdf");
	}
	return loaded;
}

/* A glyph, from our signs or from libnetpbm's font; false if neither has it. */
static bool find_sign(unsigned code, struct sign *found)
{
	const struct glyph *g = code <= PM_FONT_MAXGLYPH ? font()->glyph[code] : NULL;

	if (g)
		*found = (struct sign){code, (int)g->width, (int)g->height, (int)g->xadd,
		                       g->x, g->y,          g->bmap};
	for (size_t i = 0; !g && i < sizeof signs / sizeof *signs; i++)
		if (signs[i].code == code) {
			*found = signs[i];
			return true;
		}
	return g;
}

const char *image_text_refusal(const char *text)
{
	static char reason[64];
	struct sign s;

	while (*text) {
		unsigned code = next_character(&text);
		if (code == NOT_UTF8)
			return "not UTF-8";
		if (!find_sign(code, &s)) {
			snprintf(reason, sizeof reason, "character U+%04X cannot be drawn", code);
			return reason;
		}
	}
	return NULL;
}

size_t image_text_width(const char *text)
{
	size_t width = 0;
	struct sign s;

	while (*text)
		if (find_sign(next_character(&text), &s))
			width += (size_t)s.xadd;
	return width;
}

size_t image_text_height(void)
{
	return font()->maxheight;
}

/* libnetpbm's bitmaps are of 0 and 1, ours of characters. */
static bool is_ink(char c)
{
	return c == 1 || c == '#';
}

/* The first column of some glyphs lies left of where they begin; image_fill() leaves out what
 * would lie outside the plane. */
void image_text_draw(struct npy *plane, size_t y, size_t x, const char *text, size_t k, double ink)
{
	ptrdiff_t scale = (ptrdiff_t)k, baseline = (ptrdiff_t)font()->maxheight + font()->y,
		  pen = 0;
	struct sign s;

	while (*text && find_sign(next_character(&text), &s)) {
		for (int i = 0; i < s.width * s.height; i++) {
			ptrdiff_t row = baseline - s.y - s.height + i / s.width;
			ptrdiff_t column = pen + s.x + i % s.width;
			if (is_ink(s.rows[i]))
				image_fill(plane, (ptrdiff_t)y + row * scale,
				           (ptrdiff_t)x + column * scale, k, k, ink);
		}
		pen += s.xadd;
	}
}
