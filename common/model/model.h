/*
 * model - a network with its parameters: spec and named tensors <-> one safetensors file.
 *
 * Tensors are named, shaped and meant as PyTorch's: conv1.weight (out,in,kh,kw), dense1.weight
 * (out,in) with inputs flattened in the order C,H,W, bn1.weight, bn1.bias, bn1.running_mean and
 * bn1.running_var (unbiased; eps 1e-5).  The file's __metadata__ holds
 *
 *	format		"pt", for libraries that ask which framework's conventions these are
 *	network		the network's text, as given
 *	history		what was done to the model: history.h
 *
 * model(5) is the manual.  Tensors whose name starts with "optimizer.", "average." or "best."
 * belong to a checkpoint and are passed over, so a checkpoint can be used as a model.
 */
#ifndef MODEL_H
#define MODEL_H

#include "model/history.h"
#include "model/safetensors.h"
#include "spec/spec.h"

struct model {
	struct spec spec;
	float **tensor; /* spec.parameters of them, in C order; null: only a network, without any */
	char *history;  /* "" or lines, each ended by a newline */
};

/* Every parameter as spec's `start` has it: zero, but batch norm's weight and running_var 1, as
 * PyTorch starts them.  The spec becomes the model's. */
struct model model_new(struct spec spec);
void model_free(struct model *m);

/* Read a model, "-" being stdin; die if a tensor is missing, of another shape, unknown, not finite
 * or a negative running_var:
 * "model.safetensors: layer conv2: expected weight (32,32,3,3), found (32,1,3,3)". */
struct model model_read(const char *path);

/* Read a model or only a network's text, "-" being stdin: a text has neither tensors nor history.
 */
struct model model_read_either(const char *path);

/* The text of a file that is one, to be freed; or null, and the contents of a safetensors file. */
char *model_or_text(const char *path, struct safetensors *s);

/* A model from a file's contents already read (a checkpoint's). */
struct model model_from(const struct safetensors *s, const char *name);

/* Die unless parameter i is finite, and not negative where it is a variance; messages call the file
 * `name` and the parameter `tensor`. */
void model_check(const struct model *m, int i, const char *name, const char *tensor);

/* The file's contents, to add to and to write. */
struct safetensors model_contents(const struct model *m);

/* Write to stdout, dying as out_write() does; a terminal is refused. */
void model_write(const struct model *m);

/* A parameter's elements as an array, which shares them. */
struct npy parameter_array(const struct parameter *p, float *elements);

/* Whether a tensor of this name is a checkpoint's own, and no parameter. */
bool model_is_aside(const char *name);

#endif
