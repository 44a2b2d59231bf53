#include "pnm/convert.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/base.h"
#include "pnm/pnm.h"

extern char **environ;

/* What a program wrote, and how it ended. */
struct answer {
	char *bytes;
	size_t n;
	char *complaint; /* null: none, it has done its work */
};

/* All that comes from a pipe, in memory that grows with it. */
static void take_output(int from, struct answer *a)
{
	size_t room = 0;
	ssize_t got;

	do {
		if (room < a->n + (1 << 16)) {
			room = 2 * room + (1 << 16);
			a->bytes = xrealloc(a->bytes, room, 1);
		}
		got = read(from, a->bytes + a->n, room - a->n);
		a->n += got > 0 ? (size_t)got : 0;
	} while (got > 0 || (got < 0 && errno == EINTR));
}

/* The last line that a program that failed has written to its standard error. */
static char *last_line(FILE *messages, const char *program)
{
	char line[256], *last = NULL;

	rewind(messages);
	while (fgets(line, sizeof line, messages)) {
		line[strcspn(line, "\r\n")] = '\0';
		if (!*line)
			continue;
		free(last);
		last = xstrdup(line);
	}
	return last ? last : xprintf("%s failed", program);
}

static bool has_failed(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			die("waitpid: %s", strerror(errno));
	return !WIFEXITED(status) || WEXITSTATUS(status);
}

/* The answer of a program to a file. */
static struct answer ask(char *const argv[], int file)
{
	struct answer a = {.n = 0};
	FILE *messages = tmpfile();
	int ends[2], failed;
	pid_t pid;

	/* No other program may inherit our end: there is none before this one has ended. */
	if (!messages || pipe(ends) || fcntl(ends[0], F_SETFD, FD_CLOEXEC) ||
	    fcntl(ends[1], F_SETFD, FD_CLOEXEC))
		die("%s: %s", argv[0], strerror(errno));
	failed = spawn(&pid, argv, environ, (const int[]){file, ends[1], fileno(messages)});
	if (failed)
		die("%s: cannot be started: %s (Netpbm has it)", argv[0], strerror(failed));
	close(ends[1]);
	take_output(ends[0], &a);
	close(ends[0]);
	if (has_failed(pid))
		a.complaint = last_line(messages, argv[0]);
	fclose(messages);
	return a;
}

/* The program that converts this file, from its beginning; or null, and why. */
static const char *converter_of(int file, char **why)
{
	unsigned char first[FILE_KIND_BYTES];
	struct stat s;

	if (fstat(file, &s) || !S_ISREG(s.st_mode)) {
		*why = xstrdup("not a regular file");
		return NULL;
	}
	ssize_t n = pread(file, first, sizeof first, 0);
	if (n < 0) {
		*why = xstrdup(strerror(errno));
		return NULL;
	}
	const char *program = file_converter(first, (size_t)n);
	if (!program)
		*why = xprintf("expected a picture, found %s",
		               n ? bytes_kind(first, (size_t)n) : "an empty file");
	return program;
}

static struct npy parse(const struct answer *a, const char *path)
{
	FILE *stream = fmemopen(a->bytes, a->n, "rb");
	struct npy picture;

	if (!stream)
		die("out of memory: a stream wanted");
	struct pnm_in *in = pnm_of(stream, path);
	pnm_next(in, &picture);
	pnm_close(in);
	return picture;
}

bool convert_picture(const char *path, struct npy *picture, char **why)
{
	int file = open(path, O_RDONLY | O_CLOEXEC);

	*why = file < 0 ? xstrdup(strerror(errno)) : NULL;
	const char *program = *why ? NULL : converter_of(file, why);
	if (program) {
		file_is_read(file);
		bool png = !strcmp(program, "pngtopnm");
		char *const argv[] = {(char *)program, "-quiet", png ? "-mix" : NULL,
		                      "-background",   "white",  NULL};
		struct answer a = ask(argv, file);
		*why = a.complaint;
		if (!*why)
			*picture = parse(&a, path);
		free(a.bytes);
	}
	if (file >= 0)
		close(file);
	return !*why;
}
