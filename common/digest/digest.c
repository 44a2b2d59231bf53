#include "digest/digest.h"

#include <stdint.h>
#include <stdio.h>

void digest_begin(struct digest *d)
{
	sha256_init(&d->state);
}

void digest_add(void *digest, const void *bytes, size_t n)
{
	struct digest *d = digest;

	sha256_update(&d->state, n, bytes);
}

void digest_hex(struct digest *d, char hex[DIGEST_HEX])
{
	uint8_t sum[SHA256_DIGEST_SIZE];

	sha256_digest(&d->state, sizeof sum, sum);
	for (size_t i = 0; i < sizeof sum; i++)
		snprintf(hex + 2 * i, 3, "%02x", sum[i]);
}
