/* npy-random - make an array of random numbers */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "npy/npy.h"
#include "rng/rng.h"

enum { CHUNK = 1 << 14, PARAMETERS = 2 };

enum kind { UNIFORM, NORMAL, INTEGERS, BERNOULLI, PERMUTATION };

/* What a user writes, the numbers in it, and the type of the array that it calls for. */
static const struct {
	const char *name, *form;
	int numbers;
	enum npy_type type;
} distributions[] = {
	[UNIFORM] = {"uniform", "uniform:LO:HI", 2, NPY_F4},
	[NORMAL] = {"normal", "normal:MEAN:SD", 2, NPY_F4},
	[INTEGERS] = {"integers", "integers:LO:HI", 2, NPY_I8},
	[BERNOULLI] = {"bernoulli", "bernoulli:P", 1, NPY_U1},
	[PERMUTATION] = {"permutation", "permutation", 0, NPY_I8},
};

/* Where the elements come from: their distribution, and the numbers behind it. */
struct source {
	enum kind kind;
	double a, b;      /* LO HI, MEAN SD, P */
	int64_t low;      /* of the integers */
	uint64_t n;       /* how many integers there are from low on */
	size_t *order;    /* the permutation */
	enum npy_type as; /* what draw() makes: NPY_I8 or NPY_F8 */
	enum npy_type type;
	struct rng rng;
};

/* ---- the distribution's text ---- */

/* The words of NAME:NUMBER:NUMBER, cut in place; returns how many there are. */
static int split(char *text, char *words[PARAMETERS + 2])
{
	int n = 0;

	for (char *end = text; end && n < PARAMETERS + 2; text = end + 1) {
		end = strchr(text, ':');
		if (end)
			*end = '\0';
		words[n++] = text;
		if (!end)
			break;
	}
	return n;
}

static enum kind find(const char *name)
{
	const char *names[PERMUTATION + 2] = {NULL};

	for (int i = 0; i <= PERMUTATION; i++)
		names[i] = distributions[i].name;
	return (enum kind)cli_choice("DISTRIBUTION", name, names);
}

/* Its numbers, or those of the standard distribution where there are none at all. */
static void parse_numbers(struct source *s, char *words[], int n, const char *text)
{
	bool standard = n == 0 && (s->kind == UNIFORM || s->kind == NORMAL);

	if (n != distributions[s->kind].numbers && !standard)
		die("'%s': expected %s", text, distributions[s->kind].form);
	switch (s->kind) {
	case INTEGERS:
		s->low = cli_integer("integers:LO", words[0], INT64_MIN, INT64_MAX);
		int64_t high = cli_integer("integers:LO:HI", words[1], INT64_MIN, INT64_MAX);
		if (high <= s->low)
			die("'%s': no integer is from %" PRId64 " to below %" PRId64, text, s->low,
			    high);
		s->n = (uint64_t)high - (uint64_t)s->low;
		break;
	case BERNOULLI: s->a = cli_real("bernoulli:P", words[0], 0, 1); break;
	case UNIFORM:
		s->a = standard ? 0 : cli_real("uniform:LO", words[0], -1e300, 1e300);
		s->b = standard ? 1 : cli_real("uniform:LO:HI", words[1], s->a, 1e300);
		break;
	case NORMAL:
		s->a = standard ? 0 : cli_real("normal:MEAN", words[0], -1e300, 1e300);
		s->b = standard ? 1 : cli_real("normal:MEAN:SD", words[1], 0, 1e300);
		break;
	case PERMUTATION: break;
	}
}

static struct source parse(const char *text, uint64_t seed)
{
	char *copy = xstrdup(text), *words[PARAMETERS + 2] = {NULL};
	int n = split(copy, words);
	struct source s = {.kind = find(words[0])};

	parse_numbers(&s, words + 1, n - 1, text);
	s.type = distributions[s.kind].type;
	s.as = npy_is_whole(s.type) ? NPY_I8 : NPY_F8;
	/* A stream of its own, so that noise and labels of one seed have nothing in common. */
	char *stream = xprintf("npy-random %s", distributions[s.kind].name);
	s.rng = (struct rng){seed, rng_stream(stream)};
	free(stream);
	free(copy);
	return s;
}

/* ---- numbers ---- */

static double draw_real(const struct source *s, size_t i)
{
	if (s->kind == NORMAL)
		return s->a + s->b * rng_normal(s->rng, i);
	return s->a + (s->b - s->a) * rng_uniform(s->rng, i);
}

static int64_t draw_whole(const struct source *s, size_t i)
{
	switch (s->kind) {
	case INTEGERS: return (int64_t)((uint64_t)s->low + rng_below(s->rng, i, s->n));
	case BERNOULLI: return rng_uniform(s->rng, i) < s->a;
	default: return (int64_t)s->order[i];
	}
}

/* Elements at ... at + n - 1, 8 bytes each. */
static void draw(const struct source *s, size_t at, size_t n, void *elements)
{
	int64_t *whole = elements;
	double *real = elements;

	for (size_t i = 0; i < n; i++)
		if (s->as == NPY_I8)
			whole[i] = draw_whole(s, at + i);
		else
			real[i] = draw_real(s, at + i);
}

static void write_array(const struct source *s, const struct npy *head)
{
	size_t count = npy_count(head);
	char *drawn = xcalloc(CHUNK, 8), *out = xcalloc(CHUNK, 8);

	npy_put_head(head);
	for (size_t at = 0, n; at < count; at += n) {
		n = count - at < CHUNK ? count - at : CHUNK;
		draw(s, at, n, drawn);
		npy_convert_elements(head->type, out, s->as, drawn, n);
		npy_put(head, out, n);
	}
	free(drawn);
	free(out);
}

int main(int argc, char *argv[])
{
	const char *type = NULL;
	int64_t seed = 1;
	const struct cli_option options[] = {
		OPTION_INTEGER('s', "seed", "SEED", &seed, 0, INT64_MAX,
	                       "seed of the random numbers"),
		OPTION_TEXT('t', "type", "TYPE", &type,
	                    "element type: u1, i8, f4 or f8 [that of the distribution]"),
		OPTION_END};
	const struct cli cli = {
		"DISTRIBUTION SHAPE", 2, 2,
		"Make an array of random numbers. SHAPE is a list of sizes such as 10,28,28; "
		"DISTRIBUTION is\n"
		"uniform:LO:HI, normal:MEAN:SD, integers:LO:HI, bernoulli:P or permutation.",
		options};
	char **operands = cli_parse(argc, argv, &cli);
	struct source source = parse(operands[0], (uint64_t)seed);
	struct npy head = {.type = type ? npy_parse_type("--type", type) : source.type};

	npy_parse_shape(&head, operands[1]);
	if (source.kind == PERMUTATION) {
		source.order = xcalloc(npy_count(&head), sizeof *source.order);
		rng_permutation(source.rng, source.order, npy_count(&head));
	}
	write_array(&source, &head);
	free(source.order);
	return cli_close();
}
