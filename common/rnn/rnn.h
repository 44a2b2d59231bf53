/*
 * rnn - recurrent networks with a read-out, in double precision: forward, and back through time.
 *
 * With h_0 = 0 and, for an LSTM, C_0 = 0:
 *
 *	a_t = b + U x_t + W h_{t-1}
 *	h_t = tanh(a_t)				a tanh RNN, or
 *	C_t = f_t C_{t-1} + i_t C~_t		an LSTM (Hochreiter and Schmidhuber 1997; Gers,
 *	h_t = o_t tanh(C_t)			Schmidhuber and Cummins 2000)
 *	o_t = c + V h_t				the read-out
 *	y_t = softmax(o_t)
 *
 * An LSTM's i, f, C~ and o are the four parts of its a_t; the gates i, f and o through the logistic
 * function, C~ through the candidate function, which is tanh unless the model says otherwise.
 *
 * Of H units, I inputs, O outputs and R = H (tanh RNN) or 4H (LSTM) rows, the parameters are
 *
 *	W (R,H)   U (R,I)   V (O,H)   b (R)   c (O)
 *
 * A model is a safetensors file, model(5).  Its tensors have PyTorch's names, for a torch.nn.RNN or
 * torch.nn.LSTM called rnn1 and a torch.nn.Linear behind it called dense1:
 *
 *	W  rnn1.weight_hh_l0	b  rnn1.bias_ih_l0	V  dense1.weight
 *	U  rnn1.weight_ih_l0				c  dense1.bias
 *
 * with the gates in the same order.  PyTorch adds a second bias to b, rnn1.bias_hh_l0, which is
 * written as zeros, and added to b when read.  The texts of __metadata__ say which cell it is, what
 * an LSTM's candidate function is, and the history.
 *
 * A model can also be read of the five arrays alone, a stream of NPY; whether W is square says
 * which cell it is, and C~ goes through tanh.
 *
 * A sequence is T vectors of I numbers, or T letters 0 ... I-1: vectors that are 1 in one place and
 * else 0.  Its states and outputs are the same bits alone and in any batch, on any number of
 * threads and with any instruction set.  Sums over sequences run in a fixed order.
 *
 *	struct rnn m;
 *	struct rnn_data d = rnn_data_open(operands, &m, NULL);
 *	rnn_data_load(&d);
 *	struct rnn gradient = rnn_like(&m);
 *	struct rnn_batch x = {0};
 *	rnn_data_pick(&d, order, n, &x);
 *	struct rnn_pass *p = rnn_pass_new(&m, x.n, x.steps, true);
 *	rnn_forward(p, &m, &x);
 *	double sum = rnn_backward(p, &m, &x, &goal, &gradient, NULL);
 */
#ifndef RNN_H
#define RNN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "digest/digest.h"
#include "model/safetensors.h"
#include "npy/npy.h"

/* ---- parameters ---- */

enum rnn_cell { RNN_TANH, RNN_LSTM };

/* "tanh", "lstm": for OPTION_CHOICE. */
extern const char *const rnn_cells[];

/* What an LSTM's C~ goes through. */
enum rnn_candidate { RNN_CANDIDATE_TANH, RNN_CANDIDATE_SIGMOID };

/* "tanh", "sigmoid": for OPTION_CHOICE. */
extern const char *const rnn_candidates[];

/* A model, or the gradient of one.  The five arrays, in C order, lie back to back in values[count],
 * in the order W U V b c: what an optimizer steps through. */
struct rnn {
	enum rnn_cell cell;
	enum rnn_candidate candidate;
	size_t hidden, inputs, outputs; /* H, I, O */
	size_t rows;                    /* R */
	double *w, *u, *v, *b, *c;
	double *values;
	size_t count;
	char *history; /* history.h; of a gradient "" */
};

/* All zero; sizes are checked.  Free with rnn_free(). */
struct rnn rnn_new(enum rnn_cell cell, size_t hidden, size_t inputs, size_t outputs);

/* As large as m, all zero. */
struct rnn rnn_like(const struct rnn *m);
void rnn_free(struct rnn *m);

/* m with its arrays at other values, of as many: nothing of it is to be freed. */
struct rnn rnn_at(const struct rnn *m, double *values);

/* One of the five arrays: the letter above, the name in a file, shape and values. */
enum { RNN_ARRAYS = 5 };
struct rnn_array {
	const char *letter, *name;
	struct npy array;
};

/* All of them, in the order W U V b c; they share m's memory. */
void rnn_arrays(const struct rnn *m, struct rnn_array arrays[RNN_ARRAYS]);

/* The model that a stream begins with, a safetensors file or five arrays of any type, and not a
 * byte more; or death: its arrays must be finite and fit together.  The history of arrays is their
 * digest. */
struct rnn rnn_read(FILE *stream, const char *name);

/* The same, of arrays only. */
struct rnn rnn_read_arrays(FILE *stream, const char *name);

/* Whether a file's contents say that it is a recurrent model, and the model that it then is. */
bool rnn_is(const struct safetensors *s);
struct rnn rnn_from(const struct safetensors *s, const char *name);

/* The file's contents, to add to and to write. */
struct safetensors rnn_contents(const struct rnn *m);

/* The model to stdout; the five arrays alone, as a gradient is written. */
void rnn_write(const struct rnn *m);
void rnn_write_arrays(const struct rnn *m);

/* ---- sequences ---- */

/*
 * A data set: an array of sequences, and labels or not.
 *
 *	floats (N,T,I), whole numbers (N,T,I)	vectors
 *	whole numbers (N,T)			letters
 *	floats (T,I), whole numbers (T)		one sequence
 *
 *	labels (N,)				a class for each sequence
 *	labels (N,T), or (T) of one sequence	a class for each of its steps
 */
