/* command - questions and answers of all sizes, and commands that fail in every way */
#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/base.h"
#include "command/command.h"

/* (n,2,3) of 0, 1, 2 ... */
static struct npy ramp(size_t n)
{
	struct npy a = npy_new(NPY_F4, 3, (size_t[]){n, 2, 3});

	for (size_t i = 0; i < npy_count(&a); i++)
		a.f4[i] = (float)i;
	return a;
}

static int descriptors(void)
{
	DIR *dir = opendir("/proc/self/fd");
	int n = 0;

	assert_non_null(dir);
	while (readdir(dir))
		n++;
	closedir(dir);
	return n;
}

/* Nothing is left of the commands: no process, and no descriptor but those before. */
static void assert_tidy(int before)
{
	assert_int_equal(descriptors(), before);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

/* What the command passes on arrives: from nothing to far more than any pipe holds. */
static void test_echo(void **state)
{
	static const size_t sizes[] = {0, 1, 3, 2730, 2731, 10000, 1000000};
	int before = descriptors();

	(void)state;
	for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
		struct command *c = command_new("cat", false);
		struct npy a = ramp(sizes[k]), b = command_ask(c, &a), again = command_ask(c, &a);
		size_t bytes = npy_count(&a) * sizeof *a.f4;
		assert_true(npy_same_shape(&a, &b) && b.type == NPY_F4);
		assert_memory_equal(a.data, b.data, bytes);
		assert_memory_equal(a.data, again.data, bytes);
		assert_tidy(before);
		npy_free(&a);
		npy_free(&b);
		npy_free(&again);
		command_free(c);
	}
}

/* The answer is longer than the question, and begins before the question has been read; or the
 * other way round. */
static void test_sizes_that_differ(void **state)
{
	struct npy a = ramp(1), b = ramp(500000);
	struct command *longer = command_new("npy-random uniform 2000000; cat >/dev/null", false);
	struct command *shorter = command_new("npy-reduce sum", false);
	struct npy c = command_ask(longer, &a), d = command_ask(shorter, &b);
	struct npy e = command_ask(longer, &b);

	(void)state;
	assert_int_equal(npy_count(&c), 2000000);
	assert_int_equal(npy_count(&d), 1);
	assert_int_equal(npy_count(&e), 2000000);
	npy_free(&a);
	npy_free(&b);
	npy_free(&c);
	npy_free(&d);
	npy_free(&e);
	command_free(longer);
	command_free(shorter);
}

/* A command that reads nothing, or not all, is an answer all the same. */
static void test_unread(void **state)
{
	static const char *const commands[] = {
		"npy-random uniform 7", "exec <&-; npy-random uniform 7",
		"head -c 100 >/dev/null; npy-random uniform 7", "sleep 0.2; npy-random uniform 7"};

	(void)state;
	for (size_t k = 0; k < sizeof commands / sizeof *commands; k++)
		for (size_t n = 1; n <= 300000; n += 299999) {
			struct npy a = ramp(n);
			struct command *c = command_new(commands[k], false);
			struct npy b = command_ask(c, &a);
			assert_int_equal(npy_count(&b), 7);
			npy_free(&a);
			npy_free(&b);
			command_free(c);
		}
}

/* One process answers arrays of all sizes, one after the other. */
static void test_coprocess(void **state)
{
	int before = descriptors();
	struct command *c = command_new("echo $$ >pid; exec cat", true);
	static const size_t sizes[] = {3, 1000000, 0, 1, 20000, 3};
	pid_t pid[2] = {0};

	(void)state;
	for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
		struct npy a = ramp(sizes[k]), b = command_ask(c, &a);
		assert_true(npy_same_shape(&a, &b));
		assert_memory_equal(a.data, b.data, npy_count(&a) * sizeof *a.f4);
		FILE *f = fopen("pid", "r");
		assert_int_equal(fscanf(f, "%d", &pid[k > 0]), 1);
		fclose(f);
		assert_true(k == 0 || pid[0] == pid[1]);
		npy_free(&a);
		npy_free(&b);
	}
	assert_int_equal(kill(pid[0], 0), 0);
	command_free(c);
	assert_tidy(before);
	/* One that is never asked is never started. */
	command_free(command_new("exit 3", true));
	assert_tidy(before);
	unlink("pid");
}

/* Two co-processes end, though each was started while the other's pipes were open. */
static void test_two(void **state)
{
	struct command *c = command_new("cat", true), *d = command_new("cat", true);
	struct npy a = ramp(3), b = command_ask(c, &a), e = command_ask(d, &a);

	(void)state;
	command_free(c);
	command_free(d);
	npy_free(&a);
	npy_free(&b);
	npy_free(&e);
}

