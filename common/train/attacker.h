/*
 * attacker - the images of a batch as an adversary changes them: network's inside.
 *
 * It computes with a network in inference, so batch norm by the running statistics and without
 * dropout, as the attacks do that the trained network is measured by.
 */
#ifndef TRAIN_ATTACKER_H
#define TRAIN_ATTACKER_H

#include "engine/engine.h"
#include "train/adversary.h"
#include "train/train.h"

struct attacker;

/* Of at most `batch` images at a time.  What is drawn is a function of the seed, of the batch's
 * epoch and of an image's number. */
struct attacker *attacker_new(const struct spec *spec, const struct adversary *a, uint64_t seed,
                              size_t batch);
void attacker_free(struct attacker *a);

/* The network's parameters come from here: engine_load() and engine_take() are for it. */
struct engine *attacker_engine(struct attacker *a);

/* The batch's images, changed within this share of the bound: b->n rows of floats, till the next
 * call. */
const float *attacker_run(struct attacker *a, const struct batch *b, double share);

#endif
