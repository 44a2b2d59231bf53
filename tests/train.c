/* train - losses against differences; the loop's seams, by a learner that is made by hand */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "train/filters.h"
#include "train/options.h"
#include "train/train.h"

/* cmocka's own compares floats. */
static void assert_near(double found, double want, double within)
{
	if (!(fabs(found - want) <= within))
		fail_msg("found %.12g, want %.12g", found, want);
}

/* ---- losses ---- */

enum { ROWS = 5, WIDTH = 4 };

/* Twice as many outputs, for losses of pairs. */
static float outputs[2 * ROWS * WIDTH], probabilities[ROWS * WIDTH], pixels[ROWS * WIDTH];
static int32_t classes[ROWS];

static const struct targets hard = {.labels.hard = classes}, soft = {.labels.soft = probabilities};

static void fill(void)
{
	for (int i = 0; i < ROWS; i++) {
		float total = 0;
		classes[i] = i * i % WIDTH;
		for (int j = 0; j < WIDTH; j++) {
			int k = i * WIDTH + j;
			outputs[k] = (float)(2 * sin(12.9898 * (k + 1)));
			outputs[k + ROWS * WIDTH] = (float)(2 * sin(12.9898 * (k + 0.7)));
			pixels[k] = (float)cos(78.233 * k);
			probabilities[k] = (float)((i + 2 * j) % 5); /* among them zeros */
			total += probabilities[k];
		}
		for (int j = 0; j < WIDTH; j++)
			probabilities[i * WIDTH + j] /= total;
	}
}

static double loss_at(const struct loss *loss, const struct targets *targets)
{
	size_t wrong = 0;

	return loss->of(loss, outputs, targets, ROWS, WIDTH, NULL, &wrong);
}

/*
 * Central differences 2^-7 to either side, which is exact in floats of this size: they lack
 * 2^-14 / 6 of the third derivative, 1e-5 of what is below 1, and the gradient is rounded to 6e-8
 * of itself.
 */
static void check(struct loss loss, struct targets targets)
{
	const float step = 0x1p-7F;
	float gradient[2 * ROWS * WIDTH];
	size_t wrong = 0;
	double most = 0;

	loss.of(&loss, outputs, &targets, ROWS, WIDTH, gradient, &wrong);
	for (int k = 0; k < (loss.pairs ? 2 : 1) * ROWS * WIDTH; k++) {
		float was = outputs[k], high = was + step, low = was - step;
		outputs[k] = high;
		double more = loss_at(&loss, &targets);
		outputs[k] = low;
		double less = loss_at(&loss, &targets);
		outputs[k] = was;
		assert_near((double)gradient[k],
		            (more - less) / ((double)high - (double)low) / ROWS, 1e-5);
		most = fmax(most, fabs((double)gradient[k]));
	}
	assert_true(most > 0.02);
}

static void test_losses(void **state)
{
	const struct targets *targets[] = {&hard, &soft};

	(void)state;
	fill();
	for (int i = 0; i < 2; i++) {
		check(loss_labels(0), *targets[i]);
		check(loss_labels(0.2), *targets[i]);
		check(loss_mixed(0, 0.5), *targets[i]);
		check(loss_mixed(0.2, 0.3), *targets[i]);
		check(loss_trades(0, 1), *targets[i]);
		check(loss_trades(0.2, 6), *targets[i]);
	}
	check(loss_image(), (struct targets){.image = pixels});
}

/* Of two images that are alike the loss is that of one; wrong are rows of the second half. */
static void check_pairs(const struct targets *targets)
{
	const struct loss one = loss_labels(0.1);
	const struct loss of[] = {loss_mixed(0.1, 0.3), loss_trades(0.1, 6)};
	size_t wrong = 0;

	fill();
	const float *second = outputs + ROWS * WIDTH;
	one.of(&one, second, targets, ROWS, WIDTH, NULL, &wrong);
	for (int k = 0; k < 2; k++) {
		size_t found = 0;
		of[k].of(&of[k], outputs, targets, ROWS, WIDTH, NULL, &found);
		assert_int_equal(found, wrong);
	}
	memcpy(outputs + ROWS * WIDTH, outputs, ROWS * WIDTH * sizeof *outputs);
	double loss = one.of(&one, outputs, targets, ROWS, WIDTH, NULL, &wrong);
	for (int k = 0; k < 2; k++)
		/* Sums of a few doubles around 10. */
		assert_near(of[k].of(&of[k], outputs, targets, ROWS, WIDTH, NULL, &wrong), loss,
		            1e-13);
}

