#include "reference/naive.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"

static const double epsilon = 1e-5, momentum = 0.1; /* PyTorch's, of batch norm */

/* A layer at work: from x to y, or from the gradient dy to dx and the parameters'. */
struct work {
	struct naive *m;
	const struct layer *l;
	bool forward;
	bool train; /* and the layer is not frozen */
	double *x, *y, *dx, *dy;
	double *with, *dwith;           /* add: the second input, and its gradient */
	double **parameter, **gradient; /* the layer's first, and on */
};

/* Where element (c,h,w) of image n is. */
static size_t at(struct shape s, size_t n, size_t c, size_t h, size_t w)
{
	return ((n * s.c + c) * s.h + h) * s.w + w;
}

/* ---- products ---- */

/* One product of a sum: y[j] += a[k] x[i].  Convolution and dense layers differ only in which
 * indices go together. */
static void multiply(const struct work *t, size_t i, size_t k, size_t j)
{
	if (t->forward) {
		t->y[j] += t->parameter[0][k] * t->x[i];
	} else {
		t->dx[i] += t->parameter[0][k] * t->dy[j];
		t->gradient[0][k] += t->x[i] * t->dy[j];
	}
}

static void add_bias(const struct work *t, size_t c, size_t j)
{
	if (!t->l->bias)
		return;
	if (t->forward)
		t->y[j] += t->parameter[1][c];
	else
		t->gradient[1][c] += t->dy[j];
}

/* Where element k of window o lies along an axis; false if in the padding. */
static bool inside(const struct layer *l, int axis, size_t o, size_t k, size_t *i)
{
	size_t place = o * l->stride[axis] + k, before = l->pad_before[axis];

	*i = place - before;
	return place >= before && *i < (axis ? l->in.w : l->in.h);
}

static void convolve_element(const struct work *t, size_t n, size_t o, size_t oy, size_t ox)
{
	const struct layer *l = t->l;
	size_t j = at(l->out, n, o, oy, ox), y, x;

	add_bias(t, o, j);
	for (size_t c = 0; c < l->in.c; c++)
		for (size_t ky = 0; ky < l->kernel[0]; ky++) {
			if (!inside(l, 0, oy, ky, &y))
				continue;
			size_t row = at(l->in, n, c, y, 0);
			size_t k = ((o * l->in.c + c) * l->kernel[0] + ky) * l->kernel[1];
			for (size_t kx = 0; kx < l->kernel[1]; kx++)
				if (inside(l, 1, ox, kx, &x))
					multiply(t, row + x, k + kx, j);
		}
}

static void dense_element(const struct work *t, size_t n, size_t o)
{
	size_t inputs = shape_count(t->l->in), j = n * t->l->out.c + o;

	add_bias(t, o, j);
	for (size_t i = 0; i < inputs; i++)
		multiply(t, n * inputs + i, o * inputs + i, j);
}

/* ---- pools ---- */

/* The elements of window (oy,ox) of channel c that are in the image; row by row, into i. */
static size_t window(const struct layer *l, size_t n, size_t c, size_t oy, size_t ox, size_t i[])
{
	size_t count = 0, y, x;

	for (size_t ky = 0; ky < l->kernel[0]; ky++)
		for (size_t kx = 0; kx < l->kernel[1]; kx++)
			if (inside(l, 0, oy, ky, &y) && inside(l, 1, ox, kx, &x))
				i[count++] = at(l->in, n, c, y, x);
	return count;
}

static void decide(struct naive *m, uint64_t which, double gap)
{
	m->decisions = (m->decisions ^ which) * 0x100000001b3; /* FNV-1a's step */
	if (gap > 0)
		m->margin = fmin(m->margin, gap);
}

/* Of equals the first. */
static size_t maximum(const struct work *t, const size_t i[], size_t count)
{
	size_t best = i[0];

	for (size_t k = 1; k < count; k++)
		if (t->x[i[k]] > t->x[best])
			best = i[k];
	return best;
}

static void maxpool_element(const struct work *t, const size_t i[], size_t count, size_t j)
{
	size_t best = maximum(t, i, count);

	if (!t->forward) {
		t->dx[best] += t->dy[j];
		return;
	}
	t->y[j] = t->x[best];
	for (size_t k = 0; k < count; k++)
		decide(t->m, best, t->x[best] - t->x[i[k]]);
}

