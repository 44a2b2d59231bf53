/*
 * command - a shell command as a function of arrays: a question goes to its standard input as NPY,
 * and its answer is read from its standard output.
 *
 *	struct command *c = command_new("img-median | nn-run -p model", false);
 *	struct npy scores = command_oracle(c, &images);
 *	...
 *	npy_free(&scores);
 *	command_free(c);
 *
 * sh(1) runs the command; its standard error is ours.  There are two ways:
 *
 *	a process for each question	It reads one array up to the end of its input, writes one
 *					array and exits with status 0.
 *	one co-process for all		The first question starts it.  It reads arrays back to back
 *					and answers each by one array, flushed, before it waits for
 *					the next.  At the end of its input it exits with status 0.
 *
 * Sizes do not matter: what the command writes is read while it is still being written to.  The
 * command need not read all of its input; what it leaves is dropped, except that a co-process must
 * not answer before it has read the question.
 *
 * A command that runs on without an answer is waited for.  So a co-process must not read to the end
 * of its input before it answers: neither side would ever go on.
 *
 * Whatever goes wrong ends the program through die() with one line that names the command: an exit
 * status other than 0, a signal, an answer that is none, is too short, is followed by more, or has
 * the wrong shape.  When a call returns, a process that answers once has ended and been waited for,
 * and has left no descriptor open.  Only one thread may call these functions.
 */
#ifndef COMMAND_H
#define COMMAND_H

#include <stdbool.h>

#include "npy/npy.h"

struct command;

/* Nothing is started yet.  The text must live as long as the command. */
struct command *command_new(const char *text, bool coprocess);

/* Have the processes started from now on find this in their environment, as in DRAW=3. */
void command_set(struct command *c, const char *name, const char *value);

/* The answer to an array, whole, whatever its shape and type; free with npy_free(). */
struct npy command_ask(struct command *c, const struct npy *question);

/* A filter: the answer to images has their shape, and its numbers, npy_count() of them, are finite.
 * They are put into `out`. */
void command_filter(struct command *c, const struct npy *images, float *out);

/*
 * An oracle: the answer to N images, N > 0, is one of
 *
 *	(N,C) numbers	finite scores of C >= 2 classes; they come as NPY_F4
 *	(N) integers	predicted classes, none below 0; they come as NPY_I8
 *
 * and its kind and C are the same in each answer.
 */
struct npy command_oracle(struct command *c, const struct npy *images);

/* After the last question: end a co-process, which dies as above if it fails or goes on writing. */
void command_free(struct command *c);

#endif
