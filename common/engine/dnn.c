#include "engine/dnn.h"

#include <oneapi/dnnl/dnnl_debug.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"

/* What a struct dnn owns, in order of creation. */
enum owned { LAYOUT, OP, CALL };

struct thing {
	enum owned what;
	void *thing;
};

struct dnn {
	dnnl_engine_t engine;
	int threads;
	dnnl_stream_t *stream; /* one for each thread */
	size_t owned, room;
	struct thing *own;
};

struct dnn_call {
	dnnl_primitive_t primitive;
	const struct dnn *dnn;
	int n; /* arguments, without the scratch memory */
	/* One row for each thread; the last of a row is its scratch memory. */
	dnnl_exec_arg_t (*argument)[DNN_ARGUMENTS + 1];
	float **scratch;
};

static void check(dnnl_status_t status, const char *call)
{
	if (status == dnnl_out_of_memory)
		die("out of memory in %s", call);
	if (status != dnnl_success)
		die("internal error: %s: %s", call, dnnl_status2str(status));
}

#define CHECK(call) check(call, #call)

struct dnn *dnn_new(int threads)
{
	struct dnn *d = xcalloc(1, sizeof *d);

	CHECK(dnnl_engine_create(&d->engine, dnnl_cpu, 0));
	d->threads = threads;
	d->stream = xcalloc((size_t)threads, sizeof(dnnl_stream_t));
	for (int i = 0; i < threads; i++)
		CHECK(dnnl_stream_create(&d->stream[i], d->engine, dnnl_stream_default_flags));
	return d;
}

enum level dnn_level(void)
{
	unsigned isa = (unsigned)dnnl_get_effective_cpu_isa();
	const unsigned avx2 = dnnl_cpu_isa_avx2, avx512 = dnnl_cpu_isa_avx512_core;

#ifdef __x86_64__
	if ((isa & avx512) == avx512)
		return LEVEL_AVX512;
	if ((isa & avx2) == avx2 && __builtin_cpu_supports("fma"))
		return LEVEL_AVX2;
#else
	(void)isa, (void)avx2, (void)avx512;
#endif
	return LEVEL_BASE;
}

static void *keep(struct dnn *d, enum owned what, void *thing)
{
	if (d->owned == d->room) {
		d->room = 2 * d->room + 64;
		d->own = xrealloc(d->own, d->room, sizeof *d->own);
	}
	d->own[d->owned].what = what;
	d->own[d->owned++].thing = thing;
	return thing;
}

static void destroy_layout(void *layout)
{
#if DNNL_VERSION_MAJOR >= 3
	dnnl_memory_desc_destroy(layout);
#else
	free(layout);
#endif
}

static void destroy_call(struct dnn_call *c)
{
	for (int t = 0; t < c->dnn->threads; t++) {
		for (int i = 0; i <= c->n; i++)
			dnnl_memory_destroy(c->argument[t][i].memory);
		free(c->scratch[t]);
	}
	dnnl_primitive_destroy(c->primitive);
	free(c->scratch);
	free(c->argument);
	free(c);
}

/* Destroy what was made last, down to this many things. */
static void destroy_from(struct dnn *d, size_t mark)
{
	while (d->owned > mark) {
		void *thing = d->own[--d->owned].thing;
		switch (d->own[d->owned].what) {
		case LAYOUT: destroy_layout(thing); break;
		case OP: dnnl_primitive_desc_destroy(thing); break;
		case CALL: destroy_call(thing); break;
		}
	}
}

void dnn_free(struct dnn *d)
{
	destroy_from(d, 0);
	for (int i = 0; i < d->threads; i++)
		dnnl_stream_destroy(d->stream[i]);
	dnnl_engine_destroy(d->engine);
	free(d->stream);
	free(d->own);
	free(d);
}

/* ---- layouts ---- */

