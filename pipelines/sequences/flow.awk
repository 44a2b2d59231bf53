# flow.awk - the factor by which the gradient changes with each step back
#
#	awk -f flow.awk flow.tsv
#
# flow.tsv: t, then for each network the mean logarithm of the norm and its standard deviation.  The factor
# is that between the first step and the middle one, so that what the last steps begin with has no part.
BEGIN {
	FS = OFS = "\t"
	print "net", "first", "last", "factor"
}
NR == 1 {
	for (i = 2; i < NF; i += 2)
		name[i] = $i
	columns = NF
	next
}
{
	for (i = 2; i < columns; i += 2)
		norm[$1, i] = $i
	steps = $1
}
END {
	middle = int((steps + 1) / 2)
	for (i = 2; i < columns; i += 2)
		print name[i], sprintf("%.4g", norm[1, i]), sprintf("%.4g", norm[steps, i]), \
			sprintf("%.4f", 10 ^ ((norm[1, i] - norm[middle, i]) / (middle - 1)))
}
