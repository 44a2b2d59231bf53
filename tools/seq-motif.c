/* seq-motif - make sequences of letters whose class is a motif near their start */
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "npy/npy.h"
#include "rng/rng.h"

/* The amino acids, in the order of their letters' numbers. */
static const char alphabet[] = "ACDEFGHIKLMNPQRSTVWY";

enum {
	LETTERS = sizeof alphabet - 1,
	LONGEST = 1 << 24, /* sequence: sequence i has draws i * LONGEST ... */
	CLASSES = 255,
	CHUNK = 1 << 16, /* letters, at least one sequence */
};

struct motif {
	size_t length;
	uint8_t *letters;
};

/* Which sequences: `n` of them from index `first` on, the motif within the first `window` letters.
 */
struct request {
	uint64_t seed, first;
	size_t n, length, window, motifs;
	struct motif motif[CLASSES];
};

/* ---- motifs ---- */

/* A word of the list as letters' numbers. */
static struct motif parse_motif(const char *word, size_t length, size_t window)
{
	struct motif m = {length, xcalloc(length, 1)};

	if (!length)
		die("--motif: expected words such as 'RGD,DGR', found an empty one");
	for (size_t i = 0; i < length; i++) {
		const char *letter = strchr(alphabet, word[i]);
		if (!letter)
			die("--motif: '%c' is not one of the letters %s", word[i], alphabet);
		m.letters[i] = (uint8_t)(letter - alphabet);
	}
	if (length > window)
		die("--motif: '%.*s' does not fit into the first %zu letters, see --within",
		    (int)length, word, window);
	return m;
}

/* Whether b is a part of a. */
static bool contains(const struct motif *a, const struct motif *b)
{
	for (size_t i = 0; i + b->length <= a->length; i++)
		if (!memcmp(a->letters + i, b->letters, b->length))
			return true;
	return false;
}

/* "RGD,DGR": a class for each. */
static void parse_motifs(struct request *r, const char *list)
{
	for (const char *word = list;; word++) {
		size_t length = strcspn(word, ",");
		if (r->motifs == CLASSES)
			die("--motif: more than %d words", CLASSES);
		r->motif[r->motifs++] = parse_motif(word, length, r->window);
		word += length;
		if (!*word)
			break;
	}
	if (r->motifs < 2)
		die("--motif: '%s' is one class, expected two or more", list);
	for (size_t i = 0; i < r->motifs; i++)
		for (size_t j = 0; j < r->motifs; j++)
			if (i != j && contains(&r->motif[i], &r->motif[j]))
				die("--motif: word %zu of '%s' is in word %zu, which leaves the "
				    "class open",
				    j + 1, list, i + 1);
}

/* ---- sequences ---- */

/* Each is a function of the seed and its own number; the letters, from the start on, do not depend
 * on how many there are to be. */
static uint8_t label(const struct request *r, size_t i)
{
	return (uint8_t)rng_below((struct rng){r->seed, rng_stream("motif")}, r->first + i,
	                          r->motifs);
}

static void compose(const struct request *r, size_t i, uint8_t *letters)
{
	const struct rng random = {r->seed, rng_stream("letters")};
	const struct rng places = {r->seed, rng_stream("places")};
	const struct motif *m = &r->motif[label(r, i)];
	uint64_t index = r->first + i;

	for (size_t t = 0; t < r->length; t++)
		letters[t] = (uint8_t)rng_below(random, index * LONGEST + t, LETTERS);
	memcpy(letters + rng_below(places, index, r->window - m->length + 1), m->letters,
	       m->length);
}

static void put_sequences(const struct request *r)
{
	struct npy head = {NPY_U1, 2, {r->n, r->length}, {NULL}};
	size_t most = r->length < CHUNK ? CHUNK / r->length : 1;
	uint8_t *letters = xcalloc(most, r->length);

	npy_put_head(&head);
	for (size_t done = 0; done < r->n;) {
		size_t n = r->n - done < most ? r->n - done : most;
		for (size_t i = 0; i < n; i++)
			compose(r, done + i, letters + i * r->length);
		npy_put(&head, letters, n * r->length);
		done += n;
	}
	free(letters);
}

static void put_labels(const struct request *r)
{
	struct npy head = {NPY_U1, 1, {r->n}, {NULL}};

	npy_put_head(&head);
	for (size_t i = 0; i < r->n; i++) {
		uint8_t class = label(r, i);
		npy_put(&head, &class, 1);
	}
}

int main(int argc, char *argv[])
{
	int64_t n = 1000, seed = 1, skip = 0, length = 50, within = 10;
	const char *motifs = "RGD,DGR";
	const struct cli_option options[] = {
		OPTION_INTEGER('n', "count", "COUNT", &n, 0, 1e11, "number of sequences"),
		OPTION_INTEGER('s', "seed", "SEED", &seed, 0, INT64_MAX,
	                       "seed of the random numbers"),
		OPTION_INTEGER(0, "skip", "COUNT", &skip, 0, 1e11, "number of the first sequence"),
		OPTION_INTEGER('t', "length", "LETTERS", &length, 1, LONGEST,
	                       "length of the sequences"),
		OPTION_TEXT('m', "motif", "LIST", &motifs, "words, one for each class"),
		OPTION_INTEGER('w', "within", "LETTERS", &within, 1, LONGEST,
	                       "write the word into this many first letters"),
		OPTION_END};
	const struct cli cli = {
		"", 0, 0, "Make sequences of letters whose class is a motif near their start.",
		options};

	cli_parse(argc, argv, &cli);
	if (within > length)
		die("--within: %lld letters, but sequences have %lld, see --length",
		    (long long)within, (long long)length);
	struct request *r = xcalloc(1, sizeof *r);
	*r = (struct request){.seed = (uint64_t)seed,
	                      .first = (uint64_t)skip,
	                      .n = (size_t)n,
	                      .length = (size_t)length,
	                      .window = (size_t)within};
	parse_motifs(r, motifs);
	put_sequences(r);
	put_labels(r);
	for (size_t i = 0; i < r->motifs; i++)
		free(r->motif[i].letters);
	free(r);
	return cli_close();
}