static void test_pairs(void **state)
{
	(void)state;
	check_pairs(&hard);
	check_pairs(&soft);
}

/* Smoothed labels are distributions too. */
static void test_smoothing(void **state)
{
	const struct loss smoothed = loss_labels(0.2), plain = loss_labels(0);
	float p[ROWS * WIDTH], g[2][ROWS * WIDTH];
	const struct targets same = {.labels.soft = p};
	size_t wrong[2] = {0, 0};

	(void)state;
	fill();
	for (int k = 0; k < ROWS * WIDTH; k++)
		p[k] = 0.2F / WIDTH + (k % WIDTH == classes[k / WIDTH] ? 0.8F : 0);
	double a = smoothed.of(&smoothed, outputs, &hard, ROWS, WIDTH, g[0], &wrong[0]);
	double b = plain.of(&plain, outputs, &same, ROWS, WIDTH, g[1], &wrong[1]);
	/* The probabilities are rounded to floats. */
	assert_near(a, b, 1e-6);
	assert_int_equal(wrong[0], wrong[1]);
	assert_true(wrong[0] > 0 && wrong[0] < ROWS);
	for (int k = 0; k < ROWS * WIDTH; k++)
		assert_near((double)g[0][k], (double)g[1][k], 1e-7);
}

static void test_image(void **state)
{
	const float from[] = {1, 2, 3, 4}, to[] = {1, 0, 3, 3};
	struct loss loss = loss_image();
	size_t wrong = 0;
	float gradient[4];

	(void)state;
	/* Two rows: (0 + 4) / 2 and (0 + 1) / 2. */
	assert_true(loss.of(&loss, from, &(struct targets){.image = to}, 2, 2, gradient, &wrong) ==
	            2.5);
	assert_int_equal(wrong, 0);
	assert_true(gradient[0] == 0 && gradient[1] == 1 && gradient[2] == 0 &&
	            gradient[3] == 0.5F);
}

/* ---- the loss of filters ---- */

enum {
	IMAGES = 5,
	FILTERS = 2,
	SIDE = 3,
	PLACES = SIDE * SIDE,
	TEMPLATES = PLACES + 1,
	MAPS = IMAGES * FILTERS * PLACES
};

static const struct shape maps_shape = {FILTERS, SIDE, SIDE};

/* T of spec.h's and filters.h's definitions, element (i,j) of the template around (a,b). */
static double template_at(int a, int b, int i, int j)
{
	const double tau = 0.5 / PLACES;

	return a < SIDE ? tau * fmax(1 - 4.0 * (abs(i - a) + abs(j - b)) / SIDE, -1) : -tau;
}

/* x' . T of channel c, by its definition. */
static void fits(const float *maps, int c, double fit[IMAGES][TEMPLATES])
{
	const double scale = FILTERS_FIT / (0.5 / PLACES);
	double mean = 0;

	for (int k = 0; k < IMAGES; k++) {
		float most = 0;
		for (int i = 0; i < PLACES; i++)
			most = fmaxf(most, maps[(k * FILTERS + c) * PLACES + i]);
		mean += (double)most / IMAGES;
	}
	for (int k = 0; k < IMAGES; k++)
		for (int t = 0; t < TEMPLATES; t++) {
			fit[k][t] = 0;
			for (int i = 0; i < PLACES; i++)
				fit[k][t] += scale / mean *
				             (double)maps[(k * FILTERS + c) * PLACES + i] *
				             template_at(t / SIDE, t % SIDE, i / SIDE, i % SIDE);
		}
}