static void avgpool_element(const struct work *t, const size_t i[], size_t count, size_t j)
{
	for (size_t k = 0; k < count; k++)
		if (t->forward)
			t->y[j] += t->x[i[k]] / (double)count;
		else
			t->dx[i[k]] += t->dy[j] / (double)count;
}

static void pool_element(const struct work *t, size_t n, size_t c, size_t oy, size_t ox)
{
	const struct layer *l = t->l;
	size_t *i = xcalloc(l->kernel[0] * l->kernel[1], sizeof *i);
	size_t count = window(l, n, c, oy, ox, i), j = at(l->out, n, c, oy, ox);

	if (l->kind == LAYER_MAXPOOL)
		maxpool_element(t, i, count, j);
	else
		avgpool_element(t, i, count, j);
	free(i);
}

/* ---- upsample ---- */

static void upsample_element(const struct work *t, size_t n, size_t c, size_t y, size_t x)
{
	const struct layer *l = t->l;
	size_t i = at(l->in, n, c, y / l->enlarge, x / l->enlarge), j = at(l->out, n, c, y, x);

	if (t->forward)
		t->y[j] = t->x[i];
	else
		t->dx[i] += t->dy[j];
}

/* ---- template ---- */

/* |i - a| + |j - b| of the elements i and j of an image w wide. */
static double distance(size_t i, size_t j, size_t w)
{
	size_t rows = i / w > j / w ? i / w - j / w : j / w - i / w;
	size_t columns = i % w > j % w ? i % w - j % w : j % w - i % w;

	return (double)(rows + columns);
}

/* Channel c of image n: the template of its first peak, over tau and without what is negative. */
static void template_channel(const struct work *t, size_t n, size_t c)
{
	const struct layer *l = t->l;
	size_t first = at(l->in, n, c, 0, 0), count = l->in.h * l->in.w, peak = 0;
	double side = (double)(l->in.h > l->in.w ? l->in.h : l->in.w);

	for (size_t i = 1; i < count; i++)
		if (t->x[first + i] > t->x[first + peak])
			peak = i;
	for (size_t i = 0; i < count; i++) {
		double mask = fmax(fmax(1 - 4 * distance(i, peak, l->in.w) / side, -1), 0);
		if (t->forward) {
			t->y[first + i] = t->x[first + i] * mask;
			decide(t->m, peak, t->x[first + peak] - t->x[first + i]);
		} else {
			t->dx[first + i] += t->dy[first + i] * mask;
		}
	}
}

/* ---- batch norm ---- */

enum { SCALE, SHIFT, RUNNING_MEAN, RUNNING_VAR };

/* The elements of channel c in all images. */
static size_t channel(const struct work *t, size_t c, size_t i[])
{
	struct shape s = t->l->in;
	size_t count = 0;

	for (size_t n = 0; n < t->m->n; n++)
		for (size_t p = 0; p < s.h * s.w; p++)
			i[count++] = at(s, n, c, 0, p);
	return count;
}

static double mean(const double *x, const size_t i[], size_t count)
{
	double sum = 0;

	for (size_t k = 0; k < count; k++)
		sum += x[i[k]];
	return sum / (double)count;
}

/* Mean of the squares of what lies from the mean. */
static double variance(const double *x, const size_t i[], size_t count)
{
	double middle = mean(x, i, count), sum = 0;

	for (size_t k = 0; k < count; k++)
		sum += (x[i[k]] - middle) * (x[i[k]] - middle);
	return sum / (double)count;
}

static void track(double *running, double now)
{
	*running += momentum * (now - *running);
}

static void batchnorm_channel(const struct work *t, size_t c, const size_t i[], size_t count)
{
	double *const *p = t->parameter, scale = p[SCALE][c];
	double middle = t->train ? mean(t->x, i, count) : p[RUNNING_MEAN][c];
	double spread = t->train ? variance(t->x, i, count) : p[RUNNING_VAR][c];
	double inverse = 1 / sqrt(spread + epsilon), d = 0, dx = 0;

	if (t->forward) {
		for (size_t k = 0; k < count; k++)
			t->y[i[k]] = (t->x[i[k]] - middle) * inverse * scale + p[SHIFT][c];
		if (t->train) {
			track(&p[RUNNING_MEAN][c], middle);
			track(&p[RUNNING_VAR][c],
			      spread * (double)count / (double)(count > 1 ? count - 1 : 1));
		}
		return;
	}
	for (size_t k = 0; k < count; k++) {
		d += t->dy[i[k]];
		dx += t->dy[i[k]] * (t->x[i[k]] - middle) * inverse;
	}
	t->gradient[SCALE][c] = dx;
	t->gradient[SHIFT][c] = d;
	/* The statistics depend on x where they are the batch's. */
	d = t->train ? d / (double)count : 0;
	dx = t->train ? dx / (double)count : 0;
	for (size_t k = 0; k < count; k++)
		t->dx[i[k]] +=
			scale * inverse * (t->dy[i[k]] - d - dx * (t->x[i[k]] - middle) * inverse);
}

