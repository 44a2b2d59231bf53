#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "expr/code.h"

/* The parser's own recursion is this deep at most. */
enum { NESTING_MAX = 200 };

struct parser {
	const char *text, *at; /* at: the next token */
	int nesting;
	struct expr *expr;
};

/* A token for a message: a name, a number or one character, which may be several bytes of UTF-8. */
static char *found(const char *at)
{
	int n = 1;

	if (!*at)
		return xstrdup("the end");
	if (isalnum((unsigned char)*at))
		while (isalnum((unsigned char)at[n]) || at[n] == '.')
			n++;
	else
		while ((at[n] & 0xc0) == 0x80)
			n++;
	return xprintf("'%.*s'", n, at);
}

/* Die about what stands at this place: "expected EXPECTED, found ...". */
static noreturn void unexpected(const struct parser *p, const char *at, const char *expected)
{
	die("expression, column %td: expected %s, found %s", at - p->text + 1, expected, found(at));
}

static void skip_blanks(struct parser *p)
{
	while (isspace((unsigned char)*p->at))
		p->at++;
}

static bool accept(struct parser *p, char c)
{
	if (*p->at != c)
		return false;
	p->at++;
	skip_blanks(p);
	return true;
}

static void expect(struct parser *p, char c, const char *what)
{
	if (!accept(p, c))
		unexpected(p, p->at, what);
}

/* ---- code ---- */

static void emit(struct expr *e, struct instruction i)
{
	if (e->length == e->room) {
		e->room = e->room ? 2 * e->room : 16;
		e->code = xrealloc(e->code, e->room, sizeof *e->code);
	}
	e->code[e->length++] = i;
}

/* Another place on the stack. */
static void push(struct expr *e, struct instruction i)
{
	emit(e, i);
	if (++e->depth > e->deepest)
		e->deepest = e->depth;
}

static void push_constant(struct expr *e, double value, enum npy_type type)
{
	double *block = xcalloc(EXPR_BLOCK, sizeof *block);

	for (int k = 0; k < EXPR_BLOCK; k++)
		block[k] = value;
	push(e, (struct instruction){.kind = KIND_CONSTANT, .constant = block, .type = type});
}

static void push_variable(struct expr *e, int variable)
{
	e->names[variable] = true;
	push(e, (struct instruction){.kind = KIND_VARIABLE, .variable = variable});
}

/* The operation on constants alone is a constant. */
static bool fold(struct expr *e, const struct operation *o)
{
	struct instruction *in = e->code + e->length - o->arguments;
	const double *values[3];
	enum npy_type types[3];
	double value;

	for (int i = 0; i < o->arguments; i++) {
		if (in[i].kind != KIND_CONSTANT)
			return false;
		values[i] = in[i].constant;
		types[i] = in[i].type;
	}
	o->apply(&value, values, 1);
	for (int i = 0; i < o->arguments; i++)
		free(in[i].constant);
	e->length -= (size_t)o->arguments;
	e->depth -= o->arguments;
	push_constant(e, value, expr_result(o, types));
	return true;
}

static void operate(struct expr *e, const struct operation *o)
{
	if (fold(e, o))
		return;
	emit(e, (struct instruction){.kind = KIND_OPERATION, .operation = o});
	e->depth -= o->arguments - 1;
}

static void operate_named(struct expr *e, const char *name)
{
	operate(e, expr_operation(name, strlen(name)));
}

/* ---- the grammar ---- */

static void parse_choice(struct parser *p);

static void parse_number(struct parser *p)
{
	char *end;

	errno = 0;
	double value = strtod(p->at, &end);
	if (end == p->at)
		unexpected(p, p->at, "a number");
	if (isinf(value))
		die("expression, column %td: the number is too large", p->at - p->text + 1);
	bool whole = strspn(p->at, "0123456789") == (size_t)(end - p->at) && value < 0x1p63;
	p->at = end;
	skip_blanks(p);
	push_constant(p->expr, value, !whole ? NPY_F4 : value <= 255 ? NPY_U1 : NPY_I8);
}

/* At the parenthesis after a function's name. */
static void parse_call(struct parser *p, const char *name, size_t length)
{
	const struct operation *o = expr_operation(name, length);
	bool many = o && o->arguments == 2 && (!strcmp(o->name, "min") || !strcmp(o->name, "max"));
	int n = 0;

	if (!o)
		die("expression, column %td: there is no function '%.*s'", name - p->text + 1,
		    (int)length, name);
	accept(p, '(');
	do {
		parse_choice(p);
		n++;
		/* min(a, b, c) is min(min(a, b), c). */
		if (many && n > 1)
			operate(p->expr, o);
	} while (accept(p, ','));
	expect(p, ')', "',' or ')'");
	if (many ? n < 2 : n != o->arguments)
		die("expression, column %td: %s takes %d argument%s%s, found %d",
		    name - p->text + 1, o->name, o->arguments, o->arguments == 1 ? "" : "s",
		    many ? " or more" : "", n);
	if (!many)
		operate(p->expr, o);
}

