#include "train/loss.h"

#include "num/num.h"

const char *const loss_names[] = {"ce", "mse", NULL};

static double labels(const struct loss *loss, const float *outputs, const struct targets *targets,
                     size_t n, size_t width, float *gradient, size_t *wrong)
{
	return num_cross_entropy(outputs, targets->labels, n, width, loss->smoothing, gradient,
	                         wrong);
}

static double probabilities(const struct loss *loss, const float *outputs,
                            const struct targets *targets, size_t n, size_t width, float *gradient,
                            size_t *wrong)
{
	(void)loss;
	return num_cross_entropy_soft(outputs, targets->values, n, width, gradient, wrong);
}

/* torch.nn.MSELoss, but summed over the rows. */
static double image(const struct loss *loss, const float *outputs, const struct targets *targets,
                    size_t n, size_t width, float *gradient, size_t *wrong)
{
	double sum = 0, elements = (double)width;

	(void)loss;
	(void)wrong;
	for (size_t i = 0; i < n * width; i++) {
		double off = (double)outputs[i] - (double)targets->values[i];
		sum += off * off;
		if (gradient)
			gradient[i] = (float)(2 * off / elements / (double)n);
	}
	return sum / elements;
}

struct loss loss_labels(double smoothing)
{
	return (struct loss){labels, smoothing, true};
}

struct loss loss_probabilities(void)
{
	return (struct loss){probabilities, 0, true};
}

struct loss loss_image(void)
{
	return (struct loss){image, 0, false};
}
