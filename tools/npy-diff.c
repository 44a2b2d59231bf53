/* npy-diff - compare two streams of arrays */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "npy/npy.h"

enum { CHUNK = 1 << 14 };

struct tolerance {
	double absolute, relative;
	bool by_norm, equal_nan, any_type;
	double norm;
};

/* Integers are compared as integers, everything else as doubles; both are exact. */
union element {
	int64_t i;
	double x;
};

/* A place where the arrays differ, and by how much. */
struct place {
	double value;
	size_t at;
	union element a, b;
};

struct comparison {
	bool whole;     /* both arrays hold integers */
	size_t differs; /* elements out of tolerance */
	struct place first, absolute, relative;
	double squares_a, squares_b, squares_gap;
};

static double to_real(union element e, bool whole)
{
	return whole ? (double)e.i : e.x;
}

/* |a - b|; 0 only where they are equal. */
static double gap_between(union element a, union element b, bool whole)
{
	if (!whole)
		return a.x == b.x ? 0 : fabs(a.x - b.x);
	/* The difference of two 64-bit integers needs all 64 bits. */
	return (double)(a.i > b.i ? (uint64_t)a.i - (uint64_t)b.i : (uint64_t)b.i - (uint64_t)a.i);
}

/* Keep the larger; NaN is larger than everything. */
static void keep_largest(struct place *largest, struct place p)
{
	if (p.value > largest->value || (isnan(p.value) && !isnan(largest->value)))
		*largest = p;
}

static void compare_elements(struct comparison *c, const struct tolerance *t, union element a,
                             union element b, size_t at)
{
	double real_a = to_real(a, c->whole), real_b = to_real(b, c->whole);
	double gap = gap_between(a, b, c->whole);

	if (t->equal_nan && isnan(real_a) && isnan(real_b))
		return;
	c->squares_a += real_a * real_a;
	c->squares_b += real_b * real_b;
	c->squares_gap += gap * gap;
	if (gap == 0)
		return;
	keep_largest(&c->absolute, (struct place){gap, at, a, b});
	keep_largest(&c->relative, (struct place){gap / fabs(real_b), at, a, b});
	/* An infinite b has an infinite tolerance; a finite a is not within it. */
	if (isfinite(gap) && gap <= t->absolute + t->relative * fabs(real_b))
		return;
	if (!c->differs++)
		c->first = (struct place){gap, at, a, b};
}

static void take(struct npy_in *in, const struct npy *head, enum npy_type as, union element *out,
                 void *raw, size_t n)
{
	npy_take(in, raw, n);
	npy_convert_elements(as, out, head->type, raw, n);
}

static struct comparison compare(struct npy_in *in[2], const struct npy head[2],
                                 const struct tolerance *t)
{
	struct comparison c = {.whole = npy_is_whole(head[0].type) && npy_is_whole(head[1].type)};
	enum npy_type as = c.whole ? NPY_I8 : NPY_F8;
	union element *a = xcalloc(CHUNK, sizeof *a), *b = xcalloc(CHUNK, sizeof *b);
	void *raw = xcalloc(CHUNK, sizeof *a);

	for (size_t at = 0, count = npy_count(&head[0]), n; at < count; at += n) {
		n = count - at < CHUNK ? count - at : CHUNK;
		take(in[0], &head[0], as, a, raw, n);
		take(in[1], &head[1], as, b, raw, n);
		for (size_t i = 0; i < n; i++)
			compare_elements(&c, t, a[i], b[i], at + i);
	}
	free(a);
	free(b);
	free(raw);
	return c;
}

/* ||a - b|| / ||b||, 0 where nothing differs. */
static double relative_norm(const struct comparison *c)
{
	return c->squares_gap == 0 ? 0 : sqrt(c->squares_gap) / sqrt(c->squares_b);
}

static bool within(const struct comparison *c, const struct tolerance *t)
{
	return t->by_norm ? relative_norm(c) <= t->norm : c->differs == 0;
}

/* ---- the table ---- */

/* Start a line of the table; a header precedes the first one. */
static void begin_line(int array, const char *what)
{
	static bool headed;

	if (!headed)
		out_printf("array\tdifference\tvalue\tat\ta\tb\n");
	headed = true;
	out_printf("%d\t%s", array, what);
}

static void print_element(union element e, bool whole, enum npy_type type)
{
	if (whole)
		out_printf("\t%" PRId64, e.i);
	else /* as many digits as tell two numbers of the type apart */
		out_cell(type == NPY_F4 ? 9 : 17, e.x);
}

