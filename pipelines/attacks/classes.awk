# classes.awk - of a table of tries: for each class of the network net, of the images that it classifies correctly, how many
# become errors by any method, and the medians of the least distances, in gray levels
BEGIN { FS = "\t" }
FNR == 1 || $1 != net || $4 != $5 { next }
!($3 in seen) {
	seen[$3]
	images[$4]++
	last = $4 > last ? $4 : last
}
$6 != $5 {
	if (!($3 in near)) {
		class[$3] = $4
		near[$3] = $8
		far[$3] = $9
	}
	near[$3] = $8 < near[$3] ? $8 : near[$3]
	far[$3] = $9 < far[$3] ? $9 : far[$3]
}
function median(list, c,    i, j, n, t, v) {
	for (i in list)
		if (class[i] == c) {
			t = list[i]
			for (j = n++; j && v[j] > t; j--)
				v[j + 1] = v[j]
			v[j + 1] = t
		}
	return n ? sprintf("%.6g", (v[int((n + 1) / 2)] + v[int(n / 2) + 1]) / 2) : "nan"
}
END {
	print "class\timages\tlinf\tl2"
	for (c = 0; c <= last; c++)
		print c "\t" images[c] + 0 "\t" median(near, c) "\t" median(far, c)
}
