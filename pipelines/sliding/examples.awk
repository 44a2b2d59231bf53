# examples.awk - places where a window flips an image, beside the same places under black
#
#	awk -v class=6 -v side=19 -v most=5 -f examples.awk PLACES
#
# PLACES has a line for each of side x side places, row by row: the class predicted under the window and its
# probability, then the same under black.  The surest wrong predictions come first; where there are fewer than
# `most`, right ones that are least sure follow.  Each place is five pixels from those before it, along a row or a
# column, or as near as `most` wrong ones want.
BEGIN { FS = OFS = "\t" }
{
	i = NR - 1
	window[i] = $1
	of_window[i] = $2
	black[i] = $3
	of_black[i] = $4
	wrong[i] = window[i] == class ? -of_window[i] : of_window[i]
}
END {
	print "place", "row", "column", "black", "of_black", "window", "of_window"
	for (far = 5; far > 0 && !(n == most && wrong[chosen[n]] > 0); far--)
		for (n = 0; n < most && (i = surest()) >= 0;)
			chosen[++n] = i
	for (k = 1; k <= n; k++) {
		i = chosen[k]
		print i, int(i / side), i % side, black[i], of_black[i], window[i], of_window[i]
	}
}
function surest(    i, s) {
	s = -1
	for (i = 0; i < NR; i++)
		if (apart(i) && (s < 0 || wrong[i] > wrong[s]))
			s = i
	return s
}
function apart(i,    k) {
	for (k = 1; k <= n; k++)
		if (near(int(i / side) - int(chosen[k] / side)) && near(i % side - chosen[k] % side))
			return 0
	return 1
}
function near(d) { return d < far && -d < far }
