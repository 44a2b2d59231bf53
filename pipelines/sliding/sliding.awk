# sliding.awk - what a patch in each place does to images of 28 x 28, a line for each
#
#	awk -v class=6 -v side=21 -f sliding.awk PROBABILITIES
#
# PROBABILITIES has for each image side x side lines, one for each place, row by row: the probabilities of the
# classes 0 ... 9.  A flip is a place where another class than `class` is told.
#
# sharpest is the largest change of the class's probability from a place, row and column, to its neighbour
# below or on its right.  nearest and farthest are the shortest and the longest way from a flip to the place
# where the answer is right that is nearest to it; outside, how far the patch goes, coming straight in
# from beyond an edge, before it flips.  All are pixels.
BEGIN {
	OFS = "\t"
	print "image", "places", "right", "accuracy", "flips", "taken_for", "least", "sharpest", "row", "column", \
		"neighbour", "nearest", "farthest", "outside"
}
{
	place = (NR - 1) % (side * side)
	p[place] = $(class + 1)
	told[place] = best()
	if (place == side * side - 1)
		report()
}
function best(    i, b) {
	b = 1
	for (i = 2; i <= 10; i++)
		if ($i > $b)
			b = i
	return b - 1
}
function report(    i, c, flips, to, most, least) {
	change = -1
	flips = 0
	most = "none"
	least = p[0]
	for (i = 0; i < side * side; i++) {
		if (told[i] != class) { flips++; to[told[i]]++ }
		if (p[i] < least) least = p[i]
		if (i % side < side - 1) compare(i, i + 1, "right")
		if (i < side * (side - 1)) compare(i, i + side, "below")
	}
	for (c = 0; c < 10; c++)
		if (c in to && (most == "none" || to[c] > to[most]))
			most = c
	measure()
	print (NR / side / side) - 1, side * side, side * side - flips, 1 - flips / side / side, flips, most, least, \
		change, int(at / side), at % side, direction, nearest, farthest, outside
}
function compare(i, j, where,    d) {
	d = p[i] > p[j] ? p[i] - p[j] : p[j] - p[i]
	if (d > change) { change = d; at = i; direction = where }
}
function measure(    i, j, d, least) {
	nearest = farthest = outside = "none"
	for (i = 0; i < side * side; i++) {
		if (told[i] == class)
			continue
		least = 1e9
		for (j = 0; j < side * side; j++)
			if (told[j] == class) {
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
# The nearer of the two ways in along an axis; the patch has 29 - side pixels.
function edge(k) { return (k < side - 1 - k ? k : side - 1 - k) + 29 - side }
