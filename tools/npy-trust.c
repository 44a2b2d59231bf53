/* npy-trust - measure how well a map keeps the neighbors of rows */
#include <stdlib.h>

#include "base/base.h"
#include "neighbors/neighbors.h"
#include "npy/npy.h"
#include "num/num.h"

/* Rows or their map: the neighbors of each row, most of them, and where the other's neighbors rank
 * here; all (N, most). */
struct space {
	struct rows rows;
	const char *name;
	int64_t *index, *rank;
};

struct study {
	struct space rows, map;
	size_t n, most;  /* rows; neighbors */
	int64_t *labels; /* or null */
	bool quiet, verbose;
};

/* ---- input ---- */

/* The numbers of neighbors asked for. */
static size_t *parse_counts(const char *text, size_t *n)
{
	char **words = cli_list(text, n);
	size_t *k = xcalloc(*n, sizeof *k);

	for (size_t i = 0; i < *n; i++)
		k[i] = (size_t)cli_integer("--neighbors", words[i], 1, UINT32_MAX);
	free(words);
	return k;
}

static int64_t *read_labels(const char *path, size_t n)
{
	struct npy a = npy_read(path);

	if (a.ndim != 1 || a.dim[0] != n || !npy_is_whole(a.type))
		die("%s: expected %zu labels, whole numbers, found %s %s", file_name(path), n,
		    npy_type_name(a.type), npy_shape(&a));
	npy_convert(&a, NPY_I8);
	return a.i8;
}

static struct study read_study(const char *rows, const char *map, const char *labels)
{
	struct study s = {.rows = {.rows = rows_read(rows), .name = file_name(rows)},
	                  .map = {.rows = rows_read(map), .name = file_name(map)}};

	s.n = s.rows.rows.n;
	if (s.map.rows.n != s.n)
		die("%s: expected %zu rows as in %s, found %zu", s.map.name, s.n, s.rows.name,
		    s.map.rows.n);
	if (labels)
		s.labels = read_labels(labels, s.n);
	return s;
}

/* ---- neighbors ---- */

static int64_t *new_table(const struct study *s)
{
	size_t cells;

	if (!size_multiply(s->n, s->most, &cells))
		die("--neighbors: %zu is too large", s->most);
	return xcalloc(cells, sizeof(int64_t));
}

static void find(const struct study *s, struct space *a, const char *unit)
{
	struct progress p = progress_begin(unit, 0, (double)s->n, s->quiet, s->verbose);

	a->index = new_table(s);
	neighbors_find(&a->rows, &a->rows, s->most, a->index, NULL, &p);
	progress_end(&p);
}

static void rank(const struct study *s, struct space *a, const struct space *other,
                 const char *unit)
{
	struct progress p = progress_begin(unit, 0, (double)s->n, s->quiet, s->verbose);

	a->rank = new_table(s);
	neighbors_rank(&a->rows, s->most, other->index, a->rank, &p);
	progress_end(&p);
}

static void free_space(struct space *a)
{
	rows_free(&a->rows);
	free(a->index);
	free(a->rank);
}

/* ---- measures ---- */

/* The share of the k neighbors in the map that are among the k in the rows. */
static double recall(const struct study *s, size_t k)
{
	size_t kept = 0;

	for (size_t i = 0; i < s->n; i++)
		for (size_t q = 0; q < k; q++)
			kept += (size_t)s->rows.rank[i * s->most + q] <= k;
	return (double)kept / ((double)s->n * (double)k);
}

/* 1 minus how far behind the k nearest the other's neighbors rank here, as a share of the most that
 * is possible for k < N / 2 (Venna and Kaski 2001). */
static double nearness(const struct study *s, const struct space *a, size_t k)
{
	double n = (double)s->n, size = (double)k, sum = 0;

	for (size_t i = 0; i < s->n; i++)
		for (size_t q = 0; q < k; q++) {
			int64_t behind = a->rank[i * s->most + q] - (int64_t)k;
			sum += behind > 0 ? (double)behind : 0;
		}
	return 1 - 2 * sum / (n * size * (2 * n - 3 * size - 1));
}

/* The share of rows whose label is the most frequent one of their k neighbors. */
static double accuracy(const struct study *s, const struct space *a, size_t k)
{
	int64_t *label = xcalloc(k, sizeof *label);
	size_t right = 0;

	for (size_t i = 0; i < s->n; i++) {
		for (size_t q = 0; q < k; q++)
			label[q] = s->labels[a->index[i * s->most + q]];
		right += num_mode_whole(label, k) == s->labels[i];
	}
	free(label);
	return (double)right / (double)s->n;
}

static void print(const struct study *s, const size_t *k, size_t counts)
{
	out_printf("k\trecall\ttrustworthiness\tcontinuity%s\n",
	           s->labels ? "\trows_accuracy\tmap_accuracy" : "");
	for (size_t i = 0; i < counts; i++) {
		out_printf("%zu\t%.8g\t%.8g\t%.8g", k[i], recall(s, k[i]),
		           nearness(s, &s->rows, k[i]), nearness(s, &s->map, k[i]));
		if (s->labels)
			out_printf("\t%.8g\t%.8g", accuracy(s, &s->rows, k[i]),
			           accuracy(s, &s->map, k[i]));
		out_printf("\n");
	}
}

int main(int argc, char *argv[])
{
	const char *list = "10", *labels = NULL;
	bool quiet = false, verbose = false;
	const struct cli_option options[] = {
		OPTION_TEXT('k', "neighbors", "LIST", &list, "numbers of neighbors, such as 5,10"),
		OPTION_TEXT('l', "labels", "FILE", &labels,
	                    "print accuracies too, by the labels of the rows"),
		OPTIONS_PROGRESS(&quiet, &verbose), OPTION_END};
	const struct cli cli = {"ROWS [MAP]", 1, 2,
	                        "Measure how well a map keeps the neighbors of rows.", options};
	char **operands = cli_parse(argc, argv, &cli);
	const char *rows = *operands++, *map = cli_operand(&operands);
	size_t counts, *k = parse_counts(list, &counts);

	cli_one_stdin("the rows, the map and --labels", 3,
	              (const char *const[]){rows, map, labels});
	struct study s = read_study(rows, map, labels);
	s.quiet = quiet;
	s.verbose = verbose;
	for (size_t i = 0; i < counts; i++) {
		if (k[i] * 2 >= s.n)
			die("%s: expected at least %zu rows, for %zu neighbors of each, found %zu",
			    s.rows.name, 2 * k[i] + 1, k[i], s.n);
		s.most = k[i] > s.most ? k[i] : s.most;
	}
	find(&s, &s.map, "neighborhoods in the map");
	find(&s, &s.rows, "neighborhoods in the rows");
	rank(&s, &s.map, &s.rows, "ranks in the map");
	rank(&s, &s.rows, &s.map, "ranks in the rows");
	print(&s, k, counts);
	free_space(&s.rows);
	free_space(&s.map);
	free(s.labels);
	free(k);
	return cli_close();
}
