#include <math.h>

#include "base/base.h"
#include "rnn/rnn.h"

const char *const rnn_losses[] = {"assignment", "cross-entropy", NULL};

void rnn_loss_check(enum rnn_of of, const struct rnn_data *d)
{
	if (of == RNN_CROSS_ENTROPY && !d->labels)
		die("%s: expected labels after the sequences, for the cross-entropy, found the end",
		    npy_name(d->in));
	if (of == RNN_ASSIGNMENT && d->outputs < 2)
		die("the assignment's loss is of two outputs, and the model has %zu", d->outputs);
}

int32_t rnn_label(const struct rnn_batch *x, size_t i, size_t t)
{
	if (!x->labels)
		return 0;
	return x->each ? x->labels[i * x->steps + t] : x->labels[i];
}

/* log(sum(exp(o))), with the largest taken out so that nothing overflows. */
static double log_sum_exp(const double *o, size_t n)
{
	double most = o[0], sum = 0;

	for (size_t j = 1; j < n; j++)
		most = o[j] > most ? o[j] : most;
	for (size_t j = 0; j < n; j++)
		sum += exp(o[j] - most);
	return most + log(sum);
}

void rnn_softmax(const double *o, size_t n, double *y)
{
	double total = log_sum_exp(o, n);

	for (size_t j = 0; j < n; j++)
		y[j] = exp(o[j] - total);
}

double rnn_loss(enum rnn_of of, const double *o, size_t n, int32_t label, double *gradient)
{
	double total = log_sum_exp(o, n), off = exp(o[0] - total) - 0.5;
	bool square = of == RNN_ASSIGNMENT;
	size_t class = square ? 1 : (size_t)label;

	/* dy_0/do_j = y_0 ([j = 0] - y_j); -log y_c has y_j - [j = c]. */
	for (size_t j = 0; gradient && j < n; j++) {
		double y = exp(o[j] - total);
		gradient[j] = y - (j == class);
		if (square)
			gradient[j] += 2 * off * (off + 0.5) * ((j == 0) - y);
	}
	return (total - o[class]) + (square ? off * off : 0);
}
