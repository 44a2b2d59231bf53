/* rnn-train - train a recurrent network on a data set of sequences */
#include <stdlib.h>

#include "base/base.h"
#include "rnn/rnn.h"
#include "train/advice.h"
#include "train/options.h"
#include "train/recurrent.h"

/* After its data was opened. */
static void load(struct sequences *s, struct digest *digest)
{
	rnn_data_load(&s->data);
	if (!s->data.labels)
		die("%s: expected labels after the sequences", npy_name(s->data.in));
	if (!s->data.n)
		die("%s: no sequences", npy_name(s->data.in));
	digest_hex(digest, s->digest);
}

int main(int argc, char *argv[])
{
	struct training t = training_defaults("rnn-train");

	t.batch = 32;
	t.clip = 1;
	struct cli_option *options = training_options(&t, &(struct cli_option)OPTION_END);
	const struct cli cli = {"[MODEL [DATA]]", 0, 2,
	                        "Train a recurrent network on labeled sequences, and write it.",
	                        options};
	char **operands = cli_parse(argc, argv, &cli);

	training_settle(&t, *operands ? operands[0] : "-", *operands ? operands[1] : NULL);
	out_binary();

	struct rnn m;
	struct digest digest;
	digest_begin(&digest);
	struct sequences data = {.data = rnn_data_open(operands, &m, &digest)}, held = {0};
	load(&data, &digest);
	if (t.validation) {
		held.data = rnn_data_file(t.validation, &m, &digest);
		load(&held, &digest);
	}

	struct learner *l = recurrent_learner(&m, &data, t.validation ? &held : NULL, &t);
	if (t.holdout && !data.data.each)
		advise_holdout(npy_name(data.data.in), (struct labels){.hard = data.data.labels},
		               data.data.n, data.data.outputs, (size_t)t.holdout);
	train(l, &t);
	l->free(l);
	rnn_data_close(&data.data);
	if (t.validation)
		rnn_data_close(&held.data);
	rnn_write(&m);
	rnn_free(&m);
	training_free(&t);
	free(options);
	return cli_close();
}
