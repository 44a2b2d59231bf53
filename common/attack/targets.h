/* targets - which class is meant for each image. */
#ifndef ATTACK_TARGETS_H
#define ATTACK_TARGETS_H

#include <stddef.h>
#include <stdint.h>

#include "dataset/dataset.h"

enum targets_kind {
	TARGETS_LIST,      /* those of a list, in turn */
	TARGETS_EACH,      /* one for each image */
	TARGETS_LABEL,     /* the label: one for each, once targets_for() has them */
	TARGETS_PREDICTED, /* the class whose logit is largest */
};

struct targets {
	enum targets_kind kind;
	size_t n;
	int32_t *class;
};

/*
 * What a user writes: "label", "predicted"; a list of classes such as "3", "0,4,7" or ":" (all of
 * them), which the images take in turn; or a file with an array (N) of classes.  They are below
 * `classes`, or death with a message that names the option.
 */
struct targets targets_parse(const char *option, const char *text, size_t classes);

/* The same of classes that stay while an image is changed, as what is predicted does not: death for
 * that. */
struct targets targets_lasting(const char *option, const char *text, size_t classes);

/* The same of classes that images are changed towards, of which the label and what is predicted are
 * none: death for both. */
struct targets targets_towards(const char *option, const char *text, size_t classes);

/* Have the classes for these images, of which none has been taken yet: labels are read, and any
 * other targets must be for as many images, or, of a list, for a divisor of them. */
void targets_for(struct targets *t, const char *option, struct images *images, size_t classes);

/* Die unless the classes of a list, or one for each, go with n images. */
void targets_fit(const struct targets *t, const char *option, size_t n);

/* The class meant for image i, whose logits these are. */
size_t targets_class(const struct targets *t, size_t i, const float *logits, size_t classes);

void targets_free(struct targets *t);

#endif
