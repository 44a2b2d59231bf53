/*
 * score - how a training is doing, in its line of progress and in its log.
 */
#ifndef SCORE_H
#define SCORE_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/base.h"

/* Sums over `count` labels; all 0 where none has been looked at. */
struct score {
	double loss;
	size_t wrong, count;
};

/* Show the mean loss of the last steps and, where there was a validation, its rate of errors. */
void score_show(struct progress *p, int64_t step, const struct score *since,
                const struct score *judged);

/* Two columns, the mean loss and the rate of errors, a tab between them; nan where there is none.
 */
void score_write(FILE *log, const struct score *s);

#endif
