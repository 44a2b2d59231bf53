#include "engine/dnn.h"

#include <oneapi/dnnl/dnnl_debug.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"

/* What a struct dnn owns, in order of creation. */
enum owned { LAYOUT, OP, PRIMITIVE, MEMORY };

struct dnn {
	dnnl_engine_t engine;
	dnnl_stream_t stream;
	size_t owned, room;
	struct {
		enum owned what;
		void *thing;
	} * own;
};

static void check(dnnl_status_t status, const char *call)
{
	if (status == dnnl_out_of_memory)
		die("out of memory in %s", call);
	if (status != dnnl_success)
		die("internal error: %s: %s", call, dnnl_status2str(status));
}

#define CHECK(call) check(call, #call)

struct dnn *dnn_new(void)
{
	struct dnn *d = xcalloc(1, sizeof *d);

	CHECK(dnnl_engine_create(&d->engine, dnnl_cpu, 0));
	CHECK(dnnl_stream_create(&d->stream, d->engine, dnnl_stream_default_flags));
	return d;
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

/* Destroy what was made last, down to this many things. */
static void destroy_from(struct dnn *d, size_t mark)
{
	while (d->owned > mark) {
		void *thing = d->own[--d->owned].thing;
		switch (d->own[d->owned].what) {
		case LAYOUT: destroy_layout(thing); break;
		case OP: dnnl_primitive_desc_destroy(thing); break;
		case PRIMITIVE: dnnl_primitive_destroy(thing); break;
		case MEMORY: dnnl_memory_destroy(thing); break;
		}
	}
}

void dnn_free(struct dnn *d)
{
	destroy_from(d, 0);
	dnnl_stream_destroy(d->stream);
	dnnl_engine_destroy(d->engine);
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

dnn_layout dnn_channels_last(struct dnn *d, const size_t dim[4])
{
	return layout(d, 4, dim, dnnl_acdb);
}

size_t dnn_bytes(dnn_layout l)
{
	return dnnl_memory_desc_get_size(l);
}

bool dnn_same(dnn_layout a, dnn_layout b)
{
	return dnnl_memory_desc_equal(a, b);
}

/* What dnn_channel_block() looks at. */
struct view {
	int ndim, inner;
	dnnl_dim_t dim[4], stride[4], block, block_axis;
};

static struct view view_of(dnn_layout l)
{
	struct view v = {.block = 1, .block_axis = 1};
	const dnnl_dim_t *dim, *stride, *blocks, *axes;

#if DNNL_VERSION_MAJOR >= 3
	const dnnl_dims_t *dims, *strides, *inner_blocks, *inner_axes;
	dnnl_memory_desc_query(l, dnnl_query_ndims_s32, &v.ndim);
	dnnl_memory_desc_query(l, dnnl_query_inner_nblks_s32, &v.inner);
	dnnl_memory_desc_query(l, dnnl_query_padded_dims, &dims);
	dnnl_memory_desc_query(l, dnnl_query_strides, &strides);
	dnnl_memory_desc_query(l, dnnl_query_inner_blks, &inner_blocks);
	dnnl_memory_desc_query(l, dnnl_query_inner_idxs, &inner_axes);
	dim = *dims, stride = *strides, blocks = *inner_blocks, axes = *inner_axes;
#else
	v.ndim = l->ndims;
	v.inner = l->format_desc.blocking.inner_nblks;
	dim = l->padded_dims;
	stride = l->format_desc.blocking.strides;
	blocks = l->format_desc.blocking.inner_blks;
	axes = l->format_desc.blocking.inner_idxs;
#endif
	for (int i = 0; i < v.ndim && i < 4; i++) {
		v.dim[i] = dim[i];
		v.stride[i] = stride[i];
	}
	if (v.inner == 1) {
		v.block = blocks[0];
		v.block_axis = axes[0];
	}
	return v;
}

size_t dnn_channel_block(dnn_layout l)
{
	struct view v = view_of(l);

	if (v.ndim == 2)
		return v.inner == 0 && v.stride[1] == 1 ? (size_t)v.dim[1] : 0;
	if (v.ndim != 4 || v.inner > 1 || v.block_axis != 1)
		return 0;
	dnnl_dim_t h = v.dim[2], w = v.dim[3], b = v.block;
	/* nhwc is a block of all channels; a one-pixel or one-channel image is anything. */
	if (v.inner == 0 && v.stride[1] == 1 && v.dim[1] > 1 && v.stride[3] == v.dim[1])
		b = v.dim[1];
	bool rows = v.stride[3] == b || w == 1;
	bool planes = (v.stride[2] == b * w || h == 1) && v.stride[0] == v.dim[1] * h * w;
	bool channels = b == v.dim[1] || v.stride[1] == b * h * w;
	return rows && planes && channels ? (size_t)b : 0;
}

int dnn_rank(dnn_layout l)
{
	return view_of(l).ndim;
}

dnn_layout dnn_like(struct dnn *d, dnn_layout l, const size_t dim[4])
{
	switch (dnn_channel_block(l)) {
	case 1: return layout(d, 4, dim, dnnl_abcd);
	case 4: return layout(d, 4, dim, dnnl_aBcd4b);
	case 8: return layout(d, 4, dim, dnnl_aBcd8b);
	case 16: return layout(d, 4, dim, dnnl_aBcd16b);
	default: return layout(d, 4, dim, dnnl_acdb);
	}
}

/* ---- computations ---- */

static const dnnl_alg_kind_t eltwise[] = {
	[DNN_RELU] = dnnl_eltwise_relu,
	[DNN_SIGMOID] = dnnl_eltwise_logistic,
	[DNN_TANH] = dnnl_eltwise_tanh,
};

/* Post-op: the activation applied to what is written. */
static dnnl_primitive_attr_t attributes(enum dnn_activation fused)
{
	dnnl_primitive_attr_t a = NULL;
	dnnl_post_ops_t after;

	if (fused == DNN_IDENTITY)
		return NULL;
	CHECK(dnnl_primitive_attr_create(&a));
	CHECK(dnnl_post_ops_create(&after));
#if DNNL_VERSION_MAJOR >= 3
	CHECK(dnnl_post_ops_append_eltwise(after, eltwise[fused], 0, 0));
#else
	CHECK(dnnl_post_ops_append_eltwise(after, 1, eltwise[fused], 0, 0));
#endif
	CHECK(dnnl_primitive_attr_set_post_ops(a, after));
	dnnl_post_ops_destroy(after);
	return a;
}

#if DNNL_VERSION_MAJOR >= 3
/* 3.x makes a computation in one call, of which only these arguments vary. */
#define DESCRIBE(kind, ...) CHECK(dnnl_##kind##_primitive_desc_create(&op, d->engine, __VA_ARGS__))
#else
/* 2.x fills in a description first. */
#define DESCRIBE2(kind, type, hint, attribute, ...)                                               \
	do {                                                                                      \
		dnnl_##type##_desc_t description;                                                 \
		CHECK(dnnl_##kind##_desc_init(&description, __VA_ARGS__));                        \
		CHECK(dnnl_primitive_desc_create(&op, &description, attribute, d->engine, hint)); \
	} while (0)
#endif

dnn_op dnn_weighted_forward(struct dnn *d, const struct dnn_weighted *w, bool training,
                            enum dnn_activation fused)
{
	dnnl_prop_kind_t kind = training ? dnnl_forward_training : dnnl_forward_inference;
	dnnl_primitive_attr_t attribute = attributes(fused);
	const struct dnn_window *v = w->window;
	dnn_op op;

#if DNNL_VERSION_MAJOR >= 3
	static const dnnl_dims_t dense = {0};
	if (v)
		DESCRIBE(convolution_forward, kind, dnnl_convolution_direct, w->src, w->weights,
		         w->bias, w->dst, v->stride, dense, v->before, v->after, attribute);
	else
		DESCRIBE(inner_product_forward, kind, w->src, w->weights, w->bias, w->dst,
		         attribute);
#else
	if (v)
		DESCRIBE2(convolution_forward, convolution, NULL, attribute, kind,
		          dnnl_convolution_direct, w->src, w->weights, w->bias, w->dst, v->stride,
		          v->before, v->after);
	else
		DESCRIBE2(inner_product_forward, inner_product, NULL, attribute, kind, w->src,
		          w->weights, w->bias, w->dst);
#endif
	if (attribute)
		dnnl_primitive_attr_destroy(attribute);
	return keep(d, OP, op);
}

dnn_op dnn_weighted_backward_data(struct dnn *d, const struct dnn_weighted *w, dnn_op forward)
{
	const struct dnn_window *v = w->window;
	dnn_op op;

#if DNNL_VERSION_MAJOR >= 3
	static const dnnl_dims_t dense = {0};
	if (v)
		DESCRIBE(convolution_backward_data, dnnl_convolution_direct, w->src, w->weights,
		         w->dst, v->stride, dense, v->before, v->after, forward, NULL);
	else
		DESCRIBE(inner_product_backward_data, w->src, w->weights, w->dst, forward, NULL);
#else
	if (v)
		DESCRIBE2(convolution_backward_data, convolution, forward, NULL,
		          dnnl_convolution_direct, w->src, w->weights, w->dst, v->stride, v->before,
		          v->after);
	else
		DESCRIBE2(inner_product_backward_data, inner_product, forward, NULL, w->src,
		          w->weights, w->dst);
#endif
	return keep(d, OP, op);
}

dnn_op dnn_weighted_backward_weights(struct dnn *d, const struct dnn_weighted *w, dnn_op forward)
{
	const struct dnn_window *v = w->window;
	dnn_op op;

#if DNNL_VERSION_MAJOR >= 3
	static const dnnl_dims_t dense = {0};
	if (v)
		DESCRIBE(convolution_backward_weights, dnnl_convolution_direct, w->src, w->weights,
		         w->bias, w->dst, v->stride, dense, v->before, v->after, forward, NULL);
	else
		DESCRIBE(inner_product_backward_weights, w->src, w->weights, w->bias, w->dst,
		         forward, NULL);
#else
	if (v)
		DESCRIBE2(convolution_backward_weights, convolution, forward, NULL,
		          dnnl_convolution_direct, w->src, w->weights, w->bias, w->dst, v->stride,
		          v->before, v->after);
	else
		DESCRIBE2(inner_product_backward_weights, inner_product, forward, NULL, w->src,
		          w->weights, w->bias, w->dst);
#endif
	return keep(d, OP, op);
}

dnn_op dnn_average_forward(struct dnn *d, const struct dnn_window *w, dnn_layout src,
                           dnn_layout dst)
{
	dnn_op op;

#if DNNL_VERSION_MAJOR >= 3
	static const dnnl_dims_t dense = {0};
	DESCRIBE(pooling_forward, dnnl_forward_training, dnnl_pooling_avg_exclude_padding, src, dst,
	         w->stride, w->kernel, dense, w->before, w->after, NULL);
#else
	DESCRIBE2(pooling_forward, pooling, NULL, NULL, dnnl_forward_training,
	          dnnl_pooling_avg_exclude_padding, src, dst, w->stride, w->kernel, w->before,
	          w->after);
#endif
	return keep(d, OP, op);
}

dnn_op dnn_average_backward(struct dnn *d, const struct dnn_window *w, dnn_layout src,
                            dnn_layout dst, dnn_op forward)
{
	dnn_op op;

#if DNNL_VERSION_MAJOR >= 3
	static const dnnl_dims_t dense = {0};
	DESCRIBE(pooling_backward, dnnl_pooling_avg_exclude_padding, src, dst, w->stride, w->kernel,
	         dense, w->before, w->after, forward, NULL);
#else
	DESCRIBE2(pooling_backward, pooling, forward, NULL, dnnl_pooling_avg_exclude_padding, src,
	          dst, w->stride, w->kernel, w->before, w->after);
#endif
	return keep(d, OP, op);
}

static unsigned norm_flags(bool batch_statistics, bool fused_relu)
{
	return (unsigned)dnnl_use_scale | (unsigned)dnnl_use_shift |
	       (batch_statistics ? 0U : (unsigned)dnnl_use_global_stats) |
	       (fused_relu ? (unsigned)dnnl_fuse_norm_relu : 0U);
}

dnn_op dnn_norm_forward(struct dnn *d, dnn_layout src, float epsilon, bool batch_statistics,
                        bool fused_relu, bool training)
{
	dnnl_prop_kind_t kind = training ? dnnl_forward_training : dnnl_forward_inference;
	unsigned flags = norm_flags(batch_statistics, fused_relu);
	dnn_op op;

#if DNNL_VERSION_MAJOR >= 3
	DESCRIBE(batch_normalization_forward, kind, src, src, epsilon, flags, NULL);
#else
	DESCRIBE2(batch_normalization_forward, batch_normalization, NULL, NULL, kind, src, epsilon,
	          flags);
#endif
	return keep(d, OP, op);
}

dnn_op dnn_norm_backward(struct dnn *d, dnn_layout src, float epsilon, bool batch_statistics,
                         bool fused_relu, dnn_op forward)
{
	/* To the parameters too: with a scale, 2.x knows no other. */
	const dnnl_prop_kind_t kind = dnnl_backward;
	unsigned flags = norm_flags(batch_statistics, fused_relu);
	dnn_op op;

#if DNNL_VERSION_MAJOR >= 3
	DESCRIBE(batch_normalization_backward, kind, src, src, src, epsilon, flags, forward, NULL);
#else
	DESCRIBE2(batch_normalization_backward, batch_normalization, forward, NULL, kind, src, src,
	          epsilon, flags);
#endif
	return keep(d, OP, op);
}

dnn_op dnn_activation_forward(struct dnn *d, enum dnn_activation a, dnn_layout src)
{
	dnn_op op;

#if DNNL_VERSION_MAJOR >= 3
	DESCRIBE(eltwise_forward, dnnl_forward_training, eltwise[a], src, src, 0, 0, NULL);
#else
	DESCRIBE2(eltwise_forward, eltwise, NULL, NULL, dnnl_forward_training, eltwise[a], src, 0,
	          0);
#endif
	return keep(d, OP, op);
}

dnn_op dnn_reorder(struct dnn *d, dnn_layout from, dnn_layout to)
{
	dnn_op op;

	CHECK(dnnl_reorder_primitive_desc_create(&op, from, d->engine, to, d->engine, NULL));
	return keep(d, OP, op);
}

dnn_layout dnn_wants(struct dnn *d, dnn_op op, enum dnn_tensor which)
{
	static const dnnl_query_t query[] = {
		[DNN_SRC] = dnnl_query_src_md,
		[DNN_DST] = dnnl_query_dst_md,
		[DNN_WEIGHTS] = dnnl_query_weights_md,
		[DNN_DIFF_SRC] = dnnl_query_diff_src_md,
		[DNN_DIFF_DST] = dnnl_query_diff_dst_md,
		[DNN_DIFF_WEIGHTS] = dnnl_query_diff_weights_md,
		[DNN_WORKSPACE] = dnnl_query_workspace_md,
	};

	(void)d; /* the layout ends with the computation, which d owns */
	return dnnl_primitive_desc_query_md(op, query[which], 0);
}

bool dnn_is_reference(dnn_op op)
{
	const char *name;

	CHECK(dnnl_primitive_desc_query(op, dnnl_query_impl_info_str, 0, &name));
	return !strncmp(name, "ref", 3);
}

/* ---- execution ---- */

dnnl_primitive_t dnn_primitive(struct dnn *d, dnn_op op)
{
	dnnl_primitive_t p;

	CHECK(dnnl_primitive_create(&p, op));
	return keep(d, PRIMITIVE, p);
}

dnnl_memory_t dnn_memory(struct dnn *d, dnn_layout l, float *data)
{
	dnnl_memory_t m;

	CHECK(dnnl_memory_create(&m, l, d->engine, data));
	return keep(d, MEMORY, m);
}

void dnn_set_data(dnnl_memory_t m, float *data)
{
	CHECK(dnnl_memory_set_data_handle(m, data));
}

void dnn_run(struct dnn *d, dnnl_primitive_t p, int n, const dnnl_exec_arg_t arguments[])
{
	CHECK(dnnl_primitive_execute(p, d->stream, n, arguments));
	CHECK(dnnl_stream_wait(d->stream));
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
	dnnl_primitive_t p = dnn_primitive(d, op);
	dnnl_exec_arg_t arguments[] = {
		{DNNL_ARG_FROM, dnn_memory(d, from_layout, (float *)from)},
		{DNNL_ARG_TO, dnn_memory(d, to_layout, to)},
	};
	dnn_run(d, p, 2, arguments);
	/* Nobody else has these. */
	destroy_from(d, mark);
}
