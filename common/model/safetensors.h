/*
 * safetensors - the file format: an 8-byte little-endian length, a JSON object of that length that
 * gives each tensor's dtype, shape and data_offsets and, as __metadata__, a map of strings; then
 * the bytes.  (Hugging Face, safetensors' README, "Format".)
 *
 * F32 and F64 tensors are read and written; F16 and BF16 are read as F32, which has all their
 * numbers.  PyTorch's counters of batches, num_batches_tracked, whole numbers beside the floats of
 * batch norm, are passed over.  Refused, through die(): what is truncated or over-long, a header
 * over 100 MB, invalid JSON, duplicate keys, other dtypes, offsets that overlap, leave holes, lie
 * outside the data or disagree with dtype and shape.
 */
#ifndef SAFETENSORS_H
#define SAFETENSORS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "digest/digest.h"
#include "npy/npy.h"

struct safetensor {
	char *name;
	struct npy array; /* NPY_F4 or NPY_F8 */
};

struct safetensors_text {
	char *key, *value;
};

struct safetensors {
	size_t tensors;
	struct safetensor *tensor;
	size_t texts; /* __metadata__ */
	struct safetensors_text *text;
};

/* An empty one to add to, and the end of any. */
struct safetensors safetensors_new(void);
void safetensors_free(struct safetensors *s);

/* Add copies; an array is of NPY_F4 or NPY_F8. */
void safetensors_add(struct safetensors *s, const char *name, const struct npy *array);
void safetensors_add_text(struct safetensors *s, const char *key, const char *value);

/* Have a copy of the text, or of the array, in place of that of this key or name, which is there.
 */
void safetensors_replace_text(struct safetensors *s, const char *key, const char *value);
void safetensors_replace(struct safetensors *s, const char *name, const struct npy *array);

/* All elements, in the order of the tensors, which have one type, as a vector; and the reverse,
 * from a vector of that type and size.  The vector of no tensor is an empty one of NPY_F4. */
struct npy safetensors_vector(const struct safetensors *s);
void safetensors_spread(struct safetensors *s, const struct npy *vector);

/* Null if there is none of that name. */
const struct safetensor *safetensors_find(const struct safetensors *s, const char *name);
const char *safetensors_text(const struct safetensors *s, const char *key);

/* The tensor of this name, or death with the names there are in `file`, as messages call it. */
const struct safetensor *safetensors_expect(const struct safetensors *s, const char *name,
                                            const char *file);

/* The bytes of one file in a stream, which messages call `name`, and not one more. */
struct safetensors safetensors_take(FILE *stream, const char *name);

/* The whole of a stream. */
struct safetensors safetensors_read(FILE *stream, const char *name);

/* The whole of a file, "-" being stdin. */
struct safetensors safetensors_open(const char *path);

/*
 * SHA-256 of the contents, in whatever order they are: of each text but "sha256", in the order of
 * the keys, the key and the value; of each tensor, in the order of the names, the name, the dtype
 * and the shape as NPY has them, and the bytes.  Each but the bytes is followed by a NUL.
 */
void safetensors_digest(const struct safetensors *s, char hex[DIGEST_HEX]);

/* Whether the text "sha256" is that digest; false, too, without such a text. */
bool safetensors_is_intact(const struct safetensors *s);

/* With the text "sha256" of what is written.  True if every byte was taken.  Equal contents give
 * equal bytes. */
bool safetensors_write(FILE *stream, const struct safetensors *s);

/* Write to stdout, dying as out_write() does; a terminal is refused. */
void safetensors_put(const struct safetensors *s);

#endif
