# carry.awk - how far a noise carries: on its own image, on ten others, on many
#
#	awk -v bound=BOUND -f carry.awk noisy.answers.tsv fixed.answers.tsv fixed.tsv many.tsv
#
# Of other images, those that are of the noise's class anyway do not count.
BEGIN { FS = OFS = "\t" }
FNR == 1 { file++; next }
file == 1 {
	own += $2 == $1
	own_rounded += $4 == $1
	own_second += $6 == $1
}
file == 2 {
	rounded[FNR - 2] = $4 == $1
	second[FNR - 2] = $6 == $1
}
file > 2 {
	for (c = 0; c < 10; c++)
		if ($1 != c) {
			images[file]++
			fooled[file] += $(c + 2) == c
			if (file == 3) {
				other_rounded += rounded[10 * (FNR - 2) + c]
				other_second += second[10 * (FNR - 2) + c]
			}
		}
}
END {
	print "bound", "own", "own_8bit", "own_second", "pairs", "fixed", "fixed_8bit", "fixed_second", "many_pairs", "many"
	print bound, own, own_rounded, own_second, images[3], fooled[3], other_rounded, other_second, images[4], fooled[4]
}
