#include "neighbors/scores.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/*
 * Numbers of a row at a time: with so many, a panel of y fits the nearest cache beside rows of x.
 * Columns of a block, of any tile's width a multiple.  Rows of a group, about: they are read again
 * for every panel, and the panels of y for every group.  Scores that are looked at together.
 */
enum { DEPTH = 256, COLUMNS = 256, GROUP = 144, CHUNK = 32 };

/* Groups of each thread between two lines of progress. */
enum { TURN = 8 };

/* ---- preparing ---- */

static double *mean_of(const struct rows *r)
{
	double *mean = xcalloc(r->d, sizeof *mean), *row = xcalloc(r->d, sizeof *row);

	for (size_t i = 0; i < r->n; i++) {
		rows_get(r, i, row);
		for (size_t p = 0; p < r->d; p++)
			mean[p] += row[p];
	}
	for (size_t p = 0; p < r->d; p++)
		mean[p] /= (double)r->n;
	free(row);
	return mean;
}

/* The largest difference from the mean. */
static double spread_of(const struct rows *r, const double *mean)
{
	double *row = xcalloc(r->d, sizeof *row), most = 0;

	for (size_t i = 0; i < r->n; i++) {
		rows_get(r, i, row);
		for (size_t p = 0; p < r->d; p++)
			most = fmax(most, fabs(row[p] - mean[p]));
	}
	free(row);
	return most;
}

/* The power of two that makes this number at least 1/2, and less than 1; of numbers whose squares
 * are nearly too small for a double, a power that has itself a square. */
static double scale_of(double most)
{
	int exponent = 0;

	(void)frexp(most, &exponent);
	return ldexp(1, exponent < -400 ? 400 : -exponent);
}

/* Row i as the products take it, its numbers `step` apart; returns its square. */
static double put_row(const struct scores *s, const struct rows *r, size_t i, double *row,
                      float *to, size_t step)
{
	double square = 0;

	rows_get(r, i, row);
	for (size_t p = 0; p < r->d; p++) {
		float x = (float)((row[p] - s->mean[p]) * s->scale);
		to[p * step] = x;
		square += (double)x * x;
	}
	return square;
}

/* A panel of y; what is behind its last row stays 0. */
static void pack_panel(void *context, size_t panel, int thread)
{
	struct scores *s = context;
	size_t first = panel * s->width, n = s->y->n - first;
	double *row = xcalloc(s->y->d, sizeof *row);

	(void)thread;
	for (size_t j = 0; j < n && j < s->width; j++)
		s->begin[first + j] =
			(float)(-0.5 * put_row(s, s->y, first + j, row,
		                               s->panel + panel * s->y->d * s->width + j,
		                               s->width));
	free(row);
}

struct scores scores_new(const struct rows *x, const struct rows *y)
{
	enum level level = level_best();
	size_t width = 2 * level_lanes(level), high = tile_rows(level);
	struct scores s = {.x = x,
	                   .y = y,
	                   .level = level,
	                   .mean = mean_of(y),
	                   .width = width,
	                   .panels = (y->n + width - 1) / width,
	                   .group = GROUP / high * high};

	s.scale = scale_of(fmax(spread_of(y, s.mean), x == y ? 0 : spread_of(x, s.mean)));
	s.panel = xaligned(s.panels * width, y->d * sizeof *s.panel);
	s.begin = xaligned(s.panels * width, sizeof *s.begin);
	threads_run(s.panels, pack_panel, &s);
	for (size_t j = 0; j < y->n; j++)
		s.longest = fmax(s.longest, sqrt(-2.0 * s.begin[j]));
	s.at = xcalloc(DEPTH, sizeof *s.at);
	for (size_t p = 0; p < DEPTH; p++)
		s.at[p] = p * high;
	return s;
}

void scores_free(struct scores *s)
{
	free(s->mean);
	free(s->panel);
	free(s->begin);
	free(s->at);
}

