#include "base/base.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

enum { OPTIONS_MAX = 64, FIRST_LONG = 256 };

double cli_real(const char *what, const char *text, double min, double max)
{
	char *end;
	double x = strtod(text, &end);

	if (end == text || *end || isnan(x))
		die("%s: '%s' is not a number", what, text);
	if (!(x >= min && x <= max))
		die("%s: %s is not between %g and %g", what, text, min, max);
	return x;
}

int64_t cli_integer(const char *what, const char *text, int64_t min, int64_t max)
{
	char *end;

	errno = 0;
	intmax_t x = strtoimax(text, &end, 10);
	if (end == text || *end)
		die("%s: '%s' is not a whole number", what, text);
	if (errno || x < min || x > max)
		die("%s: %s is not between %" PRId64 " and %" PRId64, what, text, min, max);
	return x;
}

void cli_one_stdin(const char *inputs, int n, const char *const path[])
{
	int found = 0;

	for (int i = 0; i < n; i++)
		found += path[i] && !strcmp(path[i], "-");
	if (found > 1)
		die("only one of %s can come from standard input", inputs);
}

void cli_size(const char *what, const char *text, int64_t max, size_t size[2])
{
	char *copy = xstrdup(text), *by = strchr(copy, 'x');

	if (by)
		*by = '\0';
	size[0] = (size_t)cli_integer(what, copy, 1, max);
	size[1] = by ? (size_t)cli_integer(what, by + 1, 1, max) : size[0];
	free(copy);
}

int cli_choice(const char *what, const char *text, const char *const *choices)
{
	char list[512] = "";

	for (int i = 0; choices[i]; i++) {
		if (!strcmp(choices[i], text))
			return i;
		size_t length = strlen(list);
		snprintf(list + length, sizeof list - length, "%s%s", i ? ", " : "", choices[i]);
	}
	die("%s: '%s' is not one of %s", what, text, list);
}

char **cli_list(const char *text, size_t *n)
{
	size_t commas = 0;

	for (const char *p = text; (p = strchr(p, ',')); p++)
		commas++;
	/* The words stand behind the pointers to them. */
	*n = commas + 1;
	char **words = xcalloc(1, (*n + 1) * sizeof *words + strlen(text) + 1);
	char *p = strcpy((char *)(words + *n + 1), text);
	for (size_t i = 0; i < *n; i++) {
		words[i] = p;
		p += strcspn(p, ",");
		*p++ = '\0';
	}
	return words;
}

double *cli_reals(const char *what, const char *text, double min, double max, size_t *n)
{
	char **word = cli_list(text, n);
	double *x = xcalloc(*n, sizeof *x);

	for (size_t i = 0; i < *n; i++)
		x[i] = cli_real(what, word[i], min, max);
	free(word);
	return x;
}

/* ---- the usage text ---- */

static void print_default(const struct cli_option *o)
{
	switch (o->type) {
	case CLI_INTEGER: printf(" [%" PRId64 "]", *(int64_t *)o->value); break;
	case CLI_REAL:
		if (!isnan(*(double *)o->value))
			printf(" [%g]", *(double *)o->value);
		break;
	case CLI_CHOICE: printf(" [%s]", o->choices[*(int *)o->value]); break;
	case CLI_TEXT:
		if (*(const char **)o->value)
			printf(" [%s]", *(const char **)o->value);
		break;
	default: break;
	}
}

static void print_option(const struct cli_option *o)
{
	char left[96] = "";
	int n = 0;

	if (o->letter)
		n += snprintf(left, sizeof left, "-%c%s", o->letter, o->name ? ", " : "");
	if (o->name)
		n += snprintf(left + n, sizeof left - (size_t)n, "%s--%s", o->letter ? "" : "    ",
		              o->name);
	if (o->argument)
		snprintf(left + n, sizeof left - (size_t)n, " %s", o->argument);
	printf("  %-26s %s", left, o->help);
	print_default(o);
	putchar('\n');
}

static noreturn void print_help(const struct cli *cli)
{
	printf("usage: %s%s%s%s\n%s\n\n", prog, cli->options->type ? " [option ...]" : "",
	       *cli->operands ? " " : "", cli->operands, cli->purpose);
	for (const struct cli_option *o = cli->options; o->type; o++)
		print_option(o);
	printf("  %-26s %s\n", "-h, --help", "show this text");
	printf("  %-26s %s\n", "    --version", "show the version");
	exit(cli_close());
}

static noreturn void print_version(void)
{
	printf("%s (nnutils) %s\n", prog, NNUTILS_VERSION);
	exit(cli_close());
}

/* ---- parsing ---- */

static void add_text(struct cli_texts *texts, const char *text)
{
	texts->text = xrealloc(texts->text, texts->n + 1, sizeof *texts->text);
	texts->text[texts->n++] = text;
}

