/* Expressions: a block of elements gives what each of them gives alone. */
#include "expr/expr.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "fuzz/fuzz.h"

/* More than the evaluation does at a time. */
enum { N = 1100 };

static bool same(double x, double y)
{
	return x == y || (isnan(x) && isnan(y));
}

void fuzz(const uint8_t *data, size_t size)
{
	static const double odd[] = {0, -0.0, 1, -1, 0.5, 255, 1e300, -1e-300, INFINITY, NAN};
	const double *values[EXPR_VARIABLES], *one[EXPR_VARIABLES];
	enum npy_type types[EXPR_LETTERS];
	double out[N], alone;

	char *text = xcalloc(size + 1, 1);
	memcpy(text, data, size);
	struct expr *e = expr_parse(text);

	double *inputs = xcalloc(N + EXPR_VARIABLES, sizeof *inputs);
	for (size_t k = 0; k < N + EXPR_VARIABLES; k++)
		inputs[k] = odd[k % (sizeof odd / sizeof odd[0])];
	for (size_t v = 0; v < EXPR_VARIABLES; v++)
		values[v] = inputs + v;
	for (size_t v = 0; v < EXPR_LETTERS; v++)
		types[v] = (enum npy_type)(v % 4);

	FUZZ_EXPECT(expr_type(e, types) <= NPY_F8);
	expr_run(e, values, N, out);
	for (size_t k = 0; k < N; k += 97) {
		for (size_t v = 0; v < EXPR_VARIABLES; v++)
			one[v] = values[v] + k;
		expr_run(e, one, 1, &alone);
		FUZZ_EXPECT(same(alone, out[k]));
	}
	free(inputs);
	free(text);
	expr_free(e);
}
