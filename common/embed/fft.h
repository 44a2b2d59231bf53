/*
 * fft - discrete Fourier transforms of 16 sequences side by side.
 *
 *	X_k = sum over j of x_j exp(-2 pi i j k / n)
 *
 * by Stockham's method, which needs no reordering: each stage of radix 2, 3, 4 or 5 reads one
 * array and writes the other (Van Loan, "Computational frameworks for the fast Fourier transform",
 * 1992, section 1.7).  Element j of sequence l is at [j * FFT_LANES + l], real and imaginary parts
 * in separate arrays, so all loops run over consecutive memory.
 */
#ifndef EMBED_FFT_H
#define EMBED_FFT_H

#include <stddef.h>

enum { FFT_LANES = 16 };

struct fft;

/* The smallest even length of at least n whose only prime factors are 2, 3 and 5. */
size_t fft_length(size_t n);

/* The transform of such a length. */
struct fft *fft_new(size_t n);
void fft_free(struct fft *f);

/* n * FFT_LANES complex numbers. */
struct fft_lanes {
	float *re, *im;
};

/* Transform a, forward, or backward without the division by n; b has room for as many numbers.  The
 * result is in a; the pointers of a and b may have been exchanged. */
void fft_forward(const struct fft *f, struct fft_lanes *a, struct fft_lanes *b);
void fft_inverse(const struct fft *f, struct fft_lanes *a, struct fft_lanes *b);

#endif
