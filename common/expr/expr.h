/*
 * expr - element-wise arithmetic: text, to checked code, to blocks of numbers.
 *
 *	expression = choice
 *	choice     = binary [ "?" choice ":" choice ]
 *	binary     = operands and operators, loosest first:
 *	             ||   &&   == != < <= > >= (these do not chain)   + -   * / %
 *	unary      = ( "-" | "+" | "!" ) unary | power
 *	power      = primary [ "**" unary ]
 *	primary    = number | name | function "(" choice { "," choice } ")" | "(" choice ")"
 *
 * The names are the letters a ... z, one for each array, `row`, `col`, and the constants pi, inf,
 * nan.  So -a**2 is -(a**2), as in Python; what is not 0 is true, NaN too, and comparisons give 0
 * or 1.
 *
 * Every operation is done in double precision on a block of elements at a time, so that the cost of
 * finding out what to do is paid once a block and the loops are the compiler's to vectorize.
 */
#ifndef EXPR_H
#define EXPR_H

#include <stdbool.h>
#include <stddef.h>

#include "npy/npy.h"

/* The variables by number: a ... z are 0 ... 25, then `row` and `col`, which are integers. */
enum { EXPR_LETTERS = 26, EXPR_ROW = EXPR_LETTERS, EXPR_COL, EXPR_VARIABLES };

struct expr;

/* The name of function i, in the order of the manual, or null behind the last. */
const char *expr_function(size_t i);

/* The code of this text; dies with a message that names the column.  Free with expr_free(). */
struct expr *expr_parse(const char *text);
void expr_free(struct expr *e);

/* Does the expression name this variable? */
bool expr_names(const struct expr *e, int variable);

/*
 * The narrowest type that the expression's operations call for, types[] being those of a, b ...
 *
 *	comparisons, && || !, isnan ...            |u1
 *	+ - *                                      <i8 where the operands are integers
 *	% min max clip where abs sign relu floor   that of the operands, the widest
 *	/ ** and every other function              <f4, or <f8 where an operand is <f8
 *
 * in the order |u1 <i8 <f4 <f8.  A whole number is |u1 up to 255 and <i8 above, others are <f4.
 */
enum npy_type expr_type(const struct expr *e, const enum npy_type types[]);

/*
 * Where an array of type <f4 is compared with a constant, round the constant to a float, as NumPy 2
 * does: a == 0.7 is then true of the float that is printed as 0.7.
 */
void expr_round(struct expr *e, const enum npy_type types[]);

/* out[k] = the expression of values[variable][k], for k < n.  What it does not name may be null;
 * out overlaps none of them. */
void expr_run(struct expr *e, const double *const values[], size_t n, double *out);

#endif
