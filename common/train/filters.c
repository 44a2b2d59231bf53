#include "train/filters.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "linear/linear.h"

/* A row for each map: image k's of channel c is row k C + c. */
struct filters {
	struct shape shape;
	size_t places, templates; /* h w, and one more */
	double tau;
	double *template; /* templates x places */
	double *maps;     /* images C x places: x' */
	size_t *peak;     /* images C: where x' is largest */
	double *mean;     /* C: m */
	double *fit;      /* images C x templates: x' . T, then L = log(p(x|T) / p(x)) */
	double *given;    /* images C x templates: p(x|T) */
	double *sums;     /* C x 2 x templates: log Z_T, sum_x p(x|T) L */
	double *loss;     /* C */

	/* The batch at hand. */
	size_t n, classes;
	const size_t *label;
	double weight;
	float *gradient;
};

static size_t apart(size_t a, size_t b)
{
	return a > b ? a - b : b - a;
}

static void fill_templates(struct filters *f)
{
	size_t w = f->shape.w, n = f->shape.h > w ? f->shape.h : w;

	f->tau = 0.5 / (double)f->places;
	for (size_t i = 0; i < f->templates * f->places; i++) {
		size_t at = i / f->places, to = i % f->places;
		size_t d = apart(at / w, to / w) + apart(at % w, to % w);
		double cone = fmax(1 - TEMPLATE_SLOPE * (double)d / (double)n, -1);
		f->template[i] = f->tau * (at < f->places ? cone : -1);
	}
}

struct filters *filters_new(struct shape shape, size_t images)
{
	struct filters *f = xcalloc(1, sizeof *f);
	size_t rows = images * shape.c;

	f->shape = shape;
	f->places = shape.h * shape.w;
	f->templates = f->places + 1;
	f->template = xcalloc(f->templates, f->places * sizeof *f->template);
	f->maps = xcalloc(rows, f->places * sizeof *f->maps);
	f->peak = xcalloc(rows, sizeof *f->peak);
	f->mean = xcalloc(shape.c, sizeof *f->mean);
	f->fit = xcalloc(rows, f->templates * sizeof *f->fit);
	f->given = xcalloc(rows, f->templates * sizeof *f->given);
	f->sums = xcalloc(shape.c, 2 * f->templates * sizeof *f->sums);
	f->loss = xcalloc(shape.c, sizeof *f->loss);
	fill_templates(f);
	return f;
}

void filters_free(struct filters *f)
{
	free(f->template);
	free(f->maps);
	free(f->peak);
	free(f->mean);
	free(f->fit);
	free(f->given);
	free(f->sums);
	free(f->loss);
	free(f);
}

/* s / m; 0 for a filter that has no loss. */
static double factor(const struct filters *f, size_t channel)
{
	return f->mean[channel] > 0 ? FILTERS_FIT / f->tau / f->mean[channel] : 0;
}

/* From x to x'. */
static void scale(struct filters *f, const float *maps)
{
	size_t channels = f->shape.c, rows = f->n * channels;

	memset(f->mean, 0, channels * sizeof *f->mean);
	for (size_t row = 0; row < rows; row++) {
		const float *x = maps + row * f->places;
		size_t peak = 0;
		for (size_t i = 1; i < f->places; i++)
			if (x[i] > x[peak])
				peak = i;
		f->peak[row] = peak;
		f->mean[row % channels] += (double)x[peak] / (double)f->n;
	}
	for (size_t row = 0; row < rows; row++) {
		double by = factor(f, row % channels);
		for (size_t i = row * f->places; i < (row + 1) * f->places; i++)
			f->maps[i] = by * (double)maps[i];
	}
}

/* The template that the image is to fit. */
static size_t target(const struct filters *f, size_t image, size_t channel)
{
	bool own = !f->label || f->label[image] == channel % f->classes;

	return own ? f->peak[image * f->shape.c + channel] : f->places;
}

/* One channel: its rows, which are `row` numbers apart. */
struct channel {
	double *fit, *given, *norm, *mean;
	size_t images, templates, row;
};

/* From x' . T to p(x|T) and its logarithm.  The largest x' . T is taken out first, so that nothing
 * overflows. */
