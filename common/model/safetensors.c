#include "model/safetensors.h"

#include <errno.h>
#include <jansson.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"

enum { LENGTH = 8, HEADER_MAX = 100 * 1000 * 1000, CHUNK = 1 << 20 };

static const char metadata[] = "__metadata__";
static const char digest_key[] = "sha256";

/* ---- contents ---- */

struct safetensors safetensors_new(void)
{
	return (struct safetensors){0};
}

void safetensors_free(struct safetensors *s)
{
	for (size_t i = 0; i < s->tensors; i++) {
		free(s->tensor[i].name);
		npy_free(&s->tensor[i].array);
	}
	for (size_t i = 0; i < s->texts; i++) {
		free(s->text[i].key);
		free(s->text[i].value);
	}
	free(s->tensor);
	free(s->text);
	*s = (struct safetensors){0};
}

/* One more tensor, of which only the name is known. */
static struct safetensor *append(struct safetensors *s, const char *name)
{
	s->tensor = xrealloc(s->tensor, s->tensors + 1, sizeof *s->tensor);
	struct safetensor *t = &s->tensor[s->tensors++];
	*t = (struct safetensor){.name = xstrdup(name)};
	return t;
}

static struct npy copy_of(const struct npy *array)
{
	struct npy copy = npy_new(array->type, array->ndim, array->dim);

	memcpy(copy.data, array->data, npy_count(array) * npy_size(array->type));
	return copy;
}

void safetensors_add(struct safetensors *s, const char *name, const struct npy *array)
{
	append(s, name)->array = copy_of(array);
}

void safetensors_add_text(struct safetensors *s, const char *key, const char *value)
{
	s->text = xrealloc(s->text, s->texts + 1, sizeof *s->text);
	s->text[s->texts].key = xstrdup(key);
	s->text[s->texts].value = xstrdup(value);
	s->texts++;
}

const struct safetensor *safetensors_find(const struct safetensors *s, const char *name)
{
	for (size_t i = 0; i < s->tensors; i++)
		if (!strcmp(s->tensor[i].name, name))
			return &s->tensor[i];
	return NULL;
}

const struct safetensor *safetensors_expect(const struct safetensors *s, const char *name,
                                            const char *file)
{
	const struct safetensor *t = safetensors_find(s, name);
	char list[1024] = "";

	if (t)
		return t;
	if (!s->tensors)
		die("%s: no tensor '%s', the model has none", file, name);
	for (size_t i = 0; i < s->tensors; i++) {
		size_t n = strlen(list);
		snprintf(list + n, sizeof list - n, "%s%s", i ? ", " : "", s->tensor[i].name);
	}
	die("%s: no tensor '%s', only %s", file, name, list);
}

const char *safetensors_text(const struct safetensors *s, const char *key)
{
	for (size_t i = 0; i < s->texts; i++)
		if (!strcmp(s->text[i].key, key))
			return s->text[i].value;
	return NULL;
}

void safetensors_replace_text(struct safetensors *s, const char *key, const char *value)
{
	for (size_t i = 0; i < s->texts; i++)
		if (!strcmp(s->text[i].key, key)) {
			free(s->text[i].value);
			s->text[i].value = xstrdup(value);
		}
}

void safetensors_replace(struct safetensors *s, const char *name, const struct npy *array)
{
	for (size_t i = 0; i < s->tensors; i++)
		if (!strcmp(s->tensor[i].name, name)) {
			npy_free(&s->tensor[i].array);
			s->tensor[i].array = copy_of(array);
		}
}

static size_t bytes_of(const struct safetensor *t)
{
	return npy_count(&t->array) * npy_size(t->array.type);
}

/* ---- all tensors as one vector ---- */

struct npy safetensors_vector(const struct safetensors *s)
{
	enum npy_type type = s->tensors ? s->tensor[0].array.type : NPY_F4;
	size_t n = 0;

