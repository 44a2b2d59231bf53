/*
 * goal - the error that is wanted of an image: another class than its label, or a target.
 *
 * With logits z, label y and target t, a goal is judged by its lead, which is above 0 where the
 * network does not err as it should:
 *
 *	any other class		z[y] - max over j != y of z[j]
 *	the target		max over j != t of z[j] - z[t]
 *
 * This is the f of Carlini and Wagner ("Towards evaluating the robustness of neural networks",
 * 2017, section V.A, f6, and VI.A), before it is cut off at -confidence.
 */
#ifndef MINIMAL_GOAL_H
#define MINIMAL_GOAL_H

#include <stdbool.h>
#include <stddef.h>

struct goal {
	size_t label;
	bool targeted;
	size_t target;
	double confidence; /* how far below 0 the lead must be */
};

/* The lead; `ahead` and `behind` get the two classes of whose logits it is the difference. */
double goal_lead(const struct goal *g, const float *logits, size_t classes, size_t *ahead,
                 size_t *behind);

/* Whether the predicted class, which is that of the largest logit, the first of equals, is the one
 * wanted, with a lead of at most -confidence. */
bool goal_reached(const struct goal *g, const float *logits, size_t classes);

/*
 * A loss that falls as the goal comes nearer, and its derivative with respect to each logit: with
 * p = softmax(z)
 *
 *	the target		-log p[t]: cross-entropy
 *	any other class		-log(1 - p[y]): cross-entropy too, of the two events that the class
 *				is y or not; with two classes it is that of the other one
 */
double goal_loss(const struct goal *g, const float *logits, size_t classes);
void goal_loss_gradient(const struct goal *g, const float *logits, size_t classes, float *gradient);

#endif
