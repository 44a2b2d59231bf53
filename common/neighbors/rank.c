#include <math.h>
#include <stdlib.h>

#include "neighbors/scores.h"

/* A row whose rank is wanted. */
struct target {
	double square; /* of its distance */
	int64_t row;
	size_t place; /* among the targets as given */
};

/*
 * The targets of one row, nearest first.  A row whose score is above sure[t] is nearer than target
 * t; one whose score is below maybe[t] is farther; between them the differences decide.
 */
struct targets {
	struct target *target;
	float *sure, *maybe;
	size_t *nearer; /* rows that are nearer than target t and those behind it, but than no other
	                 */
	size_t own;
};

/* One thread's. */
struct worker {
	const struct scores *s;
	struct scores_work w;
	size_t k;
	struct targets *row; /* of the group */
};

static int by_distance(const void *a, const void *b)
{
	const struct target *x = a, *y = b;

	if (x->square != y->square)
		return x->square < y->square ? -1 : 1;
	return (x->row > y->row) - (x->row < y->row);
}

/* The first of k descending limits that is below the score.  Where it is cannot be predicted, so
 * that the steps are without a branch. */
static size_t first_below(const float *limit, size_t k, float score)
{
	size_t first = 0;

	while (k) {
		size_t half = k / 2;
		bool behind = limit[first + half] >= score;
		first += behind ? half + 1 : 0;
		k = behind ? k - half - 1 : half;
	}
	return first;
}

static void count_row(void *context, size_t i, size_t j, float score)
{
	struct worker *h = context;
	struct targets *t = &h->row[i];

	if (j == t->own)
		return;
	size_t sure = first_below(t->sure, h->k, score), at = sure;
	while (at && t->maybe[at - 1] <= score)
		at--;
	if (at < sure) {
		struct target row = {rows_distance(h->s->x, t->own, h->s->x, j), (int64_t)j, 0};
		while (at < sure && by_distance(&row, &t->target[at]) >= 0)
			at++;
	}
	if (at < h->k)
		t->nearer[at]++;
}

/* The targets of the packed row i, of all rows the one numbered `own`. */
static void begin_row(struct worker *h, size_t i, size_t own, const int64_t *index)
{
	struct targets *t = &h->row[i];
	double bound = scores_bound(h->s, &h->w, i), scale = h->s->scale;

	t->own = own;
	for (size_t q = 0; q < h->k; q++) {
		double square = rows_distance(h->s->x, own, h->s->x, (size_t)index[q]);
		t->target[q] = (struct target){square, index[q], q};
		t->nearer[q] = 0;
	}
	qsort(t->target, h->k, sizeof *t->target, by_distance);
	for (size_t q = 0; q < h->k; q++) {
		double score = (h->w.squares[i] - scale * scale * t->target[q].square) / 2;
		t->sure[q] = nextafterf((float)(score + bound), INFINITY);
		t->maybe[q] = nextafterf((float)(score - bound), -INFINITY);
	}
	h->w.least[i] = t->maybe[h->k - 1];
}

struct ranks {
	const struct scores *s;
	size_t k;
	const int64_t *index;
	int64_t *rank;
	struct worker *worker;
};

static void rank_group(void *context, size_t first, size_t rows, int thread)
{
	struct ranks *r = context;
	struct worker *h = &r->worker[thread];

	scores_pack(r->s, &h->w, first, rows);
	for (size_t i = 0; i < rows; i++)
		begin_row(h, i, first + i, r->index + (first + i) * r->k);
	scores_scan(r->s, &h->w, rows, count_row, h);
	for (size_t i = 0; i < rows; i++) {
		const struct targets *t = &h->row[i];
		int64_t nearer = 0;
		for (size_t q = 0; q < r->k; q++) {
			nearer += (int64_t)t->nearer[q];
			r->rank[(first + i) * r->k + t->target[q].place] = nearer + 1;
		}
	}
}

static struct worker worker_new(const struct scores *s, size_t k)
{
	struct worker h = {.s = s, .w = scores_work_new(s), .k = k};

	h.row = xcalloc(s->group, sizeof *h.row);
	for (size_t i = 0; i < s->group; i++) {
		struct targets *t = &h.row[i];
		t->target = xcalloc(k, sizeof *t->target);
		t->sure = xcalloc(k, sizeof *t->sure);
		t->maybe = xcalloc(k, sizeof *t->maybe);
		t->nearer = xcalloc(k, sizeof *t->nearer);
	}
	return h;
}

static void worker_free(struct worker *h)
{
	for (size_t i = 0; i < h->s->group; i++) {
		free(h->row[i].target);
		free(h->row[i].sure);
		free(h->row[i].maybe);
		free(h->row[i].nearer);
	}
	free(h->row);
	scores_work_free(&h->w);
}

void neighbors_rank(const struct rows *x, size_t k, const int64_t *index, int64_t *rank,
                    struct progress *p)
{
	struct scores s = scores_new(x, x);
	struct ranks r = {&s, k, index, rank, xcalloc((size_t)threads(), sizeof *r.worker)};

	for (int i = 0; i < threads(); i++)
		r.worker[i] = worker_new(&s, k);
	scores_groups(&s, rank_group, &r, p);
	for (int i = 0; i < threads(); i++)
		worker_free(&r.worker[i]);
	free(r.worker);
	scores_free(&s);
}
