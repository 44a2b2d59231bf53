/*
 * text - a text for people, item by item and word by word: networks, lists of operations.
 *
 *	struct text t = {.name = name, .separators = "", .end = "the end of the line", .at = bytes};
 *	while (text_item(&t))
 *		... t.word, text_word(&t) ... till *t.word is '\0'
 *
 * An item is a line; or, with separators, a part of one.  '#' starts a comment, which ends with the
 * line.  Whatever is wrong ends the program through die(), with "NAME:LINE:COLUMN: ITEM: what".
 */
#ifndef TEXT_H
#define TEXT_H

#include <stdbool.h>
#include <stdnoreturn.h>

enum { TEXT_WORD = 128 };

struct text {
	const char *name;       /* of the text */
	const char *separators; /* characters that end an item, as the end of a line does */
	const char *end;        /* what messages call the end of an item */
	const char *at;         /* what follows the word at hand */
	const char *line;       /* the line's first character; null before the first item */
	int number, column;     /* of the line; of the word at hand */
	int first;              /* the column of the item's first word */
	char item[TEXT_WORD];   /* the item's first word, which messages begin with; "" for none */
	char word[TEXT_WORD];   /* the word at hand; "" is the end of the item */
};

/* Die with what is wrong, behind the text's name, line and column. */
noreturn void text_bad(const struct text *t, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Die: this was expected, and the word at hand found. */
noreturn void text_expected(const struct text *t, const char *what);

/* Go on to the next word of the item. */
void text_word(struct text *t);

/* Go on to the first word of the next item that has one; false at the end of the text. */
bool text_item(struct text *t);

#endif
