/*
 * mapping - how pixels become a network's input: (pixel - mean) / scale, with one mean and one
 * scale for all channels, or with those of each channel, as PyTorch's Normalize has them.
 */
#ifndef SPEC_MAPPING_H
#define SPEC_MAPPING_H

#include <stdbool.h>
#include <stddef.h>

struct mapping {
	size_t n; /* means, and scales: 1 for all channels, or one for each */
	double *mean, *scale;
};

/* From lists, each of one number for all channels or of one for each.  Channels that are all alike
 * get one mean and one scale. */
struct mapping mapping_new(size_t means, const double mean[], size_t scales, const double scale[]);
void mapping_free(struct mapping *m);

/* Those of a channel. */
double mapping_mean(const struct mapping *m, size_t channel);
double mapping_scale(const struct mapping *m, size_t channel);

/* The least scale of any channel. */
double mapping_least_scale(const struct mapping *m);

bool mapping_same(const struct mapping *a, const struct mapping *b);

/* As network(5) has it, to be freed: "mean 0 scale 255", "mean 124 116 104 scale 58.5 57 57.5". */
char *mapping_text(const struct mapping *m);

#endif