static void batchnorm(const struct work *t)
{
	size_t *i = xcalloc(t->m->n * t->l->in.h * t->l->in.w, sizeof *i);

	for (size_t c = 0; c < t->l->in.c; c++)
		batchnorm_channel(t, c, i, channel(t, c, i));
	free(i);
}

/* ---- activations ---- */

static double relu_gradient(enum relu_rule rule, double x, double d)
{
	switch (rule) {
	case RELU_PLAIN: return x > 0 ? d : 0;
	case RELU_GUIDED: return x > 0 && d > 0 ? d : 0;
	case RELU_DECONV: return d > 0 ? d : 0;
	}
	return 0;
}

static void activate(const struct work *t, size_t i)
{
	switch (t->l->kind) {
	case LAYER_RELU:
		t->y[i] = t->x[i] > 0 ? t->x[i] : 0;
		decide(t->m, t->x[i] > 0, fabs(t->x[i]));
		break;
	case LAYER_SIGMOID: t->y[i] = 1 / (1 + exp(-t->x[i])); break;
	case LAYER_TANH: t->y[i] = tanh(t->x[i]); break;
	case LAYER_ADD: t->y[i] = t->x[i] + t->with[i]; break;
	default: t->y[i] = t->x[i]; break;
	}
}

static void derive(const struct work *t, size_t i)
{
	double y = t->y[i], d = t->dy[i];

	switch (t->l->kind) {
	case LAYER_RELU: t->dx[i] += relu_gradient(t->m->rule, t->x[i], d); break;
	case LAYER_SIGMOID: t->dx[i] += d * y * (1 - y); break;
	case LAYER_TANH: t->dx[i] += d * (1 - y * y); break;
	case LAYER_ADD:
		t->dx[i] += d;
		t->dwith[i] += d;
		break;
	default: t->dx[i] += d; break;
	}
}

/* ---- layers ---- */

static void element(const struct work *t, size_t n, size_t c, size_t y, size_t x)
{
	size_t i = at(t->l->out, n, c, y, x);

	switch (t->l->kind) {
	case LAYER_CONV: convolve_element(t, n, c, y, x); break;
	case LAYER_DENSE: dense_element(t, n, c); break;
	case LAYER_MAXPOOL:
	case LAYER_AVGPOOL: pool_element(t, n, c, y, x); break;
	case LAYER_UPSAMPLE: upsample_element(t, n, c, y, x); break;
	default:
		if (t->forward)
			activate(t, i);
		else
			derive(t, i);
	}
}

static void layer(const struct work *t)
{
	struct shape s = t->l->out;

	if (t->l->kind == LAYER_BATCHNORM) {
		batchnorm(t);
		return;
	}
	if (t->l->kind == LAYER_TEMPLATE) {
		for (size_t i = 0; i < t->m->n * s.c; i++)
			template_channel(t, i / s.c, i % s.c);
		return;
	}
	for (size_t n = 0; n < t->m->n; n++)
		for (size_t c = 0; c < s.c; c++)
			for (size_t y = 0; y < s.h; y++)
				for (size_t x = 0; x < s.w; x++)
					element(t, n, c, y, x);
}

static bool is_frozen(const struct naive *m, int layer)
{
	return m->frozen && m->frozen[layer];
}

static struct work work(struct naive *m, int i, bool forward)
{
	int first = 0;

	while (first < m->spec->parameters && m->spec->parameter[first].layer < i)
		first++;
	const struct layer *l = &m->spec->layer[i];
	return (struct work){.m = m,
	                     .l = l,
	                     .forward = forward,
	                     .train = m->train && !is_frozen(m, i),
	                     .x = m->y[l->from + 1],
	                     .y = m->y[i + 1],
	                     .dx = m->d[l->from + 1],
	                     .dy = m->d[i + 1],
	                     .with = m->y[l->add + 1],
	                     .dwith = m->d[l->add + 1],
	                     .parameter = m->parameter + first,
	                     .gradient = m->gradient + first};
}

/* ---- networks ---- */