static void parse_name(struct parser *p)
{
	static const char *const indices[] = {"row", "col"};
	static const struct {
		const char *name;
		double value;
	} constants[] = {{"pi", 0x1.921fb54442d18p+1}, {"inf", INFINITY}, {"nan", NAN}};
	const char *name = p->at;
	size_t length = 0;

	while (isalnum((unsigned char)name[length]) || name[length] == '_')
		length++;
	p->at += length;
	skip_blanks(p);
	if (*p->at == '(') {
		parse_call(p, name, length);
		return;
	}
	if (length == 1 && *name >= 'a' && *name <= 'z') {
		push_variable(p->expr, *name - 'a');
		return;
	}
	for (int i = 0; i < EXPR_VARIABLES - EXPR_LETTERS; i++)
		if (length == 3 && !memcmp(indices[i], name, 3)) {
			push_variable(p->expr, EXPR_LETTERS + i);
			return;
		}
	for (size_t i = 0; i < sizeof constants / sizeof constants[0]; i++)
		if (strlen(constants[i].name) == length &&
		    !memcmp(constants[i].name, name, length)) {
			push_constant(p->expr, constants[i].value, NPY_F4);
			return;
		}
	if (expr_operation(name, length))
		unexpected(p, p->at, "'(' after the function's name");
	die("expression, column %td: there is no name '%.*s': arrays are a ... z",
	    name - p->text + 1, (int)length, name);
}

static void parse_primary(struct parser *p)
{
	if (accept(p, '(')) {
		parse_choice(p);
		expect(p, ')', "an operator or ')'");
	} else if (isdigit((unsigned char)*p->at) || *p->at == '.') {
		parse_number(p);
	} else if (isalpha((unsigned char)*p->at)) {
		parse_name(p);
	} else {
		unexpected(p, p->at, "a number, a name or '('");
	}
}

static void enter(struct parser *p)
{
	if (++p->nesting > NESTING_MAX)
		die("expression, column %td: nested too deeply", p->at - p->text + 1);
}

static void parse_unary(struct parser *p)
{
	enter(p);
	if (accept(p, '-')) {
		parse_unary(p);
		operate_named(p->expr, "unary -");
	} else if (accept(p, '+')) {
		parse_unary(p);
	} else if (accept(p, '!')) {
		parse_unary(p);
		operate_named(p->expr, "!");
	} else {
		parse_primary(p);
		if (p->at[0] == '*' && p->at[1] == '*') {
			accept(p, '*');
			accept(p, '*');
			parse_unary(p);
			operate_named(p->expr, "**");
		}
	}
	p->nesting--;
}

enum { LEVEL_OR, LEVEL_AND, LEVEL_COMPARE, LEVEL_SUM, LEVEL_PRODUCT };

struct symbol {
	const char *text;
	int level;
};

/* The operator at hand, or null; a longer one stands before what it begins with. */
static const struct symbol *symbol_at(const struct parser *p)
{
	static const struct symbol symbols[] = {
		{"||", LEVEL_OR},      {"&&", LEVEL_AND},     {"==", LEVEL_COMPARE},
		{"!=", LEVEL_COMPARE}, {"<=", LEVEL_COMPARE}, {">=", LEVEL_COMPARE},
		{"<", LEVEL_COMPARE},  {">", LEVEL_COMPARE},  {"+", LEVEL_SUM},
		{"-", LEVEL_SUM},      {"*", LEVEL_PRODUCT},  {"/", LEVEL_PRODUCT},
		{"%", LEVEL_PRODUCT},
	};

	for (size_t i = 0; i < sizeof symbols / sizeof symbols[0]; i++)
		if (!strncmp(p->at, symbols[i].text, strlen(symbols[i].text)))
			return &symbols[i];
	return NULL;
}

/* Operators of this level and tighter ones, by precedence climbing. */
static void parse_binary(struct parser *p, int level)
{
	bool compared = false;

	parse_unary(p);
	for (const struct symbol *s; (s = symbol_at(p)) && s->level >= level;) {
		if (s->level == LEVEL_COMPARE && compared)
			die("expression, column %td: comparisons do not chain: write x < y && y < "
			    "z",
			    p->at - p->text + 1);
		compared = s->level == LEVEL_COMPARE;
		p->at += strlen(s->text);
		skip_blanks(p);
		parse_binary(p, s->level + 1);
		operate_named(p->expr, s->text);
	}
}

static void parse_choice(struct parser *p)
{
	enter(p);
	parse_binary(p, LEVEL_OR);
	if (accept(p, '?')) {
		parse_choice(p);
		expect(p, ':', "an operator or ':'");
		parse_choice(p);
		operate_named(p->expr, "where");
	}
	p->nesting--;
}

struct expr *expr_parse(const char *text)
{
	struct expr *e = xcalloc(1, sizeof *e);
	struct parser p = {.text = text, .at = text, .expr = e};

	skip_blanks(&p);
	parse_choice(&p);
	if (*p.at)
		unexpected(&p, p.at, "an operator or the end");
	e->stack = xcalloc((size_t)e->deepest, sizeof *e->stack);
	e->results = xaligned((size_t)e->deepest * EXPR_BLOCK, sizeof *e->results);
	return e;
}
