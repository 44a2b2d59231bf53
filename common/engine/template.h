/* template - what a template's loops, compiled for several vector lengths, have in common. */
#ifndef ENGINE_TEMPLATE_H
#define ENGINE_TEMPLATE_H

#include <stddef.h>
#include <stdint.h>

#include "engine/plan.h"

/* Of a plane of h x w elements of a block of channels: where in each channel the largest is, the
 * first of equals, counted row by row. */
typedef void template_peak(const struct shape *s, const float *from, int32_t *at);

/* Such a plane times the template of each channel's peak, over tau; 0 where that is negative. */
typedef void template_mask(const struct shape *s, const float *from, const int32_t *at, float *to);

#endif
