# sliding.awk - how a patch in each place changes the predictions for images, a line for each image
#
#	awk -v class=6 -v side=21 -v patch=8 -f sliding.awk PLACES
#
# PLACES has for each image side x side lines, one for each place, row by row: the probability of the image's
# class, and the predicted class.  A flip is a place where another class is predicted; patch is the side of the
# patch in pixels.
#
# sharpest is the largest change of the probability from a place, row and column, to its neighbor below or on its
# right.  nearest and farthest are the shortest and the longest way from a flip to the place nearest to it
# that is none; outside is how far the patch goes before it flips when it comes straight in from beyond an
# edge.  All are pixels.
BEGIN {
	OFS = "\t"
	print "image", "places", "right", "accuracy", "flips", "least", "sharpest", "row", "column", "neighbor", \
		"nearest", "farthest", "outside"
}
{
	place = (NR - 1) % (side * side)
	p[place] = $1
	flipped[place] = $2 != class
	if (place == side * side - 1)
		report()
}
function report(    i, flips, least) {
	change = -1
	flips = 0
	least = p[0]
	for (i = 0; i < side * side; i++) {
		flips += flipped[i]
		if (p[i] < least) least = p[i]
		if (i % side < side - 1) compare(i, i + 1, "right")
		if (i < side * (side - 1)) compare(i, i + side, "below")
	}
	measure()
	print (NR / side / side) - 1, side * side, side * side - flips, 1 - flips / side / side, flips, least, \
		change, int(at / side), at % side, direction, nearest, farthest, outside
}
function compare(i, j, where,    d) {
	d = p[i] > p[j] ? p[i] - p[j] : p[j] - p[i]
	if (d > change) { change = d; at = i; direction = where }
}
function measure(    i, j, d, least) {
	nearest = farthest = outside = "none"
	for (i = 0; i < side * side; i++) {
		if (!flipped[i])
			continue
		least = 1e9
		for (j = 0; j < side * side; j++)
			if (!flipped[j]) {
				d = (int(i / side) - int(j / side)) ^ 2 + (i % side - j % side) ^ 2
				if (d < least) least = d
			}
		if (least < 1e9) {
			least = sprintf("%.2f", sqrt(least))
			if (nearest == "none" || least + 0 < nearest + 0) nearest = least
			if (farthest == "none" || least + 0 > farthest + 0) farthest = least
		}
		d = edge(int(i / side))
		if (edge(i % side) < d) d = edge(i % side)
		if (outside == "none" || d < outside) outside = d
	}
}
# The nearer of the two ways in along an axis.
function edge(k) { return (k < side - 1 - k ? k : side - 1 - k) + patch }
