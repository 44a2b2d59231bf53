#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "embed/embed.h"

/* ---- a row's probabilities ---- */

enum { ROWS = 64, MOST_STEPS = 200 };

/* p proportional to exp(-b square), normalized; returns its entropy in nats. */
static double spread(const double *square, size_t k, double b, double *p)
{
	double sum = 0, product = 0;

	for (size_t j = 0; j < k; j++) {
		p[j] = exp(-b * square[j]);
		sum += p[j];
		product += p[j] * square[j];
	}
	for (size_t j = 0; j < k; j++)
		p[j] /= sum;
	return log(sum) + b * product / sum;
}

/* Bisection for the b that gives the entropy; `square` has a smallest of 0 and is scaled so that
 * its mean is 1, which makes 1 a good first guess. */
static void fit(const double *square, size_t k, double entropy, double *p)
{
	double low = 0, high = INFINITY, b = 1;

	for (int i = 0; i < MOST_STEPS; i++) {
		double more = spread(square, k, b, p) - entropy;
		if (fabs(more) < 1e-8)
			return;
		if (more > 0)
			low = b;
		else
			high = b;
		b = isinf(high) ? 2 * b : (low + high) / 2;
	}
}

struct job {
	const struct nearest *near;
	double entropy;
	float *p;
	double *room; /* 2 k of each thread */
};

static void fit_row(const struct job *job, size_t row, double *square, double *p)
{
	size_t k = job->near->k;
	const float *d = job->near->distance + row * k;
	double mean = 0;

	for (size_t j = 0; j < k; j++) {
		/* The difference of the squares, without rounding away what little it is. */
		square[j] = ((double)d[j] - (double)d[0]) * ((double)d[j] + (double)d[0]);
		mean += square[j] / (double)k;
	}
	for (size_t j = 0; mean > 0 && j < k; j++)
		square[j] /= mean;
	fit(square, k, job->entropy, p);
	for (size_t j = 0; j < k; j++)
		job->p[row * k + j] = (float)p[j];
}

static void fit_rows(void *context, size_t task, int thread)
{
	const struct job *job = context;
	size_t k = job->near->k;
	double *room = job->room + (size_t)thread * 2 * k;

	for (size_t i = task * ROWS; i < (task + 1) * ROWS && i < job->near->n; i++)
		fit_row(job, i, room, room + k);
}

/* ---- sparse matrices ---- */

static struct graph graph_new(size_t n, size_t m, size_t entries)
{
	return (struct graph){n, m, xcalloc(n + 1, sizeof(size_t)),
	                      xcalloc(entries, sizeof(int32_t)), xcalloc(entries, sizeof(float))};
}

void graph_free(struct graph *g)
{
	free(g->first);
	free(g->to);
	free(g->p);
}

/* The rows of the result are sorted, whatever those of g are. */
static struct graph transpose(const struct graph *g)
{
	size_t entries = g->first[g->n];
	struct graph t = graph_new(g->m, g->n, entries);
	size_t *next = xcalloc(g->m + 1, sizeof *next);

	for (size_t e = 0; e < entries; e++)
		t.first[g->to[e] + 1]++;
	for (size_t i = 0; i < t.n; i++)
		t.first[i + 1] += t.first[i];
	memcpy(next, t.first, t.n * sizeof *next);
	for (size_t i = 0; i < g->n; i++)
		for (size_t e = g->first[i]; e < g->first[i + 1]; e++) {
			size_t at = next[g->to[e]]++;
			t.to[at] = (int32_t)i;
			t.p[at] = g->p[e];
		}
	free(next);
	return t;
}

struct graph graph_conditional(const struct nearest *near, double perplexity)
{
	struct graph g = graph_new(near->n, near->m, near->n * near->k);
	struct job job = {near, log(perplexity), g.p, NULL};

	for (size_t i = 0; i <= near->n; i++)
		g.first[i] = i * near->k;
	for (size_t e = 0; e < near->n * near->k; e++)
		g.to[e] = (int32_t)near->to[e];
	job.room = xcalloc((size_t)threads() * 2 * near->k, sizeof *job.room);
	threads_run((near->n + ROWS - 1) / ROWS, fit_rows, &job);
	free(job.room);
	struct graph columns = transpose(&g), rows = transpose(&columns);
	graph_free(&g);
	graph_free(&columns);
	return rows;
}

/* Row i of the sum of a and b, whose rows are sorted, times `by`, behind what c has. */
static void add_row(const struct graph *a, const struct graph *b, size_t i, float by,
                    struct graph *c)
{
	size_t ea = a->first[i], eb = b->first[i], at = c->first[i];
	size_t end_a = a->first[i + 1], end_b = b->first[i + 1];

	while (ea < end_a || eb < end_b) {
		int32_t ta = ea < end_a ? a->to[ea] : INT32_MAX;
		int32_t tb = eb < end_b ? b->to[eb] : INT32_MAX;
		c->to[at] = ta < tb ? ta : tb;
		c->p[at] = by * ((ta <= tb ? a->p[ea] : 0) + (tb <= ta ? b->p[eb] : 0));
		ea += ta <= tb;
		eb += tb <= ta;
		at++;
	}
	c->first[i + 1] = at;
}

struct graph graph_joint(const struct graph *conditional)
{
	struct graph t = transpose(conditional);
	struct graph sum = graph_new(t.n, t.m, 2 * conditional->first[t.n]);

	for (size_t i = 0; i < t.n; i++)
		add_row(conditional, &t, i, (float)(0.5 / (double)t.n), &sum);
	graph_free(&t);
	return sum;
}
