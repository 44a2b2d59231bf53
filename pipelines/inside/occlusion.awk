# occlusion.awk - what a patch of patch x patch pixels does to images of rows x columns, a line for each
#
#	awk -v patch=15 -v rows=28 -v columns=28 -f occlusion.awk IMAGES PLACES
#
# IMAGES has for each image its class, the class predicted and the probability of its class.  PLACES has for
# each image a line for each pixel that the patch is centered on: the probability of its class, the class
# predicted, and the share of its ink that is covered.
#
# Flips, which change the class predicted, and the least and the largest probability are counted where the
# patch is inside the image.  What the patch takes from the probability is a mean over the places, of all
# pixels, where it covers more than a tenth of the ink, and over those where it covers less than a hundredth.
# correlation is that of ink covered and probability lost.
BEGIN { FS = OFS = "\t"; all = rows * columns }
NR == FNR {
	images++
	class[images] = $1
	predicted[images] = $2
	probability[images] = $3
	next
}
FNR == 1 {
	print "image", "true", "predicted", "probability", "places", "flips", "share", "most_flips", "of_them", \
		"worst_class", "worst", "low", "high", "lost_ink", "lost_background", "correlation"
}
{
	i = int((FNR - 1) / all) + 1
	place = (FNR - 1) % all
	if (place == 0)
		begin()
	lost = probability[i] - $1
	n++
	sx += $3; sy += lost; sxx += $3 ^ 2; syy += lost ^ 2; sxy += $3 * lost
	if ($3 > 0.1) { ink++; lost_ink += lost }
	if ($3 < 0.01) { ground++; lost_ground += lost }
	if ($1 < worst) { worst = $1; worst_class = $2 }
	if (inside(int(place / columns), rows) && inside(place % columns, columns)) {
		places++
		if ($1 < low) low = $1
		if ($1 > high) high = $1
		if ($2 != predicted[i]) { flips++; to[$2]++ }
	}
	if (place == all - 1)
		report()
}
function inside(center, side) { return center >= int(patch / 2) && center - int(patch / 2) + patch <= side }
function begin() {
	n = sx = sy = sxx = syy = sxy = ink = lost_ink = ground = lost_ground = places = flips = high = 0
	worst = low = 2
	split("", to)
}
function mean(sum, count) { return count ? sprintf("%.4f", sum / count) : "nan" }
function report(    c, most, variances) {
	most = "none"
	for (c = 0; c < 10; c++)
		if (c in to && (most == "none" || to[c] > to[most]))
			most = c
	variances = (n * sxx - sx ^ 2) * (n * syy - sy ^ 2)
	print i - 1, class[i], predicted[i], sprintf("%.4f", probability[i]), places, flips, flips / places, most, to[most] + 0, \
		worst_class, sprintf("%.4f", worst), sprintf("%.4f", low), sprintf("%.4f", high), mean(lost_ink, ink), \
		mean(lost_ground, ground), (variances > 0 ? sprintf("%.3f", (n * sxy - sx * sy) / sqrt(variances)) : "nan")
}
