/* npytornn - make a recurrent model of five arrays */
#include "base/base.h"
#include "rnn/rnn.h"

int main(int argc, char *argv[])
{
	int candidate = RNN_CANDIDATE_TANH;
	const struct cli_option options[] = {
		OPTION_CHOICE(0, "candidate", "FUNCTION", &candidate, rnn_candidates,
	                      "function of an LSTM's candidate: tanh or sigmoid"),
		OPTION_END};
	const struct cli cli = {"[FILE]", 0, 1, "Make a recurrent model of the arrays W U V b c.",
	                        options};
	char **operands = cli_parse(argc, argv, &cli);
	const char *path = cli_operand(&operands);
	FILE *stream = file_open(path);
	struct rnn m = rnn_read_arrays(stream, file_name(path));

	if (getc(stream) != EOF)
		die("%s: expected five arrays W U V b c, found more", file_name(path));
	if (candidate != RNN_CANDIDATE_TANH && m.cell != RNN_LSTM)
		die("--candidate: only an LSTM has one");
	m.candidate = (enum rnn_candidate)candidate;
	rnn_write(&m);
	rnn_free(&m);
	if (stream != stdin)
		fclose(stream);
	return cli_close();
}