	for (size_t i = 0; i < s->tensors; i++)
		n += npy_count(&s->tensor[i].array);
	struct npy vector = npy_new(type, 1, &n);
	char *to = vector.data;
	for (size_t i = 0; i < s->tensors; to += bytes_of(&s->tensor[i++]))
		memcpy(to, s->tensor[i].array.data, bytes_of(&s->tensor[i]));
	return vector;
}

void safetensors_spread(struct safetensors *s, const struct npy *vector)
{
	const char *from = vector->data;

	for (size_t i = 0; i < s->tensors; from += bytes_of(&s->tensor[i++]))
		memcpy(s->tensor[i].array.data, from, bytes_of(&s->tensor[i]));
}

/* ---- the digest ---- */

static int by_key(const void *a, const void *b)
{
	const struct safetensors_text *const *s = a, *const *t = b;

	return strcmp((*s)->key, (*t)->key);
}

static int by_name(const void *a, const void *b)
{
	const struct safetensor *const *s = a, *const *t = b;

	return strcmp((*s)->name, (*t)->name);
}

static void add_word(struct digest *d, const char *word)
{
	digest_add(d, word, strlen(word) + 1);
}

static void add_texts(struct digest *d, const struct safetensors *s)
{
	const struct safetensors_text **text = xcalloc(s->texts, sizeof *text);

	for (size_t i = 0; i < s->texts; i++)
		text[i] = &s->text[i];
	qsort(text, s->texts, sizeof *text, by_key);
	for (size_t i = 0; i < s->texts; i++)
		if (strcmp(text[i]->key, digest_key) != 0) {
			add_word(d, text[i]->key);
			add_word(d, text[i]->value);
		}
	free(text);
}

static void add_tensors(struct digest *d, const struct safetensors *s)
{
	const struct safetensor **tensor = xcalloc(s->tensors, sizeof *tensor);

	for (size_t i = 0; i < s->tensors; i++)
		tensor[i] = &s->tensor[i];
	qsort(tensor, s->tensors, sizeof *tensor, by_name);
	for (size_t i = 0; i < s->tensors; i++) {
		add_word(d, tensor[i]->name);
		add_word(d, npy_type_name(tensor[i]->array.type));
		add_word(d, npy_shape(&tensor[i]->array));
		digest_add(d, tensor[i]->array.data, bytes_of(tensor[i]));
	}
	free(tensor);
}

void safetensors_digest(const struct safetensors *s, char hex[DIGEST_HEX])
{
	struct digest d;

	digest_begin(&d);
	add_texts(&d, s);
	add_tensors(&d, s);
	digest_hex(&d, hex);
}

bool safetensors_is_intact(const struct safetensors *s)
{
	const char *stated = safetensors_text(s, digest_key);
	char hex[DIGEST_HEX];

	safetensors_digest(s, hex);
	return stated && !strcmp(stated, hex);
}

/* ---- the header, read ---- */

/* What the elements of a tensor are in the file, and in memory. */
static const struct dtype {
	const char *name;
	size_t size;
	enum npy_type type;
} dtypes[] = {{"F32", 4, NPY_F4},  {"F64", 8, NPY_F8}, {"F16", 2, NPY_F4},
              {"BF16", 2, NPY_F4}, {"I64", 8, NPY_I8}, {NULL, 0, NPY_F4}};

/* Where a tensor's bytes are, counted from the header's end. */
struct extent {
	size_t begin, end, tensor;
	const struct dtype *dtype;
};

/* A whole number that is a size. */
static bool to_size(const json_t *json, size_t *size)
{
	if (!json_is_integer(json) || json_integer_value(json) < 0)
		return false;
	*size = (size_t)json_integer_value(json);
	return true;
}

/* PyTorch's number of batches that batch norm's running statistics have seen. */
static bool is_counter(const char *name)
{
	const char *part = strrchr(name, '.');

	return !strcmp(part ? part + 1 : name, "num_batches_tracked");
}

