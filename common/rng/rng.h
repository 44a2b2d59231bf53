/*
 * rng - random numbers as a function of (seed, stream, index), and of nothing else.
 *
 * The generator is Philox4x32-10 (Salmon, Moraes, Dror, Shaw: "Parallel random numbers: as easy as
 * 1, 2, 3", SC 2011): a keyed bijection of a 128-bit counter.  There is no state to carry along, so
 * sample 17 gets the same numbers alone, in a batch, on any thread and in any order.
 *
 *	key     = seed
 *	counter = (index, stream)     each 64 bits, low word first
 *
 * `stream` tells purposes apart (one per tensor, per epoch, per tool: rng_stream() makes one from a
 * name), `index` the draw within it.
 *
 * Expected outputs (Random123's kat_vectors; tests/rng.c checks them), all in hexadecimal:
 *
 *	seed             stream           index            block
 *	0                0                0                6627e8d5 e169c58d bc57ac4c 9b00dbd8
 *	ffffffffffffffff ffffffffffffffff ffffffffffffffff 408f276d 41c83b0e a20bc7c6 6d5451fd
 *	299f31d0a4093822 0370734413198a2e 85a308d3243f6a88 d16cfe09 94fdcceb 5001e420 24126ea1
 */
#ifndef RNG_H
#define RNG_H

#include <stddef.h>
#include <stdint.h>

struct rng {
	uint64_t seed, stream;
};

/* A stream's number from its name: 64-bit FNV-1a (Fowler, Noll, Vo). */
uint64_t rng_stream(const char *name);

/* 128 random bits: the block of this index. */
void rng_block(struct rng r, uint64_t index, uint32_t block[4]);

/* 32 and 64 random bits: the first words of the block of this index. */
uint32_t rng_u32(struct rng r, uint64_t index);
uint64_t rng_u64(struct rng r, uint64_t index);

/* n words, four of each block of the indices `index`, `index` + 1 and so on. */
void rng_words(struct rng r, uint64_t index, uint32_t *words, size_t n);

/* Uniform in [0, 1), a multiple of 2^-53. */
double rng_uniform(struct rng r, uint64_t index);

/* Standard normal (Box and Muller 1958). */
double rng_normal(struct rng r, uint64_t index);

/* Uniform in 0 ... n-1, n > 0; the bias, below n / 2^64, is not removed. */
uint64_t rng_below(struct rng r, uint64_t index, uint64_t n);

/* A random permutation of 0 ... n-1 (Fisher and Yates). */
void rng_permutation(struct rng r, size_t *order, size_t n);

#endif
