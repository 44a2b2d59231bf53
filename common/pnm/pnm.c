#include "pnm/pnm.h"

#include <ctype.h>
#include <limits.h>
#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <netpbm/pam.h>

#include "base/base.h"

/* Samples of a row that a header may ask for: libnetpbm takes 8 bytes for each before it reads one.
 */
enum { ROW_MAX = 1 << 24 };

/* The part of a struct pam that is used: PAM_STRUCT_SIZE(tuple_type), which goes through a null
 * pointer. */
enum { PAM_KNOWN = offsetof(struct pam, tuple_type) + sizeof(((struct pam *)0)->tuple_type) };

struct pnm_in {
	FILE *stream;
	const char *name;
	int pictures; /* begun so far */
};

/* ---- libnetpbm's messages ---- */

/* The stream at hand, for the callback, which has no argument. */
static const struct pnm_in *at_hand;

static noreturn void bad(const struct pnm_in *in, const char *what)
{
	if (in->pictures > 1)
		die("%s: picture %d: %s", in->name, in->pictures - 1, what);
	die("%s: %s", in->name, what);
}

/* libnetpbm would print its errors itself and exit 1, which is a comparison's answer here. */
static void on_error(const char *message)
{
	char *line = xstrdup(message);

	for (char *p = line; (p = strpbrk(p, "\r\n"));)
		*p = ' ';
	if (at_hand)
		bad(at_hand, line);
	die("libnetpbm: %s", line);
}

static void on_message(const char *message)
{
	(void)message;
}

static void begin(const struct pnm_in *in)
{
	at_hand = in;
	pm_init(prog, 0);
	pm_setusererrormsgfn(on_error);
	pm_setusermessagefn(on_message);
}

/* ---- reading ---- */

struct pnm_in *pnm_of(FILE *stream, const char *name)
{
	struct pnm_in *in = xcalloc(1, sizeof *in);

	in->stream = stream;
	in->name = name;
	return in;
}

struct pnm_in *pnm_open(const char *path)
{
	return pnm_of(file_open(path), file_name(path));
}

const char *pnm_name(const struct pnm_in *in)
{
	return in->name;
}

/* Is there another picture?  Says so in a user's words where there is something else. */
static bool another(struct pnm_in *in)
{
	int end;

	pm_nextimage(in->stream, &end);
	if (end && in->pictures)
		return false;
	in->pictures++;
	if (end)
		bad(in, "empty: expected a PBM, PGM, PPM or PAM picture");
	char magic[2];
	size_t got = fread(magic, 1, sizeof magic, in->stream);
	/* A ZIP archive begins with a P, too. */
	if (magic[0] != 'P' || (got > 1 && !isdigit((unsigned char)magic[1])))
		bad(in, xprintf("expected a PBM, PGM, PPM or PAM picture, found %s",
		                file_kind(in->stream, magic, got)));
	while (got-- > 0)
		ungetc(magic[got], in->stream);
	return true;
}

/* An array for the picture.  calloc(3) leaves its pages untouched, so that a header alone, however
 * large the size it claims, takes little. */
static struct npy new_picture(struct pnm_in *in, const struct pam *pam)
{
	size_t height = (size_t)pam->height, width = (size_t)pam->width, depth = pam->depth, n;
	enum npy_type type = pam->maxval > 255 ? NPY_F4 : NPY_U1;
	struct npy picture = {.type = type, .ndim = 2, .dim = {height, width}};

	if (depth > 1)
		picture = (struct npy){.type = type, .ndim = 3, .dim = {depth, height, width}};
	if (!size_multiply(width, depth, &n) || n > ROW_MAX)
		bad(in, "a row has too many samples");
	if (!size_multiply(n, height, &n) || n > PTRDIFF_MAX / sizeof(float))
		bad(in, "the picture is too large");
	picture.data = xcalloc(n, npy_size(type));
	return picture;
}

/* A row of tuples to row y of the planes. */
static void take_row(struct npy *picture, size_t y, tuple *row, const struct pam *pam)
{
	size_t width = (size_t)pam->width, plane = width * (size_t)pam->height;

	for (size_t c = 0; c < pam->depth; c++)
		for (size_t x = 0; x < width; x++) {
			size_t i = c * plane + y * width + x;
			sample v = row[x][c];
			if (picture->type == NPY_U1)
				picture->u1[i] =
					(uint8_t)((v * 255 + pam->maxval / 2) / pam->maxval);
			else
				picture->f4[i] = (float)((double)v * 255 / (double)pam->maxval);
		}
}

bool pnm_next(struct pnm_in *in, struct npy *picture)
{
	struct pam pam;

	begin(in);
	if (!another(in))
		return false;
	pnm_readpaminit(in->stream, &pam, PAM_KNOWN);
	*picture = new_picture(in, &pam);
	tuple *row = pnm_allocpamrow(&pam);
	for (size_t y = 0; y < (size_t)pam.height; y++) {
		pnm_readpamrow(&pam, row);
		take_row(picture, y, row, &pam);
	}
	pnm_freepamrow(row);
	return true;
}

void pnm_close(struct pnm_in *in)
{
	if (in->stream != stdin)
		fclose(in->stream);
	free(in);
}

/* ---- writing ---- */

static void write_rows(struct pam *pam, const struct npy *samples)
{
	size_t width = (size_t)pam->width, height = (size_t)pam->height;
	tuple *row = pnm_allocpamrow(pam);

	pnm_writepaminit(pam);
	for (size_t y = 0; y < height; y++) {
		for (size_t x = 0; x < width; x++)
			for (size_t c = 0; c < pam->depth; c++)
				row[x][c] = (sample)rint(
					npy_get(samples, (c * height + y) * width + x));
		pnm_writepamrow(pam, row);
	}
	pnm_freepamrow(row);
}

/* libnetpbm writes to memory, and out_write() to stdout: pm_close() of 11.01 only remarks on a full
 * disk, and a picture that fits stdio's buffer is lost with exit status 0. */
void pnm_write(const struct npy *samples, unsigned maxval)
{
	bool color = samples->ndim == 3 && samples->dim[0] == 3;
	const size_t *size = samples->dim + samples->ndim - 2;
	char *bytes = NULL;
	size_t n = 0;
	struct pam pam = {.size = sizeof pam,
	                  .len = PAM_KNOWN,
	                  .file = memory_open(&bytes, &n),
	                  .format = color ? RPPM_FORMAT : RPGM_FORMAT,
	                  .depth = color ? 3 : 1,
	                  .maxval = maxval,
	                  .bytes_per_sample = maxval > 255 ? 2 : 1};

	if (size[0] > INT_MAX || size[1] > INT_MAX / 6)
		die("a picture of %zux%zu pixels is too large", size[1], size[0]);
	pam.height = (int)size[0];
	pam.width = (int)size[1];
	begin(NULL);
	write_rows(&pam, samples);
	memory_close(pam.file, &bytes);
	out_binary();
	out_write(bytes, n);
	free(bytes);
}
