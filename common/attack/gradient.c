#include "attack/gradient.h"

#include <stdlib.h>

#include "base/base.h"

struct gradient gradient_new_of(struct engine *e, const struct spec *spec, size_t outputs,
                                size_t batch)
{
	return (struct gradient){.engine = e,
	                         .pixels = shape_count(spec->input),
	                         .classes = outputs,
	                         .by_logit = xcalloc(batch, outputs * sizeof(float))};
}

struct gradient gradient_new(struct engine *e, const struct spec *spec, size_t batch)
{
	return gradient_new_of(e, spec, spec_classes(spec), batch);
}

void gradient_free(struct gradient *g)
{
	free(g->by_logit);
}

const float *gradient_pass(struct gradient *g, const float *x, const size_t *at, size_t n,
                           gradient_goal *goal, void *context)
{
	for (size_t j = 0; j < n; j++)
		engine_image(g->engine, j, NPY_F4, x + (at ? at[j] : j) * g->pixels);
	engine_forward(g->engine, n);
	if (!goal(context, n, engine_output(g->engine), g->by_logit))
		return NULL;
	engine_backward(g->engine, n, g->by_logit);
	return engine_input_gradient(g->engine);
}
