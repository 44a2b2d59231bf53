/*
 * transfer - a network that gets the tensors of a file, layer by layer: a layer is copied whole or
 * is "fresh", so that weights never stand beside the bias of others.
 *
 *	struct transfer t = transfer_open("digits.model", &m.spec);
 *	bool *fresh = spec_listed(&m.spec, "--fresh", "dense2");
 *	transfer_mark(&t, fresh);
 *	transfer_copy(&t, &m, fresh);
 *	transfer_close(&t);
 */
#ifndef TRANSFER_H
#define TRANSFER_H

#include "model/model.h"

struct transfer {
	const char *name; /* of the file */
	const struct spec *spec;
	struct safetensors file;
	const struct safetensor **source; /* for each parameter: its tensor, or null */
	char *history;                    /* where the model comes from */
};

/* Read a model, "-" being stdin, whose tensors are found by name, or the state_dict of a network in
 * PyTorch: statedict.h says how its tensors are found.  Dies as model_read() does. */
struct transfer transfer_open(const char *path, const struct spec *spec);
void transfer_close(struct transfer *t);

/* Mark also the layers that cannot be copied: the file lacks one of their tensors, or has it in
 * another shape. */
void transfer_mark(const struct transfer *t, bool fresh[]);

/* Copy the tensors of all layers but the fresh ones.  Dies where one cannot be copied. */
void transfer_copy(const struct transfer *t, struct model *m, const bool fresh[]);

/* The names of the layers with parameters that are fresh, or of those that are not, as a list to be
 * freed; null: there is none. */
char *transfer_names(const struct spec *spec, const bool fresh[], bool are);

#endif
