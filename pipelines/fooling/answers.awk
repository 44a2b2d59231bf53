# answers.awk - of three rows of ten probabilities side by side: what is predicted, and how probable the target is
#
# The rows are the network's answer to an image as it is, its answer to the image in 8-bit pixels, and a
# second network's to the image as it is.  The target of line i, from 0 on, is i mod 10.
BEGIN {
	OFS = "\t"
	print "target", "predicted", "probability", "predicted_8bit", "probability_8bit", "predicted_second", "probability_second"
}
{
	target = (NR - 1) % 10
	line = target
	for (answer = 0; answer < 3; answer++) {
		best = 1
		for (i = 2; i <= 10; i++)
			if ($(10 * answer + i) > $(10 * answer + best))
				best = i
		line = line OFS best - 1 OFS $(10 * answer + target + 1)
	}
	print line
}
