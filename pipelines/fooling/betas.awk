# betas.awk - of the answers to images that were pulled towards digits, and their log: how many fool
#
#	awk -v beta=BETA -f betas.awk NAME.answers.tsv NAME.log.tsv
#
# Counted are the 90 images whose target is not the digit that is to be seen, which is i / 10 for image i;
# seen is how many of them the second network takes for this digit.
BEGIN { FS = OFS = "\t" }
FNR == 1 { file++; next }
file == 1 {
	shown = int((FNR - 2) / 10)
	if ($1 == shown)
		next
	n++
	fooled += $2 == $1
	probability += $3
	rounded += $4 == $1
	second += $6 == $1
	seen += $6 == shown
}
# The last line of an image stays.
file == 2 && $3 != int($2 / 10) { mse[$2] = $8 }
END {
	for (i in mse)
		sum += mse[i]
	print "beta", "images", "fooled", "probability", "mse", "fooled_8bit", "second_fooled", "second_sees"
	print beta, n, fooled, sprintf("%.4f", probability / n), sprintf("%.1f", sum / n), rounded, second, seen
}
