# growing.awk - of the logs of an ascent and of its continuation: how fast and how steadily each image grows
#
# first is the first step before which the target has a probability of 0.99; decreasing, how many steps
# the cost went down at.
BEGIN { FS = OFS = "\t" }
FNR == 1 { file++; offset = steps; next }
{
	i = $2
	step = offset + $1
	if (!(i in start))
		start[i] = $7
	else if (!(file == 2 && $1 == 0)) {
		taken[i]++
		if ($7 < cost[i])
			decreasing[i]++
	}
	cost[i] = $7
	target[i] = $3
	if (file == 1) {
		steps = $1
		half[i] = $7
	}
	if (!(i in first) && $6 >= 0.99)
		first[i] = step
	images = i + 1
}
END {
	print "target", "first", "decreasing", "steps", "cost_start", "cost_half", "cost_end"
	for (i = 0; i < images; i++)
		print target[i], i in first ? first[i] : "nan", decreasing[i] + 0, taken[i], start[i], half[i], cost[i]
}
