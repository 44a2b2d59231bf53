# quarters.awk - name the part of the image in which the center of a patch is
#
#	awk -v cover=black -v side=21 -f quarters.awk FLIPS
#
# A line of FLIPS is 1 where the patch flips an image and 0 where it does not, side x side places for each
# image, row by row.  A line of output is the cover, the part, the image from 0, and the same number.  Places
# on the middle row or column, where side is odd, are in no quarter.
BEGIN {
	OFS = "\t"
	middle = (side - 1) / 2
}
{
	place = (NR - 1) % (side * side)
	row = int(place / side)
	column = place % side
	part = row == middle || column == middle ? "middle" : (row < middle ? "upper" : "lower") "-" (column < middle ? "left" : "right")
	print cover, part, int((NR - 1) / (side * side)), $1
}
