/*
 * cost - a number that says how much of a class the logits have, and its derivative.
 *
 * With logits z, p = softmax(z) and the class c:
 *
 *	logit		z[c]
 *	probability	p[c]
 *	loss		-log p[c]
 *	margin		max z[j] - z[c] over all j != c, of at least two classes (Carlini, Wagner:
 *			"Towards evaluating the robustness of neural networks", 2017, f6): above 0
 *			where another class is predicted
 *
 * A cost is added with its constant, its name and its row in cost.c.
 */
#ifndef ATTACK_COST_H
#define ATTACK_COST_H

#include <stddef.h>

enum cost { COST_LOGIT, COST_PROBABILITY, COST_LOSS, COST_MARGIN };

/* "logit", "probability", "loss", "margin": for OPTION_CHOICE. */
extern const char *const cost_names[];

/* Die, naming the option, where so few classes have no such cost. */
void cost_check(enum cost cost, const char *option, size_t classes);

/* An image's cost, from the logits of all classes. */
double cost_value(enum cost cost, const float *logits, size_t classes, size_t c);

/* Its derivative with respect to each logit. */
void cost_gradient(enum cost cost, const float *logits, size_t classes, size_t c, float *gradient);

#endif
