/* base - memory, numbers in text, the command line, files that are whole or not there */
#include <getopt.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/base.h"

/* die_hook comes back here instead of ending the test. */
static jmp_buf refusal;

static void come_back(void)
{
	longjmp(refusal, 1);
}

#define assert_refused(call)                                \
	do {                                                \
		die_hook = come_back;                       \
		if (!setjmp(refusal)) {                     \
			call;                               \
			fail_msg("not refused: %s", #call); \
		}                                           \
		die_hook = NULL;                            \
	} while (0)

static void test_memory(void **state)
{
	size_t product;
	unsigned char *bytes = xaligned(1000, 1);

	(void)state;
	assert_true(size_multiply(6, 7, &product) && product == 42);
	assert_false(size_multiply(SIZE_MAX / 2 + 1, 2, &product));
	assert_int_equal((uintptr_t)bytes % 64, 0);
	for (int i = 0; i < 1000; i++)
		assert_int_equal(bytes[i], 0);
	free(bytes);
	free(xcalloc(0, 8));
	assert_refused(xcalloc(SIZE_MAX, 2));
	assert_refused(xrealloc(NULL, SIZE_MAX / 2, 4));
	assert_refused(xaligned(SIZE_MAX, 1));
	char *text = xprintf("%s %d", "layer", 3), *copy = xstrdup(text);
	assert_string_equal(text, "layer 3");
	assert_string_equal(copy, text);
	free(text);
	free(copy);
}

static void test_printable(void **state)
{
	/* A case a row: the text, and how it is shown (RFC 3629, section 3 and 10). */
	static const char *const cases[][2] = {
		{"", ""},
		{"conv1 \\ \"3x3\"", "conv1 \\ \"3x3\""},
		{"a\nnn-eval: b\tc", "a\\nnn-eval: b\\tc"},
		{"\033[31mred\r\177", "\\x1b[31mred\\x0d\\x7f"},
		{"\303\251 \342\202\254 \360\235\204\236",
	         "\303\251 \342\202\254 \360\235\204\236"},
		{"\302\233 31m", "\\xc2\\x9b 31m"}, /* a control sequence of 8 bits */
		/* writing turned around, and back */
		{"\342\200\256 \342\201\246 \342\201\251 \342\200\254",
	         "\\xe2\\x80\\xae \\xe2\\x81\\xa6 \\xe2\\x81\\xa9 \\xe2\\x80\\xac"},
		{"\300\257 \340\200\257", "\\xc0\\xaf \\xe0\\x80\\xaf"}, /* longer than need be */
		{"\355\240\200 \364\220\200\200 \200 \377",
	         "\\xed\\xa0\\x80 \\xf4\\x90\\x80\\x80 \\x80 \\xff"},
		{"\342\202", "\\xe2\\x82"}, /* cut */
	};
	char line[256];

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		printable(cases[i][0], line, sizeof line);
		assert_string_equal(line, cases[i][1]);
	}
	printable("twelve bytes", line, 13);
	assert_string_equal(line, "twelve bytes");
	printable("twelve bytes", line, 12);
	assert_string_equal(line, "twelve b...");
	printable("\001\001\001", line, 10);
	assert_string_equal(line, "\\x01...");
}

static void test_list(void **state)
{
	size_t n;
	char **words = cli_list("net,,val error", &n);

	(void)state;
	assert_int_equal(n, 3);
	assert_string_equal(words[0], "net");
	assert_string_equal(words[1], "");
	assert_string_equal(words[2], "val error");
	assert_null(words[3]);
	free(words);
	words = cli_list("", &n);
	assert_int_equal(n, 1);
	assert_string_equal(words[0], "");
	free(words);
}

static void test_numbers(void **state)
{
	static const char *const words[] = {"sgd", "adam", NULL};

	(void)state;
	assert_int_equal(cli_integer("n", "-12", -12, 5), -12);
	assert_int_equal(cli_integer("n", "9223372036854775807", 0, INT64_MAX), INT64_MAX);
	assert_true(cli_real("x", "-1e-3", -1, 1) == -1e-3);
	assert_int_equal(cli_choice("w", "adam", words), 1);
	assert_refused(cli_integer("n", "6", -12, 5));
	assert_refused(cli_integer("n", "9223372036854775808", 0, INT64_MAX));
	assert_refused(cli_integer("n", "1.0", 0, 5));
	assert_refused(cli_integer("n", "1x", 0, 5));
	assert_refused(cli_integer("n", "", 0, 5));
	assert_refused(cli_real("x", "", 0, 5));
	assert_refused(cli_real("x", "1,5", 0, 5));
	assert_refused(cli_real("x", "nan", 0, 5));
	assert_refused(cli_real("x", "inf", 0, 5));
	assert_refused(cli_choice("w", "ada", words));
}

/* What the options below were set to. */
static struct {
	bool flag;
	int64_t integer;
	double real;
	const char *text;
	struct cli_texts texts;
	int choice;
} set;

/* Parse a command line given as words separated by blanks; returns the operands. */
static char **parse(const char *line, int least, int most)
{
	static const char *const words[] = {"sgd", "adam", NULL};
	static char copy[256], *argv[16];
	const struct cli_option options[] = {
		OPTION_FLAG('f', "flag", &set.flag, "a flag"),
		OPTION_INTEGER('n', "count", "N", &set.integer, -5, 5, "a count"),
		OPTION_REAL('r', NULL, "R", &set.real, -1, 1, "no long name"),
		OPTION_TEXT(0, "text", "TEXT", &set.text, "no letter"),
		OPTION_TEXTS('t', "texts", "TEXT", &set.texts, "once or more"),
		OPTION_CHOICE('o', "optimizer", "NAME", &set.choice, words, "a word"),
		OPTION_END};
	const struct cli cli = {"[A] [B]", least, most, "Test.", options};
	int argc = 0;

	free(set.texts.text);
	memset(&set, 0, sizeof set);
	/* glibc's getopt(3) begins anew, forgets where in the last line it was, and ends at
	 * operands. */
	optind = 0;
	(void)getopt(1, (char *[]){"tool", NULL}, "+");
	strcpy(copy, line);
	for (char *word = strtok(copy, " "); word; word = strtok(NULL, " "))
		argv[argc++] = word;
	argv[argc] = NULL;
	return cli_parse(argc, argv, &cli);
}

