#include <math.h>
#include <stdlib.h>

#include "neighbors/scores.h"

struct candidate {
	float score;
	uint32_t row;
};

/* A row that may be a neighbor, and its squared distance. */
struct neighbor {
	double square;
	uint32_t row;
};

/* The candidates of one row. */
struct candidates {
	struct candidate *list;
	size_t n, room;
	size_t own;   /* no neighbor of itself */
	double bound; /* on the error of its scores */
};

/* One thread's. */
struct worker {
	const struct scores *s;
	struct scores_work w;
	size_t k;
	struct candidates *row; /* of the group */
	struct neighbor *nearest;
	size_t room; /* of these */
};

/* ---- candidates ---- */

/* Have the k largest scores first (Hoare's algorithm, CACM 1961). */
static void select_largest(struct candidate *list, size_t n, size_t k)
{
	ptrdiff_t low = 0, high = (ptrdiff_t)n - 1, at = (ptrdiff_t)k - 1;

	while (low < high) {
		float pivot = list[low + (high - low) / 2].score;
		ptrdiff_t i = low, j = high;
		while (i <= j) {
			while (list[i].score > pivot)
				i++;
			while (list[j].score < pivot)
				j--;
			if (i > j)
				break;
			struct candidate other = list[i];
			list[i++] = list[j];
			list[j--] = other;
		}
		if (at <= j)
			high = j;
		else if (at >= i)
			low = i;
		else
			break;
	}
}

/*
 * Drop those that are none of the k nearest for sure.  The k largest scores found are of rows whose
 * true scores are larger than the least of them minus the bound, so that a neighbor's true score is
 * too; and the one found is less than its true score by the bound at most.
 */
static void prune(struct candidates *c, size_t k, float *least)
{
	size_t kept = 0;
	float found = INFINITY;

	if (c->n < k)
		return;
	select_largest(c->list, c->n, k);
	for (size_t i = 0; i < k; i++)
		found = fminf(found, c->list[i].score);
	*least = nextafterf((float)(found - 2 * c->bound), -INFINITY);
	for (size_t i = 0; i < c->n; i++)
		if (c->list[i].score >= *least)
			c->list[kept++] = c->list[i];
	c->n = kept;
}

static void take_candidate(void *context, size_t i, size_t j, float score)
{
	struct worker *h = context;
	struct candidates *c = &h->row[i];

	if (j == c->own)
		return;
	if (c->n == c->room) {
		prune(c, h->k, &h->w.least[i]);
		if (c->n > c->room / 2) {
			c->room *= 2;
			c->list = xrealloc(c->list, c->room, sizeof *c->list);
		}
		if (score < h->w.least[i])
			return;
	}
	c->list[c->n++] = (struct candidate){score, (uint32_t)j};
}

/* ---- neighbors ---- */

static int by_distance(const void *a, const void *b)
{
	const struct neighbor *x = a, *y = b;

	if (x->square != y->square)
		return x->square < y->square ? -1 : 1;
	return (x->row > y->row) - (x->row < y->row);
}

/* The neighbors of row i of x, in order, from its candidates. */
static const struct neighbor *order(struct worker *h, const struct candidates *c, size_t i)
{
	if (h->room < c->n) {
		h->room = c->n;
		h->nearest = xrealloc(h->nearest, h->room, sizeof *h->nearest);
	}
	for (size_t q = 0; q < c->n; q++) {
		uint32_t j = c->list[q].row;
		h->nearest[q] = (struct neighbor){rows_distance(h->s->x, i, h->s->y, j), j};
	}
	qsort(h->nearest, c->n, sizeof *h->nearest, by_distance);
	return h->nearest;
}

struct find {
	const struct scores *s;
	size_t k;
	int64_t *index;
	float *distance;
	struct worker *worker;
};

static void begin_group(struct worker *h, size_t first, size_t rows)
{
	scores_pack(h->s, &h->w, first, rows);
	for (size_t i = 0; i < rows; i++) {
		struct candidates *c = &h->row[i];
		c->n = 0;
		c->own = h->s->x == h->s->y ? first + i : SIZE_MAX;
		c->bound = scores_bound(h->s, &h->w, i);
		h->w.least[i] = -INFINITY;
	}
}

static void find_group(void *context, size_t first, size_t rows, int thread)
{
	struct find *f = context;
	struct worker *h = &f->worker[thread];

	begin_group(h, first, rows);
	scores_scan(f->s, &h->w, rows, take_candidate, h);
	for (size_t i = 0; i < rows; i++) {
		prune(&h->row[i], f->k, &h->w.least[i]);
		const struct neighbor *nearest = order(h, &h->row[i], first + i);
		size_t to = (first + i) * f->k;
		for (size_t q = 0; q < f->k; q++) {
			if (f->index)
				f->index[to + q] = nearest[q].row;
			if (f->distance)
				f->distance[to + q] = (float)sqrt(nearest[q].square);
		}
	}
}

static struct worker worker_new(const struct scores *s, size_t k)
{
	struct worker h = {.s = s, .w = scores_work_new(s), .k = k};

	h.row = xcalloc(s->group, sizeof *h.row);
	for (size_t i = 0; i < s->group; i++) {
		h.row[i].room = 4 * k + 64;
		h.row[i].list = xcalloc(h.row[i].room, sizeof *h.row[i].list);
	}
	return h;
}

static void worker_free(struct worker *h)
{
	for (size_t i = 0; i < h->s->group; i++)
		free(h->row[i].list);
	free(h->row);
	free(h->nearest);
	scores_work_free(&h->w);
}

void neighbors_find(const struct rows *x, const struct rows *y, size_t k, int64_t *index,
                    float *distance, struct progress *p)
{
	struct scores s = scores_new(x, y);
	struct find f = {&s, k, index, distance, xcalloc((size_t)threads(), sizeof *f.worker)};

	for (int i = 0; i < threads(); i++)
		f.worker[i] = worker_new(&s, k);
	scores_groups(&s, find_group, &f, p);
	for (int i = 0; i < threads(); i++)
		worker_free(&f.worker[i]);
	free(f.worker);
	scores_free(&s);
}
