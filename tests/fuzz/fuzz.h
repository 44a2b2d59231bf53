/*
 * fuzz - what the fuzz targets share.
 *
 * A target is a file NAME.c here that defines fuzz(); NAME.seeds is a shell script that writes
 * inputs to begin with into the current folder.  fuzz.c is libFuzzer's way in.  It makes
 *
 *	die()		an answer: the input is refused, and what was allocated until then is freed
 *	a leak		a crash: when fuzz() returns, nothing that was allocated meanwhile is left
 *
 * The linker's --wrap shows it every allocation of our own code, jansson's hooks that library's.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdnoreturn.h>

/* To be defined: parse these bytes, in a buffer of just this size, and free what comes of it. */
void fuzz(const uint8_t *data, size_t size);

/* Have standard input read these bytes, from the beginning. */
void fuzz_stdin(const void *bytes, size_t size);

/* What exit() is in common/base: the process goes on. */
noreturn void fuzz_exit(int status);

/* What sigaction(2) is in common/train: signals stay the fuzzer's. */
int fuzz_sigaction(int number, const struct sigaction *action, struct sigaction *old);

/* Have memory that a library allocated freed after die(), like our own; return it. */
void *fuzz_own(void *memory);

/* Free all that was allocated since fuzz() began, where leaks are no mistakes. */
void fuzz_free_all(void);

/* Crash, so that the input is kept, unless this is so. */
#define FUZZ_EXPECT(condition) ((condition) ? (void)0 : fuzz_failed(#condition))
void fuzz_failed(const char *what);

#endif
