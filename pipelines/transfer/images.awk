# images.awk - of a table of answers, which is read twice, a line for each attack and image: over the pairs of two networks
# that classify the image correctly as it is, the share for which the asked one is fooled, for networks of other
# architectures and for other seeds of the same; and, for other architectures, the share that becomes the target.  What
# is not made on one network counts as made on another.
BEGIN { FS = OFS = "\t"; print "attack", "image", "other", "same", "target" }
FNR == 1 { next }
NR == FNR {
	if ($7 != $5)
		wrong_before[$3, $4]
	next
}
$7 != $5 || $2 == $3 || ($2, $4) in wrong_before { next }
{
	key = $1 OFS $4
	if (!(key in seen)) {
		seen[key]
		order[++n] = key
	}
	kind = net($2) == net($3) ? "same" : "other"
	pairs[key, kind]++
	fooled[key, kind] += $8 != $5
	hits[key, kind] += $8 == $6
}
function net(run) {
	sub(/\/[^\/]*$/, "", run)
	return run
}
function share(sum, key, kind) {
	return pairs[key, kind] ? sprintf("%.6f", sum[key, kind] / pairs[key, kind]) : "nan"
}
END {
	for (i = 1; i <= n; i++)
		print order[i], share(fooled, order[i], "other"), share(fooled, order[i], "same"), share(hits, order[i], "other")
}