/* From x' . T to p(x|T). */
static void posteriors(double p[IMAGES][TEMPLATES])
{
	for (int t = 0; t < TEMPLATES; t++) {
		double z = 0;
		for (int k = 0; k < IMAGES; k++)
			z += p[k][t] = exp(p[k][t]);
		for (int k = 0; k < IMAGES; k++)
			p[k][t] /= z;
	}
}

/* x log x, which goes to 0 with x. */
static double weighted_log(double x)
{
	return x > 0 ? x * log(x) : 0;
}

/*
 * The paper's decomposition of the loss (its equation 5), which the code has nothing of:
 * - H(T) + H(T' = {T-, T+} | X) + sum_x p(T+, x) H(T+ | X = x).
 */
static double decomposed(double p[IMAGES][TEMPLATES])
{
	double prior = 1.0 / TEMPLATES, loss = -log(TEMPLATES);

	posteriors(p);
	for (int k = 0; k < IMAGES; k++) {
		double px = 0, positive = 0, within = 0;
		for (int t = 0; t < TEMPLATES; t++)
			px += prior * p[k][t];
		for (int t = 0; t < PLACES; t++)
			positive += prior * p[k][t] / px;
		for (int t = 0; t < PLACES; t++)
			within -= weighted_log(prior * p[k][t] / px / positive);
		loss -= px * (weighted_log(positive) + weighted_log(1 - positive));
		loss += px * positive * within;
	}
	return loss;
}

/* The template that image k is to fit, by the peaks of these maps. */
static int wanted(const float *maps, const size_t *label, int k, int c)
{
	const float *map = maps + (k * FILTERS + c) * PLACES;
	int peak = 0;

	for (int i = 1; i < PLACES; i++)
		peak = map[i] > map[peak] ? i : peak;
	return label && label[k] != (size_t)c ? PLACES : peak;
}

/* The losses of all filters, of maps of which only what is to fit has moved from `at`. */
static double moved(const float *maps, const float *at, const size_t *label)
{
	double fit[IMAGES][TEMPLATES], fixed[IMAGES][TEMPLATES], loss = 0;

	for (int c = 0; c < FILTERS; c++) {
		fits(maps, c, fit);
		fits(at, c, fixed);
		for (int k = 0; k < IMAGES; k++) {
			int t = wanted(at, label, k, c);
			fixed[k][t] = fit[k][t];
		}
		loss += decomposed(fixed);
	}
	return loss;
}

/* Maps as a ReLU leaves them, an image with little; multiples of 2^-10, so that steps of 2^-12 are
 * exact. */
static void fill_maps(float *maps, double size)
{
	for (int i = 0; i < MAPS; i++) {
		double x = size * sin(78.233 * (i + 1)) -
		           (i / (FILTERS * PLACES) == 3 ? 0.8 * size : 0);
		maps[i] = (float)(round(fmax(x, 0) * 1024) / 1024);
	}
}

/*
 * The mean peak is about 0.8 or more, so that a step of 2^-12 moves x' . T by 2^-11 / 0.8: this
 * lacks its square / 6 = 6e-8 of the derivative.  The loss's rounding of 1e-16 over the step, and
 * the gradient's to floats, are some 1e-7 of it.
 */
static void check_filters(struct filters *f, double size, const size_t *label)
{
	float maps[MAPS], at[MAPS], gradient[MAPS];
	double most = 0;

	fill_maps(maps, size);
	double loss = filters_loss(f, maps, label, FILTERS, IMAGES, 2, gradient);
	assert_near(loss, moved(maps, maps, label), 1e-13);
	/* Information is not negative, and at most that of five images. */
	assert_true(loss < 0 && loss > -FILTERS * log(IMAGES));
	for (int i = 0; i < MAPS; i++)
		most = fmax(most, fabs((double)gradient[i]));
	memcpy(at, maps, sizeof at);
	for (int i = 0; i < MAPS; i++) {
		maps[i] = at[i] + 0x1p-12F;
		double more = moved(maps, at, label);
		maps[i] = at[i] - 0x1p-12F;
		double less = moved(maps, at, label);
		maps[i] = at[i];
		assert_near((double)gradient[i], 2 * (more - less) / 0x1p-11, 1e-6 * most);
	}
}

