#include "digits/digits.h"

#include "digits/parts.h"

/* Random numbers set aside for a digit; the first is its label's. */
enum { DRAWS = 1024 };

static struct dice dice_of(uint64_t seed, uint64_t index)
{
	return (struct dice){{seed, rng_stream("digits")}, index * DRAWS};
}

uint8_t digits_label(uint64_t seed, uint64_t index, const uint8_t labels[], int n)
{
	struct dice dice = dice_of(seed, index);

	return labels[rng_below(dice.rng, dice.next, (uint64_t)n)];
}

void digits_draw(uint64_t seed, uint64_t index, int label, uint8_t image[DIGITS_PIXELS])
{
	struct dice dice = dice_of(seed, index);
	struct trace trace;
	double ink[DIGITS_BOX][DIGITS_BOX];

	dice.next++;
	hand_write(label, &dice, &trace);
	frame_fit(&trace);
	pen_draw(&trace, ink);
	frame_center(ink, image);
}
