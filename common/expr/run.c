#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "expr/code.h"

static enum npy_type wider(enum npy_type a, enum npy_type b)
{
	return a > b ? a : b;
}

enum npy_type expr_result(const struct operation *o, const enum npy_type types[])
{
	enum npy_type widest = NPY_U1;

	for (int i = o->rule == RULE_CHOICE; i < o->arguments; i++)
		widest = wider(widest, types[i]);
	switch (o->rule) {
	case RULE_TRUTH: return NPY_U1;
	case RULE_SUM: return wider(widest, NPY_I8);
	case RULE_REAL: return wider(widest, NPY_F4);
	default: return widest;
	}
}

enum npy_type expr_type(const struct expr *e, const enum npy_type types[])
{
	enum npy_type *stack = xcalloc((size_t)e->deepest, sizeof *stack);
	size_t top = 0;

	for (const struct instruction *i = e->code; i < e->code + e->length; i++) {
		switch (i->kind) {
		case KIND_CONSTANT: stack[top] = i->type; break;
		case KIND_VARIABLE:
			stack[top] = i->variable >= EXPR_LETTERS ? NPY_I8 : types[i->variable];
			break;
		case KIND_OPERATION:
			top -= (size_t)i->operation->arguments;
			stack[top] = expr_result(i->operation, stack + top);
			break;
		}
		top++;
	}
	enum npy_type type = stack[0];
	free(stack);
	return type;
}

static bool is_comparison(const struct instruction *i)
{
	return i->kind == KIND_OPERATION && i->operation->arguments == 2 &&
	       strchr("=!<>", *i->operation->name);
}

static bool is_float_array(const struct instruction *i, const enum npy_type types[])
{
	return i->kind == KIND_VARIABLE && i->variable < EXPR_LETTERS &&
	       types[i->variable] == NPY_F4;
}

static void round_to_float(struct instruction *constant)
{
	for (int k = 0; k < EXPR_BLOCK; k++)
		constant->constant[k] = (double)(float)constant->constant[k];
}

void expr_round(struct expr *e, const enum npy_type types[])
{
	for (size_t i = 2; i < e->length; i++) {
		struct instruction *a = &e->code[i - 2], *b = &e->code[i - 1];
		if (!is_comparison(&e->code[i]))
			continue;
		/* The two operands, unless one of them ends in an operation. */
		if (is_float_array(a, types) && b->kind == KIND_CONSTANT)
			round_to_float(b);
		else if (a->kind == KIND_CONSTANT && is_float_array(b, types))
			round_to_float(a);
	}
}

/* At most a block, from element `at` on; where the result lies. */
static const double *run_block(struct expr *e, const double *const values[], size_t at, size_t n)
{
	size_t top = 0;

	for (const struct instruction *i = e->code; i < e->code + e->length; i++) {
		switch (i->kind) {
		case KIND_CONSTANT: e->stack[top] = i->constant; break;
		case KIND_VARIABLE: e->stack[top] = values[i->variable] + at; break;
		case KIND_OPERATION:
			top -= (size_t)i->operation->arguments;
			double *result = e->results + top * EXPR_BLOCK;
			i->operation->apply(result, e->stack + top, n);
			e->stack[top] = result;
			break;
		}
		top++;
	}
	return e->stack[0];
}

void expr_run(struct expr *e, const double *const values[], size_t n, double *out)
{
	for (size_t at = 0; at < n; at += EXPR_BLOCK) {
		size_t some = n - at < EXPR_BLOCK ? n - at : EXPR_BLOCK;
		memcpy(out + at, run_block(e, values, at, some), some * sizeof *out);
	}
}

bool expr_names(const struct expr *e, int variable)
{
	return e->names[variable];
}

void expr_free(struct expr *e)
{
	for (size_t i = 0; i < e->length; i++)
		free(e->code[i].constant);
	free(e->code);
	free(e->stack);
	free(e->results);
	free(e);
}
