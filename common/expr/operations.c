#include <math.h>
#include <string.h>

#include "expr/code.h"

/* The result may be written over an operand, element by element: "omp simd" tells the compiler that
 * this is all the overlap there is. */
#define LOOP(name, result)                                                            \
	static void name(double *out, const double *const in[], size_t n)             \
	{                                                                             \
		_Pragma("omp simd") for (size_t k = 0; k < n; k++) out[k] = (result); \
	}

/* What the C library computes one by one: told "omp simd", clang warns that it cannot. */
#define CALLS(name, result)                                               \
	static void name(double *out, const double *const in[], size_t n) \
	{                                                                 \
		for (size_t k = 0; k < n; k++)                            \
			out[k] = (result);                                \
	}

#define X (in[0][k])
#define Y (in[1][k])
#define Z (in[2][k])

/* NaN where an operand is NaN, as NumPy's minimum and maximum have it. */
static inline double least(double x, double y)
{
	return x < y || isnan(x) ? x : y;
}

static inline double greatest(double x, double y)
{
	return x > y || isnan(x) ? x : y;
}

/* The sign is the divisor's, as in Python. */
static inline double floored_mod(double x, double y)
{
	double r = fmod(x, y);

	return r != 0 && (r < 0) != (y < 0) ? r + y : r;
}

static inline double sign(double x)
{
	return isnan(x) ? x : (double)((x > 0) - (x < 0));
}

/* clang-format off */
LOOP(do_or,  X != 0 || Y != 0)
LOOP(do_and, X != 0 && Y != 0)
LOOP(do_not, X == 0)
LOOP(do_eq,  X == Y)
LOOP(do_ne,  X != Y)
LOOP(do_lt,  X < Y)
LOOP(do_le,  X <= Y)
LOOP(do_gt,  X > Y)
LOOP(do_ge,  X >= Y)
LOOP(do_add, X + Y)
LOOP(do_sub, X - Y)
LOOP(do_mul, X * Y)
LOOP(do_div, X / Y)
CALLS(do_mod, floored_mod(X, Y))
LOOP(do_neg, -X)
CALLS(do_pow, pow(X, Y))
LOOP(do_where, X != 0 ? Y : Z)

LOOP(do_abs,      fabs(X))
LOOP(do_sign,     sign(X))
LOOP(do_relu,     X < 0 ? 0 : X)
LOOP(do_floor,    floor(X))
LOOP(do_ceil,     ceil(X))
LOOP(do_round,    rint(X))
LOOP(do_trunc,    trunc(X))
LOOP(do_min,      least(X, Y))
LOOP(do_max,      greatest(X, Y))
LOOP(do_clip,     least(greatest(X, Y), Z))
LOOP(do_isnan,    isnan(X) != 0)
LOOP(do_isinf,    isinf(X) != 0)
LOOP(do_isfinite, isfinite(X) != 0)
LOOP(do_sqrt,     sqrt(X))
CALLS(do_cbrt,     cbrt(X))
CALLS(do_exp,      exp(X))
CALLS(do_expm1,    expm1(X))
CALLS(do_log,      log(X))
CALLS(do_log1p,    log1p(X))
CALLS(do_log2,     log2(X))
CALLS(do_log10,    log10(X))
CALLS(do_sin,      sin(X))
CALLS(do_cos,      cos(X))
CALLS(do_tan,      tan(X))
CALLS(do_asin,     asin(X))
CALLS(do_acos,     acos(X))
CALLS(do_atan,     atan(X))
CALLS(do_atan2,    atan2(X, Y))
CALLS(do_hypot,    hypot(X, Y))
CALLS(do_sinh,     sinh(X))
CALLS(do_cosh,     cosh(X))
CALLS(do_tanh,     tanh(X))
CALLS(do_erf,      erf(X))
CALLS(do_sigmoid,  1 / (1 + exp(-X)))

static const struct operation operations[] = {
	{"||", 2, RULE_TRUTH, do_or},
	{"&&", 2, RULE_TRUTH, do_and},
	{"!",  1, RULE_TRUTH, do_not},
	{"==", 2, RULE_TRUTH, do_eq},
	{"!=", 2, RULE_TRUTH, do_ne},
	{"<",  2, RULE_TRUTH, do_lt},
	{"<=", 2, RULE_TRUTH, do_le},
	{">",  2, RULE_TRUTH, do_gt},
	{">=", 2, RULE_TRUTH, do_ge},
	{"+",  2, RULE_SUM, do_add},
	{"-",  2, RULE_SUM, do_sub},
	{"*",  2, RULE_SUM, do_mul},
	{"/",  2, RULE_REAL, do_div},
	{"%",  2, RULE_WIDEST, do_mod},
	{"**", 2, RULE_REAL, do_pow},
	{"unary -", 1, RULE_SUM, do_neg},
	/* From here on functions. */
	{"where", 3, RULE_CHOICE, do_where},
	{"pow", 2, RULE_REAL, do_pow},
	{"mod", 2, RULE_WIDEST, do_mod},
	{"abs", 1, RULE_WIDEST, do_abs},
	{"sign", 1, RULE_WIDEST, do_sign},
	{"relu", 1, RULE_WIDEST, do_relu},
	{"floor", 1, RULE_WIDEST, do_floor},
	{"ceil", 1, RULE_WIDEST, do_ceil},
	{"round", 1, RULE_WIDEST, do_round},
	{"trunc", 1, RULE_WIDEST, do_trunc},
	{"min", 2, RULE_WIDEST, do_min},
	{"max", 2, RULE_WIDEST, do_max},
	{"clip", 3, RULE_WIDEST, do_clip},
	{"isnan", 1, RULE_TRUTH, do_isnan},
	{"isinf", 1, RULE_TRUTH, do_isinf},
	{"isfinite", 1, RULE_TRUTH, do_isfinite},
	{"sqrt", 1, RULE_REAL, do_sqrt},
	{"cbrt", 1, RULE_REAL, do_cbrt},
	{"exp", 1, RULE_REAL, do_exp},
	{"expm1", 1, RULE_REAL, do_expm1},
	{"log", 1, RULE_REAL, do_log},
	{"log1p", 1, RULE_REAL, do_log1p},
	{"log2", 1, RULE_REAL, do_log2},
	{"log10", 1, RULE_REAL, do_log10},
	{"sin", 1, RULE_REAL, do_sin},
	{"cos", 1, RULE_REAL, do_cos},
	{"tan", 1, RULE_REAL, do_tan},
	{"asin", 1, RULE_REAL, do_asin},
	{"acos", 1, RULE_REAL, do_acos},
	{"atan", 1, RULE_REAL, do_atan},
	{"atan2", 2, RULE_REAL, do_atan2},
	{"hypot", 2, RULE_REAL, do_hypot},
	{"sinh", 1, RULE_REAL, do_sinh},
	{"cosh", 1, RULE_REAL, do_cosh},
	{"tanh", 1, RULE_REAL, do_tanh},
	{"erf", 1, RULE_REAL, do_erf},
	{"sigmoid", 1, RULE_REAL, do_sigmoid},
};
/* clang-format on */

const char *expr_function(size_t i)
{
	size_t first = 0;

	while (strcmp(operations[first].name, "where") != 0)
		first++;
	return first + i < sizeof operations / sizeof operations[0] ? operations[first + i].name
	                                                            : NULL;
}

const struct operation *expr_operation(const char *name, size_t length)
{
	for (size_t i = 0; i < sizeof operations / sizeof operations[0]; i++)
		if (strlen(operations[i].name) == length &&
		    !memcmp(operations[i].name, name, length))
			return &operations[i];
	return NULL;
}
