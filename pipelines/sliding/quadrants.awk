# quadrants.awk - in which part of the image the centre of a patch is when it flips
#
# A line of input is the class told at a place, side x side of them for each image, row by row; side is odd.
BEGIN {
	OFS = "\t"
	half = (side - 1) / 2
}
{
	place = (NR - 1) % (side * side)
	row = int(place / side)
	column = place % side
	part = row == half || column == half ? "middle lines" : (row < half ? "upper" : "lower") " " (column < half ? "left" : "right")
	places[part]++
	flips[part] += $1 != class
	all += $1 != class
}
END {
	print "part", "places", "flips", "rate", "share"
	n = split("upper left,upper right,lower left,lower right,middle lines", parts, ",")
	for (i = 1; i <= n; i++)
		print parts[i], places[parts[i]], flips[parts[i]], flips[parts[i]] / places[parts[i]], all ? flips[parts[i]] / all : "nan"
}