/* The elements of y[i]. */
static size_t count(const struct naive *m, int i)
{
	return m->n * shape_count(i ? m->spec->layer[i - 1].out : m->spec->input);
}

struct naive naive_new(const struct spec *spec, size_t n, bool train)
{
	struct naive m = {.spec = spec, .n = n, .train = train};
	size_t layers = (size_t)spec->layers, parameters = (size_t)spec->parameters;

	m.pixels = xcalloc(count(&m, 0), sizeof(double));
	m.pixel_gradient = xcalloc(count(&m, 0), sizeof(double));
	m.y = xcalloc(layers + 1, sizeof(double *));
	m.d = xcalloc(layers + 1, sizeof(double *));
	for (int i = 0; i <= spec->layers; i++) {
		m.y[i] = xcalloc(count(&m, i), sizeof(double));
		m.d[i] = xcalloc(count(&m, i), sizeof(double));
	}
	m.parameter = xcalloc(parameters, sizeof(double *));
	m.gradient = xcalloc(parameters, sizeof(double *));
	for (int i = 0; i < spec->parameters; i++) {
		m.parameter[i] = xcalloc(parameter_count(&spec->parameter[i]), sizeof(double));
		m.gradient[i] = xcalloc(parameter_count(&spec->parameter[i]), sizeof(double));
	}
	return m;
}

void naive_free(struct naive *m)
{
	for (int i = 0; i <= m->spec->layers; i++) {
		free(m->y[i]);
		free(m->d[i]);
	}
	for (int i = 0; i < m->spec->parameters; i++) {
		free(m->parameter[i]);
		free(m->gradient[i]);
	}
	free(m->y);
	free(m->d);
	free(m->parameter);
	free(m->gradient);
	free(m->pixels);
	free(m->pixel_gradient);
}

void naive_load(struct naive *m, float *const tensor[])
{
	for (int i = 0; i < m->spec->parameters; i++)
		for (size_t k = 0; k < parameter_count(&m->spec->parameter[i]); k++)
			m->parameter[i][k] = (double)tensor[i][k];
}

/* Of pixel k of all images. */
static size_t pixel_channel(const struct spec *s, size_t k)
{
	return k / (s->input.h * s->input.w) % s->input.c;
}

void naive_forward(struct naive *m)
{
	m->decisions = 0;
	m->margin = DBL_MAX;
	for (size_t k = 0; k < count(m, 0); k++) {
		size_t c = pixel_channel(m->spec, k);
		m->y[0][k] = (m->pixels[k] - mapping_mean(&m->spec->mapping, c)) /
		             mapping_scale(&m->spec->mapping, c);
	}
	for (int i = 0; i < m->spec->layers; i++) {
		struct work t = work(m, i, true);
		memset(t.y, 0, count(m, i + 1) * sizeof *t.y);
		layer(&t);
	}
}

void naive_backward(struct naive *m, int layers)
{
	for (int i = 0; i < m->spec->parameters; i++)
		memset(m->gradient[i], 0, parameter_count(&m->spec->parameter[i]) * sizeof(double));
	for (int i = 0; i < layers; i++)
		memset(m->d[i], 0, count(m, i) * sizeof *m->d[i]);
	for (int i = layers; i-- > 0;) {
		struct work t = work(m, i, false);
		layer(&t);
	}
	for (int i = 0; i < m->spec->parameters; i++)
		if (is_frozen(m, m->spec->parameter[i].layer))
			memset(m->gradient[i], 0,
			       parameter_count(&m->spec->parameter[i]) * sizeof(double));
	for (size_t k = 0; k < count(m, 0); k++)
		m->pixel_gradient[k] =
			m->d[0][k] / mapping_scale(&m->spec->mapping, pixel_channel(m->spec, k));
}

double naive_cross_entropy(size_t n, size_t classes, const double *logits, const int64_t *label,
                           double *gradient)
{
	double loss = 0;

	for (size_t i = 0; i < n; i++) {
		const double *x = logits + i * classes;
		double most = x[0], sum = 0;
		for (size_t c = 0; c < classes; c++)
			most = fmax(most, x[c]);
		for (size_t c = 0; c < classes; c++)
			sum += exp(x[c] - most);
		loss -= x[label[i]] - most - log(sum);
		for (size_t c = 0; c < classes; c++)
			gradient[i * classes + c] =
				(exp(x[c] - most) / sum - ((int64_t)c == label[i])) / (double)n;
	}
	return loss / (double)n;
}
