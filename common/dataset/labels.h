/* labels - the array behind the images of a stream: dataset's inside. */
#ifndef DATASET_LABELS_H
#define DATASET_LABELS_H

#include "dataset/dataset.h"

/* The labels that must follow, of `classes` classes: hard ones, or either kind. */
int32_t *labels_read(struct images *s, size_t classes);
struct labels labels_read_any(struct images *s, size_t classes);

/* Whether labels follow, of either kind; anything else that does is refused. */
bool labels_next(struct images *s, struct npy *head);

/* The labels of this head to stdout, each `copies` times.  n * copies is known to fit. */
void labels_copy(const struct images *s, const struct npy *head, size_t copies);

#endif