static void normalize(const struct channel *c)
{
	double *most = c->norm, *sum = c->mean;

	memcpy(most, c->fit, c->templates * sizeof *most);
	memset(sum, 0, c->templates * sizeof *sum);
	for (size_t k = 1; k < c->images; k++)
		for (size_t t = 0; t < c->templates; t++)
			most[t] = fmax(most[t], c->fit[k * c->row + t]);
	for (size_t k = 0; k < c->images; k++)
		for (size_t t = 0; t < c->templates; t++) {
			double p = exp(c->fit[k * c->row + t] - most[t]);
			c->given[k * c->row + t] = p;
			sum[t] += p;
		}
	for (size_t t = 0; t < c->templates; t++)
		c->norm[t] += log(sum[t]);
	for (size_t k = 0; k < c->images; k++)
		for (size_t t = 0; t < c->templates; t++) {
			c->given[k * c->row + t] /= sum[t];
			c->fit[k * c->row + t] -= c->norm[t];
		}
}

/* log p(x), from p(x|T) and their logarithms, which matter where all p(x|T) are next to nothing. */
static double log_of_image(const double *given, const double *log_given, size_t templates)
{
	double sum = 0, most = log_given[0];

	for (size_t t = 0; t < templates; t++)
		sum += given[t];
	if (sum > 1e-200)
		return log(sum / (double)templates);
	for (size_t t = 1; t < templates; t++)
		most = fmax(most, log_given[t]);
	sum = 0;
	for (size_t t = 0; t < templates; t++)
		sum += exp(log_given[t] - most);
	return most + log(sum / (double)templates);
}

/* The loss of one channel, from p(x|T) and its logarithm to L and its means. */
static double information(const struct channel *c)
{
	double loss = 0;

	memset(c->mean, 0, c->templates * sizeof *c->mean);
	for (size_t k = 0; k < c->images; k++) {
		double *l = c->fit + k * c->row, *p = c->given + k * c->row;
		double log_x = log_of_image(p, l, c->templates);
		for (size_t t = 0; t < c->templates; t++) {
			l[t] -= log_x;
			c->mean[t] += p[t] * l[t];
		}
	}
	for (size_t t = 0; t < c->templates; t++)
		loss -= c->mean[t] / (double)c->templates;
	return loss;
}

/*
 * The loss is - sum_T p(T) mean L, with the mean under p(x|T), and its derivative by x' . T is
 * - p(T) p(x|T) (L - mean L): what comes from p(x|T) and p(x) within L adds up to nothing.
 *
 * That by x is s / m T times this; by the peaks, of which m is the mean over n images, also minus
 * the sum over the batch of x' times the derivative by x', over m n.
 */
static void give_gradient(struct filters *f, const struct channel *c, size_t channel)
{
	double by = factor(f, channel), change = 0;

	for (size_t k = 0; k < f->n; k++) {
		size_t t = target(f, k, channel), row = k * f->shape.c + channel;
		size_t at = k * c->row + t;
		const double *template = f->template + t * f->places;
		double slope = -f->weight / (double)f->templates * c->given[at] *
		               (c->fit[at] - c->mean[t]);
		for (size_t i = 0; i < f->places; i++) {
			double d = slope * template[i];
			f->gradient[row * f->places + i] = (float)(by * d);
			change += d * f->maps[row * f->places + i];
		}
	}
	for (size_t k = 0; by > 0 && k < f->n; k++) {
		size_t row = k * f->shape.c + channel;
		float *peak = &f->gradient[row * f->places + f->peak[row]];
		*peak = (float)((double)*peak - change / (f->mean[channel] * (double)f->n));
	}
}

static void channel(void *context, size_t index, int thread)
{
	struct filters *f = context;
	size_t first = index * f->templates;
	struct channel c = {f->fit + first,
	                    f->given + first,
	                    f->sums + 2 * first,
	                    f->sums + 2 * first + f->templates,
	                    f->n,
	                    f->templates,
	                    f->shape.c * f->templates};

	(void)thread;
	normalize(&c);
	f->loss[index] = information(&c);
	give_gradient(f, &c, index);
}

double filters_loss(struct filters *f, const float *maps, const size_t *label, size_t classes,
                    size_t n, double weight, float *gradient)
{
	size_t rows = n * f->shape.c;
	struct matrix templates = linear_matrix(f->template, f->templates, f->places);
	double sum = 0;

	f->n = n;
	f->label = label;
	f->classes = classes;
	f->weight = weight;
	f->gradient = gradient;
	scale(f, maps);
	memset(f->fit, 0, rows * f->templates * sizeof *f->fit);
	linear_multiply(linear_matrix(f->maps, rows, f->places), linear_transposed(templates),
	                f->fit, LINEAR_ALL);
	threads_run(f->shape.c, channel, f);
	for (size_t c = 0; c < f->shape.c; c++)
		sum += f->loss[c];
	return sum;
}
