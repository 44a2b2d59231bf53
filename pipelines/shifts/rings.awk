# rings.awk - the accuracies of shifts.tsv by distance, the larger of those in x and y
BEGIN { FS = OFS = "\t" }
FNR == 1 { next }
{
	x = $1 < 0 ? -$1 : $1
	y = $2 < 0 ? -$2 : $2
	d = x > y ? x : y
	shifts[d]++
	sum[d] += $3
	if (!(d in least) || $3 < least[d]) { least[d] = $3; at[d] = $1 OFS $2 }
	if ($3 > most[d])
		most[d] = $3
}
END {
	print "distance", "shifts", "mean", "least", "x", "y", "most"
	for (d = 0; d in shifts; d++)
		print d, shifts[d], sprintf("%.4f", sum[d] / shifts[d]), least[d], at[d], most[d] + 0
}
