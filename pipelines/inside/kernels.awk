# kernels.awk - take square kernels apart into patterns
#
# A line of input is a name and the weights of a kernel, row by row.  A kernel is the sum of orthogonal parts,
# and its squared norm the sum of theirs (Parseval): its mean, which blurs; the slopes to the right and
# downwards, which find edges; the center against the mean of the others, which sharpens or finds spots; and
# the dimensions that are left, five of nine.  A line of the table is a kernel: the shares of the parts, and
# whether it is mostly edge or mostly center, by more than half of its squared norm.
BEGIN { FS = OFS = "\t"; OFMT = "%.9g"; print "kernels", "mean", "edge", "center", "rest", "mostly_edge", "mostly_center" }
{
	n = NF - 1
	side = int(sqrt(n) + 0.5)
	square = sum = right = down = 0
	for (i = 0; i < n; i++) {
		weight = $(i + 2)
		square += weight ^ 2
		sum += weight
		right += (i % side - (side - 1) / 2) * weight
		down += (int(i / side) - (side - 1) / 2) * weight
	}
	mean = edge = center = 0
	if (square > 0) {
		# The patterns' squared norms, 6 and 72 of 3 x 3: of -1, 0 and 1 in three rows, and of an 8 in a ring
		# of -1.  A kernel of even side has no center.
		mean = sum ^ 2 / n / square
		edge = (right ^ 2 + down ^ 2) / (n * (n - 1) / 12) / square
		if (side % 2)
			center = (n * $((n - 1) / 2 + 2) - sum) ^ 2 / (n * (n - 1)) / square
	}
	print $1, mean, edge, center, 1 - mean - edge - center, (edge > 0.5), (center > 0.5)
}
