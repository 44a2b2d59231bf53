/* npy-matmul - multiply matrices */
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "linear/linear.h"
#include "npy/npy.h"

/* An array (...,N,K) of matrices, as doubles. */
struct stack {
	struct npy a;
	const char *name;    /* of its file */
	enum npy_type type;  /* as it came */
	bool turned;         /* its matrices are transposed */
	size_t count, size;  /* matrices; numbers in one */
	struct matrix first; /* as it is multiplied */
};

static struct stack load(struct npy_in *in, bool turned)
{
	struct stack s = {.name = npy_name(in), .turned = turned, .count = 1};

	if (!npy_next(in, &s.a))
		die("%s: expected two arrays of matrices, found one", s.name);
	if (s.a.ndim < 2)
		die("%s: expected matrices, (N,K) or more of them, found %s", s.name,
		    npy_shape(&s.a));
	s.type = s.a.type;
	npy_load(in, &s.a);
	npy_convert(&s.a, NPY_F8);

	size_t rows = s.a.dim[s.a.ndim - 2], columns = s.a.dim[s.a.ndim - 1];
	if (rows > LINEAR_MOST || columns > LINEAR_MOST)
		die("%s: %s is too large", s.name, npy_shape(&s.a));
	for (int i = 0; i < s.a.ndim - 2; i++)
		s.count *= s.a.dim[i];
	s.size = rows * columns;
	s.first = linear_matrix(s.a.f8, rows, columns);
	if (turned)
		s.first = linear_transposed(s.first);
	return s;
}

/* The last two sizes fit each other; the first ones are the same, or one array has none. */
static void check_shapes(const struct stack *a, const struct stack *b)
{
	bool fit = a->first.columns == b->first.rows;

	if (a->a.ndim > 2 && b->a.ndim > 2)
		fit = fit && a->a.ndim == b->a.ndim &&
		      !memcmp(a->a.dim, b->a.dim, (size_t)(a->a.ndim - 2) * sizeof *a->a.dim);
	if (!fit)
		die("%s%s of %s and %s%s of %s are no factors", npy_shape(&a->a),
		    a->turned ? " transposed" : "", a->name, npy_shape(&b->a),
		    b->turned ? " transposed" : "", b->name);
}

/* Zeros for the products. */
static struct npy product_of(const struct stack *a, const struct stack *b)
{
	struct npy shape = a->a.ndim > b->a.ndim ? a->a : b->a;

	shape.dim[shape.ndim - 2] = a->first.rows;
	shape.dim[shape.ndim - 1] = b->first.columns;
	return npy_new(NPY_F8, shape.ndim, shape.dim);
}

/* Matrix i; the only one there is goes with each of the other array. */
static struct matrix matrix_at(const struct stack *s, size_t i)
{
	struct matrix m = s->first;

	m.x += s->a.ndim > 2 ? i * s->size : 0;
	return m;
}

/* Of arrays without a number there may be any number of matrices. */
static void multiply(const struct stack *a, const struct stack *b, struct npy *product)
{
	size_t count = a->a.ndim > 2 ? a->count : b->count, size = a->first.rows * b->first.columns;

	for (size_t i = 0; i < count && a->size && b->size; i++)
		linear_multiply(matrix_at(a, i), matrix_at(b, i), product->f8 + i * size,
		                LINEAR_ALL);
}

int main(int argc, char *argv[])
{
	bool turn_a = false, turn_b = false;
	const struct cli_option options[] = {
		OPTION_FLAG('a', "transpose-a", &turn_a,
	                    "transpose the matrices of the first array"),
		OPTION_FLAG('b', "transpose-b", &turn_b,
	                    "transpose the matrices of the second array"),
		OPTION_END};
	const struct cli cli = {"[A [B]]", 0, 2, "Multiply matrices.", options};
	char **operands = cli_parse(argc, argv, &cli);
	const char *first = cli_operand(&operands), *second = *operands;

	cli_one_stdin("both arrays", 2, (const char *[]){first, second});
	out_binary();
	struct npy_in *in = npy_open(first);
	struct stack a = load(in, turn_a);
	if (second) {
		npy_close(in);
		in = npy_open(second);
	}
	struct stack b = load(in, turn_b);
	npy_close(in);
	check_shapes(&a, &b);

	struct npy product = product_of(&a, &b);
	multiply(&a, &b, &product);
	npy_convert(&product, npy_common_type(a.type, b.type) == NPY_F4 ? NPY_F4 : NPY_F8);
	npy_write(&product);
	npy_free(&a.a);
	npy_free(&b.a);
	npy_free(&product);
	return cli_close();
}
