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

/* log(sum(exp(x))), with the largest taken out so that nothing overflows. */
static double log_sum_exp(const float *x, size_t n)
{
	double most = (double)x[num_argmax(x, n)], sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += exp((double)x[i] - most);
	return most + log(sum);
}

void num_softmax(const float *logits, size_t n, size_t classes, float *probabilities)
{
	for (size_t i = 0; i < n; i++, logits += classes, probabilities += classes) {
		double total = log_sum_exp(logits, classes);
		for (size_t c = 0; c < classes; c++)
			probabilities[c] = (float)exp((double)logits[c] - total);
	}
}

double num_cross_entropy(const float *logits, const int32_t *labels, size_t n, size_t classes,
                         double smoothing, float *gradient, size_t *wrong)
{
	double loss = 0, even = smoothing / (double)classes;

	for (size_t i = 0; i < n; i++, logits += classes) {
		double total = log_sum_exp(logits, classes);
		for (size_t c = 0; c < classes; c++) {
			double target = even + (c == (size_t)labels[i] ? 1 - smoothing : 0);
			double surprise = total - (double)logits[c];
			if (target > 0)
				loss += target * surprise;
			if (gradient)
				*gradient++ = (float)((exp(-surprise) - target) / (double)n);
		}
		if (wrong)
			*wrong += num_argmax(logits, classes) != (size_t)labels[i];
	}
	return loss;
}

void num_wilson(size_t k, size_t n, double *low, double *high)
{
	const double z = 1.959963984540054; /* the normal distribution's 97.5 % point */
	double m = (double)n, p = (double)k / m, z2 = z * z / m;
	double center = (p + z2 / 2) / (1 + z2);
	double half = z / (1 + z2) * sqrt(p * (1 - p) / m + z2 / (4 * m));

	*low = k ? center - half : 0;
	*high = k < n ? center + half : 1;
}

bool num_finite(const float *x, size_t n)
{
	/* A NaN or an infinity times zero is NaN, and stays in the sum. */
	float sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += x[i] * 0;
	return sum == 0;
}
