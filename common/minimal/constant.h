/*
 * constant - the search for the least c that leads to an error, as Carlini and Wagner's code has
 * it: c grows tenfold until it does, and then is the middle of the largest that did not and the
 * least that did.
 */
#ifndef MINIMAL_CONSTANT_H
#define MINIMAL_CONSTANT_H

#include <stdbool.h>

struct constant {
	double value, low, high; /* high: INFINITY before the first that did */
	double left;             /* searches to come, this one included */
};

struct constant constant_begin(double first, double searches);

/* The next value, after a search with this one; false if there is none. */
bool constant_next(struct constant *c, bool succeeded);

#endif
