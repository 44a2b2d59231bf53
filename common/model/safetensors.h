/*
 * safetensors - the file format: an 8-byte little-endian length, a JSON object of that length that
 * gives each tensor's dtype, shape and data_offsets and, as __metadata__, a map of strings; then
 * the bytes.  (Hugging Face, safetensors' README, "Format".)
 *
 * Only F32 tensors are read and written.  Refused, through die(): what is truncated or over-long, a
 * header over 100 MB, invalid JSON, duplicate keys, offsets that overlap, leave holes, lie outside
 * the data or disagree with dtype and shape.
 */
#ifndef SAFETENSORS_H
#define SAFETENSORS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum { SAFETENSORS_MAXDIM = 8 };

struct safetensor {
	char *name;
	int ndim;
	size_t dim[SAFETENSORS_MAXDIM];
	float *data; /* C order */
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

/* Add copies; the data of ndim dimensions is taken as it is. */
void safetensors_add(struct safetensors *s, const char *name, int ndim, const size_t dim[],
                     const float *data);
void safetensors_add_text(struct safetensors *s, const char *key, const char *value);

/* Null if there is none of that name. */
const struct safetensor *safetensors_find(const struct safetensors *s, const char *name);
const char *safetensors_text(const struct safetensors *s, const char *key);

/* The whole of a stream, which messages call `name`. */
struct safetensors safetensors_read(FILE *stream, const char *name);

/* True if every byte was taken.  Equal contents give equal bytes. */
bool safetensors_write(FILE *stream, const struct safetensors *s);

#endif
