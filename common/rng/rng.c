#include "rng/rng.h"

#include <math.h>
#include <string.h>

#include "base/base.h"

uint64_t rng_stream(const char *name)
{
	uint64_t hash = 0xcbf29ce484222325;

	for (; *name; name++)
		hash = (hash ^ (unsigned char)*name) * 0x100000001b3;
	return hash;
}

/* Philox4x32-10; the multipliers and Weyl constants are the paper's. */
void rng_block(struct rng r, uint64_t index, uint32_t block[4])
{
	uint32_t k0 = (uint32_t)r.seed, k1 = (uint32_t)(r.seed >> 32);
	uint32_t c0 = (uint32_t)index, c1 = (uint32_t)(index >> 32);
	uint32_t c2 = (uint32_t)r.stream, c3 = (uint32_t)(r.stream >> 32);

	for (int round = 0; round < 10; round++) {
		uint64_t p0 = 0xD2511F53u * (uint64_t)c0, p1 = 0xCD9E8D57u * (uint64_t)c2;
		c0 = (uint32_t)(p1 >> 32) ^ c1 ^ k0;
		c1 = (uint32_t)p1;
		c2 = (uint32_t)(p0 >> 32) ^ c3 ^ k1;
		c3 = (uint32_t)p0;
		k0 += 0x9E3779B9u;
		k1 += 0xBB67AE85u;
	}
	block[0] = c0;
	block[1] = c1;
	block[2] = c2;
	block[3] = c3;
}

enum { LANES = 16 }; /* blocks at a time, so that the loops over them are of vectors */

/* rng_block() of LANES indices. */
MULTIVERSION static void blocks(struct rng r, uint64_t index, uint32_t words[4 * LANES])
{
	uint32_t k0 = (uint32_t)r.seed, k1 = (uint32_t)(r.seed >> 32);
	uint32_t c0[LANES], c1[LANES], c2[LANES], c3[LANES];

	for (size_t i = 0; i < LANES; i++) {
		c0[i] = (uint32_t)(index + i);
		c1[i] = (uint32_t)((index + i) >> 32);
		c2[i] = (uint32_t)r.stream;
		c3[i] = (uint32_t)(r.stream >> 32);
	}
	for (int round = 0; round < 10; round++) {
		for (size_t i = 0; i < LANES; i++) {
			uint64_t p0 = 0xD2511F53u * (uint64_t)c0[i];
			uint64_t p1 = 0xCD9E8D57u * (uint64_t)c2[i];
			c0[i] = (uint32_t)(p1 >> 32) ^ c1[i] ^ k0;
			c1[i] = (uint32_t)p1;
			c2[i] = (uint32_t)(p0 >> 32) ^ c3[i] ^ k1;
			c3[i] = (uint32_t)p0;
		}
		k0 += 0x9E3779B9u;
		k1 += 0xBB67AE85u;
	}
	for (size_t i = 0; i < LANES; i++) {
		words[4 * i] = c0[i];
		words[4 * i + 1] = c1[i];
		words[4 * i + 2] = c2[i];
		words[4 * i + 3] = c3[i];
	}
}

void rng_words(struct rng r, uint64_t index, uint32_t *words, size_t n)
{
	uint32_t some[4 * LANES];

	for (size_t i = 0; i < n; i += 4 * LANES, index += LANES) {
		blocks(r, index, some);
		size_t left = n - i < 4 * LANES ? n - i : 4 * LANES;
		memcpy(words + i, some, left * sizeof *words);
	}
}

uint32_t rng_u32(struct rng r, uint64_t index)
{
	uint32_t block[4];

	rng_block(r, index, block);
	return block[0];
}

uint64_t rng_u64(struct rng r, uint64_t index)
{
	uint32_t block[4];

	rng_block(r, index, block);
	return block[0] | (uint64_t)block[1] << 32;
}

static double uniform(uint32_t low, uint32_t high)
{
	return (double)((low | (uint64_t)high << 32) >> 11) * 0x1p-53;
}

double rng_uniform(struct rng r, uint64_t index)
{
	uint32_t block[4];

	rng_block(r, index, block);
	return uniform(block[0], block[1]);
}

double rng_normal(struct rng r, uint64_t index)
{
	uint32_t block[4];

	rng_block(r, index, block);
	/* 1 - u is in (0, 1], where the logarithm is finite. */
	double radius = sqrt(-2 * log(1 - uniform(block[0], block[1])));
	return radius * cos(2 * 3.14159265358979323846 * uniform(block[2], block[3]));
}

uint64_t rng_below(struct rng r, uint64_t index, uint64_t n)
{
	__extension__ typedef unsigned __int128 u128;

	return (uint64_t)((u128)rng_u64(r, index) * n >> 64);
}

void rng_permutation(struct rng r, size_t *order, size_t n)
{
	for (size_t i = 0; i < n; i++)
		order[i] = i;
	for (size_t i = n; i > 1; i--) {
		size_t j = rng_below(r, i, i), swap = order[i - 1];
		order[i - 1] = order[j];
		order[j] = swap;
	}
}
