# answers.awk - of lines of two rows of probabilities, those of an image and those of it in 8 bits: the class predicted and
# the probability of the target, which is the number of the line modulo the classes
BEGIN { OFS = "\t"; print "target", "predicted", "probability", "predicted_8bit", "probability_8bit" }
{
	n = NF / 2
	target = (NR - 1) % n
	print target, largest(0), $(target + 1), largest(n), $(n + target + 1)
}
function largest(from,    i, at) {
	at = 1
	for (i = 2; i <= n; i++)
		if ($(from + i) + 0 > $(from + at) + 0)
			at = i
	return at - 1
}