static void test_environment(void **state)
{
	struct command *c = command_new("npy-random uniform $DRAW,$OTHER", false);
	struct npy a = ramp(1);

	(void)state;
	setenv("OTHER", "5", 1);
	setenv("DRAW", "1", 1);
	struct command *d = command_new("npy-random uniform $DRAW,$OTHER", false);
	command_set(c, "DRAW", "2");
	command_set(c, "OTHER", "3");
	command_set(c, "DRAW", "4");
	command_set(d, "DRA", "7");
	struct npy b = command_ask(c, &a), e = command_ask(d, &a);
	assert_string_equal(npy_shape(&b), "(4,3)");
	assert_string_equal(npy_shape(&e), "(1,5)");
	npy_free(&a);
	npy_free(&b);
	npy_free(&e);
	command_free(c);
	command_free(d);
}

static void test_filter_and_oracle(void **state)
{
	struct npy a = ramp(20000);
	float *out = xcalloc(npy_count(&a), sizeof *out);
	struct command *filter = command_new("npy-calc -t f8 'a / 2'", false);
	struct command *scores = command_new("npy-reduce -a 1 sum", false);
	struct command *classes =
		command_new("npy-reshape -1,6 | npy-reduce -a 1 argmax | npy-calc -t u1 a", false);

	(void)state;
	command_filter(filter, &a, out);
	for (size_t i = 0; i < npy_count(&a); i++)
		assert_true(out[i] == a.f4[i] / 2);
	struct npy b = command_oracle(scores, &a), c = command_oracle(classes, &a);
	assert_true(b.type == NPY_F4 && b.ndim == 2 && b.dim[1] == 3);
	assert_true(b.f4[0] == 0 + 3 && b.f4[5] == 8 + 11);
	assert_true(c.type == NPY_I8 && c.ndim == 1 && c.i8[77] == 5);
	npy_free(&a);
	npy_free(&b);
	npy_free(&c);
	free(out);
	command_free(filter);
	command_free(scores);
	command_free(classes);
}

/* ---- what is refused ---- */

enum use { ASK, FILTER, ORACLE };

static void use(struct command *c, enum use how, const struct npy *a, float *out)
{
	if (how == FILTER) {
		command_filter(c, a, out);
		return;
	}
	struct npy b = how == ASK ? command_ask(c, a) : command_oracle(c, a);
	npy_free(&b);
}

enum { LINE = 4096 };

static size_t read_all(int from, char line[static LINE])
{
	size_t got = 0;

	for (ssize_t some; (some = read(from, line + got, LINE - 1 - got)) > 0;)
		got += (size_t)some;
	close(from);
	return got;
}

/* Ask twice, images (n,2,3) and (n+1,2,3), in a process of its own: it must die with one line on
 * stderr, the command's name and these words. */
static void assert_dies(enum use how, bool coprocess, size_t n, const char *text, const char *words)
{
	char line[LINE] = "", expected[512];
	int ends[2], status;

	assert_int_equal(pipe(ends), 0);
	pid_t pid = fork();
	if (pid == 0) {
		dup2(ends[1], STDERR_FILENO);
		close(ends[0]);
		close(ends[1]);
		struct npy a = ramp(n), b = ramp(n + 1);
		float *out = xcalloc(npy_count(&b), sizeof *out);
		struct command *c = command_new(text, coprocess);
		use(c, how, &a, out);
		use(c, how, &b, out);
		command_free(c);
		_exit(0);
	}
	close(ends[1]);
	size_t got = read_all(ends[0], line);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	snprintf(expected, sizeof expected, "nnutils: command '%s': ", text);
	if (!WIFEXITED(status) || WEXITSTATUS(status) != EXIT_TROUBLE || !strstr(line, words) ||
	    strncmp(line, expected, strlen(expected)) || strchr(line, '\n') != line + got - 1)
		fail_msg("%s: status %x, expected '%s', found '%s'", text, status, words, line);
}

