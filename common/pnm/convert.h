/*
 * convert - a file with a picture in any format that one of Netpbm's programs converts: JPEG, PNG,
 * GIF, TIFF, BMP; and PBM, PGM, PPM and PAM.
 *
 * The content tells the format, not the name.  Transparent parts of a PNG are white; of a file with
 * several pictures, the first counts.  Rotations that a camera has only noted are not made.
 */
#ifndef CONVERT_H
#define CONVERT_H

#include <stdbool.h>

#include "npy/npy.h"

/* The picture, as pnm_next() gives it, to be freed; or false, and why, to be freed: the file cannot
 * be read, is no picture, or the program that converts it fails, which is then quoted.  Dies where
 * that program cannot be started. */
bool convert_picture(const char *path, struct npy *picture, char **why);

#endif
