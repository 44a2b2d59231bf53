#include "num/num.h"

#include <math.h>

size_t num_argmax(const float *x, size_t n)
{
	size_t best = 0;

	for (size_t i = 1; i < n; i++)
		if (x[i] > x[best])
			best = i;
	return best;
}

/* sum(exp(x - most)), where most is the largest, so that nothing overflows. */
static double sum_exp(const float *x, size_t n, double *most)
{
	double sum = 0;

	*most = (double)x[num_argmax(x, n)];
	for (size_t i = 0; i < n; i++)
		sum += exp((double)x[i] - *most);
	return sum;
}

/* log(sum(exp(x))) */
static double log_sum_exp(const float *x, size_t n)
{
	double most, sum = sum_exp(x, n, &most);

	return most + log(sum);
}

void num_softmax(const float *logits, size_t n, size_t classes, float *probabilities)
{
	for (size_t i = 0; i < n; i++, logits += classes, probabilities += classes) {
		double most, sum = sum_exp(logits, classes, &most);
		for (size_t c = 0; c < classes; c++)
			probabilities[c] = (float)(exp((double)logits[c] - most) / sum);
	}
}

void num_softmax_double(double *x, size_t n)
{
	double most = -INFINITY, sum = 0;

	for (size_t i = 0; i < n; i++)
		most = fmax(most, x[i]); /* a NaN is in the sum */
	for (size_t i = 0; i < n; i++)
		sum += x[i] = exp(x[i] - most);
	for (size_t i = 0; i < n; i++)
		x[i] /= sum;
}

size_t num_label(struct labels labels, size_t i, size_t classes)
{
	return labels.hard ? (size_t)labels.hard[i]
	                   : num_argmax(labels.soft + i * classes, classes);
}

/* The sum of a row's probabilities. */
static double mass_of(struct labels labels, size_t i, size_t classes)
{
	double sum = 0;

	if (labels.hard)
		return 1;
	for (size_t c = 0; c < classes; c++)
		sum += (double)labels.soft[i * classes + c];
	return sum;
}

double num_cross_entropy(const float *logits, struct labels labels, size_t n, size_t classes,
                         double smoothing, float *gradient, size_t *wrong)
{
	const double even = smoothing / (double)classes, share = 1 - smoothing;
	double loss = 0;

	for (size_t i = 0; i < n; i++, logits += classes) {
		double total = log_sum_exp(logits, classes);
		/* Of a label whose mass is 1 this is 1 exactly, however the share is rounded. */
		double mass = 1 + share * (mass_of(labels, i, classes) - 1);
		for (size_t c = 0; c < classes; c++) {
			double p = labels.hard ? c == (size_t)labels.hard[i]
			                       : (double)labels.soft[i * classes + c];
			double target = even + share * p, surprise = total - (double)logits[c];
			if (target > 0)
				loss += target * surprise;
			if (gradient)
				*gradient++ = (float)((mass * exp(-surprise) - target) / (double)n);
		}
		if (wrong)
			*wrong += num_argmax(logits, classes) != num_label(labels, i, classes);
	}
	return loss;
}

/* A row's, and the derivatives, divided by n. */
static double divergence(const float *logits, const float *others, size_t classes, double n,
                         float *gradient, float *other_gradient)
{
	double total = log_sum_exp(logits, classes), other_total = log_sum_exp(others, classes);
	double sum = 0;

	for (size_t c = 0; c < classes; c++) {
		double p = exp((double)logits[c] - total);
		sum += p * ((double)logits[c] - total - (double)others[c] + other_total);
	}
	for (size_t c = 0; c < classes; c++) {
		double log_p = (double)logits[c] - total, log_q = (double)others[c] - other_total;
		if (gradient)
			gradient[c] = (float)(exp(log_p) * (log_p - log_q - sum) / n);
		if (other_gradient)
			other_gradient[c] = (float)((exp(log_q) - exp(log_p)) / n);
	}
	return sum;
}

double num_divergence(const float *logits, const float *others, size_t n, size_t classes,
                      float *gradient, float *other_gradient)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++) {
		size_t row = i * classes;
		sum += divergence(logits + row, others + row, classes, (double)n,
		                  gradient ? gradient + row : NULL,
		                  other_gradient ? other_gradient + row : NULL);
	}
	return sum;
}

bool num_finite(const float *x, size_t n)
{
	/* A NaN or an infinity times zero is NaN, and stays in the sum. */
	float sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += x[i] * 0;
	return sum == 0;
}

bool num_finite_double(const double *x, size_t n)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += x[i] * 0;
	return sum == 0;
}
