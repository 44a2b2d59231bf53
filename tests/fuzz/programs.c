/*
 * Whole programs, in this process: all that read and write arrays, pictures and tables, that make
 * and change models, and those of recurrent networks; none that computes with a convolutional
 * network, for these are slow.
 *
 * An input is a command line of words between blanks, then the contents of standard input and of
 * the files A, B and C, in this order, with a line of %% between them.  There are no other files.
 * The results may be what they like: what counts is that nothing crashes.
 */
#include <errno.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "fuzz/fuzz.h"

/* Their main()s, as the Makefile names them. */
#define PROGRAMS(DO)      \
	DO(idxtonpy)      \
	DO(img_augment)   \
	DO(img_digits)    \
	DO(img_median)    \
	DO(img_occlude)   \
	DO(img_shift)     \
	DO(nn_info)       \
	DO(nn_init)       \
	DO(nn_join)       \
	DO(nn_weights)    \
	DO(nntoonnx)      \
	DO(npy_calc)      \
	DO(npy_cat)       \
	DO(npy_confusion) \
	DO(npy_diff)      \
	DO(npy_info)      \
	DO(npy_knn)       \
	DO(npy_matmul)    \
	DO(npy_montage)   \
	DO(npy_pca)       \
	DO(npy_pick)      \
	DO(npy_random)    \
	DO(npy_rank)      \
	DO(npy_reduce)    \
	DO(npy_reshape)   \
	DO(npy_ridge)     \
	DO(npy_roc)       \
	DO(npy_slice)     \
	DO(npy_softmax)   \
	DO(npy_trust)     \
	DO(npytoidx)      \
	DO(npytopnm)      \
	DO(npytornn)      \
	DO(npytotsv)      \
	DO(onnxtonn)      \
	DO(pnmtonpy)      \
	DO(rnn_grad)      \
	DO(rnn_init)      \
	DO(rnn_run)       \
	DO(rnn_train)     \
	DO(seq_motif)     \
	DO(tsv_interval)  \
	DO(tsv_pick)      \
	DO(tsv_wilson)    \
	DO(tsvtonpy)

#define DECLARE(name) int main_##name(int argc, char *argv[]);
PROGRAMS(DECLARE)

#define ROW(name) {#name, main_##name},
static const struct program {
	const char *name;
	int (*main)(int, char **);
} programs[] = {PROGRAMS(ROW)};

/* What a program writes; more is a full disk. */
static char output[1 << 20];

enum { WORDS_MAX = 24, FILES_MAX = 4 };

/* Standard input, then A, B and C. */
static struct {
	const uint8_t *bytes;
	size_t size;
} files[FILES_MAX];

/* ---- what the programs' calls become ---- */

/* NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp): the linker's names */
FILE *__real_fopen(const char *path, const char *mode);
int __real_fclose(FILE *stream);

FILE *__wrap_fopen(const char *path, const char *mode);
int __wrap_fclose(FILE *stream);
int __wrap_open(const char *path, int flags, ...);
void __wrap_cli_expect_close(void);
void __wrap_progress_show(struct progress *p, double done, const char *detail);

static bool closed;
static int progress; /* how often the program has shown any */

enum { PROGRESS_MAX = 20 };

/* What is open; die() closes nothing. */
static FILE *streams[FILES_MAX + 4];

enum { STREAMS_MAX = sizeof streams / sizeof *streams };

/* Put `new` where `old` is. */
static void replace_stream(const FILE *old, FILE *new)
{
	for (int i = 0; i < STREAMS_MAX; i++)
		if (streams[i] == old) {
			streams[i] = new;
			return;
		}
}

static void close_streams(void)
{
	for (int i = 0; i < STREAMS_MAX; i++)
		if (streams[i]) {
			__real_fclose(streams[i]);
			streams[i] = NULL;
		}
}

static FILE *of_bytes(const uint8_t *bytes, size_t size)
{
	FILE *stream = size ? fmemopen((void *)bytes, size, "rb") : __real_fopen("/dev/null", "rb");

	replace_stream(NULL, stream);
	return stream;
}

FILE *__wrap_fopen(const char *path, const char *mode)
{
	if (!strcmp(path, "/dev/null"))
		return __real_fopen(path, mode);
	bool known = path[0] >= 'A' && path[0] < 'A' + FILES_MAX - 1 && !path[1];

	if (known && mode[0] == 'r') {
		int i = 1 + path[0] - 'A';
		return of_bytes(files[i].bytes, files[i].size);
	}
	errno = ENOENT;
	return NULL;
}

int __wrap_fclose(FILE *stream)
{
	closed |= stream == stdout;
	replace_stream(stream, NULL);
	return __real_fclose(stream);
}

int __wrap_open(const char *path, int flags, ...)
{
	(void)path;
	(void)flags;
	errno = ENOENT;
	return -1;
}

/* The process goes on. */
void __wrap_cli_expect_close(void)
{
}

/* Long work, a training of a billion steps, is cut short. */
void __wrap_progress_show(struct progress *p, double done, const char *detail)
{
	(void)p;
	(void)done;
	(void)detail;
	if (++progress > PROGRESS_MAX)
		die("enough");
}
/* NOLINTEND(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */

/* ---- an input ---- */

/* The line of %%, or the end. */
static const uint8_t *separator(const uint8_t *from, const uint8_t *end)
{
	for (; end - from >= 4; from++)
		if (!memcmp(from, "\n%%\n", 4))
			return from;
	return end;
}

static void split_files(const uint8_t *at, const uint8_t *end)
{
	for (int i = 0; i < FILES_MAX; i++) {
		const uint8_t *next = separator(at, end);
		files[i].bytes = at;
		files[i].size = (size_t)(next - at);
		at = next == end ? end : next + 4;
	}
}

/* The program of this name, whose - are _ here. */
static const struct program *find(char *name)
{
	for (char *p = name; (p = strchr(p, '-'));)
		*p = '_';
	for (size_t i = 0; i < sizeof programs / sizeof *programs; i++)
		if (!strcmp(programs[i].name, name))
			return &programs[i];
	return NULL;
}

static void run(const struct program *p, int argc, char *argv[])
{
	static bool begun;

	/* What the last one did not close. */
	if (begun && !closed)
		__real_fclose(stdout);
	close_streams();
	begun = true;
	closed = false;
	progress = 0;
	stdout = fmemopen(output, sizeof output, "wb");
	fuzz_stdin(files[0].bytes, files[0].size);
	cli_status = EXIT_YES;
	/* glibc's getopt(3) begins anew, and forgets where in the last line it was. */
	optind = 0;
	(void)getopt(1, (char *[]){"tool", NULL}, "");
	optind = 0;
	threads_use(1);
	p->main(argc, argv);
}

void fuzz(const uint8_t *data, size_t size)
{
	const uint8_t *end = data + size, *newline = memchr(data, '\n', size);
	char *argv[WORDS_MAX + 1] = {NULL};
	int argc = 0;

	if (!newline || newline - data > 1000)
		return;
	char *line = xcalloc((size_t)(newline - data) + 1, 1);
	memcpy(line, data, (size_t)(newline - data));
	split_files(newline + 1, end);
	char *rest = line;
	for (char *word; argc < WORDS_MAX && (word = strtok_r(rest, " ", &rest));)
		argv[argc++] = word;
	const struct program *p = argc ? find(argv[0]) : NULL;
	if (p)
		run(p, argc, argv);
	/* A program leaves some of its memory to the end of its process. */
	fuzz_free_all();
}
