/* npy-roc - compute ROC curves of scores, and the areas under them */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "base/base.h"
#include "npy/npy.h"
#include "num/num.h"
#include "num/roc.h"
#include "tsv/tsv.h"

static const char *const intervals[] = {"logit", "plain", NULL};

/* Scores and labels, and the classes of which each is set against the rest. */
struct work {
	struct npy scores;  /* (N,C), doubles; C is 1 where they came as a list */
	enum npy_type type; /* as they came, for thresholds */
	bool list;
	struct npy labels; /* (N) */
	int64_t *classes;
	size_t n_classes;
	double *score;  /* of one class, (N) */
	bool *positive; /* (N) */
	struct roc_point *points;
	bool all;
	int interval;
	double confidence, rate;
};

/* ---- input ---- */

static void take_scores(struct work *w, struct npy_in *in)
{
	struct npy a;

	npy_next(in, &a);
	if (a.ndim < 1 || a.ndim > 2 || !npy_count(&a))
		die("%s: expected scores (N) or (N,C), found %s", npy_name(in), npy_shape(&a));
	npy_load(in, &a);
	w->type = a.type;
	w->list = a.ndim == 1;
	npy_convert(&a, NPY_F8);
	for (size_t i = 0; i < npy_count(&a); i++)
		if (isnan(a.f8[i]))
			die("%s: score %zu of row %zu is NaN", npy_name(in), i % npy_row(&a),
			    i / npy_row(&a));
	w->scores = a;
}

static void take_labels(struct work *w, struct npy_in *in)
{
	struct npy *a = &w->labels;

	if (!npy_next(in, a))
		die("%s: expected scores and then labels, found scores only", npy_name(in));
	if (a->ndim != 1 || a->dim[0] != w->scores.dim[0] || !npy_is_whole(a->type))
		die("%s: expected %zu labels, whole numbers, found %s %s", npy_name(in),
		    w->scores.dim[0], npy_type_name(a->type), npy_shape(a));
	npy_load(in, a);
	npy_convert(a, NPY_I8);
	for (size_t i = 0; i < a->dim[0] && !w->list; i++)
		if (a->i8[i] < 0 || (uint64_t)a->i8[i] >= w->scores.dim[1])
			die("%s: label %" PRId64 " of row %zu has no column among %zu",
			    npy_name(in), a->i8[i], i, w->scores.dim[1]);
}

static void read_files(struct work *w, const char *scores, const char *labels)
{
	struct npy_in *in = npy_open(scores);

	take_scores(w, in);
	if (labels) {
		npy_close(in);
		in = npy_open(labels);
	}
	take_labels(w, in);
	npy_close(in);
}

/* The classes of a list; by default, 1 or all that have a column. */
static void choose_classes(struct work *w, const char *list)
{
	size_t columns = w->list ? 1 : w->scores.dim[1];
	char **words = list ? cli_list(list, &w->n_classes) : NULL;

	if (!words)
		w->n_classes = columns;
	w->classes = xcalloc(w->n_classes, sizeof *w->classes);
	for (size_t i = 0; i < w->n_classes; i++)
		w->classes[i] = words ? cli_integer("--class", words[i], 0,
		                                    w->list ? INT64_MAX : (int64_t)columns - 1)
		                      : (int64_t)i + w->list;
	free(words);
}

/* The score of a class, and which rows are of it. */
static void select_class(struct work *w, int64_t class)
{
	size_t columns = npy_row(&w->scores), column = w->list ? 0 : (size_t) class;

	for (size_t i = 0; i < w->labels.dim[0]; i++) {
		w->score[i] = w->scores.f8[i * columns + column];
		w->positive[i] = w->labels.i8[i] == class;
	}
}

static void check_class(struct work *w, int64_t class)
{
	size_t n = w->labels.dim[0], count = 0;

	for (size_t i = 0; i < n; i++)
		count += w->labels.i8[i] == class;
	if (!count || count == n)
		die("class %" PRId64 ": %s of the %zu rows is of it, so it has no curve", class,
		    count ? "each" : "none", n);
}

/* ---- output ---- */

static struct tsv_text threshold_text(const struct work *w, double threshold)
{
	struct npy a = {.type = w->type == NPY_F4 ? NPY_F4 : NPY_F8, .ndim = 0};
	float rounded = (float)threshold;

	a.data = a.type == NPY_F4 ? (void *)&rounded : (void *)&threshold;
	return tsv_number(&a, 0, 0);
}

