# least.awk - of a table of tries, the smaller bounds first: for each image and other class the least bound within which
# the image is classified as this class, as it is and in 8 bits; nan where none is
BEGIN { FS = OFS = "\t"; print "image", "true", "target", "least", "least_8bit" }
FNR == 1 || $3 == $4 { next }
{
	key = $2 OFS $3 OFS $4
	if (!(key in known)) {
		known[key]
		order[++n] = key
	}
	if ($5 == $4 && !(key in least))
		least[key] = $1
	if ($7 == $4 && !(key in least8))
		least8[key] = $1
}
END {
	for (i = 1; i <= n; i++) {
		key = order[i]
		print key, key in least ? least[key] : "nan", key in least8 ? least8[key] : "nan"
	}
}
