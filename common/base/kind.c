#include "base/base.h"

#include <ctype.h>
#include <string.h>

/* The first bytes of formats that have a fixed word there. */
static const struct word {
	const char *bytes;
	size_t length;
	const char *kind, *converter;
} words[] = {
	{"\x93NUMPY", 6, "an NPY array", NULL},
	{"\x89PNG\r\n", 6, "a PNG picture (pngtopnm | pnmtonpy converts it)", "pngtopnm"},
	{"\xff\xd8\xff", 3, "a JPEG picture (jpegtopnm | pnmtonpy converts it)", "jpegtopnm"},
	{"GIF8", 4, "a GIF picture (giftopnm | pnmtonpy converts it)", "giftopnm"},
	{"II*\0", 4, "a TIFF picture (tifftopnm | pnmtonpy converts it)", "tifftopnm"},
	{"MM\0*", 4, "a TIFF picture (tifftopnm | pnmtonpy converts it)", "tifftopnm"},
	{"\x89HDF\r\n", 6, "an HDF5 file, as Keras's .h5 is", NULL},
	{"\x1f\x8b", 2, "a gzip file (gzip -dc unpacks it)", NULL},
	{"\xfd\x37zXZ", 6, "an xz file (xz -dc unpacks it)", NULL},
	{"BZh91AY&SY", 10, "a bzip2 file (bzip2 -dc unpacks it)", NULL},
	{"(\xb5/\xfd", 4, "a Zstandard file (zstd -dc unpacks it)", NULL},
	{"PK\3\4", 4, "a ZIP archive, as .npz (unzip -p unpacks its arrays) and PyTorch's .pt are",
         NULL},
};

static const struct word *word_of(const void *bytes, size_t n)
{
	for (const struct word *w = words; w < words + sizeof words / sizeof *words; w++)
		if (n >= w->length && !memcmp(bytes, w->bytes, w->length))
			return w;
	return NULL;
}

/* PBM, PGM, PPM: P1 ... P6, PAM: P7, and white space. */
static bool is_picture(const unsigned char *b, size_t n)
{
	return n > 2 && b[0] == 'P' && b[1] >= '1' && b[1] <= '7' && isspace(b[2]);
}

/* A RIFF file, its size, its kind. */
static bool is_webp(const unsigned char *b, size_t n)
{
	return n > 11 && !memcmp(b, "RIFF", 4) && !memcmp(b + 8, "WEBP", 4);
}

/* The letters, the size of the file, four zeros. */
static bool is_bmp(const unsigned char *b, size_t n)
{
	return n > 9 && b[0] == 'B' && b[1] == 'M' && !b[6] && !b[7] && !b[8] && !b[9];
}

/* The opcode PROTO, the protocol that is binary, and another opcode. */
static bool is_pickle(const unsigned char *b, size_t n)
{
	return n > 2 && b[0] == 0x80 && b[1] >= 2 && b[1] <= 5;
}

/* Two zeros, the type of the elements, the number of dimensions. */
static bool is_idx(const unsigned char *b, size_t n)
{
	return n > 3 && !b[0] && !b[1] && b[2] && strchr("\x08\x09\x0b\x0c\x0d\x0e", b[2]) &&
	       b[3] >= 1 && b[3] <= 8;
}

/* The length of the header in eight bytes, little-endian, then a JSON object. */
static bool is_safetensors(const unsigned char *b, size_t n)
{
	return n > 8 && b[8] == '{' && !b[4] && !b[5] && !b[6] && !b[7];
}

/* ONNX's version as protobuf has it, then the producer's name, the graph or the operators' version.
 */
static bool is_onnx(const unsigned char *b, size_t n)
{
	return n > 2 && b[0] == 0x08 && b[1] >= 3 && b[1] <= 20 &&
	       (b[2] == 0x12 || b[2] == 0x3a || b[2] == 0x42);
}

/* ASCII, or bytes that UTF-8 may have. */
static bool is_text(const unsigned char *b, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (b[i] < 0x80 ? !isprint(b[i]) && !isspace(b[i]) : b[i] > 0xf4)
			return false;
	return true;
}

const char *file_format(const void *bytes, size_t n)
{
	const struct word *word = word_of(bytes, n);

	if (word)
		return word->kind;
	if (is_picture(bytes, n))
		return "a PBM, PGM, PPM or PAM picture (pnmtonpy converts it)";
	if (is_webp(bytes, n))
		return "a WebP picture (dwebp converts it)";
	if (is_bmp(bytes, n))
		return "a BMP picture (bmptopnm | pnmtonpy converts it)";
	if (is_pickle(bytes, n))
		return "a Python pickle, as PyTorch's older .pt are";
	if (is_idx(bytes, n))
		return "an IDX file (idxtonpy converts it)";
	if (is_safetensors(bytes, n))
		return "a safetensors file, as a model is";
	if (is_onnx(bytes, n))
		return "an ONNX file (onnxtonn converts it)";
	return NULL;
}

const char *file_converter(const void *bytes, size_t n)
{
	const struct word *word = word_of(bytes, n);

	if (word)
		return word->converter;
	return is_picture(bytes, n) ? "pamtopam" : is_bmp(bytes, n) ? "bmptopnm" : NULL;
}

const char *bytes_kind(const void *bytes, size_t n)
{
	const char *format = file_format(bytes, n);

	return format ? format : is_text(bytes, n) ? "text" : "something else";
}

const char *file_kind(FILE *stream, const void *first, size_t n)
{
	unsigned char bytes[FILE_KIND_BYTES];

	memcpy(bytes, first, n);
	n += fread(bytes + n, 1, sizeof bytes - n, stream);
	return bytes_kind(bytes, n);
}