static void test_bad_days(void **state)
{
	char once[100];

	(void)state;
	/* However much is to be written: less than a pipe holds, more. */
	for (size_t n = 2; n < 100000; n += 99990) {
		assert_dies(ASK, false, n, "exit 3", "exit status 3");
		assert_dies(ASK, false, n, "cat; exit 3", "exit status 3");
		assert_dies(ASK, false, n, "head -c 200; exit 3", "exit status 3");
		assert_dies(ASK, false, n, "kill -9 $$", "ended by signal 9 (Killed)");
		assert_dies(ASK, false, n, "no-such-program 2>&-", "exit status 127");
		assert_dies(ASK, false, n, "true", "empty: expected an NPY array");
		assert_dies(ASK, false, n, "exec >&-; sleep 0.1; exit 4", "exit status 4");
		assert_dies(ASK, false, n, "echo hello", "expected an NPY array, found text");
		assert_dies(ASK, false, n, "head -c 150", "lacks its last");
		assert_dies(ASK, false, n, "cat; echo", "expected an NPY array or the end, found");
		assert_dies(ASK, false, n, "cat; npy-random uniform 1",
		            "expected 1 array, found more");
		assert_dies(ASK, true, n, "exit 3", "exit status 3");
		assert_dies(ASK, true, n, "true", "empty: expected an NPY array");
		assert_dies(ASK, true, n, "kill -9 $$", "ended by signal 9 (Killed)");
		assert_dies(ASK, true, n, "cat; exit 3", "exit status 3");
		snprintf(once, sizeof once, "head -c %zu >/dev/null; npy-random uniform 7",
		         128 + n * 24);
		assert_dies(ASK, true, n, once, "ended before the answer");
		strcat(once, "; exit 3");
		assert_dies(ASK, true, n, once, "exit status 3");
		snprintf(once, sizeof once,
		         "for n in %zu %zu; do head -c $n >/dev/null; npy-random uniform 7; done; "
		         "echo x",
		         128 + n * 24, 128 + (n + 1) * 24);
		assert_dies(ASK, true, n, once, "array 2: expected an NPY array or the end");
	}
	/* More than a pipe holds cannot have been read. */
	assert_dies(ASK, true, 99992, "npy-random uniform 7; cat >/dev/null",
	            "answered before it had read");
	assert_dies(FILTER, false, 5, "npy-slice 1:",
	            "expected an answer (5,2,3), the shape of the images, found (4,2,3)");
	assert_dies(FILTER, false, 5, "npy-calc 'a / 0'", "NaN or infinite");
	assert_dies(FILTER, false, 5, "npy-calc -t f8 '1e300 * a'", "NaN or infinite");
	assert_dies(
		ORACLE, false, 5, "cat",
		"expected scores (5,C) or integers (5,) for 5 images, found (5,2,3) of type <f4");
	assert_dies(ORACLE, false, 5, "npy-reshape -1,6 | npy-slice 1:", "found (4,6)");
	assert_dies(ORACLE, false, 5, "npy-reshape -1,6 | npy-slice :,:1", "found (5,1)");
	assert_dies(ORACLE, false, 5, "npy-reduce -a 1,2 sum", "found (5,) of type <f4");
	assert_dies(ORACLE, false, 5, "npy-reduce -a 1,2 sum | npy-calc -t i8 'a - 20'",
	            "is below 0");
	assert_dies(ORACLE, false, 5, "npy-reshape -1,6 | npy-calc 'a / 0'", "NaN or infinite");
	/* The first answer says what the others are. */
	assert_dies(ORACLE, false, 5,
	            "npy-random uniform ${N=$(npy-info | sed -n 's/.*(\\([0-9]\\).*/\\1/p')},$N",
	            "expected scores of 5 classes as in its first answer, found (6,6)");
	assert_dies(ORACLE, true, 5,
	            "head -c 248 | :; npy-random uniform 5,2; head -c 272 | :; "
	            "npy-random -t i8 integers:0:9 6",
	            "answers with scores and with classes");
}

/* A long command is not repeated in full, and no name breaks the line. */
static void test_name(void **state)
{
	char text[300], line[LINE] = "";
	int ends[2];

	(void)state;
	memset(text, 'x', sizeof text);
	text[3] = '\n';
	for (size_t i = 98; i < 200; i += 2)
		memcpy(text + i + 1, "\xc3\xbc", 2);
	text[sizeof text - 1] = '\0';
	assert_int_equal(pipe(ends), 0);
	pid_t pid = fork();
	if (pid == 0) {
		char command[400];
		dup2(ends[1], STDERR_FILENO);
		snprintf(command, sizeof command, "exit 5 #%s", text);
		struct npy a = ramp(1);
		command_ask(command_new(command, false), &a);
		_exit(0);
	}
	close(ends[1]);
	size_t got = read_all(ends[0], line);
	waitpid(pid, NULL, 0);
	assert_true(got > 0 && got < 150 && strchr(line, '\n') == line + got - 1);
	assert_non_null(strstr(line, "...': exit status 5"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_echo),
		cmocka_unit_test(test_sizes_that_differ),
		cmocka_unit_test(test_unread),
		cmocka_unit_test(test_coprocess),
		cmocka_unit_test(test_two),
		cmocka_unit_test(test_environment),
		cmocka_unit_test(test_filter_and_oracle),
		cmocka_unit_test(test_bad_days),
		cmocka_unit_test(test_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
