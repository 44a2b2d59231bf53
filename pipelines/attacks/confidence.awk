# confidence.awk - of lines of a label and probabilities: the mean of the largest probability, over the lines where another
# class than the label has it, and over all
{
	best = 2
	for (i = 3; i <= NF; i++)
		if ($i + 0 > $best + 0)
			best = i
	all += $best
	if (best - 2 != $1) {
		wrong += $best
		n++
	}
}
END { printf "%s\t%.6f\n", n ? sprintf("%.6f", wrong / n) : "nan", all / NR }
