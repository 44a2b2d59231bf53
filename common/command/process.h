/* process - a running shell command between two pipes: the inside of the room. */
#ifndef COMMAND_PROCESS_H
#define COMMAND_PROCESS_H

#include <stdbool.h>
#include <stdio.h>

#include "npy/npy.h"

struct process;

/* Run a command with this environment; messages call it `name`. */
struct process *process_start(const char *text, const char *name, char *const *environment);

/*
 * Its output.  To read from it also writes what is to be sent, as far as the process takes it. At
 * its end the process is waited for, and death says if it has failed: so that a reader does not
 * complain of an output that is only short because the process failed.  The stream takes no more
 * from the pipe than its reader wants.
 */
FILE *process_output(struct process *p);

/* Have an array sent, and, if it is the last, the input closed behind it.  The array must stay
 * until it is sent, or the output has ended. */
void process_send(struct process *p, const struct npy *array, bool last);

/* Whether the process has taken all that was to be sent. */
bool process_sent(const struct process *p);

/* What is left is not sent. */
void process_close_input(struct process *p);

/* After the end of the output, the stream being closed. */
void process_free(struct process *p);

/* ---- its environment ---- */

/* A copy of ours, null-terminated. */
char **environment_copy(void);

/* With NAME=VALUE in place of what it had under this name; takes the old list and gives the new. */
char **environment_set(char **list, const char *name, const char *value);

void environment_free(char **list);

#endif
