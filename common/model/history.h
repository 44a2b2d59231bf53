/*
 * history - what was done to a model, a line a step: the command with the options that influence
 * the result, and the digests of what it read.
 */
#ifndef HISTORY_H
#define HISTORY_H

/* Add a line to a history, which is "" or lines, each ended by a newline, in memory of malloc(3)'s;
 * what is not printable ASCII becomes "?", so that a file's header stays JSON. */
void history_add(char **history, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
