/* upsample - what upsampling's loops, compiled for several vector lengths, have in common. */
#ifndef ENGINE_UPSAMPLE_H
#define ENGINE_UPSAMPLE_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "engine/plan.h"

/* So many planes, each a block of channels of an image: from the layer's input to its output, or
 * from the gradient at the output to that at the input. */
typedef void upsample(const struct layer *l, size_t planes, const float *from, float *to);

#endif
