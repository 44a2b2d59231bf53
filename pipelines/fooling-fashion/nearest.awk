# nearest.awk - of the first image of each class that some change fools, the target with the least bound in 8 bits: the row of the image among
# those of all targets, and that of its result among those of all bounds
BEGIN { FS = OFS = "\t"; rungs = split(bounds, bound, " "); for (i = 1; i <= rungs; i++) rung[bound[i]] = i - 1 }
FNR == 1 || ($2 in shown && shown[$2] != $1) { next }
$5 != "nan" {
	shown[$2] = $1
	if (!($2 in at) || rung[$5] < best[$2]) {
		best[$2] = rung[$5]
		at[$2] = $1 * classes + $3
	}
}
END {
	for (class = 0; class < classes; class++)
		if (class in at)
			print at[class], best[class] * all + at[class]
}
