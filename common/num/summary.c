#include "num/num.h"

#include <math.h>

struct summary summary_new(void)
{
	return (struct summary){.min = INFINITY, .max = -INFINITY};
}

void summary_add(struct summary *s, double x)
{
	if (isnan(x)) {
		s->nan++;
	} else if (isinf(x)) {
		s->inf++;
	} else {
		double delta = x - s->mean;
		s->finite++;
		s->mean += delta / (double)s->finite;
		s->squares += delta * (x - s->mean);
		s->min = fmin(s->min, x);
		s->max = fmax(s->max, x);
	}
}

double summary_std(const struct summary *s)
{
	return sqrt(s->squares / (double)s->finite);
}
