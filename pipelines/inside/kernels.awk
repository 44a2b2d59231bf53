# kernels.awk - what 3 x 3 kernels are made of
#
# Lines are a name and nine weights, row by row.  A kernel is the sum of orthogonal parts, and its squared
# norm the sum of theirs (Parseval): its mean, which blurs; the slopes to the right and downwards, which
# find edges; the centre against the mean of the ring around it, which sharpens or finds spots; and the
# five dimensions that are left.  The table has for each name the mean shares over the kernels, and how
# many of them are mostly edge or mostly centre, by more than half of their squared norm.
BEGIN { FS = OFS = "\t" }
{
	if (!($1 in kernels))
		names[++n] = $1
	kernels[$1]++
	square = sum = 0
	for (i = 2; i <= 10; i++) {
		square += $i ^ 2
		sum += $i
	}
	if (square == 0)
		next
	# The patterns (-1 0 1) in three rows and (-1 -1 -1; 0 0 0; 1 1 1) have the squared norm 6, the
	# centre 8 within a ring of -1 has 72.
	right = $4 + $7 + $10 - $2 - $5 - $8
	down = $8 + $9 + $10 - $2 - $3 - $4
	centre = 9 * $6 - sum
	part[$1, "mean"] += sum ^ 2 / 9 / square
	part[$1, "edge"] += (right ^ 2 + down ^ 2) / 6 / square
	part[$1, "centre"] += centre ^ 2 / 72 / square
	edges[$1] += (right ^ 2 + down ^ 2) / 6 > square / 2
	centres[$1] += centre ^ 2 / 72 > square / 2
}
END {
	print "kernels", "number", "mean", "edge", "centre", "rest", "mostly_edge", "mostly_centre"
	for (i = 1; i <= n; i++) {
		m = part[names[i], "mean"] / kernels[names[i]]
		e = part[names[i], "edge"] / kernels[names[i]]
		c = part[names[i], "centre"] / kernels[names[i]]
		print names[i], kernels[names[i]], m, e, c, 1 - m - e - c, edges[names[i]], centres[names[i]]
	}
}
