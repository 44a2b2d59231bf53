#include <math.h>

#include "image/image.h"

enum { ANCHORS = 21 };

const char *const image_map_names[] = {"gray",      "viridis",     "inferno", "magma",
                                       "diverging", "categorical", NULL};

/* clang-format off */
static const unsigned anchors[][ANCHORS] = {
	[IMAGE_VIRIDIS] = {
		0x440154, 0x481466, 0x482575, 0x463480, 0x414487, 0x3b528b, 0x345f8d,
		0x2f6c8e, 0x2a788e, 0x25848e, 0x21908c, 0x1e9c89, 0x22a884, 0x2fb47c,
		0x43bf71, 0x5dc963, 0x7ad151, 0x9ad93d, 0xbcdf27, 0xdde318, 0xfde725},
	[IMAGE_INFERNO] = {
		0x000004, 0x07051d, 0x170b3b, 0x2c0b57, 0x420a68, 0x57106d, 0x6b176e,
		0x7f1f6c, 0x932667, 0xa82d5f, 0xbb3755, 0xcd4248, 0xdd513a, 0xe9622a,
		0xf3771a, 0xf98d0a, 0xfca50a, 0xfbbd23, 0xf6d644, 0xf1ee72, 0xfcffa4},
	[IMAGE_MAGMA] = {
		0x000004, 0x07061b, 0x150e37, 0x261256, 0x3b0f70, 0x50127c, 0x641a80,
		0x782281, 0x8c2981, 0xa1307e, 0xb63779, 0xca3e72, 0xde4968, 0xed5a5f,
		0xf66f5c, 0xfb8761, 0xfe9f6d, 0xfeb77e, 0xfece91, 0xfde6a7, 0xfcfdbf},
	[IMAGE_DIVERGING] = {
		0x053061, 0x134b86, 0x2166ab, 0x327db8, 0x4393c3, 0x6bacd0, 0x92c5de,
		0xb2d5e7, 0xd1e5f0, 0xe4eef4, 0xf7f7f7, 0xfae9df, 0xfddbc7, 0xf8c0a4,
		0xf4a582, 0xe58268, 0xd6604d, 0xc43c3c, 0xb2182b, 0x8c0c25, 0x67001f},
};

static const unsigned classes[IMAGE_CLASSES] = {
	0x1f77b4, 0xff7f0e, 0x2ca02c, 0xd62728, 0x9467bd,
	0x8c564b, 0xe377c2, 0x7f7f7f, 0xbcbd22, 0x17becf};
/* clang-format on */

/* 0 red, 1 green, 2 blue of 0xrrggbb, as 0 ... 1 */
static double channel(unsigned color, int c)
{
	return (color >> (16 - 8 * c) & 255) / 255.0;
}

static void between_anchors(const unsigned *colors, double t, double rgb[3])
{
	double at = t * (ANCHORS - 1);
	int i = (int)fmin(at, ANCHORS - 2);

	for (int c = 0; c < 3; c++) {
		double low = channel(colors[i], c), high = channel(colors[i + 1], c);
		rgb[c] = low + (at - i) * (high - low);
	}
}

void image_map_color(enum image_map map, double t, double rgb[3])
{
	if (map == IMAGE_GRAY) {
		rgb[0] = rgb[1] = rgb[2] = t;
	} else if (map == IMAGE_CATEGORICAL) {
		for (int c = 0; c < 3; c++)
			rgb[c] = channel(classes[(int)t], c);
	} else {
		between_anchors(anchors[map], t, rgb);
	}
}
