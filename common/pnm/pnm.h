/*
 * pnm - pictures on a stream: PBM, PGM, PPM and PAM, through libnetpbm.
 *
 * A picture is an array of pixels, 0 (black) ... 255 (white) whatever the file's own maximum: gray
 * (H,W), or with color (or what a PAM file says) in planes, (C,H,W).  Files of up to 8 bits a
 * sample become NPY_U1, rounded to nearest where their maximum is not 255; those of 16 bits become
 * NPY_F4, with their fractions.  A PBM's black is 0, its white 255.
 *
 * Pictures follow each other: `cat *.pgm` is a stream of them.  What is wrong with the bytes ends
 * the program through die(), with a message that names the file and which picture of it (counted
 * from 0).
 */
#ifndef PNM_H
#define PNM_H

#include <stdbool.h>
#include <stdio.h>

#include "npy/npy.h"

/* The largest sample that a file can hold. */
enum { PNM_MAXVAL = 65535 };

struct pnm_in;

/* A stream of pictures; "-" is stdin. */
struct pnm_in *pnm_open(const char *path);

/* The same of a stream that is open. */
struct pnm_in *pnm_of(FILE *stream, const char *name);

/* What messages call this stream. */
const char *pnm_name(const struct pnm_in *in);

/* The next picture, to be freed; false at the end, which must not be before the first. */
bool pnm_next(struct pnm_in *in, struct npy *picture);

void pnm_close(struct pnm_in *in);

/* Write samples 0 ... maxval, rounded to nearest, on stdout: (H,W) and (1,H,W) as PGM, (3,H,W) as
 * PPM.  A sample out of this range, another shape, and a size of 0 are bugs of the caller. */
void pnm_write(const struct npy *samples, unsigned maxval);

#endif
