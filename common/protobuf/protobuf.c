#include "protobuf/protobuf.h"

#include <stdlib.h>
#include <string.h>

#include "base/base.h"

enum { NUMBER_MAX = (1 << 29) - 1 };

/* ---- reading ---- */

struct protobuf protobuf_begin(const char *name, const void *bytes, size_t n)
{
	const unsigned char *begin = bytes;

	return (struct protobuf){.name = name, .begin = begin, .at = begin, .end = begin + n};
}

size_t protobuf_size(const struct protobuf *m)
{
	return (size_t)(m->end - m->at);
}

static noreturn void bad(const struct protobuf *m, const char *what)
{
	die("%s: byte %zu: %s", m->name, (size_t)(m->at - m->begin), what);
}

/* Little-endian groups of seven bits; the highest bit of a byte says that another follows. */
static uint64_t take_varint(struct protobuf *m)
{
	uint64_t x = 0;

	for (int shift = 0; shift < 64; shift += 7) {
		if (m->at == m->end)
			bad(m, "truncated in a number");
		unsigned char byte = *m->at++;
		x |= (uint64_t)(byte & 0x7f) << shift;
		if (byte < 0x80)
			return x;
	}
	bad(m, "a number of more than 64 bits");
}

/* n bytes, which are then behind m. */
static const unsigned char *take_bytes(struct protobuf *m, uint64_t n)
{
	const unsigned char *bytes = m->at;

	if (n > protobuf_size(m))
		bad(m, "a field that is longer than its message, or truncated");
	m->at += n;
	return bytes;
}

/* n bytes as a number, on a little-endian machine. */
static uint64_t take_fixed(struct protobuf *m, size_t n)
{
	uint64_t x = 0;

	memcpy(&x, take_bytes(m, n), n);
	return x;
}

bool protobuf_next(struct protobuf *m, struct protobuf_field *f)
{
	if (m->at == m->end)
		return false;
	*f = (struct protobuf_field){.bytes = *m};
	uint64_t key = take_varint(m);
	if (key >> 3 == 0 || key >> 3 > NUMBER_MAX)
		bad(m, "no protobuf: a field without a number");
	f->number = (int)(key >> 3);
	f->wire = (enum protobuf_wire)(key & 7);
	switch (f->wire) {
	case PROTOBUF_VARINT: f->value = take_varint(m); break;
	case PROTOBUF_4_BYTES: f->value = take_fixed(m, 4); break;
	case PROTOBUF_8_BYTES: f->value = take_fixed(m, 8); break;
	case PROTOBUF_BYTES: {
		uint64_t n = take_varint(m);
		f->bytes.at = take_bytes(m, n);
		f->bytes.end = m->at;
		break;
	}
	default: bad(m, "no protobuf: a field of an unknown wire type");
	}
	return true;
}

static void expect(const struct protobuf_field *f, enum protobuf_wire wire)
{
	static const char *const kind[] = {[PROTOBUF_VARINT] = "expected an integer",
	                                   [PROTOBUF_BYTES] = "expected a text or a message",
	                                   [PROTOBUF_4_BYTES] = "expected a float"};

	if (f->wire != wire)
		bad(&f->bytes, kind[wire]);
}

int64_t protobuf_int(const struct protobuf_field *f)
{
	expect(f, PROTOBUF_VARINT);
	return (int64_t)f->value;
}

static float to_float(uint64_t value)
{
	uint32_t bits = (uint32_t)value;
	float x;

	memcpy(&x, &bits, sizeof x);
	return x;
}

float protobuf_float(const struct protobuf_field *f)
{
	expect(f, PROTOBUF_4_BYTES);
	return to_float(f->value);
}

struct protobuf protobuf_bytes(const struct protobuf_field *f)
{
	expect(f, PROTOBUF_BYTES);
	return f->bytes;
}

/* The bytes of a field that is a number alone, as if it were packed, are none: the number goes. */
static void use_up(struct protobuf_field *f)
{
	f->wire = PROTOBUF_BYTES;
	f->bytes.at = f->bytes.end;
}

bool protobuf_next_int(struct protobuf_field *f, int64_t *x)
{
	if (f->wire != PROTOBUF_BYTES) {
		*x = protobuf_int(f);
		use_up(f);
		return true;
	}
	if (f->bytes.at == f->bytes.end)
		return false;
	*x = (int64_t)take_varint(&f->bytes);
	return true;
}

bool protobuf_next_float(struct protobuf_field *f, float *x)
{
	if (f->wire != PROTOBUF_BYTES) {
		*x = protobuf_float(f);
		use_up(f);
		return true;
	}
	if (f->bytes.at == f->bytes.end)
		return false;
	*x = to_float(take_fixed(&f->bytes, sizeof *x));
	return true;
}

/* ---- writing ---- */

static void append(struct protobuf_out *o, const void *bytes, size_t n)
{
	if (n > o->room - o->n) {
		o->room = 2 * o->room + n;
		o->bytes = xrealloc(o->bytes, o->room, 1);
	}
	if (n)
		memcpy(o->bytes + o->n, bytes, n);
	o->n += n;
}

static void append_varint(struct protobuf_out *o, uint64_t x)
{
	unsigned char bytes[10];
	size_t n = 0;

	for (; x >= 0x80; x >>= 7)
		bytes[n++] = (unsigned char)(x | 0x80);
	bytes[n++] = (unsigned char)x;
	append(o, bytes, n);
}

static void append_key(struct protobuf_out *o, int number, enum protobuf_wire wire)
{
	append_varint(o, (uint64_t)number << 3 | wire);
}

void protobuf_put_int(struct protobuf_out *o, int number, int64_t x)
{
	append_key(o, number, PROTOBUF_VARINT);
	append_varint(o, (uint64_t)x);
}

void protobuf_put_float(struct protobuf_out *o, int number, float x)
{
	append_key(o, number, PROTOBUF_4_BYTES);
	append(o, &x, sizeof x);
}

void protobuf_put_bytes(struct protobuf_out *o, int number, const void *bytes, size_t n)
{
	append_key(o, number, PROTOBUF_BYTES);
	append_varint(o, n);
	append(o, bytes, n);
}

void protobuf_put_text(struct protobuf_out *o, int number, const char *text)
{
	protobuf_put_bytes(o, number, text, strlen(text));
}

void protobuf_put_message(struct protobuf_out *o, int number, struct protobuf_out *message)
{
	protobuf_put_bytes(o, number, message->bytes, message->n);
	free(message->bytes);
	*message = (struct protobuf_out){0};
}
