# cases.awk - four telling places of a patch on an image
#
#	awk -v class=6 -v side=21 -f cases.awk PLACES
#
# PLACES has a line for each of side x side places, row by row: the probability of the image's class, the
# predicted class, its probability, and the share of the ink that is covered.  Cases that there are not are
# left out.
BEGIN {
	OFS = "\t"
	ink = before = sure = over = -1
}
{
	i = NR - 1
	p[i] = $1
	predicted[i] = $2
	of_predicted[i] = $3
	covered[i] = $4
	if (predicted[i] == class && (ink < 0 || covered[i] > covered[ink]))
		ink = i
}
END {
	for (i = 0; i < NR; i++) {
		if (i % side < side - 1) { pair(i, i + 1); pair(i + 1, i) }
		if (i + side < NR) { pair(i, i + side); pair(i + side, i) }
	}
	for (i = 0; i < NR; i++)
		if (predicted[i] != class && i != over && (sure < 0 || rank(i) > rank(sure)))
			sure = i
	print "case", "place", "row", "column", "ink", "of_class", "predicted", "probability"
	put("most ink covered, yet right", ink)
	put("right, beside the fourth", before)
	put("surest of another class", sure)
	put("flipped, beside the second", over)
}
# The neighbors, one right and one flipped, between which the class loses most.
function pair(i, j) {
	if (predicted[i] == class && predicted[j] != class && (over < 0 || p[i] - p[j] > p[before] - p[over])) {
		before = i
		over = j
	}
}
# Other classes than that of the fourth case come first.
function rank(i) { return of_predicted[i] + (over >= 0 && predicted[i] != predicted[over]) }
function put(name, i) {
	if (i >= 0)
		print name, i, int(i / side), i % side, sprintf("%.4f", covered[i]), p[i], predicted[i], of_predicted[i]
}
