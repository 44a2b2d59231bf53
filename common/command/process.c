/*
 * One poll(2) waits until the process takes or gives something, so that neither side ever waits for
 * the other.  It sits below a stream, so that npy_next() and the others read a process as they read
 * a file.
 */
/* For fopencookie(3); the name is glibc's. */
#define _GNU_SOURCE /* NOLINT(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */
#include "command/process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/base.h"

enum { BUFFER = 65536 }; /* of what a process writes: as much as a pipe holds */

struct bytes {
	const char *at;
	size_t left;
};

struct process {
	const char *name;
	pid_t pid;
	int to, from;        /* our ends of the pipes; -1 once closed */
	char *head;          /* of the array that is being sent */
	struct bytes out[2]; /* of it what is to be sent: of its head, of its elements */
	bool last;           /* close `to` when that is sent */
	FILE *output;
};

/* ---- start ---- */

/* [0] is read from, [1] is written to.  No other command may inherit them: one that held the
 * other's input open would keep it from ending. */
static void open_pipe(const char *name, int ends[2])
{
	if (pipe(ends) || fcntl(ends[0], F_SETFD, FD_CLOEXEC) ||
	    fcntl(ends[1], F_SETFD, FD_CLOEXEC))
		die("%s: %s", name, strerror(errno));
}

static ssize_t take(void *process, char *bytes, size_t n);

struct process *process_start(const char *text, const char *name, char *const *environment)
{
	struct process *p = xcalloc(1, sizeof *p);
	int in[2], out[2];

	/* A process that does not read is seen as EPIPE. */
	signal(SIGPIPE, SIG_IGN);
	open_pipe(name, in);
	open_pipe(name, out);
	p->name = name;
	char *const argv[] = {"/bin/sh", "-c", (char *)text, NULL};
	int failed = spawn(&p->pid, argv, environment, (const int[]){in[0], out[1], -1});
	if (failed)
		die("%s: cannot be started: %s", name, strerror(failed));
	close(in[0]);
	close(out[1]);
	p->to = in[1];
	p->from = out[0];
	if (fcntl(p->to, F_SETFL, O_NONBLOCK))
		die("%s: %s", name, strerror(errno));
	p->output = fopencookie(p, "r", (cookie_io_functions_t){.read = take});
	if (!p->output)
		die("out of memory: a stream wanted");
	/* Unbuffered, glibc would read byte by byte.  A full buffer is not waited for. */
	setvbuf(p->output, NULL, _IOFBF, BUFFER);
	return p;
}

FILE *process_output(struct process *p)
{
	return p->output;
}

/* ---- end ---- */

void process_close_input(struct process *p)
{
	memset(p->out, 0, sizeof p->out);
	if (p->to >= 0)
		close(p->to);
	p->to = -1;
}

/* The output has ended: wait for the process, and die if it has failed. */
static void reap(struct process *p)
{
	int status;

	process_close_input(p);
	close(p->from);
	p->from = -1;
	while (waitpid(p->pid, &status, 0) < 0)
		if (errno != EINTR)
			die("%s: %s", p->name, strerror(errno));
	if (WIFSIGNALED(status))
		die("%s: ended by signal %d (%s)", p->name, WTERMSIG(status),
		    strsignal(WTERMSIG(status)));
	if (WEXITSTATUS(status))
		die("%s: exit status %d", p->name, WEXITSTATUS(status));
}

void process_free(struct process *p)
{
	free(p->head);
	free(p);
}

/* ---- between ---- */

bool process_sent(const struct process *p)
{
	return !p->out[0].left && !p->out[1].left;
}

/* Nothing is written yet: take() does it, while somebody reads. */
void process_send(struct process *p, const struct npy *array, bool last)
{
	size_t length;

	free(p->head);
	FILE *head = memory_open(&p->head, &length);
	npy_write_head_to(head, array);
	memory_close(head, &p->head);
	p->out[0] = (struct bytes){p->head, length};
	p->out[1] = (struct bytes){array->data, npy_count(array) * npy_size(array->type)};
	p->last = last;
}

/* Write what the pipe has room for. */
static void give(struct process *p)
{
	struct bytes *b = &p->out[p->out[0].left ? 0 : 1];
	ssize_t n = write(p->to, b->at, b->left);

	if (n >= 0) {
		b->at += n;
		b->left -= (size_t)n;
	} else if (errno == EPIPE) {
		/* The process wants no more; what it answers tells whether that is well. */
		process_close_input(p);
	} else if (errno != EAGAIN && errno != EINTR) {
		die("%s: %s", p->name, strerror(errno));
	}
	if (p->last && process_sent(p))
		process_close_input(p);
}

/* The next bytes of the output, at least one; 0 at its end.  As fopencookie(3) has it. */
static ssize_t take(void *process, char *bytes, size_t n)
{
	struct process *p = process;

	while (p->from >= 0) {
		/* poll(2) passes over a descriptor of -1. */
		struct pollfd ends[] = {{.fd = p->from, .events = POLLIN},
		                        {.fd = process_sent(p) ? -1 : p->to, .events = POLLOUT}};
		if (poll(ends, 2, -1) < 0 && errno != EINTR)
			die("%s: %s", p->name, strerror(errno));
		if (ends[1].revents)
			give(p);
		if (!ends[0].revents)
			continue;
		ssize_t got = read(p->from, bytes, n);
		if (got > 0)
			return got;
		if (got == 0)
			reap(p);
		else if (errno != EINTR)
			die("%s: %s", p->name, strerror(errno));
	}
	return 0;
}