/* Larger maps are no better: the gradient has no part along them, but for its rounding to floats
 * of 24 bits. */
static void check_scale(struct filters *f, const size_t *label)
{
	float maps[MAPS], gradient[MAPS];
	double along = 0, all = 0;

	fill_maps(maps, 4);
	double loss = filters_loss(f, maps, label, FILTERS, IMAGES, 1, gradient);
	for (int i = 0; i < MAPS; i++) {
		along += (double)maps[i] * (double)gradient[i];
		all += fabs((double)maps[i] * (double)gradient[i]);
	}
	assert_true(all > 0);
	assert_near(along, 0, 0x1p-23 * all);
	for (int i = 0; i < MAPS; i++)
		maps[i] *= 64;
	assert_near(filters_loss(f, maps, label, FILTERS, IMAGES, 1, gradient), loss, 1e-13);
}

/* Filters that never fire; and an image in which one fires everywhere, a place in each of the
 * others a millionth as bright: it fits every template so badly that its p(x) is 0 in doubles. */
static void check_extremes(void)
{
	enum { MANY = 100, ALL = MANY * FILTERS * PLACES };
	static float maps[ALL], gradient[ALL];
	struct filters *f = filters_new(maps_shape, MANY);

	assert_near(filters_loss(f, maps, NULL, FILTERS, MANY, 1, gradient), 0, 1e-13);
	for (int i = 0; i < ALL; i++)
		assert_true(gradient[i] == 0);
	for (int i = 0; i < MANY * FILTERS; i++)
		maps[i * PLACES + i % PLACES] = 1e-6F;
	for (int i = 0; i < PLACES; i++)
		maps[i] = 1;
	/* The other filter has a place for each image, which informs. */
	double loss = filters_loss(f, maps, NULL, FILTERS, MANY, 1, gradient);
	assert_true(loss < -0.5 && loss > -log(MANY));
	for (int i = 0; i < ALL; i++)
		assert_true(isfinite(gradient[i]));
	filters_free(f);
}

static void test_filters(void **state)
{
	const size_t label[IMAGES] = {0, 1, 1, 0, 1};
	const double sizes[] = {1, 30, 300};
	float maps[MAPS], gradient[MAPS], other[MAPS];
	struct filters *f = filters_new(maps_shape, IMAGES + 2);

	(void)state;
	for (int s = 0; s < 3; s++) {
		check_filters(f, sizes[s], label);
		check_filters(f, sizes[s], NULL);
	}
	check_scale(f, label);
	/* Of one class all filters are. */
	fill_maps(maps, 1);
	filters_loss(f, maps, (size_t[IMAGES]){0}, 1, IMAGES, 1, gradient);
	filters_loss(f, maps, NULL, FILTERS, IMAGES, 1, other);
	assert_memory_equal(gradient, other, sizeof gradient);
	/* Maps that say nothing about the image. */
	for (int i = 0; i < MAPS; i++)
		maps[i] = (float)(i % PLACES);
	assert_near(filters_loss(f, maps, NULL, FILTERS, IMAGES, 1, gradient), 0, 1e-14);
	assert_near(filters_loss(f, maps, NULL, FILTERS, 1, 1, gradient), 0, 1e-14);
	filters_free(f);
	check_extremes();
}

/* ---- the loop ---- */

/* A point is fitted to others by half the squared distance: its gradient is the distance. */
enum { POINTS = 10 };

struct fit {
	double points[POINTS], value, gradient, tensor;
	size_t seen[POINTS]; /* how often each was given */
	char *history;
	struct form_tensor form;
	const size_t *which;
};

static void give(void *context, uint64_t epoch, const size_t *which, size_t n, struct batch *b)
{
	struct fit *f = context;

	(void)epoch;
	for (size_t i = 0; i < n; i++)
		f->seen[which[i]]++;
	f->which = which;
	*b = (struct batch){.n = n};
}

