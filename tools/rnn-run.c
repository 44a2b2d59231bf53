/* rnn-run - run a recurrent network over sequences */
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "npy/npy.h"
#include "rnn/rnn.h"

/* What is kept until h is written: rows of outputs, and a loss for each. */
struct kept {
	bool last;   /* of the last step alone */
	size_t rows; /* of a sequence: T, or 1 */
	double *o, *loss;
};

static void losses(const struct rnn_batch *x, enum rnn_of of, size_t outputs, size_t rows,
                   const double *o, double *loss)
{
	for (size_t i = 0; i < x->n; i++)
		for (size_t s = 0; s < rows; s++, o += outputs)
			*loss++ = rnn_loss(of, o, outputs, rnn_label(x, i, x->steps - rows + s),
			                   NULL);
}

/* Write h as it comes, and keep the outputs. */
static void run(const struct rnn *m, struct rnn_data *d, struct kept *k, enum rnn_of of,
                struct progress *progress)
{
	struct npy head = rnn_data_shape(d, !k->last, m->hidden);
	size_t batch = rnn_pass_batch(m, d->steps, !k->last), done = 0, n;
	struct rnn_batch x = {0};
	struct rnn_pass *p = NULL;
	double *h = NULL;

	while ((n = rnn_data_next(d, batch, &x)) > 0) {
		if (!p) {
			p = rnn_pass_new(m, n, d->steps, !k->last);
			h = xcalloc(n * k->rows, m->hidden * sizeof *h);
			npy_put_head(&head);
		}
		rnn_forward(p, m, &x);
		rnn_hidden(p, h);
		npy_put(&head, h, n * k->rows * m->hidden);
		double *o = k->o + done * k->rows * m->outputs;
		rnn_outputs(p, m, o);
		if (k->loss)
			losses(&x, of, m->outputs, k->rows, o, k->loss + done * k->rows);
		done += n;
		progress_show(progress, (double)done, NULL);
	}
	if (!p)
		npy_put_head(&head);
	else
		rnn_pass_free(p);
	rnn_batch_free(&x);
	free(h);
}

int main(int argc, char *argv[])
{
	const char *loss = NULL;
	bool last = false, quiet = false, verbose = false;
	const struct cli_option options[] = {
		OPTION_TEXT('l', "loss", "LOSS", &loss,
	                    "also write the loss: assignment or cross-entropy"),
		OPTION_FLAG(0, "last", &last, "write the last step only"),
		OPTION_FLAG('q', "quiet", &quiet, "show no progress"),
		OPTION_FLAG('v', "verbose", &verbose,
	                    "show progress even if stderr is no terminal"),
		OPTION_END};
	const struct cli cli = {"[MODEL [DATA]]", 0, 2, "Run a recurrent network over sequences.",
	                        options};
	char **operands = cli_parse(argc, argv, &cli);
	enum rnn_of of = loss ? (enum rnn_of)cli_choice("--loss", loss, rnn_losses) : 0;
	struct rnn m;
	struct rnn_data d = rnn_data_open(operands, &m, NULL);

	if (loss && of == RNN_CROSS_ENTROPY)
		rnn_data_load(&d);
	if (loss)
		rnn_loss_check(of, &d);
	struct npy o = rnn_data_shape(&d, !last, m.outputs), one = rnn_data_shape(&d, !last, 0);
	struct kept k = {.last = last, .rows = last ? 1 : d.steps};
	k.o = xcalloc(npy_count(&o), sizeof *k.o);
	if (loss)
		k.loss = xcalloc(npy_count(&one), sizeof *k.loss);

	struct progress progress = progress_begin("sequences", 0, (double)d.n, quiet, verbose);
	run(&m, &d, &k, of, &progress);
	progress_end(&progress);
	npy_put_head(&o);
	npy_put(&o, k.o, npy_count(&o));
	for (size_t i = 0; i < npy_count(&one); i++)
		rnn_softmax(k.o + i * m.outputs, m.outputs, k.o + i * m.outputs);
	npy_put_head(&o);
	npy_put(&o, k.o, npy_count(&o));
	if (loss) {
		npy_put_head(&one);
		npy_put(&one, k.loss, npy_count(&one));
	}
	rnn_data_close(&d);
	rnn_free(&m);
	free(k.o);
	free(k.loss);
	return cli_close();
}
