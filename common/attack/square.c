#include "attack/square.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "num/num.h"
#include "rng/rng.h"

struct square {
	const struct square_options *o;
	const struct npy *images;
	const int32_t *labels, *targets;
	struct shape shape;
	size_t n, pixels;
	int64_t queries;     /* of each image that is left */
	float *best;         /* of each image */
	struct npy question; /* the images of a query, those that are left */
	struct square_image *image;
	size_t *left, lefts; /* images that have not reached their goal */
};

/* ---- what the oracle says ---- */

/* The largest score but that of class c. */
static double best_but(const float *scores, size_t classes, size_t c)
{
	double best = -INFINITY;

	for (size_t i = 0; i < classes; i++)
		if (i != c && (double)scores[i] > best)
			best = (double)scores[i];
	return best;
}

/* Row k of the answer, about image i, as what would become of the image. */
static struct square_image judge(const struct square *s, const struct npy *answer, size_t k,
                                 size_t i)
{
	size_t goal = (size_t)(s->targets ? s->targets[i] : s->labels[i]);
	struct square_image found = {.queries = s->queries};
	const float *scores = answer->ndim == 2 ? answer->f4 + k * answer->dim[1] : NULL;

	found.predicted = scores ? num_argmax(scores, answer->dim[1]) : (size_t)answer->i8[k];
	bool reached = (found.predicted == goal) == (s->targets != NULL);
	if (scores) {
		double over = (double)scores[goal] - best_but(scores, answer->dim[1], goal);
		found.margin = s->targets ? over : -over;
	} else {
		found.margin = reached;
	}
	if (!reached)
		found.status = SQUARE_FAILED;
	else if (s->queries > 1)
		found.status = SQUARE_FOUND;
	else
		found.status = s->targets ? SQUARE_SAME : SQUARE_WRONG;
	return found;
}

/* Keep the stripes, then what is better than the best, and drop the images that have reached their
 * goal. */
static void take_answer(struct square *s, const struct npy *answer)
{
	size_t lefts = 0;

	for (size_t k = 0; k < s->lefts; k++) {
		size_t i = s->left[k];
		struct square_image found = judge(s, answer, k, i), *best = &s->image[i];
		bool reached = found.status != SQUARE_FAILED;
		if (s->queries <= 2 || reached || found.margin > best->margin) {
			*best = found;
			memcpy(s->best + i * s->pixels, s->question.f4 + k * s->pixels,
			       s->pixels * sizeof *s->best);
		}
		best->queries = s->queries;
		if (!reached)
			s->left[lefts++] = i;
	}
	s->lefts = lefts;
}

/* ---- what it is asked ---- */

/* x + E or x - E, clipped to 0 ... 255: the nearest float that is no farther from x. */
static float moved(float x, double epsilon, bool up)
{
	double to = up ? fmin((double)x + epsilon, 255) : fmax((double)x - epsilon, 0);
	float rounded = (float)to;

	return fabs((double)rounded - (double)x) > epsilon ? nextafterf(rounded, x) : rounded;
}

/* The random numbers of an image; those of query q have indices from q << 32 on. */
static struct rng numbers(const struct square *s, size_t i)
{
	return (struct rng){s->o->seed, rng_stream("square") + s->o->first + i};
}

static bool coin(struct rng r, uint64_t index)
{
	return rng_u32(r, index) >> 31;
}

static void draw_stripes(const struct square *s, size_t i, float *to)
{
	const float *start = s->images->f4 + i * s->pixels;
	const uint64_t from = (uint64_t)s->queries << 32;
	const size_t h = s->shape.h, w = s->shape.w;

	for (size_t c = 0; c < s->shape.c; c++)
		for (size_t x = 0; x < w; x++) {
			bool up = coin(numbers(s, i), from + c * w + x);
			for (size_t y = 0; y < h; y++) {
				size_t at = (c * h + y) * w + x;
				to[at] = moved(start[at], s->o->epsilon, up);
			}
		}
}

/* The side of the square of this query.  The paper counts the first square as iteration 0 of
 * 10,000, of which the stripes are the first as well. */
static size_t side_of(const struct square *s)
{
	static const int halvings[] = {10, 50, 200, 500, 1000, 2000, 4000, 6000, 8000};
	const size_t h = s->shape.h, w = s->shape.w, least = h < w ? h : w;
	double iteration = floor((double)(s->queries - 3) * 10000 / (double)(s->o->queries - 1));
	double share = s->o->share;

	for (size_t k = 0; k < sizeof halvings / sizeof *halvings; k++)
		if (iteration > halvings[k])
			share /= 2;
	double side = round(sqrt(share * (double)h * (double)w));
	return side < 1 || least <= 1 ? 1 : side > (double)least - 1 ? least - 1 : (size_t)side;
}