struct rnn_data {
	struct npy_in *in;
	struct npy head; /* the sequences as they came */
	bool single;     /* one sequence, without an axis for N */
	bool letters;
	size_t n, steps, inputs; /* N, T, I */
	size_t outputs;          /* classes there are */
	struct npy all;          /* where rnn_data_load() was called */
	int32_t *labels;         /* (N,) or (N,T); null: there are none */
	bool each;               /* (N,T) */
	size_t taken;            /* by rnn_data_next(); of what was loaded, 0 begins again */
	void *raw;
};

/* Some sequences, ready to be computed. */
struct rnn_batch {
	size_t n, steps, inputs;
	double *vectors;  /* (n,T,I), or null */
	int32_t *letters; /* (n,T), or null */
	int32_t *labels;  /* (n,), (n,T) if each, or null */
	bool each;
	size_t room; /* sequences that the memory holds */
};

/* The operands [MODEL [DATA]] of a program: the model, and the data after it on the same stream, or
 * in a file of its own.  Shapes are checked; sequences are still to come.  Where digest, which was
 * begun, is not null, all bytes of the data are added to it as they come. */
struct rnn_data rnn_data_open(char **operands, struct rnn *m, struct digest *digest);

/* The data of a file for this model. */
struct rnn_data rnn_data_file(const char *path, const struct rnn *m, struct digest *digest);

/* Have all sequences, in the type they came in, and the labels after them; all are checked, and the
 * stream must end there. */
void rnn_data_load(struct rnn_data *d);

/* The next sequences in order, at most so many, into a batch that is reused, zeroed at first; how
 * many there are, 0 at the end.  Unless they were loaded they are read only now, and without
 * labels. */
size_t rnn_data_next(struct rnn_data *d, size_t most, struct rnn_batch *x);

/* The head of what is made of the sequences: doubles (N,T,width), without N where there is only one
 * sequence, without T unless `steps`, without the width where it is 0.  Sizes are checked. */
struct npy rnn_data_shape(const struct rnn_data *d, bool steps, size_t width);

/* n loaded sequences, by their numbers. */
void rnn_data_pick(const struct rnn_data *d, const size_t *which, size_t n, struct rnn_batch *x);

/* Free, after the last sequence; die unless the stream ends there, or with labels that fit. */
void rnn_data_close(struct rnn_data *d);
void rnn_batch_free(struct rnn_batch *x);

/* ---- losses, and what else is differentiated ---- */

enum rnn_of {
	RNN_ASSIGNMENT,    /* (y[0] - 1/2)^2 - log y[1], as document 003's assignment has it */
	RNN_CROSS_ENTROPY, /* -log y[label] */
	RNN_OF_A,          /* a unit of a, counted from 0; of an LSTM in the order i f C~ o */
	RNN_OF_H,          /* of h */
	RNN_OF_O,          /* of o */
	RNN_OF_Y,          /* of y */
};

struct rnn_goal {
	enum rnn_of of;
	size_t unit;
	bool every;  /* summed over all steps */
	size_t step; /* else at this one, counted from 0 */
};

/* "assignment", "cross-entropy": for cli_choice(). */
extern const char *const rnn_losses[];

/* Die where a loss lacks what it needs: labels, which were loaded, or two outputs. */
void rnn_loss_check(enum rnn_of of, const struct rnn_data *d);

/* The class that the sequence i of a batch is to be at step t; 0 where there are no labels. */
int32_t rnn_label(const struct rnn_batch *x, size_t i, size_t t);

/* The softmax of n outputs. */
void rnn_softmax(const double *o, size_t n, double *y);

/* RNN_ASSIGNMENT or RNN_CROSS_ENTROPY of n outputs o (a label counts only for the second), from the
 * logarithm of the softmax, so that it is finite where y underflows.  Where gradient is not null it
 * gets the derivative with respect to o. */
double rnn_loss(enum rnn_of of, const double *o, size_t n, int32_t label, double *gradient);

/* ---- passes ---- */

/* The state of a batch; what a pass needs that has no business in the model. */
struct rnn_pass;

/* For at most `batch` sequences of at most `steps` steps.  With history the states of all steps are
 * kept, T H doubles a sequence for a tanh RNN and 7 T H for an LSTM, which rnn_backward() needs;
 * without it only the last. */
struct rnn_pass *rnn_pass_new(const struct rnn *m, size_t batch, size_t steps, bool history);
void rnn_pass_free(struct rnn_pass *p);

/* A batch that keeps the memory of a pass within some dozen megabytes, and the processors busy. */
size_t rnn_pass_batch(const struct rnn *m, size_t steps, bool history);

/* Compute the states of all sequences of x. */
void rnn_forward(struct rnn_pass *p, const struct rnn *m, const struct rnn_batch *x);

/* After rnn_forward(): h of the sequences, (n,T,H), and o, (n,T,O); without history, of the last
 * step alone, (n,H) and (n,O). */
void rnn_hidden(const struct rnn_pass *p, double *h);
void rnn_outputs(const struct rnn_pass *p, const struct rnn *m, double *o);

/*
 * After rnn_forward() of the same x: the goal, summed over the sequences.  Where gradient is not
 * null the derivative of that sum is added to it: divide by n for a mean.  Where states is not null
 * it gets dL/dh_t, (n,T,H), of each sequence's own goal L: the whole derivative, by way of all
 * later steps.
 */
double rnn_backward(struct rnn_pass *p, const struct rnn *m, const struct rnn_batch *x,
                    const struct rnn_goal *goal, struct rnn *gradient, double *states);

#endif