static const struct dtype *read_type(const char *file, struct safetensor *t, const json_t *dtype)
{
	const char *name = json_string_value(dtype);
	const struct dtype *d = dtypes;

	if (!name)
		die("%s: tensor '%s': expected a dtype", file, t->name);
	while (d->name && strcmp(d->name, name) != 0)
		d++;
	if (!d->name || (npy_is_whole(d->type) && !is_counter(t->name)))
		die("%s: tensor '%s': expected dtype F64, F32, F16 or BF16, found %s", file,
		    t->name, name);
	t->array.type = d->type;
	return d;
}

static void read_shape(const char *file, struct safetensor *t, const json_t *shape)
{
	struct npy *a = &t->array;

	if (!json_is_array(shape))
		die("%s: tensor '%s': expected a shape", file, t->name);
	if (json_array_size(shape) > NPY_MAXDIM)
		die("%s: tensor '%s' has more than %d dimensions", file, t->name, NPY_MAXDIM);
	for (; a->ndim < (int)json_array_size(shape); a->ndim++)
		if (!to_size(json_array_get(shape, (size_t)a->ndim), &a->dim[a->ndim]))
			die("%s: tensor '%s': its shape is not a list of sizes", file, t->name);
	if (!npy_fits(a))
		die("%s: tensor '%s' is too large", file, t->name);
}

static void read_tensor(const char *file, struct safetensor *t, const json_t *json,
                        struct extent *extent)
{
	const json_t *offsets = json_object_get(json, "data_offsets");

	extent->dtype = read_type(file, t, json_object_get(json, "dtype"));
	read_shape(file, t, json_object_get(json, "shape"));
	if (json_array_size(offsets) != 2 || !to_size(json_array_get(offsets, 0), &extent->begin) ||
	    !to_size(json_array_get(offsets, 1), &extent->end) || extent->end < extent->begin)
		die("%s: tensor '%s': expected data_offsets [BEGIN, END]", file, t->name);
	size_t bytes = npy_count(&t->array) * extent->dtype->size;
	if (extent->end - extent->begin != bytes)
		die("%s: tensor '%s': its shape takes %zu bytes, its data_offsets have %zu", file,
		    t->name, bytes, extent->end - extent->begin);
}

static void read_texts(const char *file, struct safetensors *s, json_t *json)
{
	const char *key;
	json_t *value;

	if (!json_is_object(json))
		die("%s: %s is not a map of strings", file, metadata);
	json_object_foreach(json, key, value)
	{
		if (!json_is_string(value))
			die("%s: %s: '%s' is not a string", file, metadata, key);
		safetensors_add_text(s, key, json_string_value(value));
	}
}

static int by_place(const void *left, const void *right)
{
	const struct extent *a = left, *b = right;

	if (a->begin != b->begin)
		return a->begin < b->begin ? -1 : 1;
	return (a->end > b->end) - (a->end < b->end);
}

/* The tensors without their data; returns where that is, in the order of the file. */
static struct extent *read_header(const char *file, struct safetensors *s, json_t *header)
{
	struct extent *extent = xcalloc(json_object_size(header), sizeof *extent);
	const char *key;
	json_t *value;

	json_object_foreach(header, key, value)
	{
		if (!strcmp(key, metadata)) {
			read_texts(file, s, value);
			continue;
		}
		extent[s->tensors].tensor = s->tensors;
		struct safetensor *t = append(s, key);
		read_tensor(file, t, value, &extent[s->tensors - 1]);
	}
	qsort(extent, s->tensors, sizeof *extent, by_place);
	for (size_t i = 0, end = 0; i < s->tensors; end = extent[i++].end)
		if (extent[i].begin != end)
			die("%s: tensor '%s' begins at byte %zu of the data, expected %zu: %s",
			    file, s->tensor[extent[i].tensor].name, extent[i].begin, end,
			    extent[i].begin < end ? "tensors overlap" : "there is a hole");
	return extent;
}

/* ---- the bytes ---- */

