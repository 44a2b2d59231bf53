# sheet.awk - lay images out by a map: for each cell of a square grid, row by row from above, the number of the point
# that is next to its middle, or the number of points where none is in it
#
# awk -v side=CELLS -f sheet.awk POINTS: a line for each point, its two coordinates first.
{
	x[NR] = $1
	y[NR] = $2
	if (NR == 1 || $1 < left) left = $1
	if (NR == 1 || $1 > right) right = $1
	if (NR == 1 || $2 < bottom) bottom = $2
	if (NR == 1 || $2 > top) top = $2
}
# Which cell, from 0, and how far from its middle; the square is around the middle of the map.
function cell(at, low, high) {
	place = side / 2 + (at - (low + high) / 2) / span * side
	number = int(place)
	if (number >= side) number = side - 1
	off = place - number - 0.5
	return number
}
END {
	span = right - left > top - bottom ? right - left : top - bottom
	if (span == 0) span = 1
	for (i = 1; i <= NR; i++) {
		column = cell(x[i], left, right)
		d = off * off
		row = side - 1 - cell(y[i], bottom, top)
		d += off * off
		at = row * side + column
		if (!(at in image) || d < nearest[at]) {
			image[at] = i - 1
			nearest[at] = d
		}
	}
	for (at = 0; at < side * side; at++)
		print at in image ? image[at] : NR
}
