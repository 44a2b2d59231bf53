#include "stack/stack.h"

#include <stdlib.h>
#include <string.h>

#include "base/base.h"

struct stack stack_open(const char *path)
{
	struct stack s = {.in = npy_open(path), .n = 1, .planes = 1};
	const struct npy *a = &s.head;

	npy_next(s.in, &s.head);
	if (a->ndim < 2 || a->ndim > 4)
		die("%s: expected images (N,H,W), (N,C,H,W) or one (H,W), found %s", npy_name(s.in),
		    npy_shape(a));
	if (a->ndim > 2)
		s.n = a->dim[0];
	if (a->ndim == 4)
		s.planes = a->dim[1];
	s.h = a->dim[a->ndim - 2];
	s.w = a->dim[a->ndim - 1];
	return s;
}

size_t stack_pixels(const struct stack *s)
{
	return s->planes * s->h * s->w;
}

static void put_labels(const struct stack *s, const struct npy *head, size_t copies)
{
	struct npy out = {.type = head->type, .ndim = 1, .dim = {s->n * copies}};
	size_t size = npy_size(head->type);
	char *row = xcalloc(copies, size);

	npy_put_head(&out);
	for (size_t i = 0; copies && i < s->n; i++) {
		npy_take(s->in, row, 1);
		for (size_t k = 1; k < copies; k++)
			memcpy(row + k * size, row, size);
		npy_put(&out, row, copies);
	}
	free(row);
}

void stack_close(struct stack *s, size_t copies)
{
	struct npy labels;

	if (npy_next(s->in, &labels)) {
		if (npy_count(&labels) != s->n || labels.ndim > 1)
			die("%s: expected labels (%zu,) or the end after the images, found %s",
			    npy_name(s->in), s->n, npy_shape(&labels));
		put_labels(s, &labels, copies);
	}
	npy_close(s->in);
}
