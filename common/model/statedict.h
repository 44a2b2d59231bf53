/*
 * statedict - which tensor of a PyTorch state_dict is which parameter of a network.
 *
 * A tensor's name is that of a module and, behind the last dot, of its part: "0.weight",
 * "features.3.running_mean".  A module is the layer of its name, where each character that is
 * neither letter nor digit is "_": conv1, features_3.  Where no module has the name of a layer,
 * they are the layers with parameters in order: the modules of a torch.nn.Sequential are numbers.
 */
#ifndef STATEDICT_H
#define STATEDICT_H

#include "model/safetensors.h"
#include "spec/spec.h"

/* Whether a file is no model of ours, so that it can be such a dictionary. */
bool statedict_is(const struct safetensors *s);

/* For each parameter of the network its tensor, or null where there is none; to be freed.  Dies,
 * with a message that calls the file `name`, where the order of the modules does not follow from
 * their names, where a layer has not all parts of its module, or where there are more modules than
 * layers. */
const struct safetensor **statedict_find(const struct safetensors *s, const struct spec *spec,
                                         const char *name);

#endif