static void read_bytes(FILE *stream, const char *file, void *bytes, size_t n, const char *what)
{
	size_t got = fread(bytes, 1, n, stream);

	if (ferror(stream))
		die("%s: %s", file, strerror(errno));
	if (got < n)
		die("%s: truncated in %s", file, what);
}

/* n bytes, in memory that grows with what really arrives. */
static void *read_growing(FILE *stream, const char *file, size_t n, const char *what)
{
	char *bytes = NULL;
	size_t have = 0;

	do {
		size_t more = have ? have : CHUNK;
		if (more > n - have)
			more = n - have;
		bytes = xrealloc(bytes, have + more, 1);
		read_bytes(stream, file, bytes + have, more, what);
		have += more;
	} while (have < n);
	return bytes;
}

/* The first bytes are not those of a model.  Say what the file is instead, where they show it: most
 * often the operands have changed places. */
static noreturn void no_safetensors(FILE *stream, const char *file, const unsigned char *first,
                                    size_t n, uint64_t length)
{
	const char *kind = file_kind(stream, first, n);

	if (!memcmp(first, "\x93NUMPY", 6))
		die("%s: expected a model, found %s (MODEL comes before DATA)", file, kind);
	if (!strcmp(kind, "text"))
		die("%s: expected a model, found text (nn-init makes a model of a network's text)",
		    file);
	if (strcmp(kind, "something else") != 0)
		die("%s: expected a model, found %s", file, kind);
	if (n < LENGTH)
		die("%s: truncated in the 8 bytes that begin a safetensors file", file);
	if (length <= HEADER_MAX)
		die("%s: expected a safetensors file, found no JSON object", file);
	die("%s: expected a safetensors file, found a header of %llu bytes (the limit is %d)", file,
	    (unsigned long long)length, HEADER_MAX);
}

/* The length of the header, which is a JSON object and begins with a brace. */
static size_t read_length(FILE *stream, const char *file)
{
	unsigned char first[LENGTH + 1] = {0};
	size_t got = fread(first, 1, sizeof first, stream);
	uint64_t n = 0;

	if (ferror(stream))
		die("%s: %s", file, strerror(errno));
	if (!got)
		die("%s: empty: expected a model", file);
	for (int i = 0; i < LENGTH; i++)
		n |= (uint64_t)first[i] << 8 * i;
	if (got < LENGTH || !n || n > HEADER_MAX || (got > LENGTH && first[LENGTH] != '{'))
		no_safetensors(stream, file, first, got, n);
	if (got > LENGTH)
		ungetc(first[LENGTH], stream);
	return (size_t)n;
}

/* For jansson, which would go on without what it could not keep. */
static void *json_memory(size_t bytes)
{
	return xcalloc(bytes, 1);
}

static json_t *read_json(FILE *stream, const char *file)
{
	size_t n = read_length(stream, file);
	char *text = read_growing(stream, file, n, "its header");
	json_error_t error;

	json_set_alloc_funcs(json_memory, free);
	json_t *header = json_loadb(text, n, JSON_REJECT_DUPLICATES, &error);
	if (!header)
		die("%s: its header is not JSON: %s", file, error.text);
	free(text);
	return header;
}

/* A bfloat16 is the upper half of a float. */
static float bfloat(uint16_t bits)
{
	uint32_t all = (uint32_t)bits << 16;
	float f;

	memcpy(&f, &all, sizeof f);
	return f;
}

/* The elements as they are in memory, in place of those of the file. */
static void *widen(void *bytes, size_t n, const struct dtype *dtype)
{
	const uint16_t *narrow = bytes;

	if (dtype->size != sizeof *narrow)
		return bytes;
	float *wide = xcalloc(n, sizeof *wide);
	for (size_t i = 0; i < n; i++)
		wide[i] = *dtype->name == 'B' ? bfloat(narrow[i]) : npy_half(narrow[i]);
	free(bytes);
	return wide;
}

