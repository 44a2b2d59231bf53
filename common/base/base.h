/*
 * base - what every program stands on: messages, memory, the command line, output that is complete
 * or absent, threads, progress on long work.
 *
 * Every main() is the same walk:
 *
 *	cli_parse()	options into variables, operands checked in number
 *	...		read, work, write with out_write()
 *	return cli_close()
 */
#ifndef BASE_H
#define BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdnoreturn.h>
#include <sys/types.h>

/* Under the address sanitizer nothing can be chosen at start: it is not up yet. */
#if defined(__SANITIZE_ADDRESS__)
#define ADDRESS_SANITIZER
#elif defined(__has_feature) /* clang's */
#if __has_feature(address_sanitizer)
#define ADDRESS_SANITIZER
#endif
#endif

/* A static function with hot loops, compiled for several instruction sets, the best chosen at
 * start. Static, and of a name that no other has: clang before 17 gives what others see a name that
 * they do not know, and refuses to link two of one name. */
#if defined(__x86_64__) && !defined(ADDRESS_SANITIZER)
#define MULTIVERSION __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define MULTIVERSION
#endif

/* ---- messages ---- */

/* The program's name, for messages; set by cli_parse(). */
extern const char *prog;

/* Exit status, as cmp(1) and grep(1) have it. */
enum { EXIT_YES = 0, EXIT_NO = 1, EXIT_TROUBLE = 2 };

/* Print "prog: message" as one line on stderr and exit with EXIT_TROUBLE.  Control characters are
 * shown as printable() does, for a message may quote a hostile file. */
