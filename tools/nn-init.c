/* nn-init - make a model: a network with random weights */
#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "digest/digest.h"
#include "model/transfer.h"
#include "rng/rng.h"

enum shape_of { UNIFORM, NORMAL, TRUNCATED };

/*
 * The ways to draw weights.  The spread (a uniform distribution's bound, a normal one's standard
 * deviation) is sqrt(numerator / fans), or what the user gives after the colon.
 *
 * he: He et al. 2015 (arXiv:1502.01852), equation 10: variance 2 / fan_in; xavier: Glorot and
 * Bengio 2010, equation 12: variance 2 / (fan_in + fan_out); a uniform's variance is bound^2 / 3.
 * pytorch: torch.nn.Linear and Conv2d, kaiming_uniform_(a = sqrt(5)).
 */
static const struct way {
	const char *name;
	enum shape_of shape;
	double numerator;
	bool both; /* fans: fan_in + fan_out, not fan_in */
} ways[] = {
	{"he", UNIFORM, 6, false},           {"he-normal", NORMAL, 2, false},
	{"xavier", UNIFORM, 6, true},        {"xavier-normal", NORMAL, 2, true},
	{"zeros", UNIFORM, 0, false},        {"pytorch", UNIFORM, 1, false},
	{"uniform:", UNIFORM, 0, false},     {"normal:", NORMAL, 0, false},
	{"truncated:", TRUNCATED, 0, false},
};

/* The way that text names; the spread behind a colon, else 0. */
static const struct way *find_way(const char *text, double *spread)
{
	*spread = 0;
	for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
		size_t length = strlen(ways[i].name);
		bool given = ways[i].name[length - 1] == ':';
		if (!given && !strcmp(text, ways[i].name))
			return &ways[i];
		if (given && !strncmp(text, ways[i].name, length)) {
			*spread = cli_real("--init", text + length, 0, FLT_MAX / 64);
			return &ways[i];
		}
	}
	die("--init: '%s' is not one of he, he-normal, xavier, xavier-normal, pytorch, zeros, "
	    "uniform:A, normal:SD, truncated:SD",
	    text);
}

/* Element i of n: a function of the seed and the tensor's name, whatever the other layers are. */
static double draw(enum shape_of shape, double spread, struct rng r, size_t i, size_t n)
{
	if (!spread)
		return 0;
	if (shape == UNIFORM)
		return spread * (2 * rng_uniform(r, i) - 1);
	double x = rng_normal(r, i);
	/* Drawn again beyond two deviations, as TensorFlow's truncated_normal does. */
	for (uint64_t again = i + n; shape == TRUNCATED && fabs(x) > 2; again += n)
		x = rng_normal(r, again);
	return spread * x;
}

static double spread_of(const struct way *way, const struct parameter *weight)
{
	size_t in, out;

	parameter_fans(weight, &in, &out);
	return sqrt(way->numerator / (double)(way->both ? in + out : in));
}

/* A null bias is PyTorch's: uniform, with the spread of the weight before it. */
static void initialize(struct model *m, uint64_t seed, const struct way *way, double given,
                       const double *bias)
{
	double spread = given;

	for (int i = 0; i < m->spec.parameters; i++) {
		const struct parameter *p = &m->spec.parameter[i];
		const struct rng r = {seed, rng_stream(p->name)};
		size_t n = parameter_count(p);

		if (!p->drawn)
			continue;
		bool is_weight = p->ndim > 1;
		if (is_weight && !given)
			spread = spread_of(way, p);
		for (size_t j = 0; j < n; j++)
			m->tensor[i][j] =
				(float)(is_weight || !bias ? draw(way->shape, spread, r, j, n)
			                                   : *bias);
	}
}

/* Put the tensors and the history of a file in the place of m's, but for the fresh layers: those of
 * the list and, where the rest may be skipped, those that do not fit.  Their names, or null, to be
 * freed. */