static void set(const struct cli_option *o, const char *text)
{
	char what[64];

	if (o->name)
		snprintf(what, sizeof what, "--%s", o->name);
	else
		snprintf(what, sizeof what, "-%c", o->letter);
	switch (o->type) {
	case CLI_FLAG: *(bool *)o->value = true; break;
	case CLI_INTEGER: {
		int64_t min = o->min <= (double)INT64_MIN ? INT64_MIN : (int64_t)o->min;
		int64_t max = o->max >= (double)INT64_MAX ? INT64_MAX : (int64_t)o->max;
		*(int64_t *)o->value = cli_integer(what, text, min, max);
		break;
	}
	case CLI_REAL: *(double *)o->value = cli_real(what, text, o->min, o->max); break;
	case CLI_TEXT: *(const char **)o->value = text; break;
	case CLI_TEXTS: add_text(o->value, text); break;
	case CLI_CHOICE: *(int *)o->value = cli_choice(what, text, o->choices); break;
	case CLI_END: break;
	}
}

/* getopt_long(3)'s tables from ours; its value for an option is FIRST_LONG + the option's index. */
static void getopt_tables(const struct cli *cli, char *letters, struct option *names)
{
	int n = 0;

	*letters++ = '+';
	*letters++ = ':';
	*letters++ = 'h';
	for (int i = 0; cli->options[i].type; i++) {
		const struct cli_option *o = &cli->options[i];
		bool argument = o->type != CLI_FLAG;
		if (o->letter) {
			*letters++ = o->letter;
			if (argument)
				*letters++ = ':';
		}
		if (o->name)
			names[n++] = (struct option){o->name, argument, NULL, FIRST_LONG + i};
	}
	*letters = '\0';
	names[n++] = (struct option){"help", 0, NULL, 'h'};
	names[n++] = (struct option){"version", 0, NULL, FIRST_LONG - 1};
	names[n] = (struct option){NULL, 0, NULL, 0};
}

static const struct cli_option *find(const struct cli *cli, int c)
{
	if (c >= FIRST_LONG)
		return &cli->options[c - FIRST_LONG];
	for (const struct cli_option *o = cli->options; o->type; o++)
		if (o->letter == c)
			return o;
	return NULL;
}

/* -1 and -.5 are operands, so that slices, offsets and expressions can be written plainly. */
static bool is_number(const char *word)
{
	return word[0] == '-' && (isdigit((unsigned char)word[1]) || word[1] == '.');
}

static bool takes_expression(const struct cli *cli)
{
	return !strncmp(cli->operands, "EXPRESSION", strlen("EXPRESSION"));
}

/* -log(a) and -b+a, but not -a, which has the form of an option. */
static bool is_expression(const char *word)
{
	return word[0] == '-' && word[1] != '-' && strpbrk(word, "()+*/%?:<=>!&| ");
}

/* Although it may begin with a minus. */
static bool is_operand(const char *word, const struct cli *cli)
{
	return is_number(word) || (takes_expression(cli) && is_expression(word));
}

/* Set what one round of getopt_long() found; false at the end of the options. */
static bool take_option(int argc, char *argv[], const struct cli *cli, const char *letters,
                        const struct option *names)
{
	const char *word = optind < argc ? argv[optind] : "";
	if (is_operand(word, cli))
		return false;
	int c = getopt_long(argc, argv, letters, names, NULL);

	switch (c) {
	case -1: return false;
	case 'h': print_help(cli);
	case FIRST_LONG - 1: print_version();
	case ':': die("option %s needs an argument (-h explains)", word);
	case '?':
		die("unknown option %s (-h lists them%s)", word,
		    takes_expression(cli) ? "; an expression may follow --" : "");
	default: set(find(cli, c), optarg); return true;
	}
}

/* Where the standard input, output or error is closed, the next file that is opened would be in its
 * place.  Reading or writing them fails as before: they are open the other way. */
static void open_standard(void)
{
	for (int descriptor = 0; descriptor < 3; descriptor++)
		if (fcntl(descriptor, F_GETFD) < 0)
			(void)!open("/dev/null", descriptor ? O_RDONLY : O_WRONLY);
}

/* Die if an operand looks like an option.  A file with such a name can be given as ./-x. */
static void check_operands(char *operands[], int n, const struct cli *cli)
{
	for (int i = 0; i < n; i++)
		if (operands[i][0] == '-' && operands[i][1] && !is_operand(operands[i], cli))
			die("option %s comes after an operand: options come first", operands[i]);
}

char **cli_parse(int argc, char *argv[], const struct cli *cli)
{
	char letters[2 * OPTIONS_MAX];
	struct option names[OPTIONS_MAX];
	const char *slash = argc ? strrchr(argv[0], '/') : NULL;

	if (argc)
		prog = slash ? slash + 1 : argv[0];
	open_standard();
	cli_expect_close();
	/* A reader that goes away is seen as EPIPE by out_write(), and is no failure of ours. */
	signal(SIGPIPE, SIG_IGN);
	getopt_tables(cli, letters, names);
	opterr = 0;
	while (take_option(argc, argv, cli, letters, names))
		continue;

	int found = argc - optind;
	bool ended = optind > 1 && !strcmp(argv[optind - 1], "--");
	if (!ended)
		check_operands(argv + optind, found, cli);
	if (found < cli->least || found > cli->most)
		die("%s: %d found, expected %s (-h explains)",
		    found < cli->least ? "too few operands" : "too many operands", found,
		    *cli->operands ? cli->operands : "none");
	return argv + optind;
}

const char *cli_operand(char ***operands)
{
	return **operands ? *(*operands)++ : "-";
}
