#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "base/base.h"
#include "embed/embed.h"
#include "npy/npy.h"

static void load_indices(struct npy_in *in, struct npy *a)
{
	npy_next(in, a);
	if (a->ndim != 2 || !a->dim[0] || !a->dim[1] || !npy_is_whole(a->type))
		die("%s: expected indices (N,k), whole numbers, found %s %s", npy_name(in),
		    npy_type_name(a->type), npy_shape(a));
	if (a->dim[0] > EMBED_MOST || a->dim[1] > EMBED_MOST)
		die("%s: %s is too large", npy_name(in), npy_shape(a));
	npy_load(in, a);
	npy_convert(a, NPY_I8);
}

static void load_distances(struct npy_in *in, const struct npy *indices, struct npy *a)
{
	if (!npy_next(in, a))
		die("%s: expected indices and then distances, found indices only", npy_name(in));
	if (!npy_same_shape(a, indices) || npy_is_whole(a->type))
		die("%s: expected distances %s, floats, found %s %s", npy_name(in),
		    npy_shape(indices), npy_type_name(a->type), npy_shape(a));
	npy_load(in, a);
	npy_convert(a, NPY_F4);
}

static void check_indices(const char *name, const struct nearest *near, bool others)
{
	size_t *seen = xcalloc(near->m, sizeof *seen); /* the last row, from 1, that had it */

	for (size_t i = 0; i < near->n; i++)
		for (size_t j = 0; j < near->k; j++) {
			int64_t to = near->to[i * near->k + j];
			if (to < 0 || (uint64_t)to >= near->m)
				die("%s: row %zu: neighbor %" PRId64 " is not within 0 ... %zu",
				    name, i, to, near->m - 1);
			if (!others && (size_t)to == i)
				die("%s: row %zu is a neighbor of itself", name, i);
			if (seen[to] == i + 1)
				die("%s: row %zu: neighbor %" PRId64 " is there twice", name, i,
				    to);
			seen[to] = i + 1;
		}
	free(seen);
}

static void check_distances(const char *name, const struct nearest *near)
{
	for (size_t i = 0; i < near->n * near->k; i++) {
		float d = near->distance[i];
		if (!isfinite(d) || d < 0)
			die("%s: row %zu: distance %zu, %g, is not a finite number from 0 on", name,
			    i / near->k, i % near->k, (double)d);
		if (i % near->k && d < near->distance[i - 1])
			die("%s: row %zu: distance %zu is less than the one before", name,
			    i / near->k, i % near->k);
	}
}

struct nearest nearest_read(const char *path, size_t m)
{
	struct npy_in *in = npy_open(path);
	struct npy indices, distances;

	load_indices(in, &indices);
	load_distances(in, &indices, &distances);
	struct nearest near = {indices.dim[0], indices.dim[1], m ? m : indices.dim[0], indices.i8,
	                       distances.f4};
	check_indices(npy_name(in), &near, m != 0);
	check_distances(npy_name(in), &near);
	npy_close(in);
	return near;
}

void nearest_free(struct nearest *near)
{
	free(near->to);
	free(near->distance);
}