static double gradients(void *context, int64_t step, const struct batch *b, struct score *score)
{
	struct fit *f = context;

	(void)step;
	f->gradient = 0;
	for (size_t i = 0; i < b->n; i++) {
		double off = f->value - f->points[f->which[i]];
		f->gradient += off;
		score->loss += off * off / 2;
	}
	score->count += b->n;
	return (double)b->n;
}

/* Another process that has the same. */
static void twice(void *context, enum npy_type type, void *values, size_t n, double *divisor,
                  struct score *score)
{
	(void)context;
	assert_true(type == NPY_F8 && n == 1);
	*(double *)values *= 2;
	*divisor *= 2;
	score->loss *= 2;
	score->count *= 2;
}

static void pack(void *context, void *packed)
{
	*(double *)packed = ((struct fit *)context)->tensor;
}

static void unpack(void *context, const void *packed)
{
	((struct fit *)context)->tensor = *(const double *)packed;
}

static void fit(struct fit *f, struct training *t, struct reduce reduce)
{
	struct learner l = {.unit = "points", .digest = "none", .reduce = reduce};

	*f = (struct fit){.tensor = 3, .history = strdup("")};
	for (int i = 0; i < POINTS; i++)
		f->points[i] = i;
	f->form = (struct form_tensor){"point", {NPY_F8, 0, {0}, {&f->tensor}}, true};
	l.source = (struct source){.give = give, .context = f, .n = POINTS};
	l.gradients = (struct gradients){gradients, f};
	l.form = (struct form){.type = NPY_F8,
	                       .trained = 1,
	                       .size = 1,
	                       .values = &f->value,
	                       .gradients = &f->gradient,
	                       .tensors = 1,
	                       .tensor = &f->form,
	                       .pack = pack,
	                       .unpack = unpack,
	                       .history = &f->history,
	                       .context = f};
	training_settle(t, "model", "data");
	train(&l, t);
	training_free(t);
}

static struct training recipe(void)
{
	struct training t = training_defaults("fit");

	t.optimizer_name = "sgd";
	t.options.rate = 1;
	t.batch = 4;
	t.quiet = true;
	return t;
}

/* Each example once an epoch, in batches of 4, 4 and 2; with a rate of 1 the point goes to the mean
 * of a batch, and to that of the last. */
static void test_loop(void **state)
{
	struct training t = recipe();
	struct fit f;

	(void)state;
	t.in_order = true;
	t.epochs = 3;
	fit(&f, &t, (struct reduce){NULL, NULL});
	assert_true(f.tensor == 8.5);
	for (int i = 0; i < POINTS; i++)
		assert_int_equal(f.seen[i], 3);
	assert_string_equal(f.history,
	                    "fit --optimizer sgd --schedule constant --seed 1 --no-shuffle "
	                    "--lr 1 --batch 4 points:10 data:sha256:none step:9\n");
	free(f.history);

	/* A batch is as many as there are. */
	t = recipe();
	t.in_order = true;
	t.epochs = 1;
	t.batch = 100;
	fit(&f, &t, (struct reduce){NULL, NULL});
	assert_true(f.tensor == 4.5);
	free(f.history);
}

/* Two processes with the same examples are as one, clipped or not. */
static void test_reduce(void **state)
{
	const double clips[] = {0, 0.25};

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct training t = recipe(), u = recipe();
		struct fit alone, both;
		t.clip = u.clip = clips[i];
		fit(&alone, &t, (struct reduce){NULL, NULL});
		fit(&both, &u, (struct reduce){twice, NULL});
		assert_true(alone.tensor == both.tensor && alone.tensor != 3);
		free(alone.history);
		free(both.history);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_losses),    cmocka_unit_test(test_pairs),
		cmocka_unit_test(test_smoothing), cmocka_unit_test(test_image),
		cmocka_unit_test(test_loop),      cmocka_unit_test(test_reduce),
		cmocka_unit_test(test_filters),
	};

	return cmocka_run_group_tests_name("train", tests, NULL, NULL);
}
