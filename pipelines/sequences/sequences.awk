# sequences.awk - of networks of the same kind and length from several seeds, the one that errs least on the
# sequences held out, with the 95 % interval of its accuracy on the test's (Wilson, 1927)
#
#	awk -f sequences.awk sequences.runs.tsv
#
# Then the least and the largest accuracy of all seeds, and in what share of the steps the gradient was
# clipped, their mean, or nan where a log does not say.
BEGIN {
	FS = OFS = "\t"
	z = 1.959963984540054
}
NR == 1 { next }
{
	key = $1 OFS $2
	accuracy = $7 / $6
	if (!(key in runs)) {
		order[++keys] = key
		least[key] = most[key] = accuracy
	}
	if (!(key in runs) || $4 < error[key]) {
		error[key] = $4
		seed[key] = $3
		test[key] = $6
		right[key] = $7
	}
	if (accuracy < least[key])
		least[key] = accuracy
	if (accuracy > most[key])
		most[key] = accuracy
	# One awk reads nan as a number, the next as zero.
	if ($5 == "nan")
		unsaid[key]
	clipped[key] += $5
	runs[key]++
}
END {
	print "net", "length", "seed", "val_error", "accuracy", "low", "high", "seeds", "least", "most", "clipped"
	for (k = 1; k <= keys; k++) {
		key = order[k]
		n = test[key]
		p = right[key] / n
		middle = (p + z * z / (2 * n)) / (1 + z * z / n)
		half = z * sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n)
		print key, seed[key], error[key], sprintf("%.4f", p), sprintf("%.4f", middle - half), \
			sprintf("%.4f", middle + half), runs[key], sprintf("%.4f", least[key]), \
			sprintf("%.4f", most[key]), key in unsaid ? "nan" : sprintf("%.3f", clipped[key] / runs[key])
	}
}