noreturn void die(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Print "prog: message" as one line on stderr and go on. */
void warn(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* A character of UTF-8 text as it may be shown: itself, or of a control character and of bytes that
 * are no character the first byte, as \n, \t or \xNN.  Returns how many bytes of the text that is.
 */
size_t printable_next(const char *text, char shown[5]);

/* The text so shown, as one line in `room` bytes, at least 4; what does not fit becomes "...". */
void printable(const char *text, char *line, size_t room);

/* Called by die() in place of exit() where not null; it must not return (longjmp(3)).  For fuzzing
 * and for unit tests: a parser's refusal is then an answer, not the end of the process. */
extern void (*die_hook)(void);

/* ---- memory ---- */

/* product = a * b; false if that does not fit. */
bool size_multiply(size_t a, size_t b, size_t *product);

/* Zeroed memory for n things of the given size, or death; never null, even for n = 0. */
void *xcalloc(size_t n, size_t size);

/* The same memory with room for n things of the given size, or death; what is new is not zeroed. */
void *xrealloc(void *old, size_t n, size_t size);

/* Like xcalloc(), aligned to 64 bytes (a cache line, an AVX-512 register). Free with free(3). */
void *xaligned(size_t n, size_t size);

char *xstrdup(const char *text);

/* A string made as printf(3) would print it, to be freed. */
char *xprintf(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* x with as many digits as it takes to read the same number, or the same float where x is a single
 * one: "58.395".  Returns the text. */
enum { NUMBER_TEXT = 32 };
const char *number_text(double x, bool single, char text[NUMBER_TEXT]);

/* A stream that writes to memory, or death.  memory_close(), given the same place, leaves what was
 * written in *bytes, to be freed, a NUL behind it, and its size in *size. */
FILE *memory_open(char **bytes, size_t *size);
void memory_close(FILE *stream, char *const *bytes);

/* ---- the command line ---- */

enum cli_type { CLI_END, CLI_FLAG, CLI_INTEGER, CLI_REAL, CLI_TEXT, CLI_TEXTS, CLI_CHOICE };

/* The arguments of an option that may be given several times, in order; the list is to be freed. */
struct cli_texts {
	size_t n;
	const char **text;
};

/*
 * One option; write it with the macros below.  `value` points to the variable it sets, whose value
 * before cli_parse() is the default that -h shows (NAN: none; cli_parse() never sets that).  All
 * but a CLI_TEXTS, which has no default, count as given last.  A letter of 0 means the option has a
 * long name only; a null name, a letter only.
 */
struct cli_option {
	enum cli_type type;
	char letter;
	const char *name;
	const char *argument; /* what -h calls its argument */
	void *value;     /* bool, int64_t, double, const char *, struct cli_texts, int (an index
	                    into choices) */
	double min, max; /* the numbers accepted, both included */
	const char *const *choices;
	const char *help; /* one line, in lower case */
};

/* clang-format off */
#define OPTION_FLAG(letter, name, value, help) \
	{CLI_FLAG, letter, name, NULL, (bool *){value}, 0, 0, NULL, help}
#define OPTION_INTEGER(letter, name, argument, value, min, max, help) \
	{CLI_INTEGER, letter, name, argument, (int64_t *){value}, (double)(min), (double)(max), NULL, help}
#define OPTION_REAL(letter, name, argument, value, min, max, help) \
	{CLI_REAL, letter, name, argument, (double *){value}, min, max, NULL, help}
#define OPTION_TEXT(letter, name, argument, value, help) \
	{CLI_TEXT, letter, name, argument, (const char **){value}, 0, 0, NULL, help}
#define OPTION_TEXTS(letter, name, argument, value, help) \
	{CLI_TEXTS, letter, name, argument, (struct cli_texts *){value}, 0, 0, NULL, help}
/* choices: a null-terminated list of words. */
#define OPTION_CHOICE(letter, name, argument, value, choices, help) \
	{CLI_CHOICE, letter, name, argument, (int *){value}, 0, 0, choices, help}
/* -q and -v of every program that shows progress; see progress_begin(). */
#define OPTIONS_PROGRESS(quiet, verbose) \
	OPTION_FLAG('q', "quiet", quiet, "show no progress"), \
	OPTION_FLAG('v', "verbose", verbose, "show progress even if stderr is no terminal")
#define OPTION_END {CLI_END, 0, NULL, NULL, NULL, 0, 0, NULL, NULL}
/* clang-format on */

struct cli {
	const char *operands;             /* as the usage line shows them: "MODEL [DATA]" */
	int least, most;                  /* how many of them */
	const char *purpose;              /* one sentence */
	const struct cli_option *options; /* ended by OPTION_END */
};

/*
 * Set the variables of the options and return the operands, null-terminated.  -h, --help prints
 * the usage text on stdout and exits 0, --version likewise; anything not understood dies.  Options
 * come before operands, "--" ends them, and one behind an operand dies, too.  A word such as -1 or
 * -.5 is never an option, nor one such as -log(a) where the first operand is EXPRESSION.
 */
char **cli_parse(int argc, char *argv[], const struct cli *cli);

/* The next operand, or "-" (standard input) when there is none left. */
const char *cli_operand(char ***operands);

/* Die where more than one of n paths is "-"; a null path is none.  `inputs` is what the message
 * calls them: "the model and the images". */
void cli_one_stdin(const char *inputs, int n, const char *const path[]);

/* All of text as a number in [min, max], or death with a message that names `what`. */
double cli_real(const char *what, const char *text, double min, double max);
int64_t cli_integer(const char *what, const char *text, int64_t min, int64_t max);

/* "15x9" or "15": rows and columns, each in [1, max], or death with a message that names `what`. */
void cli_size(const char *what, const char *text, int64_t max, size_t size[2]);

/* The index of text in a null-terminated list of words, or death with the list in the message. */
int cli_choice(const char *what, const char *text, const char *const *choices);

/* The numbers of "124,116,104", each in [min, max], and how many: at least one; to be freed.  Death
 * as of cli_real(). */
double *cli_reals(const char *what, const char *text, double min, double max, size_t *n);

/* The words of "a,b,c", null-terminated, and their number: at least one, and each may be empty.
 * They are one piece of memory, to be freed with free(3). */
char **cli_list(const char *text, size_t *n);

/* The status that cli_close() returns, and that a reader who went away is answered with: EXIT_YES,
 * until a comparison finds that it is EXIT_NO. */
extern int cli_status;

/* Close stdout, dying if a byte was not written.  Returns cli_status. */
int cli_close(void);

/* From here on, dies where the process ends before cli_close(): libraries call exit(3), OpenMP's
 * with EXIT_NO where it cannot start a thread.  cli_parse() calls it. */
void cli_expect_close(void);

/* ---- output ---- */

/* Write to stdout.  A full disk is death; a reader that went away, a quiet exit with cli_status. */
void out_write(const void *bytes, size_t n);
void out_printf(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Write a tab and x with this many digits.  A NaN is "nan": its sign, which printf() tells, says
 * nothing. */
void out_cell(int digits, double x);

/* Write lines of text that came from a file: all but newlines and tabs as printable() shows it. */
void out_text(const char *text);

/* Have all of it leave now, for a reader who waits for it; the same deaths. */
void out_flush(void);

/* Die if stdout is a terminal: binary output would only scramble it. */
void out_binary(void);

/* Open a file for reading, "-" being stdin, or die. */
FILE *file_open(const char *path);

/* A file that was opened otherwise is read, too: nothing may be written in its place. */
void file_is_read(int descriptor);

/* The whole of a file, "-" being stdin, with a NUL after its bytes.  Die if it has more than
 * `most`, with a message that says what was expected: "a network's text".  Free with free(3). */
char *file_read(const char *path, const char *expected, size_t most, size_t *bytes);

/* What messages call a path: the path, or "standard input" for "-". */
const char *file_name(const char *path);

/*
 * The format that the first bytes of a file are of, in words that follow "found": "an NPY array",
 * "a PNG picture (pngtopnm | pnmtonpy converts it)"; null where it is none of those known.  The
 * first FILE_KIND_BYTES are enough, or all there are.
 */
enum { FILE_KIND_BYTES = 16 };
const char *file_format(const void *bytes, size_t n);

/* The Netpbm program that makes a PNM or PAM picture of a picture in that format: "pngtopnm"; null
 * where the format is not known to be one of pictures. */
const char *file_converter(const void *bytes, size_t n);

/* The format; "text" or "something else" where it is not known. */
const char *bytes_kind(const void *bytes, size_t n);

/* The same of a stream whose first n bytes have been read, and the next now are. */
const char *file_kind(FILE *stream, const void *first, size_t n);

/* Open a file for lines of text, each of which leaves as it is written, or die; "-" is none, and a
 * file that file_open() has opened would be lost. */
FILE *file_create(const char *path);

/* The same, but where a regular file has that name, its lines are kept: *old is true, and the
 * stream, at its beginning, can be read and cut, too. */
FILE *file_go_on(const char *path, bool *old);

/* Close such a file, dying if a byte was not written. */
void file_finish(FILE *stream, const char *path);

/*
 * Replace a file by a new one that is complete, or leave it as it is: write to .stream, then
 * commit. The bytes are on the disk before the name is.  The mode stays, and so do symbolic links,
 * whose file is replaced; die where the name is that of a device, a pipe, a folder or a file of
 * lines that this program writes.
 */
struct replacement {
	FILE *stream;
	char *path, *temporary; /* temporary: null before commit, if the system can do without */
	mode_t mode;
};
struct replacement replacement_begin(const char *path);
void replacement_commit(struct replacement *r);

/* Die where replacement_begin() would: before the work whose result is to be written.  Die, too,
 * where the path is "-", or that of a file that has been opened for reading by now. */
void replacement_try(const char *path);

/* ---- other programs ---- */

/* Start argv[0], looked for in PATH, with this environment and these descriptors as its standard
 * input, output and error (-1: ours).  It does not ignore SIGPIPE.  It is to be waited for, even if
 * our parent ignored the end of its children.  Returns 0, or an errno. */
int spawn(pid_t *pid, char *const argv[], char *const environment[], const int fd[3]);

/* ---- threads ---- */

/* How many threads compute: what OMP_NUM_THREADS says, else as many as there are processors that
 * this program may use. */
int threads(void);

/* work(context, task, thread) for every task below `tasks`, which is at most 2^32 - 1, and return
 * when all are done.  Threads take tasks as they come; 0 <= thread < threads() tells which one
 * does. Only one thread may call this, and no task may. */
typedef void threads_work(void *context, size_t task, int thread);
void threads_run(size_t tasks, threads_work *work, void *context);

/* From now on so many threads, between jobs: for tests. */
void threads_use(int n);

/* ---- progress ---- */

enum { PROGRESS_AUTO, PROGRESS_QUIET, PROGRESS_VERBOSE };

/* A line on stderr about long work, shown while stderr is a terminal. */
struct progress {
	const char *unit; /* of what is counted: "images" */
	double total;     /* 0: unknown */
	bool on, terminal;
	double begun, shown, first; /* seconds; seconds; the count already done at the start */
};

/* quiet and verbose are the -q and -v of the command line. */
struct progress progress_begin(const char *unit, double first, double total, bool quiet,
                               bool verbose);

/* Show done/total, rate, time left and the detail (may be null), at most a few times a second. */
void progress_show(struct progress *p, double done, const char *detail);

/* Clear the line. */
void progress_end(struct progress *p);

/* Clear the line that any progress has left on the terminal; warn() and die() begin with it. */
void progress_clear(void);

/* Seconds on a clock that only goes forward. */
double now(void);

#endif
