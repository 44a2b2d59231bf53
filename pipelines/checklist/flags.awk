# flags.awk - the signs of a masked gradient, for each defense
#
# The first input has for each defense the share of images, of those classified correctly, for which the derivative of the
# loss is zero for every pixel; the second is accuracy.tsv.  The variables: tolerance, of accuracies; filters, the
# names of defenses that are filters.  "first" and "second" are the numbers that a flag compares; a flag is
# raised where first - second > tolerance.
BEGIN {
	FS = OFS = "\t"
	n = split(filters, word, " ")
	for (i = 1; i <= n; i++)
		filter[word[i]]
	print "defense", "flag", "first", "second", "raised"
}
FNR == 1 {
	file++
	for (i = 1; i <= NF; i++)
		at[$i] = i
	next
}
file == 1 { stuck[$1] = $2; order[++defenses] = $1; next }
{
	accuracy[$1, $2] = $at["correct"] / $at["images"]
	if (sub(/^within-/, "", $2)) {
		bound[$1, ++bounds[$1]] = $2
		within[$1, bounds[$1]] = $at["correct"] / $at["images"]
	}
}
function least(a, b) { return a < b ? a : b }
function flag(d, name, first, second) {
	print d, name, first, second, (first - second > tolerance + 1e-9 ? "yes" : "no")
}
END {
	for (i = 1; i <= defenses; i++) {
		d = order[i]
		white = least(least(accuracy[d, "one"], accuracy[d, "many"]), least(accuracy[d, "margin"], accuracy[d, "more"]))
		black = least(accuracy[d, "square"], accuracy[d, "noise"])
		# For the undefended network itself the twin is no black box.
		if (d != "plain")
			black = least(black, accuracy[d, "twin"])
		# The largest rise of the accuracy from one bound to a larger one.
		low = 1
		rise = 0
		for (j = 1; j <= bounds[d]; j++) {
			if (within[d, j] - low > rise)
				rise = within[d, j] - low
			low = least(low, within[d, j])
		}
		flag(d, "one-step", accuracy[d, "many"], accuracy[d, "one"])
		flag(d, "rises", rise, 0)
		flag(d, "whole-range", within[d, bounds[d]], 0)
		flag(d, "more", accuracy[d, "many"], accuracy[d, "more"])
		flag(d, "black-box", white, black)
		flag(d, "zero", stuck[d], 0)
		difference = accuracy[d, "many"] - accuracy[d, "margin"]
		flag(d, "losses", difference < 0 ? -difference : difference, 0)
		# Of the images that the undefended network classifies correctly, how many the attack leaves.
		flag(d, "twin", accuracy["plain", "clean"] ? accuracy["plain", "many"] / accuracy["plain", "clean"] : 0, 0.03)
		if (d in filter)
			flag(d, "ignored", accuracy[d, "twin"], accuracy[d, "many"])
		else
			print d, "ignored", "nan", "nan", "-"
	}
}
