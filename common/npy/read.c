#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "npy/npy.h"

enum { CHUNK = 1 << 16, HEADER_MAX = 1 << 16 };

/* An array begins with this word and two bytes of version. */
enum { MAGIC = 6, PREFIX = MAGIC + 2 };
static const char magic[] = "\x93NUMPY";

/* How the elements lie in the file. */
struct layout {
	char kind; /* b u i f */
	size_t size;
	bool swap, fortran;
};

struct npy_in {
	FILE *stream;
	const char *name;
	int arrays; /* begun so far */
	struct npy head;
	struct layout layout;
	size_t left; /* elements of the array at hand not yet taken */
	char *whole; /* a Fortran-order array, rearranged */
	size_t whole_at;
	void (*tap)(void *, const void *, size_t);
	void *tap_argument;
};

static noreturn void bad(const struct npy_in *in, const char *what)
{
	if (in->arrays > 1)
		die("%s: array %d: %s", in->name, in->arrays - 1, what);
	die("%s: %s", in->name, what);
}

struct npy_in *npy_stream(FILE *stream, const char *name)
{
	struct npy_in *in = xcalloc(1, sizeof *in);

	in->stream = stream;
	in->name = name;
	return in;
}

struct npy_in *npy_open(const char *path)
{
	return npy_stream(file_open(path), file_name(path));
}

const char *npy_name(const struct npy_in *in)
{
	return in->name;
}

void npy_tap(struct npy_in *in, void (*tap)(void *, const void *, size_t), void *argument)
{
	in->tap = tap;
	in->tap_argument = argument;
}

/* Up to n bytes. */
static size_t get_some(struct npy_in *in, void *bytes, size_t n)
{
	size_t got = fread(bytes, 1, n, in->stream);

	if (got < n && ferror(in->stream))
		die("%s: %s", in->name, strerror(errno));
	if (in->tap && got)
		in->tap(in->tap_argument, bytes, got);
	return got;
}

/* ---- the header: a Python dictionary ---- */

static const char *blank(const char *p)
{
	while (*p && isspace((unsigned char)*p))
		p++;
	return p;
}

/* After this character and the blanks around it. */
static const char *past(const struct npy_in *in, const char *p, char c)
{
	p = blank(p);
	if (*p != c)
		bad(in, "the NPY header is not a dictionary of descr, fortran_order and shape");
	return blank(p + 1);
}

/* The quoted word at p into word[]; returns what follows it. */
static const char *quoted(const struct npy_in *in, const char *p, char *word, size_t size)
{
	char quote = *p == '"' ? '"' : '\'';
	const char *begin = past(in, p, quote), *end = strchr(begin, quote);

	if (!end || (size_t)(end - begin) >= size)
		bad(in, "the NPY header has an unusable word");
	memcpy(word, begin, (size_t)(end - begin));
	word[end - begin] = '\0';
	return end + 1;
}

static const char *parse_shape(struct npy_in *in, const char *p)
{
	p = past(in, p, '(');
	in->head.ndim = 0;
	while (*p != ')') {
		char *end;
		errno = 0;
		unsigned long long n = strtoull(p, &end, 10);
		if (!isdigit((unsigned char)*p) || end == p)
			bad(in, "the shape in the NPY header is not a list of sizes");
		if (errno || n > SIZE_MAX)
			bad(in, "a size in the NPY header is too large");
		if (in->head.ndim == NPY_MAXDIM)
			bad(in, "the array has more than 8 dimensions");
		in->head.dim[in->head.ndim++] = (size_t)n;
		p = blank(*end == 'L' ? end + 1 : end);
		if (*p != ')')
			p = past(in, p, ',');
	}
	return p + 1;
}

static void parse_type(struct npy_in *in, const char *descr)
{
	static const char *const known[] = {"b1", "u1", "i1", "u2", "i2", "u4", "i4",
	                                    "u8", "i8", "f2", "f4", "f8", NULL};
	char order = *descr && strchr("<>|=", *descr) ? *descr++ : '=';

	for (int i = 0; known[i]; i++) {
		if (strcmp(descr, known[i]))
			continue;
		in->layout.kind = descr[0];
		in->layout.size = (size_t)(descr[1] - '0');
		in->layout.swap = order == '>';
		in->head.type = descr[0] == 'f' ? descr[1] == '8' ? NPY_F8 : NPY_F4
		                : in->layout.size == 1 && descr[0] != 'i' ? NPY_U1
		                                                          : NPY_I8;
		return;
	}
	if (in->arrays > 1)
		die("%s: array %d: elements of type '%s' are not supported", in->name,
		    in->arrays - 1, descr);
	die("%s: elements of type '%s' are not supported", in->name, descr);
}

