#include "train/adversary.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "text/text.h"

/* A kind, and the numbers that it has where the text has none. */
static const struct {
	const char *word;
	int64_t steps;
	double step; /* of epsilon */
} kinds[] = {
	[ADVERSARY_FGSM] = {"fgsm", 1, 1},        [ADVERSARY_FGSM_RS] = {"fgsm-rs", 1, 1.25},
	[ADVERSARY_N_FGSM] = {"n-fgsm", 1, 1},    [ADVERSARY_PGD] = {"pgd", 7, 2.5},
	[ADVERSARY_TRADES] = {"trades", 10, 2.5},
};
enum { KINDS = sizeof kinds / sizeof *kinds };

static const double MOST = 1e6;

/* A number above 0, and go on. */
static double take(struct text *t, const char *what)
{
	char *end;
	double x = strtod(t->word, &end);

	if (!*t->word || *end || !(x > 0 && x <= MOST))
		text_expected(t, what);
	text_word(t);
	return x;
}

static int64_t take_count(struct text *t)
{
	const struct text before = *t;
	double x = take(t, "a number of steps");

	if (x != rint(x))
		text_expected(&before, "a number of steps");
	return (int64_t)x;
}

static enum adversary_kind take_kind(struct text *t)
{
	for (int i = 0; i < KINDS; i++)
		if (!strcmp(t->word, kinds[i].word)) {
			text_word(t);
			return (enum adversary_kind)i;
		}
	*t->item = '\0';
	text_expected(t, "fgsm, fgsm-rs, n-fgsm, pgd or trades");
}

struct adversary adversary_parse(const char *name, const char *text)
{
	struct text t = {.name = name, .separators = "", .end = "the end", .at = text};
	struct adversary a = {0};

	text_item(&t);
	a.kind = take_kind(&t);
	a.epsilon = take(&t, "a bound in pixels such as 76.5");
	while (*t.word) {
		bool steps = !strcmp(t.word, "steps") && !a.steps;
		bool step = !strcmp(t.word, "step") && a.step == 0;
		bool beta = !strcmp(t.word, "beta") && a.beta == 0 && a.kind == ADVERSARY_TRADES;
		bool ramp = !strcmp(t.word, "ramp") && !a.ramp;
		if (!steps && !step && !beta && !ramp)
			text_expected(&t,
			              a.kind == ADVERSARY_TRADES
			                      ? "the end or, once each, steps, step, beta or ramp"
			                      : "the end or, once each, steps, step or ramp");
		text_word(&t);
		if (steps)
			a.steps = take_count(&t);
		else if (ramp)
			a.ramp = take_count(&t);
		else if (step)
			a.step = take(&t, "the size of a step in pixels");
		else
			a.beta = take(&t, "a factor of the divergence");
	}
	if (text_item(&t))
		text_expected(&t, "a single line");
	a.steps = a.steps ? a.steps : kinds[a.kind].steps;
	a.step = a.step > 0 ? a.step : kinds[a.kind].step * a.epsilon / (double)a.steps;
	a.beta = a.beta > 0 || a.kind != ADVERSARY_TRADES ? a.beta : 1;
	return a;
}

char *adversary_text(const struct adversary *a)
{
	char *text = NULL;
	size_t size;
	FILE *stream = memory_open(&text, &size);

	fprintf(stream, "%s %.15g steps %" PRId64 " step %.15g", kinds[a->kind].word, a->epsilon,
	        a->steps, a->step);
	if (a->kind == ADVERSARY_TRADES)
		fprintf(stream, " beta %.15g", a->beta);
	if (a->ramp)
		fprintf(stream, " ramp %" PRId64, a->ramp);
	memory_close(stream, &text);
	return text;
}

double adversary_share(const struct adversary *a, int64_t step)
{
	return step < a->ramp ? (double)step / (double)a->ramp : 1;
}

struct loss adversary_loss(const struct adversary *a, double smoothing)
{
	if (a->kind == ADVERSARY_FGSM)
		return loss_mixed(smoothing, 0.5);
	if (a->kind == ADVERSARY_TRADES)
		return loss_trades(smoothing, a->beta);
	return loss_labels(smoothing);
}
