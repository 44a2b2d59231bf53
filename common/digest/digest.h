/*
 * digest - SHA-256 of bytes as they come (FIPS 180-4, by nettle), for saying in a model's history
 * what it was made from.
 *
 *	struct digest d;
 *	digest_begin(&d);
 *	npy_tap(in, digest_add, &d);
 *	...
 *	digest_hex(&d, text);
 */
#ifndef DIGEST_H
#define DIGEST_H

#include <nettle/sha2.h>
#include <stddef.h>

enum { DIGEST_HEX = 2 * SHA256_DIGEST_SIZE + 1 };

struct digest {
	struct sha256_ctx state;
};

void digest_begin(struct digest *d);

/* More bytes; `digest` is a struct digest *, so that this is a tap of npy_tap(). */
void digest_add(void *digest, const void *bytes, size_t n);

/* What sha256sum(1) prints for the bytes so far, with a NUL; the digest begins anew. */
void digest_hex(struct digest *d, char hex[DIGEST_HEX]);

#endif