/* Draw a square into `to`, which is the best so far; false if it was there. */
static bool draw_square(const struct square *s, size_t i, float *to, size_t side, size_t row,
                        size_t column, uint64_t from)
{
	const float *start = s->images->f4 + i * s->pixels;
	bool changed = false;

	for (size_t c = 0; c < s->shape.c; c++) {
		bool up = coin(numbers(s, i), from + c);
		for (size_t y = row; y < row + side; y++)
			for (size_t x = column; x < column + side; x++) {
				size_t at = (c * s->shape.h + y) * s->shape.w + x;
				float pixel = moved(start[at], s->o->epsilon, up);
				changed = changed || pixel != to[at];
				to[at] = pixel;
			}
	}
	return changed;
}

static void change(const struct square *s, size_t i, float *to)
{
	/* Where clipping leaves nothing to change, as many draws are enough. */
	enum { DRAWS = 64 };
	const uint64_t from = (uint64_t)s->queries << 32;
	const size_t side = side_of(s);
	struct rng r = numbers(s, i);
	size_t row = (size_t)rng_below(r, from, s->shape.h - side + 1);
	size_t column = (size_t)rng_below(r, from + 1, s->shape.w - side + 1);

	memcpy(to, s->best + i * s->pixels, s->pixels * sizeof *to);
	for (uint64_t k = 0; k < DRAWS; k++)
		if (draw_square(s, i, to, side, row, column, from + 2 + k * s->shape.c))
			break;
}

bool square_step(struct square *s, struct command *oracle)
{
	if (!s->lefts || s->queries >= s->o->queries)
		return false;
	s->queries++;
	for (size_t k = 0; k < s->lefts; k++) {
		float *to = s->question.f4 + k * s->pixels;
		if (s->queries == 2)
			draw_stripes(s, s->left[k], to);
		else
			change(s, s->left[k], to);
	}
	s->question.dim[0] = s->lefts;
	struct npy answer = command_oracle(oracle, &s->question);
	take_answer(s, &answer);
	npy_free(&answer);
	return true;
}

/* ---- begin, results ---- */

struct square *square_new(const struct square_options *o, const struct npy *images,
                          const int32_t *labels, const int32_t *targets, const struct npy *answer)
{
	struct square *s = xcalloc(1, sizeof *s);

	s->o = o;
	s->images = images;
	s->labels = labels;
	s->targets = targets;
	images_shape(images, &s->n, &s->shape);
	s->pixels = npy_row(images);
	s->best = xcalloc(s->n * s->pixels, sizeof *s->best);
	s->question = npy_new(NPY_F4, images->ndim, images->dim);
	memcpy(s->question.f4, images->f4, s->n * s->pixels * sizeof *images->f4);
	s->image = xcalloc(s->n, sizeof *s->image);
	s->left = xcalloc(s->n, sizeof *s->left);
	for (size_t i = 0; i < s->n; i++)
		s->left[s->lefts++] = i;
	s->queries = 1;
	take_answer(s, answer);
	return s;
}

void square_free(struct square *s)
{
	npy_free(&s->question);
	free(s->best);
	free(s->image);
	free(s->left);
	free(s);
}

size_t square_left(const struct square *s)
{
	return s->lefts;
}

int64_t square_queries(const struct square *s)
{
	return s->queries;
}

const float *square_result(const struct square *s)
{
	return s->best;
}

const struct square_image *square_image(const struct square *s, size_t i)
{
	return &s->image[i];
}

void square_log(const struct square *s, FILE *log)
{
	static const char *const status[] = {"wrong", "same", "found", "failed"};

	fputs("image\tlabel\ttarget\tstatus\tpredicted\tqueries\tmargin\tlinf\tl2\n", log);
	for (size_t i = 0; i < s->n; i++) {
		const struct square_image *image = &s->image[i];
		const float *x = s->images->f4 + i * s->pixels, *y = s->best + i * s->pixels;
		double linf = 0, squares = 0;
		for (size_t k = 0; k < s->pixels; k++) {
			double d = fabs((double)y[k] - (double)x[k]);
			linf = fmax(linf, d);
			squares += d * d;
		}
		fprintf(log, "%zu\t%" PRId32 "\t", i, s->labels[i]);
		if (s->targets)
			fprintf(log, "%" PRId32, s->targets[i]);
		else
			fputs("nan", log);
		fprintf(log, "\t%s\t%zu\t%" PRId64 "\t%.9g\t%.9g\t%.9g\n", status[image->status],
		        image->predicted, image->queries, image->margin, linf, sqrt(squares));
	}
}
