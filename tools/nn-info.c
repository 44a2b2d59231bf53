/* nn-info - describe a network or a model, layer by layer */
#include <inttypes.h>
#include <stdlib.h>

#include "base/base.h"
#include "model/model.h"
#include "rnn/rnn.h"

/* What a layer's training changes; batch norm's running statistics are not among it. */
static uint64_t trained_parameters(const struct spec *spec, int layer)
{
	uint64_t count = 0;

	for (int i = 0; i < spec->parameters; i++)
		if (spec->parameter[i].layer == layer && spec->parameter[i].trained)
			count += parameter_count(&spec->parameter[i]);
	return count;
}

/* ---- a line a layer ---- */

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

static void print_layer(const struct spec *spec, int i)
{
	const struct layer *l = &spec->layer[i];
	size_t field[2], jump[2];

	spec_receptive_field(spec, i, field, jump);
	out_printf("%s\t%s\t%s\t%s\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\t%zux%zu\n", l->name,
	           layer_kind_name(l->kind),
	           shape_text(l->in, l->from >= 0 && spec->layer[l->from].vector),
	           shape_text(l->out, l->vector), trained_parameters(spec, i), layer_neurons(l),
	           layer_multiply_adds(l), least(field[0], spec->input.h),
	           least(field[1], spec->input.w));
}

static void print_layers(const struct spec *spec)
{
	out_printf("layer\tkind\tinput\toutput\tparameters\tneurons\tmultiply_adds\tfield\n");
	for (int i = 0; i < spec->layers; i++)
		print_layer(spec, i);
}

/* ---- sums over kinds of layers ---- */

enum part { CONV, DENSE, OTHER, TOTAL, PARTS };

struct sum {
	uint64_t layers, parameters, neurons, multiply_adds;
};

static void add(struct sum *sum, const struct spec *spec, int i)
{
	sum->layers++;
	sum->parameters += trained_parameters(spec, i);
	sum->neurons += layer_neurons(&spec->layer[i]);
	sum->multiply_adds += layer_multiply_adds(&spec->layer[i]);
}

static void print_totals(const struct spec *spec)
{
	static const char *const name[] = {"conv", "dense", "other", "total"};
	struct sum sums[PARTS] = {0};

	for (int i = 0; i < spec->layers; i++) {
		enum layer_kind kind = spec->layer[i].kind;
		add(&sums[kind == LAYER_CONV    ? CONV
		          : kind == LAYER_DENSE ? DENSE
		                                : OTHER],
		    spec, i);
		add(&sums[TOTAL], spec, i);
	}
	out_printf("part\tlayers\tparameters\tneurons\tmultiply_adds\n");
	for (int i = 0; i < PARTS; i++)
		out_printf("%s\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\n", name[i],
		           sums[i].layers, sums[i].parameters, sums[i].neurons,
		           sums[i].multiply_adds);
}

/* ---- the history, which a recurrent model has too ---- */

static void print_history(const char *path)
{
	const char *name = file_name(path);
	struct safetensors s;
	char *history;

	if (model_or_text(path, &s))
		die("%s: a network's text has no history, only a model has", name);
	if (rnn_is(&s)) {
		struct rnn m = rnn_from(&s, name);
		history = xstrdup(m.history);
		rnn_free(&m);
	} else {
		struct model m = model_from(&s, name);
		history = xstrdup(m.history);
		model_free(&m);
	}
	out_text(history);
	free(history);
	safetensors_free(&s);
}

/* ---- the digest ---- */

static void verify(const char *path)
{
	const char *name = file_name(path);
	struct safetensors s;

	if (model_or_text(path, &s))
		die("%s: a network's text has no digest, only a model has", name);
	if (!safetensors_text(&s, "sha256"))
		die("%s: has no sha256, so it cannot be verified", name);
	if (!safetensors_is_intact(&s)) {
		warn("%s: its contents do not have the sha256 that it states", name);
		cli_status = EXIT_NO;
	}
	safetensors_free(&s);
}

int main(int argc, char *argv[])
{
	bool totals = false, network = false, history = false, check = false;
	const struct cli_option options[] = {
		OPTION_FLAG(0, "history", &history, "print the history of the model"),
		OPTION_FLAG('n', "network", &network, "print the network's text"),
		OPTION_FLAG('t', "totals", &totals,
	                    "print sums over conv, dense, other and all layers"),
		OPTION_FLAG(0, "verify", &check,
	                    "print nothing, and exit 1 if the model is not as it was written"),
		OPTION_END};
	const struct cli cli = {"[FILE]", 0, 1, "Describe a network or a model, layer by layer.",
	                        options};
	char **operands = cli_parse(argc, argv, &cli);
	const char *path = cli_operand(&operands);

	if (totals + network + history + check > 1)
		die("only one of --history, --network, --totals and --verify is possible");
	if (check) {
		verify(path);
		return cli_close();
	}
	if (history) {
		print_history(path);
		return cli_close();
	}
	struct model m = model_read_either(path);
	if (network)
		out_text(m.spec.text);
	else if (totals)
		print_totals(&m.spec);
	else
		print_layers(&m.spec);
	model_free(&m);
	return cli_close();
}
