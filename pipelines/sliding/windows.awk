# windows.awk - how often a patch flips, for each class and what the patch shows
#
#	awk -v places=361 -f windows.awk PAIRS
#
# A line of PAIRS is an image and what the patch shows: the classes of both, the second being black where it is
# none; the flipped places; and those of them where the class that the patch shows is told.
BEGIN { FS = OFS = "\t" }
{
	pairs[$1, $2]++
	flips[$1, $2] += $3
	to[$1, $2] += $4
}
END {
	print "digit", "shown", "pairs", "places", "flips", "rate", "to_shown"
	for (a = 0; a < 10; a++) {
		for (b = 0; b < 10; b++)
			put(a, b)
		put(a, "black")
	}
}
function put(a, b) {
	if ((a, b) in pairs)
		print a, b, pairs[a, b], places * pairs[a, b], flips[a, b], flips[a, b] / places / pairs[a, b], to[a, b]
}