static void parse_header(struct npy_in *in, const char *p)
{
	bool have[3] = {false};
	char key[32], word[32];

	p = past(in, p, '{');
	while (*p != '}') {
		p = past(in, quoted(in, p, key, sizeof key), ':');
		if (!strcmp(key, "descr") && *p != '[') {
			p = quoted(in, p, word, sizeof word);
			parse_type(in, word);
			have[0] = true;
		} else if (!strcmp(key, "descr")) {
			bad(in, "elements that are records are not supported");
		} else if (!strcmp(key, "fortran_order")) {
			in->layout.fortran = !strncmp(p, "True", 4);
			if (!in->layout.fortran && strncmp(p, "False", 5))
				bad(in,
				    "fortran_order in the NPY header is neither True nor False");
			p += in->layout.fortran ? 4 : 5;
			have[1] = true;
		} else if (!strcmp(key, "shape")) {
			p = parse_shape(in, p);
			have[2] = true;
		} else {
			bad(in, "the NPY header has an unknown key");
		}
		p = blank(p);
		if (*p != '}')
			p = past(in, p, ',');
	}
	if (!have[0] || !have[1] || !have[2])
		bad(in, "the NPY header lacks descr, fortran_order or shape");
	if (*blank(p + 1))
		bad(in, "the NPY header goes on after its dictionary");
}

static void read_header(struct npy_in *in, const unsigned char prefix[PREFIX])
{
	unsigned char length_bytes[4] = {0};
	size_t width = prefix[6] == 1 ? 2 : 4, length = 0;

	if (prefix[6] < 1 || prefix[6] > 3)
		bad(in, "only NPY versions 1, 2 and 3 are supported");
	if (get_some(in, length_bytes, width) != width)
		bad(in, "truncated in the NPY header");
	for (size_t i = width; i-- > 0;)
		length = length << 8 | length_bytes[i];
	if (length > HEADER_MAX)
		bad(in, "the NPY header is too long");

	char *text = xcalloc(length + 1, 1);
	if (get_some(in, text, length) != length)
		bad(in, "truncated in the NPY header");
	if (strlen(text) != length)
		bad(in, "the NPY header holds a null byte");
	parse_header(in, text);
	free(text);
	if (!npy_fits(&in->head))
		bad(in, "the product of the sizes in the NPY header is too large");
	in->left = npy_count(&in->head);
}

/* ---- elements ---- */

float npy_half(uint16_t h)
{
	uint32_t sign = (uint32_t)(h & 0x8000) << 16, exponent = h >> 10 & 31, fraction = h & 1023;
	uint32_t bits;
	float f;

	if (exponent == 0) {
		f = (float)fraction * 0x1p-24f;
		return sign ? -f : f;
	}
	bits = exponent == 31 ? sign | 0x7f800000 | fraction << 13
	                      : sign | (exponent + 112) << 23 | fraction << 13;
	memcpy(&f, &bits, sizeof f);
	return f;
}

static void swap_bytes(unsigned char *bytes, size_t n, size_t size)
{
	for (size_t i = 0; i < n; i++, bytes += size)
		for (size_t j = 0; j < size / 2; j++) {
			unsigned char swap = bytes[j];
			bytes[j] = bytes[size - 1 - j];
			bytes[size - 1 - j] = swap;
		}
}

static int64_t integer_at(const unsigned char *bytes, struct layout l)
{
	uint64_t u = 0;

	memcpy(&u, bytes, l.size);
	if (l.kind == 'u' || l.size == 8)
		return (int64_t)u;
	int shift = 64 - 8 * (int)l.size;
	return (int64_t)(u << shift) >> shift;
}

/* n elements as they lie in the file (little-endian by now) to their type in memory. */
static void decode(struct npy_in *in, void *out, const unsigned char *bytes, size_t n)
{
	struct layout l = in->layout;

	if (l.size == npy_size(in->head.type) && !(l.kind == 'u' && l.size == 8)) {
		memcpy(out, bytes, n * l.size);
	} else if (l.kind == 'f') {
		for (size_t i = 0; i < n; i++) {
			uint16_t h;
			memcpy(&h, bytes + 2 * i, 2);
			((float *)out)[i] = npy_half(h);
		}
	} else {
		int64_t *to = out;
		for (size_t i = 0; i < n; i++) {
			to[i] = integer_at(bytes + i * l.size, l);
			if (to[i] < 0 && l.kind == 'u')
				bad(in, "an unsigned 64-bit element is 2^63 or more");
		}
	}
}

static noreturn void truncated(struct npy_in *in, size_t missing)
{
	char *what =
		xprintf("truncated: an array of shape %s and type %c%zu lacks its last %zu bytes",
	                npy_shape(&in->head), in->layout.kind, in->layout.size, missing);

	bad(in, what);
}

