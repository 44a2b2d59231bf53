# pairs.awk - of the log of an ascent and the answers to its result, for each image: the first step at which the target was
# predicted, the last step, the distance gone, and the size of a step; nan where that never came
BEGIN { FS = OFS = "\t"; print "from", "to", "first", "last", "distance", "predicted", "predicted_8bit", "size" }
FNR == 1 { file++; next }
file == 1 {
	if ($4 == $3 && !($2 in first))
		first[$2] = $1
	last[$2] = $1
	distance[$2] = sqrt($8)
	next
}
{
	# As many images as classes for each class.
	answer[++n] = $2 OFS $4
	target[n] = $1
}
END {
	for (i = 0; i < n; i++) {
		from += i && !target[i + 1]
		print from + 0, target[i + 1], i in first ? first[i] : "nan", last[i], distance[i], answer[i + 1], size
	}
}
