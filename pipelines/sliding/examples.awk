# examples.awk - places where a window flips an image, beside what black does there
#
#	awk -v class=6 -v side=19 -v most=5 -f examples.awk PLACES
#
# PLACES has a line for each place, row by row: the probabilities of the classes 0 ... 9 under the window, then
# those under black.  The surest wrong answers come first, and where there are not enough of them right ones
# that are least sure.  Each is five pixels from those before it, in one direction at least, or as near as
# five wrong ones want.
BEGIN { FS = OFS = "\t" }
{
	i = NR - 1
	black[i] = best(10)
	of_black[i] = $(black[i] + 11)
	window[i] = best(0)
	of_window[i] = $(window[i] + 1)
	wrong[i] = window[i] == class ? -of_window[i] : of_window[i]
}
END {
	print "row", "column", "black", "of_black", "window", "of_window"
	for (far = 5; far > 0 && !(n == most && wrong[chosen[n]] > 0); far--)
		for (n = 0; n < most && (i = surest()) >= 0;)
			chosen[++n] = i
	for (k = 1; k <= n; k++) {
		i = chosen[k]
		print int(i / side), i % side, black[i], of_black[i], window[i], of_window[i]
	}
}
function best(first,    c, b) {
	b = 0
	for (c = 1; c < 10; c++)
		if ($(first + c + 1) > $(first + b + 1))
			b = c
	return b
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
