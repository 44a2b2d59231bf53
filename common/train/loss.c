#include "train/loss.h"

#include <stdlib.h>

#include "base/base.h"
#include "num/num.h"

const char *const loss_names[] = {"ce", "mse", NULL};

static double labels(const struct loss *loss, const float *outputs, const struct targets *targets,
                     size_t n, size_t width, float *gradient, size_t *wrong)
{
	return num_cross_entropy(outputs, targets->labels, n, width, loss->smoothing, gradient,
	                         wrong);
}

/* torch.nn.MSELoss, but summed over the rows. */
static double image(const struct loss *loss, const float *outputs, const struct targets *targets,
                    size_t n, size_t width, float *gradient, size_t *wrong)
{
	double sum = 0, elements = (double)width;

	(void)loss;
	(void)wrong;
	for (size_t i = 0; i < n * width; i++) {
		double off = (double)outputs[i] - (double)targets->image[i];
		sum += off * off;
		if (gradient)
			gradient[i] = (float)(2 * off / elements / (double)n);
	}
	return sum / elements;
}

static void multiply(float *x, size_t n, double factor)
{
	for (size_t i = 0; x && i < n; i++)
		x[i] = (float)(factor * (double)x[i]);
}

static double mixed(const struct loss *loss, const float *outputs, const struct targets *targets,
                    size_t n, size_t width, float *gradient, size_t *wrong)
{
	const double w = loss->weight;
	float *changed = gradient ? gradient + n * width : NULL;
	double plain = num_cross_entropy(outputs, targets->labels, n, width, loss->smoothing,
	                                 gradient, NULL);
	double other = num_cross_entropy(outputs + n * width, targets->labels, n, width,
	                                 loss->smoothing, changed, wrong);

	multiply(gradient, n * width, w);
	multiply(changed, n * width, 1 - w);
	return w * plain + (1 - w) * other;
}

static double trades(const struct loss *loss, const float *outputs, const struct targets *targets,
                     size_t n, size_t width, float *gradient, size_t *wrong)
{
	const float *changed = outputs + n * width;
	float *by_label = gradient ? xcalloc(n * width, sizeof *by_label) : NULL;
	double plain = num_cross_entropy(outputs, targets->labels, n, width, loss->smoothing,
	                                 by_label, NULL);
	double other = num_divergence(outputs, changed, n, width, gradient,
	                              gradient ? gradient + n * width : NULL);

	multiply(gradient, 2 * n * width, loss->weight);
	for (size_t i = 0; gradient && i < n * width; i++)
		gradient[i] += by_label[i];
	for (size_t i = 0; i < n; i++)
		*wrong += num_argmax(changed + i * width, width) !=
		          num_label(targets->labels, i, width);
	free(by_label);
	return plain + loss->weight * other;
}

struct loss loss_labels(double smoothing)
{
	return (struct loss){.of = labels, .smoothing = smoothing, .classifies = true};
}

struct loss loss_image(void)
{
	return (struct loss){.of = image};
}

struct loss loss_mixed(double smoothing, double weight)
{
	return (struct loss){.of = mixed,
	                     .classifies = true,
	                     .pairs = true,
	                     .smoothing = smoothing,
	                     .weight = weight};
}

struct loss loss_trades(double smoothing, double beta)
{
	return (struct loss){.of = trades,
	                     .classifies = true,
	                     .pairs = true,
	                     .smoothing = smoothing,
	                     .weight = beta};
}

struct loss loss_plain(struct loss loss)
{
	return loss.pairs || loss.of == labels ? loss_labels(0) : loss;
}