static dnn_layout layout(struct dnn *d, int ndim, const size_t dim[], dnnl_format_tag_t tag)
{
	dnnl_dims_t dims;

	for (int i = 0; i < ndim; i++)
		dims[i] = (dnnl_dim_t)dim[i];
#if DNNL_VERSION_MAJOR >= 3
	dnnl_memory_desc_t made;
	CHECK(dnnl_memory_desc_create_with_tag(&made, ndim, dims, dnnl_f32, tag));
	return keep(d, LAYOUT, made);
#else
	dnnl_memory_desc_t *made = xcalloc(1, sizeof *made);
	CHECK(dnnl_memory_desc_init_by_tag(made, ndim, dims, dnnl_f32, tag));
	return keep(d, LAYOUT, made);
#endif
}

dnn_layout dnn_plain(struct dnn *d, int ndim, const size_t dim[])
{
	static const dnnl_format_tag_t tag[] = {dnnl_a, dnnl_a, dnnl_ab, dnnl_abc, dnnl_abcd};

	return layout(d, ndim, dim, tag[ndim]);
}

dnn_layout dnn_any(struct dnn *d, int ndim, const size_t dim[])
{
	return layout(d, ndim, dim, dnnl_format_tag_any);
}

dnn_layout dnn_blocked(struct dnn *d, const size_t dim[4], size_t block)
{
	return layout(d, 4, dim, block == 16 ? dnnl_aBcd16b : dnnl_aBcd8b);
}

size_t dnn_bytes(dnn_layout l)
{
	return dnnl_memory_desc_get_size(l);
}

bool dnn_same(dnn_layout a, dnn_layout b)
{
	return dnnl_memory_desc_equal(a, b);
}

/* ---- computations ---- */

static const dnnl_alg_kind_t eltwise[] = {
	[DNN_RELU] = dnnl_eltwise_relu,
	[DNN_SIGMOID] = dnnl_eltwise_logistic,
	[DNN_TANH] = dnnl_eltwise_tanh,
};

/* Whether a ReLU is applied to what is written; and scratch memory is the caller's, since several
 * threads run the same computation. */
static dnnl_primitive_attr_t attributes(bool relu)
{
	dnnl_primitive_attr_t a;
	dnnl_post_ops_t after;

	CHECK(dnnl_primitive_attr_create(&a));
	CHECK(dnnl_primitive_attr_set_scratchpad_mode(a, dnnl_scratchpad_mode_user));
	if (!relu)
		return a;
	CHECK(dnnl_post_ops_create(&after));
#if DNNL_VERSION_MAJOR >= 3
	CHECK(dnnl_post_ops_append_eltwise(after, dnnl_eltwise_relu, 0, 0));
#else
	CHECK(dnnl_post_ops_append_eltwise(after, 1, dnnl_eltwise_relu, 0, 0));
#endif
	CHECK(dnnl_primitive_attr_set_post_ops(a, after));
	dnnl_post_ops_destroy(after);
	return a;
}

/* oneDNN's threads are libgomp's; this many for what the calling thread does next. */
void omp_set_num_threads(int n);

/* How a computation is split over threads is decided when it is described, and lasts: over one. */
static dnnl_primitive_attr_t begin(bool relu)
{
	omp_set_num_threads(1);
	return attributes(relu);
}

static dnn_op end(struct dnn *d, dnnl_primitive_attr_t attribute, dnn_op op)
{
	dnnl_primitive_attr_destroy(attribute);
	return keep(d, OP, op);
}