static char *take(struct model *m, const char *path, const char *list, bool skip, bool verbose)
{
	bool *fresh = spec_listed(&m->spec, "--fresh", list);
	struct transfer from = transfer_open(path, &m->spec);

	if (skip)
		transfer_mark(&from, fresh);
	char *drawn = transfer_names(&m->spec, fresh, true),
	     *copied = transfer_names(&m->spec, fresh, false);
	if (skip && !copied)
		die("%s: no layer has the tensors of one of the network's", file_name(path));
	transfer_copy(&from, m, fresh);
	if (verbose)
		warn("copied %s; drew %s", copied ? copied : "nothing", drawn ? drawn : "nothing");
	free(m->history);
	m->history = xstrdup(from.history);
	free(copied);
	free(fresh);
	transfer_close(&from);
	return drawn;
}

/* " --option value", or nothing without a value; to be freed. */
static char *said(const char *option, const char *value)
{
	return value ? xprintf(" --%s %s", option, value) : xstrdup("");
}

static void record(struct model *m, const char *init, const char *bias, const char *from,
                   const char *fresh, int64_t seed)
{
	struct digest digest;
	char hex[DIGEST_HEX], *bias_said = said("bias", bias), *fresh_said = said("fresh", fresh);

	digest_begin(&digest);
	digest_add(&digest, m->spec.text, strlen(m->spec.text));
	digest_hex(&digest, hex);
	/* Whose tensors they are the lines before say, which came with them. */
	history_add(&m->history, "nn-init%s%s --init %s%s --seed %" PRId64 " sha256:%s",
	            from ? " --from" : "", fresh_said, init, bias_said, seed, hex);
	free(bias_said);
	free(fresh_said);
}

int main(int argc, char *argv[])
{
	const char *init = "he", *bias_text = NULL, *from = NULL, *fresh = NULL;
	bool skip = false, verbose = false;
	char *drawn = NULL;
	int64_t seed = 1;
	const struct cli_option options[] = {
		OPTION_TEXT('b', "bias", "VALUE", &bias_text,
	                    "every bias [0, or as PyTorch draws it with --init pytorch]"),
		OPTION_TEXT('f', "from", "MODEL", &from,
	                    "copy the tensors of this model or PyTorch state_dict"),
		OPTION_TEXT(0, "fresh", "LAYERS", &fresh,
	                    "with --from: layers that are drawn, not copied"),
		OPTION_TEXT('i', "init", "HOW", &init,
	                    "he, he-normal, xavier, xavier-normal, pytorch, zeros, uniform:A, "
	                    "normal:SD or truncated:SD"),
		OPTION_FLAG(0, "skip-mismatch", &skip,
	                    "with --from: also draw the layers that do not fit"),
		OPTION_INTEGER('s', "seed", "SEED", &seed, 0, INT64_MAX,
	                       "seed of the random numbers"),
		OPTION_FLAG('v', "verbose", &verbose, "with --from: say which layers are copied"),
		OPTION_END};
	const struct cli cli = {"[FILE]", 0, 1, "Make a model: a network with random weights.",
	                        options};
	char **operands = cli_parse(argc, argv, &cli);
	double given, bias = bias_text ? cli_real("--bias", bias_text, -1e30, 1e30) : 0;
	const struct way *way = find_way(init, &given);
	const char *path = cli_operand(&operands);

	if ((fresh || skip || verbose) && !from)
		die("%s needs --from", fresh ? "--fresh" : skip ? "--skip-mismatch" : "--verbose");
	cli_one_stdin("the network and --from", 2, (const char *const[]){path, from});
	struct model m = model_new(spec_read(path));
	initialize(&m, (uint64_t)seed, way, given,
	           bias_text || strcmp(init, "pytorch") != 0 ? &bias : NULL);
	if (from)
		drawn = take(&m, from, fresh, skip, verbose);
	record(&m, init, bias_text, from, drawn, seed);
	model_write(&m);
	model_free(&m);
	free(drawn);
	return cli_close();
}
