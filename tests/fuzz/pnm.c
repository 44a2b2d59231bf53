/* Pictures: gray or in planes, and every pixel in 0 ... 255. */
#include "pnm/pnm.h"

#include <netpbm/pam.h>
#include <stdlib.h>

#include "base/base.h"
#include "fuzz/fuzz.h"

/* ---- what libnetpbm allocates, and die() goes past ---- */

/* libnetpbm calls these two instead of its own, so that fuzz.c frees the row of a bitmap. */
bit *pbm_allocrow(unsigned int columns)
{
	return xcalloc(columns ? columns : 1, 1);
}

void pm_freerow(void *row)
{
	free(row);
}

static pm_usererrormsgfn *answer;

/* libnetpbm would free its message when on_error() returns; it never does. */
static void take_message(const char *message)
{
	fuzz_own((void *)message);
	answer(message);
}

/* NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp): the linker's names */
tuple *__real_pnm_allocpamrow(const struct pam *pam);
void __real_pm_setusererrormsgfn(pm_usererrormsgfn *fn);
tuple *__wrap_pnm_allocpamrow(const struct pam *pam);
void __wrap_pm_setusererrormsgfn(pm_usererrormsgfn *fn);

tuple *__wrap_pnm_allocpamrow(const struct pam *pam)
{
	return fuzz_own(__real_pnm_allocpamrow(pam));
}

void __wrap_pm_setusererrormsgfn(pm_usererrormsgfn *fn)
{
	answer = fn;
	__real_pm_setusererrormsgfn(take_message);
}
/* NOLINTEND(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */

/* ---- pictures ---- */

static void check(const struct npy *picture)
{
	size_t n = npy_count(picture);
	const float *x = picture->data;

	FUZZ_EXPECT(picture->ndim == 2 || picture->ndim == 3);
	FUZZ_EXPECT(picture->type == NPY_U1 || picture->type == NPY_F4);
	for (size_t i = 0; i < n && picture->type == NPY_F4; i++)
		FUZZ_EXPECT(x[i] >= 0 && x[i] <= 255);
}

void fuzz(const uint8_t *data, size_t size)
{
	struct npy picture;

	fuzz_stdin(data, size);
	struct pnm_in *in = pnm_open("-");
	while (pnm_next(in, &picture)) {
		check(&picture);
		npy_free(&picture);
	}
	pnm_close(in);
}