#if DNNL_VERSION_MAJOR >= 3
/* 3.x makes a computation in one call, of which only these arguments vary. */
#define DESCRIBE(kind, ...) CHECK(dnnl_##kind##_primitive_desc_create(&op, d->engine, __VA_ARGS__))
#else
/* 2.x fills in a description first. */
#define DESCRIBE2(kind, type, hint, ...)                                                          \
	do {                                                                                      \
		dnnl_##type##_desc_t description;                                                 \
		CHECK(dnnl_##kind##_desc_init(&description, __VA_ARGS__));                        \
		CHECK(dnnl_primitive_desc_create(&op, &description, attribute, d->engine, hint)); \
	} while (0)
#endif

dnn_op dnn_conv_forward(struct dnn *d, const struct dnn_conv *c, bool training, bool relu)
{
	dnnl_prop_kind_t kind = training ? dnnl_forward_training : dnnl_forward_inference;
	dnnl_primitive_attr_t attribute = begin(relu);
	const struct dnn_window *v = &c->window;
	dnn_op op;

#if DNNL_VERSION_MAJOR >= 3
	static const dnnl_dims_t dense = {0};
	DESCRIBE(convolution_forward, kind, dnnl_convolution_direct, c->src, c->weights, c->bias,
	         c->dst, v->stride, dense, v->before, v->after, attribute);
#else
	DESCRIBE2(convolution_forward, convolution, NULL, kind, dnnl_convolution_direct, c->src,
	          c->weights, c->bias, c->dst, v->stride, v->before, v->after);
#endif
	return end(d, attribute, op);
}

dnn_op dnn_conv_backward_data(struct dnn *d, const struct dnn_conv *c, dnn_op forward)
{
	const struct dnn_window *v = &c->window;
	dnnl_primitive_attr_t attribute = begin(false);
	dnn_op op;

#if DNNL_VERSION_MAJOR >= 3
	static const dnnl_dims_t dense = {0};
	DESCRIBE(convolution_backward_data, dnnl_convolution_direct, c->src, c->weights, c->dst,
	         v->stride, dense, v->before, v->after, forward, attribute);
#else
	DESCRIBE2(convolution_backward_data, convolution, forward, dnnl_convolution_direct, c->src,
	          c->weights, c->dst, v->stride, v->before, v->after);
#endif
	return end(d, attribute, op);
}

dnn_op dnn_conv_backward_weights(struct dnn *d, const struct dnn_conv *c, dnn_op forward)
{
	const struct dnn_window *v = &c->window;
	dnnl_primitive_attr_t attribute = begin(false);
	dnn_op op;

#if DNNL_VERSION_MAJOR >= 3
	static const dnnl_dims_t dense = {0};
	DESCRIBE(convolution_backward_weights, dnnl_convolution_direct, c->src, c->weights, c->bias,
	         c->dst, v->stride, dense, v->before, v->after, forward, attribute);
#else
	DESCRIBE2(convolution_backward_weights, convolution, forward, dnnl_convolution_direct,
	          c->src, c->weights, c->bias, c->dst, v->stride, v->before, v->after);
#endif
	return end(d, attribute, op);
}

dnn_op dnn_average_forward(struct dnn *d, const struct dnn_window *w, dnn_layout src,
                           dnn_layout dst)
{
	dnnl_primitive_attr_t attribute = begin(false);
	dnn_op op;

#if DNNL_VERSION_MAJOR >= 3
	static const dnnl_dims_t dense = {0};
	DESCRIBE(pooling_forward, dnnl_forward_training, dnnl_pooling_avg_exclude_padding, src, dst,
	         w->stride, w->kernel, dense, w->before, w->after, attribute);
#else
	DESCRIBE2(pooling_forward, pooling, NULL, dnnl_forward_training,
	          dnnl_pooling_avg_exclude_padding, src, dst, w->stride, w->kernel, w->before,
	          w->after);
#endif
	return end(d, attribute, op);
}

dnn_op dnn_average_backward(struct dnn *d, const struct dnn_window *w, dnn_layout src,
                            dnn_layout dst, dnn_op forward)
{
	dnnl_primitive_attr_t attribute = begin(false);
	dnn_op op;

#if DNNL_VERSION_MAJOR >= 3
	static const dnnl_dims_t dense = {0};
	DESCRIBE(pooling_backward, dnnl_pooling_avg_exclude_padding, src, dst, w->stride, w->kernel,
	         dense, w->before, w->after, forward, attribute);
#else
	DESCRIBE2(pooling_backward, pooling, forward, dnnl_pooling_avg_exclude_padding, src, dst,
	          w->stride, w->kernel, w->before, w->after);
#endif
	return end(d, attribute, op);
}

dnn_op dnn_activation_forward(struct dnn *d, enum dnn_activation a, dnn_layout src)
{
	dnnl_primitive_attr_t attribute = begin(false);
	dnn_op op;

#if DNNL_VERSION_MAJOR >= 3
	DESCRIBE(eltwise_forward, dnnl_forward_training, eltwise[a], src, src, 0, 0, attribute);
#else
	DESCRIBE2(eltwise_forward, eltwise, NULL, dnnl_forward_training, eltwise[a], src, 0, 0);
#endif
	return end(d, attribute, op);
}

dnn_op dnn_reorder(struct dnn *d, dnn_layout from, dnn_layout to)
{
	dnnl_primitive_attr_t attribute = begin(false);
	dnn_op op;

	CHECK(dnnl_reorder_primitive_desc_create(&op, from, d->engine, to, d->engine, attribute));
	return end(d, attribute, op);
}

dnn_layout dnn_wants(dnn_op op, enum dnn_tensor which)
{
	static const dnnl_query_t query[] = {
		[DNN_WEIGHTS] = dnnl_query_weights_md,
		[DNN_DIFF_WEIGHTS] = dnnl_query_diff_weights_md,
		[DNN_SCRATCH] = dnnl_query_scratchpad_md,
	};

	/* The layout ends with the computation. */
	return dnnl_primitive_desc_query_md(op, query[which], 0);
}

const char *dnn_name(dnn_op op)
{
	const char *name;

	CHECK(dnnl_primitive_desc_query(op, dnnl_query_impl_info_str, 0, &name));
	return name;
}

/* ---- execution ---- */

static dnnl_memory_t memory(const struct dnn *d, dnn_layout l, float *data)
{
	dnnl_memory_t m;

	CHECK(dnnl_memory_create(&m, l, d->engine, data));
	return m;
}

struct dnn_call *dnn_call_new(struct dnn *d, dnn_op op, int n, const struct dnn_argument argument[])
{
	struct dnn_call *c = xcalloc(1, sizeof *c);
	dnn_layout scratch = dnn_wants(op, DNN_SCRATCH);
	size_t floats = dnn_bytes(scratch) / sizeof(float) + 1;

	c->dnn = d;
	c->n = n;
	CHECK(dnnl_primitive_create(&c->primitive, op));
	c->argument = xcalloc((size_t)d->threads, sizeof *c->argument);
	c->scratch = xcalloc((size_t)d->threads, sizeof *c->scratch);
	for (int t = 0; t < d->threads; t++) {
		dnnl_exec_arg_t *a = c->argument[t];
		for (int i = 0; i < n; i++)
			a[i] = (dnnl_exec_arg_t){argument[i].which,
			                         memory(d, argument[i].layout, DNNL_MEMORY_NONE)};
		c->scratch[t] = xaligned(floats, sizeof(float));
		a[n] = (dnnl_exec_arg_t){DNNL_ARG_SCRATCHPAD, memory(d, scratch, c->scratch[t])};
	}
	return keep(d, CALL, c);
}

void dnn_call_run(const struct dnn_call *c, int thread, float *const data[])
{
	const dnnl_exec_arg_t *a = c->argument[thread];

	omp_set_num_threads(1);
	for (int i = 0; i < c->n; i++) {
		void *is;
		CHECK(dnnl_memory_get_data_handle(a[i].memory, &is));
		if (is != data[i])
			CHECK(dnnl_memory_set_data_handle(a[i].memory, data[i]));
	}
	CHECK(dnnl_primitive_execute(c->primitive, c->dnn->stream[thread], c->n + 1, a));
	CHECK(dnnl_stream_wait(c->dnn->stream[thread]));
}

void dnn_copy(struct dnn *d, dnn_layout from_layout, const float *from, dnn_layout to_layout,
              float *to)
{
	size_t mark = d->owned;

	if (dnn_same(from_layout, to_layout)) {
		memcpy(to, from, dnn_bytes(to_layout));
		return;
	}
	dnn_op op = dnn_reorder(d, from_layout, to_layout);
	const struct dnn_argument arguments[] = {{DNNL_ARG_FROM, from_layout},
	                                         {DNNL_ARG_TO, to_layout}};
	dnn_call_run(dnn_call_new(d, op, 2, arguments), 0, (float *const[]){(float *)from, to});
	/* Nobody else has these. */
	destroy_from(d, mark);
}
