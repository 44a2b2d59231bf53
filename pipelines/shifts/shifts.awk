# shifts.awk - how far digits can be moved, a line for each
#
# A line of input is an image: its class, what it is told to be as it is, three pixels to the left and three to
# the right, and the shortest shift after which it is told to be something else, in pixels, or inf, the
# lines being sorted by it.  The shortest and the median are over those that are told right as they are.
BEGIN { FS = OFS = "\t" }
{
	images[$1]++
	right[$1] += $2 == $1
	left3[$1] += $3 == $1
	right3[$1] += $4 == $1
	if ($2 == $1) {
		n[$1]++
		shift[$1, n[$1]] = $5 == "inf" ? 1e9 : $5
		never[$1] += $5 == "inf"
	}
}
END {
	print "digit", "images", "right", "right_3_left", "right_3_right", "shortest", "median", "never"
	for (c = 0; c < 10; c++) {
		print c, images[c] + 0, right[c] + 0, left3[c] + 0, right3[c] + 0, pixels(shift[c, 1]),
			pixels((shift[c, int((n[c] + 1) / 2)] + shift[c, int(n[c] / 2) + 1]) / 2), never[c] + 0
	}
}
function pixels(d) { return d > 0 && d < 1e8 ? sprintf("%.2f", d) : "none" }
