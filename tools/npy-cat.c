/* npy-cat - join arrays along an axis */
#include <stdlib.h>

#include "base/base.h"
#include "npy/npy.h"

/* How to join: the arrays' j-th, n + j-th, 2 n + j-th ... along the axis, old or new. */
struct plan {
	int64_t axis;
	size_t n;
	bool stack;
};

/* Every array of every file, as it is to be joined. */
struct arrays {
	struct npy *list;
	size_t count;
};

/* Put an axis of size 1 before this one; it may become the last. */
static void add_axis(struct npy *a, const char *name, int64_t axis)
{
	if (a->ndim == NPY_MAXDIM)
		die("%s: an array of shape %s cannot get another axis", name, npy_shape(a));
	a->dim[a->ndim++] = 1;
	for (int i = a->ndim - 1, at = npy_axis(a, name, axis); i > at; i--) {
		a->dim[i] = a->dim[i - 1];
		a->dim[i - 1] = 1;
	}
}

/* The array must fit the one it will be joined to: the same shape but for the axis. */
static void check(const struct npy *a, const char *name, int index, const struct npy *to, int axis)
{
	struct npy expected = *to;

	if (a->ndim == to->ndim)
		expected.dim[axis] = a->dim[axis];
	if (!npy_same_shape(a, &expected))
		die("%s: array %d: shape %s cannot be joined to %s along axis %d", name, index,
		    npy_shape(a), npy_shape(to), axis);
}

static void read_file(struct arrays *all, const char *path, const struct plan *p)
{
	struct npy_in *in = npy_open(path);
	struct npy a;

	for (int index = 0; npy_next(in, &a); index++) {
		struct npy head = a;
		if (p->stack)
			add_axis(&head, npy_name(in), p->axis);
		int axis = npy_axis(&head, npy_name(in), p->axis);
		if (all->count >= p->n)
			check(&head, npy_name(in), index, &all->list[all->count % p->n], axis);
		npy_load(in, &a);
		head.data = a.data;
		all->list = xrealloc(all->list, all->count + 1, sizeof head);
		all->list[all->count++] = head;
	}
	npy_close(in);
}

/* Join the arrays j, n + j, 2 n + j ... */
static void join(const struct arrays *all, const struct plan *p, size_t j)
{
	struct npy whole = all->list[j];
	int axis = npy_axis(&whole, "", p->axis);
	size_t outer = 1, inner = 1;

	whole.dim[axis] = 0;
	for (size_t i = j; i < all->count; i += p->n) {
		whole.type = npy_common_type(whole.type, all->list[i].type);
		/* Each is far below the largest size_t: their sum is not past it. */
		whole.dim[axis] += all->list[i].dim[axis];
		if (!npy_fits(&whole))
			die("the joined shape %s is too large", npy_shape(&whole));
	}
	for (int i = 0; i < whole.ndim; i++)
		*(i < axis ? &outer : &inner) *= i == axis ? 1 : whole.dim[i];

	npy_put_head(&whole);
	for (size_t i = j; i < all->count; i += p->n)
		npy_convert(&all->list[i], whole.type);
	for (size_t o = 0; o < outer; o++)
		for (size_t i = j; i < all->count; i += p->n) {
			const struct npy *a = &all->list[i];
			size_t n = a->dim[axis] * inner;
			npy_put(&whole, (char *)a->data + o * n * npy_size(whole.type), n);
		}
}

int main(int argc, char *argv[])
{
	int64_t n = 1;
	struct plan p = {.axis = 0};
	const struct cli_option options[] = {
		OPTION_INTEGER('a', "axis", "AXIS", &p.axis, -NPY_MAXDIM, NPY_MAXDIM - 1,
	                       "join along this axis; negative counts from the end"),
		OPTION_INTEGER('n', "arrays", "COUNT", &n, 1, 1000000,
	                       "arrays in a record: 2 for images and labels"),
		OPTION_FLAG(0, "stack", &p.stack, "join along a new axis"), OPTION_END};
	const struct cli cli = {"[FILE ...]", 0, argc, "Join arrays along an axis.", options};
	char **operands = cli_parse(argc, argv, &cli);
	struct arrays all = {.count = 0};
	const char *last;

	p.n = (size_t)n;
	do
		read_file(&all, last = cli_operand(&operands), &p);
	while (*operands);
	if (all.count % p.n)
		die("%s: expected records of %zu arrays, found %zu arrays at its end",
		    file_name(last), p.n, all.count);
	for (size_t j = 0; j < p.n; j++)
		join(&all, &p, j);
	for (size_t i = 0; i < all.count; i++)
		npy_free(&all.list[i]);
	free(all.list);
	return cli_close();
}
