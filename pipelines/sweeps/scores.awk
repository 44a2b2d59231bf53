# scores.awk - of each training of a sweep: how it ended, and how it went there
#
# The input is arms.tsv, the tables of trainings and of tests, and the validations of this sweep in the order of their
# steps.
#	course		the mean of the validation error over all steps, a line drawn from one validation to the next
#	course_seconds	the same over the seconds that the shortest training of the sweep took
#	rises		the sum of all increases of the validation loss from one validation to the next
#	reported_rate	the validation error from the same seed with the report's rate
BEGIN {
	FS = OFS = "\t"
	print "name", "seed", "error", "val_error", "val_loss", "reported_rate", "course", "course_seconds", "rises", "seconds"
}
FNR == 1 { file++; split("", at); for (i = 1; i <= NF; i++) at[$i] = i; next }
file == 1 {
	if ($at["sweep"] == sweep) {
		net[$at["name"]] = $at["net"]
		same[$at["name"]] = $at["reported"]
	}
	next
}
file == 2 { val_error[$at["net"], $at["seed"]] = $at["val_error"]; next }
file == 3 { error[$at["net"], $at["seed"]] = $at["error"]; next }
{
	training = $at["name"] OFS $at["seed"]
	if (!(training in points)) {
		order[++trainings] = training
		name[training] = $at["name"]
		seed[training] = $at["seed"]
	}
	n = ++points[training]
	step[training, n] = $at["step"]
	second[training, n] = $at["seconds"]
	loss[training, n] = $at["val_loss"]
	wrong[training, n] = $at["val_error"]
	if (n > 1 && loss[training, n] > loss[training, n - 1])
		rises[training] += loss[training, n] - loss[training, n - 1]
}
# The mean height of the line through the points (x, wrong) of a training between its first x and the end.
function height(training, x, end,    n, a, b, y, area, begin) {
	begin = x[training, 1]
	for (n = 2; n <= points[training] && x[training, n - 1] < end; n++) {
		a = x[training, n - 1]
		b = x[training, n]
		y = wrong[training, n]
		if (b > end) {
			y = wrong[training, n - 1] + (y - wrong[training, n - 1]) * (end - a) / (b - a)
			b = end
		}
		area += (b - a) * (wrong[training, n - 1] + y) / 2
	}
	return end > begin ? area / (end - begin) : wrong[training, 1]
}
END {
	for (i = 1; i <= trainings; i++) {
		n = points[order[i]]
		if (i == 1 || second[order[i], n] < shortest)
			shortest = second[order[i], n]
	}
	for (i = 1; i <= trainings; i++) {
		t = order[i]
		n = points[t]
		other = (same[name[t]], seed[t]) in val_error ? val_error[same[name[t]], seed[t]] : "nan"
		print name[t], seed[t], error[net[name[t]], seed[t]], wrong[t, n], loss[t, n], other, \
			height(t, step, step[t, n]), height(t, second, shortest), rises[t] + 0, second[t, n]
	}
}
