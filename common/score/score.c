#include "score/score.h"

void score_show(struct progress *p, int64_t step, const struct score *since,
                const struct score *judged)
{
	char detail[96];
	int n = snprintf(detail, sizeof detail, "loss %.4f", since->loss / (double)since->count);

	if (judged->count)
		snprintf(detail + n, sizeof detail - (size_t)n, ", validation error %.2f %%",
		         100 * (double)judged->wrong / (double)judged->count);
	progress_show(p, (double)step, detail);
}

void score_write(FILE *log, const struct score *s)
{
	if (s->count)
		fprintf(log, "%.9g\t%.6g", s->loss / (double)s->count,
		        (double)s->wrong / (double)s->count);
	else
		fputs("nan\tnan", log);
}