static double share(size_t part, size_t whole)
{
	return (double)part / (double)whole;
}

static void print_point(const struct work *w, int64_t class, const struct roc_point *p,
                        const struct roc_point *last)
{
	out_printf("%" PRId64 "\t%s", class, threshold_text(w, p->threshold).text);
	out_cell(6, share(p->false_alarms, last->false_alarms));
	out_cell(6, share(p->hits, last->hits));
}

static void print_curve(struct work *w, int64_t class)
{
	size_t n = roc_curve(w->score, w->positive, w->labels.dim[0], w->points);

	if (!w->all)
		n = roc_corners(w->points, n);
	for (size_t i = 0; i < n; i++) {
		print_point(w, class, &w->points[i], &w->points[n - 1]);
		out_printf("\n");
	}
}

/* The most hits at no more than this rate of false alarms, and the fewest alarms of those. */
static void print_at(struct work *w, int64_t class)
{
	size_t n = roc_curve(w->score, w->positive, w->labels.dim[0], w->points), best = 0;
	const struct roc_point *p = w->points, *last = &p[n - 1];
	double low, high;

	for (size_t i = 1; i < n && share(p[i].false_alarms, last->false_alarms) <= w->rate; i++)
		if (p[i].hits > p[best].hits)
			best = i;
	print_point(w, class, &p[best], last);
	num_wilson(p[best].hits, last->hits, w->confidence, &low, &high);
	out_cell(6, low);
	out_cell(6, high);
	out_printf("\n");
}

static void print_area(struct work *w, int64_t class)
{
	struct roc_area a = roc_area(w->score, w->positive, w->labels.dim[0]);
	double low, high;

	roc_interval(&a, (enum roc_interval)w->interval, w->confidence, &low, &high);
	out_printf("%" PRId64 "\t%zu\t%zu", class, a.positives, a.negatives);
	out_cell(6, a.area);
	out_cell(6, low);
	out_cell(6, high);
	out_printf("\n");
}

static void print_table(struct work *w, bool area)
{
	out_printf(area             ? "class\tpositives\tnegatives\tauc\tlow\thigh\n"
	           : isnan(w->rate) ? "class\tthreshold\tfpr\ttpr\n"
	                            : "class\tthreshold\tfpr\ttpr\tlow\thigh\n");
	for (size_t i = 0; i < w->n_classes; i++) {
		select_class(w, w->classes[i]);
		(area ? print_area : isnan(w->rate) ? print_curve : print_at)(w, w->classes[i]);
	}
}

int main(int argc, char *argv[])
{
	struct work w = {.confidence = 0.95, .rate = NAN};
	bool area = false;
	const char *list = NULL;
	const struct cli_option options[] = {
		OPTION_TEXT('l', "class", "LIST", &list, "classes, such as 0,4,7"),
		OPTION_FLAG(0, "all", &w.all, "write the points on straight lines, too"),
		OPTION_FLAG('a', "auc", &area, "write the areas under the curves instead"),
		OPTION_REAL(0, "at", "RATE", &w.rate, 0, 1,
	                    "write the point with at most this false positive rate instead"),
		OPTION_REAL('c', "confidence", "P", &w.confidence, 0.01, 0.9999,
	                    "probability that an interval contains the true value"),
		OPTION_CHOICE('i', "interval", "KIND", &w.interval, intervals,
	                      "interval of the area: logit or plain"),
		OPTION_END};
	const struct cli cli = {"[SCORES [LABELS]]", 0, 2,
	                        "Compute ROC curves of scores, and the areas under them.", options};
	char **operands = cli_parse(argc, argv, &cli);
	const char *scores = cli_operand(&operands), *labels = *operands;

	if (w.all + area + !isnan(w.rate) > 1)
		die("--all, --auc and --at: expected one of them");
	cli_one_stdin("the scores and the labels", 2, (const char *[]){scores, labels});
	read_files(&w, scores, labels);
	choose_classes(&w, list);
	for (size_t i = 0; i < w.n_classes; i++)
		check_class(&w, w.classes[i]);
	w.score = xcalloc(w.labels.dim[0], sizeof *w.score);
	w.positive = xcalloc(w.labels.dim[0], sizeof *w.positive);
	w.points = xcalloc(w.labels.dim[0] + 1, sizeof *w.points);
	print_table(&w, area);
	free(w.score);
	free(w.positive);
	free(w.points);
	free(w.classes);
	npy_free(&w.scores);
	npy_free(&w.labels);
	return cli_close();
}
