#include "attack/through.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/base.h"

struct through through_new(const char *text, const struct images *images)
{
	struct through t = {.command = command_new(text, false), .question = images->head};

	t.question.type = NPY_F4;
	/* One image may come without that axis; then all questions are of one. */
	t.numbered = images->n != 1;
	return t;
}

void through_free(struct through *t)
{
	command_free(t->command);
}

void through_filter(void *context, int64_t draw, float *x, size_t n, float *seen)
{
	struct through *t = context;
	char *number = xprintf("%" PRId64, draw);

	command_set(t->command, "DRAW", number);
	free(number);
	if (t->numbered)
		t->question.dim[0] = n;
	t->question.f4 = x;
	command_filter(t->command, &t->question, seen);
}
