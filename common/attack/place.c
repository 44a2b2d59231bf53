#include "attack/place.h"

size_t place_class(const struct evade_options *o, const struct place *p)
{
	return o->targets ? targets_class(o->targets, p->image, NULL, 0) : p->leave;
}

bool place_fools(const struct evade_options *o, const struct place *p, size_t predicted)
{
	return o->targets ? predicted == place_class(o, p) : predicted != p->leave;
}

bool place_wrong(const struct evade_options *o, const struct place *p, size_t predicted)
{
	return p->first && !o->of_predicted && predicted != p->leave;
}

bool place_goes_straight(const struct evade_options *o)
{
	return o->bounded.start == START_CENTER && (!o->of_predicted || o->targets);
}

bool place_wants(const struct evade_options *o, const struct place *p)
{
	return p->step < o->bounded.steps && (!p->first || place_goes_straight(o));
}

bool place_still_wants(const struct evade_options *o, const struct place *p, size_t predicted)
{
	return place_wants(o, p) && !place_wrong(o, p, predicted) &&
	       (o->all_steps || !place_fools(o, p, predicted));
}
