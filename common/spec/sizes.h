/* sizes - the numbers of a network's text, and their limits: spec's inside. */
#ifndef SPEC_SIZES_H
#define SPEC_SIZES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "text/text.h"

/* No image, layer, tensor or network has more elements. */
static const size_t SPEC_MOST = INT32_MAX;

/* n whole numbers joined by x, as 3x3; false if the word is something else. */
bool sizes(const struct text *t, int n, size_t size[]);

/* The same of numbers that are not 0, and go on; death if the word is not `what`. */
void take_sizes(struct text *t, int n, size_t size[], const char *what);

/* Whether the word is a number. */
bool is_real(const struct text *t);

/* A finite number. */
double take_real(struct text *t, const char *what);

/* The product of n sizes, or an error about the line if it is absurd. */
size_t product(struct text *t, int n, const size_t size[], const char *what);

#endif
