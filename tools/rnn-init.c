/* rnn-init - make a recurrent network with random parameters */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "linear/linear.h"
#include "model/history.h"
#include "rng/rng.h"
#include "rnn/rnn.h"

/* n numbers, uniform between -bound and bound: a function of the seed and the array's name. */
static void draw(double *values, size_t n, uint64_t seed, const char *name, double bound)
{
	const struct rng r = {seed, rng_stream(name)};

	for (size_t i = 0; i < n; i++)
		values[i] = bound * (2 * rng_uniform(r, i) - 1);
}

/* All as torch.nn.RNN, LSTM and Linear draw them; U and b between -scale and scale where that is
 * not NAN.  PyTorch adds two biases, here they are one, with the bound of one. */
static void initialize(struct rnn *m, uint64_t seed, double scale)
{
	double bound = 1 / sqrt((double)m->hidden), input = isnan(scale) ? bound : scale;

	draw(m->w, m->rows * m->hidden, seed, "W", bound);
	draw(m->u, m->rows * m->inputs, seed, "U", input);
	draw(m->v, m->outputs * m->hidden, seed, "V", bound);
	draw(m->b, m->rows, seed, "b", input);
	draw(m->c, m->outputs, seed, "c", bound);
}

static void scale_to_radius(struct rnn *m, double wanted)
{
	size_t n = m->hidden * m->hidden;
	double *w = xcalloc(n, sizeof *w);

	memcpy(w, m->w, n * sizeof *w);
	double radius = linear_radius(w, m->hidden);
	if (!(radius > 0))
		die("--radius: the eigenvalues of W were not found");
	for (size_t i = 0; i < n; i++)
		m->w[i] *= wanted / radius;
	free(w);
}

/* So that cells keep what came in for 1 to `steps` steps, and take in as little each time: Tallec
 * and Ollivier 2018, "Can recurrent neural networks warp time?", equation 16.  The input gates are
 * the first of four parts of b, the forget gates the second. */
static void remember(struct rnn *m, uint64_t seed, double steps)
{
	const struct rng r = {seed, rng_stream("memory")};

	for (size_t i = 0; i < m->hidden; i++) {
		double bias = log(1 + (steps - 2) * rng_uniform(r, i));
		m->b[i] = -bias;
		m->b[m->hidden + i] = bias;
	}
}

/* The history's first line. */
static void record(struct rnn *m, int64_t seed, double radius, double input_scale,
                   double forget_bias, int64_t memory)
{
	const struct {
		const char *option;
		double value;
	} given[] = {
		{"radius", radius},
		{"input-scale", input_scale},
		{"forget-bias", forget_bias},
		{"memory", memory ? (double)memory : NAN},
	};
	char *line = NULL;
	size_t size = 0;
	FILE *text = memory_open(&line, &size);

	fprintf(text, "rnn-init --cell %s", rnn_cells[m->cell]);
	if (m->cell == RNN_LSTM)
		fprintf(text, " --candidate %s", rnn_candidates[m->candidate]);
	fprintf(text, " --units %zu --inputs %zu --outputs %zu --seed %" PRId64, m->hidden,
	        m->inputs, m->outputs, seed);
	for (size_t i = 0; i < sizeof given / sizeof *given; i++)
		if (!isnan(given[i].value))
			fprintf(text, " --%s %.15g", given[i].option, given[i].value);
	memory_close(text, &line);
	history_add(&m->history, "%s", line);
	free(line);
}

int main(int argc, char *argv[])
{
	int cell = RNN_TANH, candidate = RNN_CANDIDATE_TANH;
	int64_t units = 64, inputs = 20, outputs = 2, seed = 1;
	double radius = NAN, input_scale = NAN, forget_bias = NAN;
	int64_t memory = 0;
	const struct cli_option options[] = {
		OPTION_CHOICE('c', "cell", "NAME", &cell, rnn_cells, "tanh or lstm"),
		OPTION_CHOICE(0, "candidate", "FUNCTION", &candidate, rnn_candidates,
	                      "function of an LSTM's candidate: tanh or sigmoid"),
		OPTION_INTEGER('n', "units", "N", &units, 1, 1 << 14, "hidden units"),
		OPTION_INTEGER('i', "inputs", "N", &inputs, 1, 1 << 20,
	                       "length of the vectors, or number of letters"),
		OPTION_INTEGER('o', "outputs", "N", &outputs, 1, 1 << 20, "classes"),
		OPTION_REAL('r', "radius", "RHO", &radius, 0, 1e6,
	                    "scale a tanh network's W to this spectral radius"),
		OPTION_REAL(0, "input-scale", "A", &input_scale, 0, 1e6,
	                    "draw U and b between -A and A [1 / sqrt(units)]"),
		OPTION_REAL(0, "forget-bias", "B", &forget_bias, -1e6, 1e6,
	                    "bias of an LSTM's forget gates [random]"),
		OPTION_INTEGER(0, "memory", "STEPS", &memory, 0, INT32_MAX,
	                       "set an LSTM's biases to remember so many steps; 0: random"),
		OPTION_INTEGER('s', "seed", "SEED", &seed, 0, INT64_MAX,
	                       "seed of the random numbers"),
		OPTION_END};
	const struct cli cli = {"", 0, 0, "Make a recurrent network with random parameters.",
	                        options};

	cli_parse(argc, argv, &cli);
	if (!isnan(radius) && cell != RNN_TANH)
		die("--radius: only a tanh network has it");
	if ((!isnan(forget_bias) || memory) && cell != RNN_LSTM)
		die("%s: only an LSTM has forget gates", memory ? "--memory" : "--forget-bias");
	if (candidate != RNN_CANDIDATE_TANH && cell != RNN_LSTM)
		die("--candidate: only an LSTM has one");
	if (memory == 1)
		die("--memory: 1 step is none, expected 2 or more");
	struct rnn m = rnn_new((enum rnn_cell)cell, (size_t)units, (size_t)inputs, (size_t)outputs);

	m.candidate = (enum rnn_candidate)candidate;
	initialize(&m, (uint64_t)seed, input_scale);
	if (!isnan(radius))
		scale_to_radius(&m, radius);
	if (memory)
		remember(&m, (uint64_t)seed, (double)memory);
	/* The second of four parts. */
	for (size_t i = 0; !isnan(forget_bias) && i < m.hidden; i++)
		m.b[m.hidden + i] = forget_bias;
	record(&m, seed, radius, input_scale, forget_bias, memory);
	rnn_write(&m);
	rnn_free(&m);
	return cli_close();
}
