#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/base.h"
#include "optim/optim.h"

static const double pi = 3.14159265358979323846;

struct schedule schedule_parse(const char *what, const char *text)
{
	struct schedule s = {.kind = SCHEDULE_CONSTANT};
	int end = 0;

	if (!strcmp(text, "cosine"))
		s.kind = SCHEDULE_COSINE;
	else if (!strcmp(text, "onecycle"))
		s.kind = SCHEDULE_ONECYCLE;
	else if (sscanf(text, "step:%lf:%lf%n", &s.every, &s.factor, &end) == 2 && !text[end] &&
	         s.every > 0 && s.factor > 0 && isfinite(s.every * s.factor))
		s.kind = SCHEDULE_STEP;
	else if (strcmp(text, "constant"))
		die("%s: '%s' is not one of constant, step:EPOCHS:FACTOR, cosine, onecycle", what,
		    text);
	return s;
}

char *schedule_text(const struct schedule *s)
{
	static const char *const names[] = {"constant", "step", "cosine", "onecycle"};

	if (s->kind == SCHEDULE_STEP)
		return xprintf("step:%.15g:%.15g", s->every, s->factor);
	return xstrdup(names[s->kind]);
}

bool schedule_looks_ahead(const struct schedule *s)
{
	return s->kind == SCHEDULE_COSINE || s->kind == SCHEDULE_ONECYCLE;
}

/* From a to b along half a cosine, at t in [0, 1]. */
static double anneal(double a, double b, double t)
{
	return b + (a - b) * (1 + cos(pi * t)) / 2;
}

static double onecycle(double rate, double step, double steps)
{
	/* torch.optim.lr_scheduler.OneCycleLR: pct_start 0.3, div_factor 25, final_div_factor 1e4.
	 */
	double peak = 0.3 * steps - 1, last = steps - 1, low = rate / 25;

	if (step <= peak)
		return anneal(low, rate, peak > 0 ? step / peak : 1);
	return anneal(rate, low / 1e4, last > peak ? (step - peak) / (last - peak) : 1);
}

double schedule_rate(const struct schedule *s, double rate, uint64_t step, uint64_t steps,
                     uint64_t per_epoch)
{
	double at = (double)step, all = (double)steps, now_rate = rate;

	switch (s->kind) {
	case SCHEDULE_CONSTANT: break;
	case SCHEDULE_STEP:
		/* A boundary may fall on a step, and 0.1 is not quite a tenth: three roundings
		 * move the millionth boundary by 3.3e-10 at most. */
		now_rate = rate * pow(s->factor, floor(at / ((double)per_epoch * s->every) + 1e-9));
		break;
	case SCHEDULE_COSINE: now_rate = anneal(rate, 0, at / all); break;
	case SCHEDULE_ONECYCLE: now_rate = onecycle(rate, at, all); break;
	}
	if (step < s->warmup)
		now_rate *= (at + 1) / (double)(s->warmup + 1);
	return now_rate;
}