/* n elements from the file, in the file's order. */
static void take_file_order(struct npy_in *in, void *elements, size_t n)
{
	unsigned char chunk[CHUNK];
	size_t size = in->layout.size, memory = npy_size(in->head.type);
	bool direct = size == memory && !in->layout.swap && in->layout.kind != 'u';
	char *to = elements;

	if (in->layout.kind == 'u' && size == 1)
		direct = true;
	while (n > 0) {
		size_t some = n < CHUNK / size || direct ? n : CHUNK / size;
		unsigned char *bytes = direct ? (unsigned char *)to : chunk;
		size_t got = get_some(in, bytes, some * size);
		if (got != some * size)
			truncated(in, in->left * size - got);
		if (in->layout.swap)
			swap_bytes(bytes, some, size);
		if (!direct)
			decode(in, to, bytes, some);
		to += some * memory;
		in->left -= some;
		n -= some;
	}
}

/* All that is left of the array, into memory that grows with what arrives: a header alone, however
 * large the size it claims, allocates little. */
static void *take_all(struct npy_in *in)
{
	size_t n = in->left, size = npy_size(in->head.type), room = 0, done = 0;
	char *data = NULL;

	do {
		room = room ? room * 2 : ((size_t)64 << 20) / size;
		if (room > n)
			room = n;
		data = xrealloc(data, room, size);
		take_file_order(in, data + done * size, room - done);
		done = room;
	} while (done < n);
	return data;
}

/* A Fortran-order array in C order. */
static char *transposed(const struct npy *head, const char *from)
{
	size_t size = npy_size(head->type), n = npy_count(head), index[NPY_MAXDIM] = {0};
	char *to = xcalloc(n, size);

	for (size_t i = 0; i < n; i++) {
		size_t at = 0;
		for (int d = 0; d < head->ndim; d++)
			at = at * head->dim[d] + index[d];
		memcpy(to + at * size, from + i * size, size);
		for (int d = 0; d < head->ndim && ++index[d] == head->dim[d]; d++)
			index[d] = 0;
	}
	return to;
}

/* Fortran order cannot be rearranged on the fly: hold the array. */
static void hold_whole(struct npy_in *in)
{
	size_t n = in->left;
	char *data = take_all(in);

	in->whole = transposed(&in->head, data);
	in->whole_at = 0;
	in->left = n;
	free(data);
}

void npy_take(struct npy_in *in, void *elements, size_t n)
{
	if (n > in->left)
		die("internal error: %zu elements wanted of %zu", n, in->left);
	if (!n)
		return;
	if (!in->whole && in->layout.fortran && in->head.ndim > 1)
		hold_whole(in);
	if (!in->whole) {
		take_file_order(in, elements, n);
		return;
	}
	size_t size = npy_size(in->head.type);
	memcpy(elements, in->whole + in->whole_at * size, n * size);
	in->whole_at += n;
	in->left -= n;
}

void npy_load(struct npy_in *in, struct npy *a)
{
	*a = in->head;
	if (in->layout.fortran && in->head.ndim > 1 && in->left) {
		hold_whole(in);
		a->data = in->whole;
		in->whole = NULL;
		in->left = 0;
	} else {
		a->data = take_all(in);
	}
}

static void skip_rest(struct npy_in *in)
{
	char scrap[4096];

	while (in->left && !in->whole) {
		size_t room = sizeof scrap / 8, some = in->left < room ? in->left : room;
		take_file_order(in, scrap, some);
	}
	free(in->whole);
	in->whole = NULL;
	in->left = 0;
}

bool npy_next(struct npy_in *in, struct npy *head)
{
	unsigned char prefix[PREFIX];

	skip_rest(in);
	size_t got = get_some(in, prefix, sizeof prefix);
	if (!got && in->arrays)
		return false;
	in->arrays++;
	if (!got)
		bad(in, "empty: expected an NPY array");
	if (memcmp(prefix, magic, got < MAGIC ? got : MAGIC))
		bad(in, xprintf("expected an NPY array%s, found %s",
		                in->arrays > 1 ? " or the end" : "",
		                file_kind(in->stream, prefix, got)));
	if (got < sizeof prefix)
		bad(in, "truncated in the NPY header");
	in->head = (struct npy){.ndim = 0};
	in->layout = (struct layout){.size = 0};
	read_header(in, prefix);
	*head = in->head;
	return true;
}

void npy_leave(struct npy_in *in)
{
	skip_rest(in);
	free(in);
}

void npy_close(struct npy_in *in)
{
	struct npy extra;

	skip_rest(in);
	int arrays = in->arrays;
	if (npy_next(in, &extra))
		die("%s: expected %d array%s, found more", in->name, arrays,
		    arrays == 1 ? "" : "s");
	if (in->stream != stdin)
		fclose(in->stream);
	free(in);
}

struct npy npy_read(const char *path)
{
	struct npy_in *in = npy_open(path);
	struct npy a;

	npy_next(in, &a);
	npy_load(in, &a);
	npy_close(in);
	return a;
}