struct scores_work scores_work_new(const struct scores *s)
{
	return (struct scores_work){
		.row = xcalloc(s->x->d, sizeof(double)),
		.packed = xaligned(s->group, s->x->d * sizeof(float)),
		.block = xaligned(s->group, COLUMNS * sizeof(float)),
		.squares = xcalloc(s->group, sizeof(double)),
		.least = xcalloc(s->group, sizeof(float)),
	};
}

void scores_work_free(struct scores_work *w)
{
	free(w->row);
	free(w->packed);
	free(w->block);
	free(w->squares);
	free(w->least);
}

void scores_pack(const struct scores *s, struct scores_work *w, size_t first, size_t rows)
{
	size_t high = tile_rows(s->level);

	for (size_t i = 0; i < rows; i++)
		w->squares[i] = put_row(s, s->x, first + i, w->row,
		                        w->packed + i / high * high * s->x->d + i % high, high);
}

double scores_bound(const struct scores *s, const struct scores_work *w, size_t i)
{
	double reach = sqrt(w->squares[i]) + s->longest;

	return ((double)s->x->d + 4) * (0x1p-24 * reach * reach + 0x1p-148);
}

/* ---- products ---- */

/* The block of scores whose first column is `column`. */
static void fill_block(const struct scores *s, struct scores_work *w, size_t rows, size_t column,
                       size_t columns)
{
	size_t d = s->x->d, high = tile_rows(s->level), full = rows / high;
	struct tile t = {.vectors = 2,
	                 .at = s->at,
	                 .b_step = s->width,
	                 .c_row = COLUMNS,
	                 .c_vector = s->width / 2,
	                 .a_next = d * high,
	                 .c_next = high * COLUMNS};

	for (size_t p = 0; p < d; p += DEPTH) {
		t.k = d - p < DEPTH ? d - p : DEPTH;
		t.add = p > 0;
		for (size_t j = 0; j < columns; j += s->width) {
			t.b = s->panel + (column + j) * d + p * s->width;
			t.bias = s->begin + column + j;
			t.a = w->packed + p * high;
			t.c = w->block + j;
			t.rows = high;
			t.repeat = full;
			tile_unit[s->level](&t);
			t.a += full * t.a_next;
			t.c += full * t.c_next;
			t.rows = rows % high;
			t.repeat = 1;
			if (t.rows)
				tile_unit[s->level](&t);
		}
	}
}

/* ---- looking through the scores ---- */

MULTIVERSION static int any_at_least(const float *score, float least)
{
	int any = 0;

	for (size_t j = 0; j < CHUNK; j++)
		any |= score[j] >= least;
	return any;
}

void scores_scan(const struct scores *s, struct scores_work *w, size_t rows, scores_seen *seen,
                 void *context)
{
	for (size_t column = 0, n; column < s->y->n; column += n) {
		n = s->y->n - column < COLUMNS ? s->y->n - column : COLUMNS;
		fill_block(s, w, rows, column, n);
		for (size_t i = 0; i < rows; i++)
			for (size_t j = 0; j < n; j += CHUNK) {
				const float *score = w->block + i * COLUMNS + j;
				if (!any_at_least(score, w->least[i]))
					continue;
				for (size_t q = 0; q < CHUNK && j + q < n; q++)
					if (score[q] >= w->least[i])
						seen(context, i, column + j + q, score[q]);
			}
	}
}

/* ---- threads ---- */

struct groups {
	const struct scores *s;
	scores_work_on *work;
	void *context;
	size_t first; /* group of this turn */
};

static void work_on_group(void *context, size_t task, int thread)
{
	struct groups *g = context;
	size_t first = (g->first + task) * g->s->group, left = g->s->x->n - first;

	g->work(g->context, first, left < g->s->group ? left : g->s->group, thread);
}

void scores_groups(const struct scores *s, scores_work_on *work, void *context, struct progress *p)
{
	size_t groups = (s->x->n + s->group - 1) / s->group, turn = (size_t)threads() * TURN;
	struct groups g = {s, work, context, 0};

	for (; g.first < groups; g.first += turn) {
		progress_show(p, (double)(g.first * s->group), NULL);
		threads_run(groups - g.first < turn ? groups - g.first : turn, work_on_group, &g);
	}
}