static void drop_counters(struct safetensors *s)
{
	size_t kept = 0;

	for (size_t i = 0; i < s->tensors; i++)
		if (npy_is_whole(s->tensor[i].array.type)) {
			free(s->tensor[i].name);
			npy_free(&s->tensor[i].array);
		} else
			s->tensor[kept++] = s->tensor[i];
	s->tensors = kept;
}

struct safetensors safetensors_take(FILE *stream, const char *name)
{
	struct safetensors s = safetensors_new();
	json_t *header = read_json(stream, name);
	struct extent *extent = read_header(name, &s, header);

	for (size_t i = 0; i < s.tensors; i++) {
		struct safetensor *t = &s.tensor[extent[i].tensor];
		char *what = xprintf("tensor '%s'", t->name);
		void *bytes = read_growing(stream, name, extent[i].end - extent[i].begin, what);
		t->array.data = widen(bytes, npy_count(&t->array), extent[i].dtype);
		free(what);
	}
	drop_counters(&s);
	free(extent);
	json_decref(header);
	return s;
}

struct safetensors safetensors_read(FILE *stream, const char *name)
{
	struct safetensors s = safetensors_take(stream, name);

	if (getc(stream) != EOF)
		die("%s: more bytes than its header says", name);
	if (ferror(stream))
		die("%s: %s", name, strerror(errno));
	return s;
}

struct safetensors safetensors_open(const char *path)
{
	FILE *stream = file_open(path);
	struct safetensors s = safetensors_read(stream, file_name(path));

	if (stream != stdin)
		fclose(stream);
	return s;
}

/* ---- writing ---- */

static json_t *describe(const struct safetensor *t, size_t begin)
{
	json_t *shape = json_array();

	for (int i = 0; i < t->array.ndim; i++)
		json_array_append_new(shape, json_integer((json_int_t)t->array.dim[i]));
	return json_pack("{s:s, s:o, s:[I, I]}", "dtype", t->array.type == NPY_F8 ? "F64" : "F32",
	                 "shape", shape, "data_offsets", (json_int_t)begin,
	                 (json_int_t)(begin + bytes_of(t)));
}

/* The header's text, padded with spaces so that the data is aligned as the reference
 * implementation aligns it. */
static char *header_text(const struct safetensors *s)
{
	json_set_alloc_funcs(json_memory, free);
	json_t *header = json_object(), *texts = json_object();
	char hex[DIGEST_HEX];
	size_t begin = 0;

	for (size_t i = 0; i < s->texts; i++)
		if (json_object_set_new(texts, s->text[i].key, json_string(s->text[i].value)))
			die("the %s is not UTF-8 text, as models have it", s->text[i].key);
	safetensors_digest(s, hex);
	json_object_set_new(texts, digest_key, json_string(hex));
	json_object_set_new(header, metadata, texts);
	for (size_t i = 0; i < s->tensors; i++) {
		const struct safetensor *t = &s->tensor[i];
		json_object_set_new(header, t->name, describe(t, begin));
		begin += bytes_of(t);
	}
	char *json = json_dumps(header, JSON_COMPACT);
	int length = (int)strlen(json);
	char *padded = xprintf("%-*s", (length + LENGTH - 1) / LENGTH * LENGTH, json);
	free(json);
	json_decref(header);
	return padded;
}

bool safetensors_write(FILE *stream, const struct safetensors *s)
{
	char *header = header_text(s);
	size_t n = strlen(header);
	unsigned char length[LENGTH];

	for (int i = 0; i < LENGTH; i++)
		length[i] = (unsigned char)((uint64_t)n >> 8 * i);
	bool written =
		fwrite(length, 1, LENGTH, stream) == LENGTH && fwrite(header, 1, n, stream) == n;
	for (size_t i = 0; i < s->tensors && written; i++) {
		size_t bytes = bytes_of(&s->tensor[i]);
		written = fwrite(s->tensor[i].array.data, 1, bytes, stream) == bytes;
	}
	free(header);
	return written;
}

void safetensors_put(const struct safetensors *s)
{
	out_binary();
	if (!safetensors_write(stdout, s))
		cli_close(); /* says why */
}
