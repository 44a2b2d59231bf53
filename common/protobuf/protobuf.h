/*
 * protobuf - the wire format of Protocol Buffers, field by field (protobuf.dev, "Encoding").
 *
 * A message is a sequence of fields.  A field is a key, (number << 3 | wire type) as a varint, and
 * a value: a varint, 4 or 8 little-endian bytes, or a length and as many bytes, which are a text, a
 * message or packed numbers.  Which number means what is the caller's knowledge.
 *
 * Reading copies nothing: fields lie in the bytes of the file.  What is wrong with these ends the
 * program through die(), with a message that names the file and the byte.
 *
 *	struct protobuf m = protobuf_begin("x.onnx", bytes, n);
 *	for (struct protobuf_field f; protobuf_next(&m, &f);)
 *		if (f.number == MODEL_GRAPH)
 *			read_graph(protobuf_bytes(&f));
 *
 * Writing appends to a buffer; a message is written apart, then appended as a field.
 */
#ifndef PROTOBUF_H
#define PROTOBUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The numbers are the format's own; 3 and 4, groups, are refused as proto3 does. */
enum protobuf_wire {
	PROTOBUF_VARINT = 0,
	PROTOBUF_8_BYTES = 1,
	PROTOBUF_BYTES = 2,
	PROTOBUF_4_BYTES = 5
};

/* ---- reading ---- */

/* Bytes of a message, a text or packed numbers: those that are not yet read. */
struct protobuf {
	const char *name;           /* of the file */
	const unsigned char *begin; /* of the file */
	const unsigned char *at, *end;
};

struct protobuf_field {
	int number;
	enum protobuf_wire wire;
	uint64_t value;        /* of a varint, of 4 or 8 bytes */
	struct protobuf bytes; /* else */
};

/* The message that is the whole of a file, which stays the caller's. */
struct protobuf protobuf_begin(const char *name, const void *bytes, size_t n);

/* The next field; false at the end of the message. */
bool protobuf_next(struct protobuf *m, struct protobuf_field *f);

/* A field's value, or death where the field is of another wire type. */
int64_t protobuf_int(const struct protobuf_field *f);
float protobuf_float(const struct protobuf_field *f);
struct protobuf protobuf_bytes(const struct protobuf_field *f);

/* The next of a repeated field's numbers, packed or alone; false after the last.  *f is used up. */
bool protobuf_next_int(struct protobuf_field *f, int64_t *x);
bool protobuf_next_float(struct protobuf_field *f, float *x);

/* How many bytes are left. */
size_t protobuf_size(const struct protobuf *m);

/* ---- writing ---- */

/* {0} is empty; free .bytes with free(3). */
struct protobuf_out {
	unsigned char *bytes;
	size_t n, room;
};

void protobuf_put_int(struct protobuf_out *o, int number, int64_t x);
void protobuf_put_float(struct protobuf_out *o, int number, float x);
void protobuf_put_bytes(struct protobuf_out *o, int number, const void *bytes, size_t n);
void protobuf_put_text(struct protobuf_out *o, int number, const char *text);

/* The message is freed. */
void protobuf_put_message(struct protobuf_out *o, int number, struct protobuf_out *message);

#endif
