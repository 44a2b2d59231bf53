/* rnn-grad - differentiate the loss of a recurrent network */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "npy/npy.h"
#include "rnn/rnn.h"

/* What every batch of the data set goes through. */
struct job {
	struct rnn m;
	struct rnn_data d;
	struct rnn_goal goal;
	struct rnn_batch x;
	struct rnn_pass *p;
	size_t batch;
	struct progress progress;
};

/* ---- the goal ---- */

/* "h:3" */
static void parse_unit(const char *text, const struct rnn *m, struct rnn_goal *goal)
{
	static const char letters[] = "ahoy";
	const size_t units[] = {m->rows, m->hidden, m->outputs, m->outputs};
	const char *letter = *text ? strchr(letters, *text) : NULL;

	if (!letter || text[1] != ':')
		die("--of: '%s' is not a unit such as a:0, h:0, o:0 or y:0", text);
	size_t n = units[letter - letters];
	goal->of = RNN_OF_A + (enum rnn_of)(letter - letters);
	goal->unit = (size_t)cli_integer("--of", text + 2, 0, (int64_t)n - 1);
}

static void parse_step(const char *text, size_t steps, struct rnn_goal *goal)
{
	goal->every = !strcmp(text, "all");
	goal->step = steps - 1;
	if (!goal->every && strcmp(text, "last") != 0)
		goal->step = (size_t)cli_integer("--step", text, 0, (int64_t)steps - 1);
}

/* ---- passes ---- */

/* The goal, summed over all sequences; its gradient and dL/dh_t where they are wanted. */
static double sum(struct job *j, struct rnn *gradient, const struct npy *states)
{
	double total = 0, *part = NULL;
	size_t n, row = j->d.steps * j->m.hidden;

	j->d.taken = 0;
	while ((n = rnn_data_next(&j->d, j->batch, &j->x)) > 0) {
		if (!j->p)
			j->p = rnn_pass_new(&j->m, n, j->d.steps, true);
		if (states && !part)
			part = xcalloc(n, row * sizeof *part);
		rnn_forward(j->p, &j->m, &j->x);
		total += rnn_backward(j->p, &j->m, &j->x, &j->goal, gradient, part);
		if (states)
			npy_put(states, part, n * row);
	}
	free(part);
	return total;
}

/* Central differences. */
static void differ(struct job *j, double step, struct rnn *gradient)
{
	for (size_t i = 0; i < j->m.count; i++) {
		double *value = &j->m.values[i], was = *value, high = was + step, low = was - step;
		if (!(high > low))
			die("--numeric: a parameter of %g does not change by %g", was, step);
		*value = high;
		double more = sum(j, NULL, NULL);
		*value = low;
		gradient->values[i] = (more - sum(j, NULL, NULL)) / (high - low);
		*value = was;
		progress_show(&j->progress, (double)i + 1, NULL);
	}
}

static void put_gradient(struct job *j, double step)
{
	struct rnn gradient = rnn_like(&j->m);

	if (!isnan(step))
		differ(j, step, &gradient);
	else
		sum(j, &gradient, NULL);
	for (size_t i = 0; i < gradient.count; i++)
		gradient.values[i] /= (double)j->d.n;
	rnn_write_arrays(&gradient);
	rnn_free(&gradient);
}

static void put_states(struct job *j)
{
	struct npy head = rnn_data_shape(&j->d, true, j->m.hidden);

	npy_put_head(&head);
	sum(j, NULL, &head);
}

int main(int argc, char *argv[])
{
	const char *loss = NULL, *of = NULL, *step = "last";
	double numeric = NAN;
	bool states = false, quiet = false, verbose = false;
	const struct cli_option options[] = {
		OPTION_TEXT('l', "loss", "LOSS", &loss,
	                    "assignment or cross-entropy [cross-entropy]"),
		OPTION_TEXT(0, "of", "UNIT", &of,
	                    "differentiate a unit of a, h, o or y, such as h:0, not a loss"),
		OPTION_TEXT(0, "step", "STEP", &step,
	                    "step of the loss: last, all (the sum), or 0, 1 ..."),
		OPTION_REAL(0, "numeric", "H", &numeric, 1e-300, 1e300,
	                    "compute central differences, H to either side"),
		OPTION_FLAG(0, "states", &states,
	                    "differentiate by the states h of every step, not the parameters"),
		OPTION_FLAG('q', "quiet", &quiet, "show no progress"),
		OPTION_FLAG('v', "verbose", &verbose,
	                    "show progress even if stderr is no terminal"),
		OPTION_END};
	const struct cli cli = {
		"[MODEL [DATA]]", 0, 2,
		"Differentiate the loss of a recurrent network with respect to its parameters.",
		options};
	char **operands = cli_parse(argc, argv, &cli);
	struct job j = {.goal = {.of = RNN_CROSS_ENTROPY}};

	if (loss && of)
		die("--loss and --of cannot be combined");
	if (states && !isnan(numeric))
		die("--states and --numeric cannot be combined");
	if (loss)
		j.goal.of = (enum rnn_of)cli_choice("--loss", loss, rnn_losses);
	j.d = rnn_data_open(operands, &j.m, NULL);
	if (of)
		parse_unit(of, &j.m, &j.goal);
	parse_step(step, j.d.steps, &j.goal);
	rnn_data_load(&j.d);
	if (!j.d.n)
		die("%s: expected at least one sequence, found %s", npy_name(j.d.in),
		    npy_shape(&j.d.head));
	if (!of)
		rnn_loss_check(j.goal.of, &j.d);
	j.batch = rnn_pass_batch(&j.m, j.d.steps, true);

	j.progress = progress_begin("parameters", 0, (double)j.m.count, quiet, verbose);
	if (states)
		put_states(&j);
	else
		put_gradient(&j, numeric);
	progress_end(&j.progress);
	rnn_pass_free(j.p);
	rnn_batch_free(&j.x);
	rnn_data_close(&j.d);
	rnn_free(&j.m);
	return cli_close();
}
