/* text - a network's text, line by line and word by word: spec's inside. */
#ifndef SPEC_TEXT_H
#define SPEC_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdnoreturn.h>

enum { WORD = 128 };

/* No image, layer, tensor or network has more elements. */
static const size_t SPEC_MOST = INT32_MAX;

struct reader {
	const char *name;   /* of the text */
	const char *line;   /* the line's first character */
	const char *at;     /* what follows the word at hand */
	int number, column; /* of the line; of the word at hand */
	int first;          /* the column of the line's first word */
	char kind[WORD];    /* the line's first word, or "" */
	char word[WORD];    /* the word at hand; "" is the end of the line */
	size_t weights;     /* of the network so far */
};

/* Die with what is wrong, behind the text's name, line and column. */
noreturn void bad(const struct reader *r, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Die: this was expected, and the word at hand found. */
noreturn void expected(const struct reader *r, const char *what);

/* Go on to the next word of the line. */
void next_word(struct reader *r);

/* Go on to the first word of the next line that has one; false at the end of the text. */
bool next_line(struct reader *r);

/* n whole numbers joined by x, as 3x3; false if the word is something else. */
bool sizes(const struct reader *r, int n, size_t size[]);

/* The same of numbers that are not 0, and go on; death if the word is not `what`. */
void take_sizes(struct reader *r, int n, size_t size[], const char *what);

/* A finite number. */
double take_real(struct reader *r, const char *what);

/* The product of n sizes, or an error about the line if it is absurd. */
size_t product(struct reader *r, int n, const size_t size[], const char *what);

#endif
