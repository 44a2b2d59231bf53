# matrix.awk - of a table of answers, which is read twice, a line for each attack, network that it was made on, and network
# asked: of the images that both networks classify correctly, how many the asked one then misclassifies, and how many
# become the target
BEGIN { FS = OFS = "\t"; print "attack", "on", "asked", "images", "wrong", "hits" }
FNR == 1 { next }
NR == FNR {
	if ($7 != $5)
		wrong_before[$3, $4]
	next
}
!(($1, $2, $3) in seen) {
	seen[$1, $2, $3]
	order[++n] = $1 OFS $2 OFS $3
}
$7 == $5 && !(($2, $4) in wrong_before) {
	key = $1 OFS $2 OFS $3
	images[key]++
	wrong[key] += $8 != $5
	hits[key] += $8 == $6
}
END {
	for (i = 1; i <= n; i++)
		print order[i], images[order[i]] + 0, wrong[order[i]] + 0, hits[order[i]] + 0
}
