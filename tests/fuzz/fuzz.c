#include "fuzz/fuzz.h"

#include <errno.h>
#include <jansson.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"

/* ---- what is allocated ---- */

/* A block that is larger than the most is refused, as where memory is short. */
enum { BUCKETS = 1 << 12, MOST = 1 << 28 };

struct block {
	void *memory;
	struct block *next;
};

static struct block *blocks[BUCKETS];
static size_t n_blocks;
static bool watching;

/* NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp): the linker's names */
void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *old, size_t size);
int __real_posix_memalign(void **memory, size_t alignment, size_t size);
void __real_free(void *memory);
ssize_t __real_getline(char **line, size_t *room, FILE *stream);

void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *old, size_t size);
int __wrap_posix_memalign(void **memory, size_t alignment, size_t size);
void __wrap_free(void *memory);
ssize_t __wrap_getline(char **line, size_t *room, FILE *stream);

const char *__lsan_default_options(void);
/* NOLINTEND(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */

/* Leaks of our own are what free_all() finds.  The others are what die() goes past in
 * libraries, such as the text of a memory stream. */
const char *__lsan_default_options(void)
{
	return "detect_leaks=0";
}

static struct block **bucket_of(const void *memory)
{
	return &blocks[((uintptr_t)memory >> 4) % BUCKETS];
}

void *fuzz_own(void *memory)
{
	if (memory && watching) {
		struct block *b = __real_malloc(sizeof *b), **bucket = bucket_of(memory);
		*b = (struct block){memory, *bucket};
		*bucket = b;
		n_blocks++;
	}
	return memory;
}

static void forget(const void *memory)
{
	for (struct block **b = bucket_of(memory); *b; b = &(*b)->next)
		if ((*b)->memory == memory) {
			struct block *gone = *b;
			*b = gone->next;
			__real_free(gone);
			n_blocks--;
			return;
		}
}

void *__wrap_malloc(size_t size)
{
	return watching && size > MOST ? NULL : fuzz_own(__real_malloc(size));
}

void *__wrap_calloc(size_t n, size_t size)
{
	return watching && size && n > MOST / size ? NULL : fuzz_own(__real_calloc(n, size));
}

void *__wrap_realloc(void *old, size_t size)
{
	void *memory = watching && size > MOST ? NULL : __real_realloc(old, size);

	if (memory) {
		forget(old);
		fuzz_own(memory);
	}
	return memory;
}

int __wrap_posix_memalign(void **memory, size_t alignment, size_t size)
{
	int failed =
		watching && size > MOST ? ENOMEM : __real_posix_memalign(memory, alignment, size);

	if (!failed)
		fuzz_own(*memory);
	return failed;
}

void __wrap_free(void *memory)
{
	forget(memory);
	__real_free(memory);
}

ssize_t __wrap_getline(char **line, size_t *room, FILE *stream)
{
	const char *old = *line;
	ssize_t length = __real_getline(line, room, stream);

	forget(old);
	fuzz_own(*line);
	return length;
}

/* Free everything, and say how much there was. */
static size_t free_all(void)
{
	size_t n = n_blocks;

	for (size_t i = 0; n_blocks > 0; i++)
		while (blocks[i]) {
			void *memory = blocks[i]->memory;
			forget(memory);
			__real_free(memory);
		}
	return n;
}

void fuzz_free_all(void)
{
	free_all();
}

/* ---- running ---- */

static jmp_buf refused;

static void refuse(void)
{
	longjmp(refused, 1);
}

void fuzz_exit(int status)
{
	(void)status;
	refuse();
	abort();
}

int fuzz_sigaction(int number, const struct sigaction *action, struct sigaction *old)
{
	(void)number;
	(void)action;
	(void)old;
	return 0;
}

void fuzz_failed(const char *what)
{
	fprintf(stderr, "expected %s\n", what);
	abort();
}

void fuzz_stdin(const void *bytes, size_t size)
{
	static bool ours;

	if (ours)
		fclose(stdin);
	ours = true;
	/* fmemopen(3) has no empty files. */
	stdin = size ? fmemopen((void *)bytes, size, "rb") : fopen("/dev/null", "rb");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	json_set_alloc_funcs(__wrap_malloc, __wrap_free);
	die_hook = refuse;
	watching = true;
	if (!setjmp(refused)) {
		fuzz(data, size);
		FUZZ_EXPECT(free_all() == 0);
	}
	free_all();
	watching = false;
	return 0;
}
