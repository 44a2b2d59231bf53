/* pnmtonpy - convert PBM, PGM, PPM and PAM pictures to an NPY array */
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "npy/npy.h"
#include "pnm/pnm.h"

/* Pictures one behind the other, in memory that doubles. */
struct stack {
	struct npy pictures; /* of shape (N,...) */
	size_t room;         /* pictures that fit */
};

static void check_shape(const char *name, const struct stack *s, const struct npy *picture)
{
	struct npy first = {.ndim = s->pictures.ndim - 1};

	memcpy(first.dim, s->pictures.dim + 1, (size_t)first.ndim * sizeof *first.dim);
	if (!npy_same_shape(&first, picture))
		die("%s: picture %zu: expected shape %s, as before, found %s", name,
		    s->pictures.dim[0], npy_shape(&first), npy_shape(picture));
}

/* Give picture and stack the same type: that with fractions, if they differ. */
static void agree(struct stack *s, struct npy *picture)
{
	if (s->pictures.type == picture->type)
		return;
	npy_convert(picture, NPY_F4);
	npy_convert(&s->pictures, NPY_F4);
	s->room = s->pictures.dim[0];
}

static void push(struct stack *s, struct npy *picture, const char *name)
{
	struct npy *all = &s->pictures;

	if (!s->room) {
		*all = (struct npy){.type = picture->type, .ndim = picture->ndim + 1};
		memcpy(all->dim + 1, picture->dim, (size_t)picture->ndim * sizeof *all->dim);
	}
	check_shape(name, s, picture);
	agree(s, picture);
	size_t bytes = npy_count(picture) * npy_size(all->type);
	if (all->dim[0] == s->room) {
		s->room = s->room ? 2 * s->room : 1;
		all->data = xrealloc(all->data, s->room, bytes);
	}
	memcpy((char *)all->data + all->dim[0]++ * bytes, picture->data, bytes);
}

/* (1,...) as (...) */
static void drop_axis(struct npy *a)
{
	a->ndim--;
	memmove(a->dim, a->dim + 1, (size_t)a->ndim * sizeof *a->dim);
}

int main(int argc, char *argv[])
{
	bool single = false;
	const struct cli_option options[] = {
		OPTION_FLAG('s', "single", &single,
	                    "expect one picture, and write (H,W) or (C,H,W), without N"),
		OPTION_END};
	const struct cli cli = {"[FILE]", 0, 1,
	                        "Convert PBM, PGM, PPM and PAM pictures to an NPY array.", options};
	char **operands = cli_parse(argc, argv, &cli);
	struct pnm_in *in = pnm_open(cli_operand(&operands));
	struct stack stack = {.room = 0};
	struct npy picture;

	while (pnm_next(in, &picture)) {
		if (single && stack.room)
			die("%s: expected one picture, found more", pnm_name(in));
		push(&stack, &picture, pnm_name(in));
		npy_free(&picture);
	}
	if (single)
		drop_axis(&stack.pictures);
	npy_write(&stack.pictures);
	npy_free(&stack.pictures);
	pnm_close(in);
	return cli_close();
}
