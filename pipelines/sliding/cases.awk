# cases.awk - four telling places of a patch on an image
#
#	awk -v class=6 -v side=21 -f cases.awk PLACES
#
# PLACES has a line for each place, row by row: the probabilities of the classes 0 ... 9, and the share of the
# ink that is covered.  Cases that there are not are left out.
BEGIN {
	OFS = "\t"
	ink = before = sure = over = -1
}
{
	i = NR - 1
	p[i] = $(class + 1)
	covered[i] = $11
	told[i] = 0
	for (c = 1; c < 10; c++)
		if ($(c + 1) > $(told[i] + 1))
			told[i] = c
	of_told[i] = $(told[i] + 1)
	if (told[i] == class && (ink < 0 || $11 > covered[ink]))
		ink = i
}
END {
	for (i = 0; i < NR; i++) {
		if (i % side < side - 1) { pair(i, i + 1); pair(i + 1, i) }
		if (i + side < NR) { pair(i, i + side); pair(i + side, i) }
	}
	for (i = 0; i < NR; i++)
		if (told[i] != class && i != over && (sure < 0 || rank(i) > rank(sure)))
			sure = i
	print "case", "row", "column", "ink", "of_class", "told", "probability"
	put("most ink covered, yet right", ink)
	put("right, beside the fourth", before)
	put("surest of another class", sure)
	put("flipped, beside the second", over)
}
# The neighbours, one right and one flipped, between which the class loses most.
function pair(i, j) {
	if (told[i] == class && told[j] != class && (over < 0 || p[i] - p[j] > p[before] - p[over])) {
		before = i
		over = j
	}
}
# Answers that are not that of the fourth case come first.
function rank(i) { return of_told[i] + (over >= 0 && told[i] != told[over]) }
function put(name, i) {
	if (i >= 0)
		print name, int(i / side), i % side, sprintf("%.4f", covered[i]), p[i], told[i], of_told[i]
}
