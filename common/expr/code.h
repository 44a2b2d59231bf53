/* code - what the parser of expressions hands to their evaluation: a stack machine's program. */
#ifndef EXPR_CODE_H
#define EXPR_CODE_H

#include "expr/expr.h"

/* Elements of a block: a handful of blocks of doubles fit the first-level cache. */
enum { EXPR_BLOCK = 512 };

/* How the type of a result follows from those of the operands: see expr_type().  A choice is the
 * widest of all but its first operand. */
enum rule { RULE_TRUTH, RULE_SUM, RULE_WIDEST, RULE_CHOICE, RULE_REAL };

struct operation {
	const char *name; /* "+", "sqrt"; a minus before one operand is "unary -" */
	int arguments;
	enum rule rule;
	void (*apply)(double *out, const double *const in[], size_t n);
};

/* The operation of this name, or null. */
const struct operation *expr_operation(const char *name, size_t length);

enum kind { KIND_CONSTANT, KIND_VARIABLE, KIND_OPERATION };

/* Push a constant or a variable, or replace the operands on top of the stack by their result. */
struct instruction {
	enum kind kind;
	int variable;
	const struct operation *operation;
	enum npy_type type; /* the constant's */
	double *constant;   /* a whole block of it */
};

struct expr {
	struct instruction *code;
	size_t length, room;
	int depth, deepest; /* of the stack: while parsing, and at most */
	bool names[EXPR_VARIABLES];
	const double **stack;
	double *results; /* a block for each place on the stack */
};

/* The type that an operation gives from those of its operands. */
enum npy_type expr_result(const struct operation *o, const enum npy_type types[]);

#endif
