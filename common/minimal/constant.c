#include "minimal/constant.h"

#include <math.h>

struct constant constant_begin(double first, double searches)
{
	return (struct constant){.value = first, .high = INFINITY, .left = searches};
}

bool constant_next(struct constant *c, bool succeeded)
{
	if (succeeded)
		c->high = c->value;
	else
		c->low = c->value;
	c->value = isinf(c->high) ? 10 * c->value : (c->low + c->high) / 2;
	return --c->left > 0;
}