static void print_place(int array, const char *what, const struct place *p, bool whole,
                        const struct npy head[2])
{
	size_t index[NPY_MAXDIM], rest = p->at;

	begin_line(array, what);
	out_cell(9, p->value);
	out_printf("\t(");
	for (int d = head->ndim; d-- > 0; rest /= head->dim[d])
		index[d] = rest % head->dim[d];
	for (int d = 0; d < head->ndim; d++)
		out_printf("%s%zu", d ? "," : "", index[d]);
	out_printf(head->ndim == 1 ? ",)" : ")");
	print_element(p->a, whole, head[0].type);
	print_element(p->b, whole, head[1].type);
	out_printf("\n");
}

static void print(int array, const struct comparison *c, const struct npy head[2])
{
	struct place first = c->first;

	first.value = (double)c->differs;
	if (c->differs)
		print_place(array, "elements", &first, c->whole, head);
	if (c->absolute.value != 0) {
		print_place(array, "absolute", &c->absolute, c->whole, head);
		print_place(array, "relative", &c->relative, c->whole, head);
	}
	begin_line(array, "norm");
	out_cell(9, relative_norm(c));
	out_printf("\t-");
	out_cell(9, sqrt(c->squares_a));
	out_cell(9, sqrt(c->squares_b));
	out_printf("\n");
}

/* ---- streams ---- */

static void compare_types(int array, const struct npy head[2])
{
	if (head[0].type == head[1].type)
		return;
	cli_status = EXIT_NO;
	begin_line(array, "type");
	out_printf("\t-\t-\t%s\t%s\n", npy_type_name(head[0].type), npy_type_name(head[1].type));
}

static void compare_values(int array, struct npy_in *in[2], const struct npy head[2],
                           const struct tolerance *t, bool verbose)
{
	struct comparison c = compare(in, head, t);

	if (!within(&c, t))
		cli_status = EXIT_NO;
	if (verbose || !within(&c, t))
		print(array, &c, head);
}

/* The shapes of two arrays that cannot be compared; one is "-" where its stream has ended. */
static void print_shapes(int array, const char *what, const char *a, const char *b)
{
	cli_status = EXIT_NO;
	begin_line(array, what);
	out_printf("\t-\t-\t%s\t%s\n", a, b);
}

static void compare_streams(struct npy_in *in[2], const struct tolerance *t, bool verbose)
{
	bool have[2] = {true, true};
	struct npy head[2];

	for (int array = 0;; array++) {
		for (int i = 0; i < 2; i++)
			have[i] = have[i] && npy_next(in[i], &head[i]);
		if (!have[0] && !have[1])
			return;
		if (!have[0] || !have[1]) {
			print_shapes(array, "missing", have[0] ? npy_shape(&head[0]) : "-",
			             have[1] ? npy_shape(&head[1]) : "-");
			continue;
		}
		if (!t->any_type)
			compare_types(array, head);
		if (npy_same_shape(&head[0], &head[1]))
			compare_values(array, in, head, t, verbose);
		else
			print_shapes(array, "shape", npy_shape(&head[0]), npy_shape(&head[1]));
	}
}

int main(int argc, char *argv[])
{
	struct tolerance t = {.absolute = 0};
	const char *norm = NULL;
	bool verbose = false;
	const struct cli_option options[] = {
		OPTION_REAL('a', "absolute", "ATOL", &t.absolute, 0, INFINITY,
	                    "absolute tolerance of an element"),
		OPTION_REAL('r', "relative", "RTOL", &t.relative, 0, INFINITY,
	                    "tolerance relative to the element of B"),
		OPTION_TEXT('n', "norm", "TOL", &norm,
	                    "compare the norm of A - B with the norm of B, not elements"),
		OPTION_FLAG(0, "equal-nan", &t.equal_nan, "let NaN equal NaN"),
		OPTION_FLAG(0, "any-type", &t.any_type, "accept different types with equal values"),
		OPTION_FLAG('v', "verbose", &verbose, "write the table for equal arrays, too"),
		OPTION_END};
	const struct cli cli = {"A B", 2, 2, "Compare two streams of arrays.", options};
	char **operands = cli_parse(argc, argv, &cli);

	t.by_norm = norm;
	if (norm)
		t.norm = cli_real("--norm", norm, 0, INFINITY);
	if (norm && (t.absolute > 0 || t.relative > 0))
		die("--norm cannot be combined with --absolute and --relative");
	if (!strcmp(operands[0], "-") && !strcmp(operands[1], "-"))
		die("A and B cannot both be standard input");

	struct npy_in *in[2] = {npy_open(operands[0]), npy_open(operands[1])};
	compare_streams(in, &t, verbose);
	npy_close(in[0]);
	npy_close(in[1]);
	return cli_close();
}
