#include <math.h>

#include "num/num.h"

/* P(|T| < sqrt(df) tan(angle)) of Student's T: a finite sum in powers of the cosine. */
static double within_angle(double angle, size_t df)
{
	const double pi = 3.14159265358979323846;
	double c = cos(angle), sum = 0;
	bool odd = df % 2;
	double term = odd ? c : 1;

	for (size_t k = odd; k + 2 <= df; k += 2) {
		sum += term;
		term *= c * c * (double)(k + 1) / (double)(k + 2);
	}
	return odd ? 2 / pi * (angle + sin(angle) * sum) : sin(angle) * sum;
}

/* P(|Z| < z) of the normal distribution, which needs no df. */
static double within_z(double z, size_t df)
{
	(void)df;
	return erf(z * sqrt(0.5));
}

/* The x between 0 and high at which an increasing probability is p, by bisection down to the
 * spacing of the numbers. */
static double solve(double probability(double x, size_t df), size_t df, double high, double p)
{
	double low = 0;

	for (;;) {
		double middle = low + (high - low) / 2;
		if (middle <= low || middle >= high)
			return middle;
		if (probability(middle, df) < p)
			low = middle;
		else
			high = middle;
	}
}

double num_student(size_t df, double confidence)
{
	return sqrt((double)df) * tan(solve(within_angle, df, acos(0), confidence));
}

double num_normal(double confidence)
{
	return solve(within_z, 0, 10, confidence);
}

struct interval num_interval(const double *x, size_t n, double confidence)
{
	struct interval i = {.n = n, .mean = NAN, .sd = NAN, .low = NAN, .high = NAN};
	double count = (double)n, sum = 0, squares = 0;

	if (n < 1)
		return i;
	for (size_t k = 0; k < n; k++)
		sum += x[k];
	i.mean = sum / count;
	if (n < 2)
		return i;
	for (size_t k = 0; k < n; k++)
		squares += (x[k] - i.mean) * (x[k] - i.mean);
	i.sd = sqrt(squares / (count - 1));
	double half = num_student(n - 1, confidence) * i.sd / sqrt(count);
	i.low = i.mean - half;
	i.high = i.mean + half;
	return i;
}

void num_wilson(size_t k, size_t n, double confidence, double *low, double *high)
{
	double z = num_normal(confidence);
	double m = (double)n, p = (double)k / m, z2 = z * z / m;
	double center = (p + z2 / 2) / (1 + z2);
	double half = z / (1 + z2) * sqrt(p * (1 - p) / m + z2 / (4 * m));

	*low = k ? center - half : 0;
	*high = k < n ? center + half : 1;
}
