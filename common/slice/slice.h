/*
 * slice - Python's index expressions: "3", "-1", "2:10", "::-1", "3,:,0:14", "...,0", "None".
 *
 * An expression is a list of items, separated by commas.  What an item selects is known once the
 * size of its axis is: slice_resolve() gives it, with Python's rules.
 */
#ifndef SLICE_H
#define SLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum slice_kind {
	SLICE_INDEX,    /* 3: the axis goes */
	SLICE_RANGE,    /* 0:14 */
	SLICE_ELLIPSIS, /* ...: as many whole axes as are left */
	SLICE_NEW       /* None: an axis of size 1 that was not there */
};

struct slice {
	enum slice_kind kind;
	bool has_start, has_stop;
	int64_t start, stop, step; /* an index is its start */
};

/* What is selected of an axis: first, first + step ... */
struct span {
	size_t first, count;
	int64_t step; /* not 0 */
};

/* The items of text, to be freed, and their number; null if text is not an index expression. */
struct slice *slice_parse(const char *text, int *n);

/* What an index or a range selects of an axis of this size.  A range ends where the axis does; an
 * index outside the axis is an answer of false. */
bool slice_resolve(const struct slice *s, size_t size, struct span *span);

/* The i-th index of a span. */
size_t span_at(const struct span *span, size_t i);

#endif