static void test_options(void **state)
{
	(void)state;
	char **operands = parse("dir/tool -f -n 3 -r -0.5 --text abc -o adam x y", 0, 2);
	assert_string_equal(prog, "tool");
	assert_true(set.flag && set.integer == 3 && set.real == -0.5 && set.choice == 1);
	assert_string_equal(set.text, "abc");
	assert_string_equal(cli_operand(&operands), "x");
	assert_string_equal(cli_operand(&operands), "y");
	assert_string_equal(cli_operand(&operands), "-");

	parse("tool --flag --count=-5 --optimizer sgd", 0, 2);
	assert_true(set.flag && set.integer == -5 && set.choice == 0);
	parse("tool -fn4", 0, 2);
	assert_true(set.flag && set.integer == 4);

	parse("tool -t one --text x --texts=two -tthree", 0, 2);
	assert_int_equal(set.texts.n, 3);
	assert_string_equal(set.texts.text[0], "one");
	assert_string_equal(set.texts.text[1], "two");
	assert_string_equal(set.texts.text[2], "three");
	assert_string_equal(set.text, "x");

	assert_string_equal(parse("tool -f -1,2 x", 0, 2)[0], "-1,2");
	assert_string_equal(parse("tool -.5", 0, 2)[0], "-.5");
	assert_string_equal(parse("tool -- -f", 0, 2)[0], "-f");
	assert_false(set.flag);
	assert_string_equal(parse("tool -- x -f", 0, 2)[1], "-f");
	assert_string_equal(parse("tool - x", 0, 2)[0], "-");
}

/* A function of its own, for longjmp() leaves its caller's variables in doubt. */
static void refuse_line(const char *line)
{
	assert_refused(parse(line, 1, 2));
}

static void test_refused_options(void **state)
{
	static const char *const lines[] = {
		"tool -x",         "tool --no-such",  "tool -n",          "tool --count",
		"tool -n 6",       "tool -n x",       "tool --count=1.5", "tool -r 2",
		"tool -o rmsprop", "tool --flag=1",   "tool x y z",       "tool x -f y z",
		"tool --",         "tool -f -n 1 --", "tool x -f",        "tool x --flag",
		"tool - -f",
	};

	(void)state;
	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
		refuse_line(lines[i]);
}

static void write_file(const char *path, const char *text)
{
	struct replacement r = replacement_begin(path);

	assert_int_equal(fwrite(text, 1, strlen(text), r.stream), strlen(text));
	replacement_commit(&r);
}

static void assert_file(const char *path, const char *text)
{
	char got[64] = "";
	FILE *stream = file_open(path);

	got[fread(got, 1, sizeof got - 1, stream)] = '\0';
	fclose(stream);
	assert_string_equal(got, text);
}

/* The name has the old bytes until the new ones are complete. */
static void test_replacement(void **state)
{
	char directory[] = "/tmp/nnutils-XXXXXX";
	assert_non_null(mkdtemp(directory));
	char *path = xprintf("%s/model", directory);

	(void)state;
	write_file(path, "old");
	assert_file(path, "old");
	struct replacement r = replacement_begin(path);
	fputs("new", r.stream);
	fflush(r.stream);
	assert_file(path, "old");
	replacement_commit(&r);
	assert_file(path, "new");
	unlink(path);
	/* Nothing else is left behind. */
	assert_int_equal(rmdir(directory), 0);
	assert_refused(file_open("/no/such/file"));
	assert_string_equal(file_name("-"), "standard input");
	assert_string_equal(file_name("x"), "x");
	free(path);
}

/* ---- threads ---- */

enum { MOST_TASKS = 300 };

/* How often each task of a job was done, and whether by a thread there is. */
struct jobs {
	int done[MOST_TASKS];
	int threads;
	bool other;
};

static void count_task(void *context, size_t task, int thread)
{
	struct jobs *j = context;

	j->done[task]++;
	if (thread < 0 || thread >= j->threads)
		j->other = true;
}

/* Every task is done once, of many small jobs, whatever the numbers; now and then the threads have
 * fallen asleep in between. */
static void test_threads(void **state)
{
	static const int counts[] = {1, 2, 5, 3};

	(void)state;
	for (size_t c = 0; c < sizeof counts / sizeof *counts; c++) {
		threads_use(counts[c]);
		assert_int_equal(threads(), counts[c]);
		for (int job = 0; job < 4000; job++) {
			struct jobs j = {.threads = counts[c]};
			size_t tasks = (size_t)(job % MOST_TASKS) % (job % 3 ? 8 : MOST_TASKS);
			threads_run(tasks, count_task, &j);
			for (size_t i = 0; i < MOST_TASKS; i++)
				assert_int_equal(j.done[i], i < tasks);
			assert_false(j.other);
			if (job % 1000 == 0)
				nanosleep(&(struct timespec){.tv_nsec = 2000000}, NULL);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_memory),      cmocka_unit_test(test_printable),
		cmocka_unit_test(test_list),        cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_options),     cmocka_unit_test(test_refused_options),
		cmocka_unit_test(test_replacement), cmocka_unit_test(test_threads),
	};

	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	cli_close();
	return failed;
}
