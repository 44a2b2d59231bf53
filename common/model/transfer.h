/*
 * transfer - a network that gets the tensors of another model, layer by layer: a layer is copied
 * whole or is "fresh", so that weights never stand beside the bias of others.
 *
 *	bool *fresh = spec_listed(&m.spec, "dense2");
 *	transfer_mark(&m.spec, &from.spec, fresh);
 *	transfer_copy(&m, &from, fresh, "digits.model");
 */
#ifndef TRANSFER_H
#define TRANSFER_H

#include "model/model.h"

/* Mark also the layers that cannot be copied: `from` lacks one of their tensors, or has it in
 * another shape. */
void transfer_mark(const struct spec *spec, const struct spec *from, bool fresh[]);

/* Copy the tensors of all layers but the fresh ones.  Dies where one cannot be copied, with a
 * message that calls the other model `name`. */
void transfer_copy(struct model *m, const struct model *from, const bool fresh[], const char *name);

/* The names of the layers with parameters that are fresh, or of those that are not, as a list to be
 * freed; null: there is none. */
char *transfer_names(const struct spec *spec, const bool fresh[], bool are);

#endif
