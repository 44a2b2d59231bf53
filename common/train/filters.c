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
	double *template;         /* templates x places */
	double *maps;             /* images C x places: maps, then the gradient */
	double *fit;   /* images C x templates: x . T, then L = log(p(x|T) / p(x)), then the loss's
	                  derivative by x . T */
	double *given; /* images C x templates: p(x|T) */
	double *sums;  /* C x 2 x templates: log Z_T, sum_x p(x|T) L */
	double *loss;  /* C */
	size_t n;      /* images of the batch at hand */
};

static size_t apart(size_t a, size_t b)
{
	return a > b ? a - b : b - a;
}

static void fill_templates(struct filters *f)
{
	size_t w = f->shape.w, n = f->shape.h > w ? f->shape.h : w;
	double tau = 0.5 / (double)f->places;

	for (size_t i = 0; i < f->templates * f->places; i++) {
		size_t at = i / f->places, to = i % f->places;
		size_t d = apart(at / w, to / w) + apart(at % w, to % w);
		double cone = fmax(1 - TEMPLATE_SLOPE * (double)d / (double)n, -1);
		f->template[i] = tau * (at < f->places ? cone : -1);
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
	free(f->fit);
	free(f->given);
	free(f->sums);
	free(f->loss);
	free(f);
}

/* One channel: its rows, which are `row` numbers apart. */
struct channel {
	double *fit, *given, *norm, *mean;
	size_t images, templates, row;
};

/* From x . T to p(x|T) and its logarithm.  The largest x . T is taken out first, so that nothing
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

/*
 * The loss is - sum_T p(T) mean L, with the mean under p(x|T), and its derivative by x . T is
 * - p(T) p(x|T) (L - mean L): what comes from p(x|T) and p(x) within L adds up to nothing.
 */
static void channel(void *context, size_t channel_index, int thread)
{
	struct filters *f = context;
	size_t first = channel_index * f->templates;
	struct channel c = {f->fit + first,
	                    f->given + first,
	                    f->sums + 2 * first,
	                    f->sums + 2 * first + f->templates,
	                    f->n,
	                    f->templates,
	                    f->shape.c * f->templates};
	double prior = 1 / (double)f->templates, loss = 0;

	(void)thread;
	normalize(&c);
	memset(c.mean, 0, c.templates * sizeof *c.mean);
	for (size_t k = 0; k < c.images; k++) {
		double *l = c.fit + k * c.row, *p = c.given + k * c.row;
		double log_x = log_of_image(p, l, c.templates);
		for (size_t t = 0; t < c.templates; t++) {
			l[t] -= log_x;
			c.mean[t] += p[t] * l[t];
		}
	}
	for (size_t t = 0; t < c.templates; t++)
		loss -= prior * c.mean[t];
	f->loss[channel_index] = loss;
	for (size_t k = 0; k < c.images; k++)
		for (size_t t = 0; t < c.templates; t++) {
			double *l = &c.fit[k * c.row + t];
			*l = -prior * c.given[k * c.row + t] * (*l - c.mean[t]);
		}
}

double filters_loss(struct filters *f, const float *maps, size_t n, double weight, float *gradient)
{
	size_t rows = n * f->shape.c, count = rows * f->places;
	struct matrix templates = linear_matrix(f->template, f->templates, f->places);
	double sum = 0;

	f->n = n;
	for (size_t i = 0; i < count; i++)
		f->maps[i] = (double)maps[i];
	memset(f->fit, 0, rows * f->templates * sizeof *f->fit);
	linear_multiply(linear_matrix(f->maps, rows, f->places), linear_transposed(templates),
	                f->fit, LINEAR_ALL);
	threads_run(f->shape.c, channel, f);
	for (size_t c = 0; c < f->shape.c; c++)
		sum += f->loss[c];
	memset(f->maps, 0, count * sizeof *f->maps);
	linear_multiply(linear_matrix(f->fit, rows, f->templates), templates, f->maps, LINEAR_ALL);
	for (size_t i = 0; i < count; i++)
		gradient[i] = (float)(weight * f->maps[i]);
	return sum;
}
