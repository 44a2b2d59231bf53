# alike.awk - of the images that excite a channel most: which share of their pairs is of one class
BEGIN { FS = OFS = "\t"; print "channel", "alike", "commonest", "of", "images" }
FNR == 1 { next }
$1 != channel { flush(); channel = $1 }
{ of[$5]++; n++ }
END { flush() }
function flush(    class, pairs, most) {
	for (class in of) {
		pairs += of[class] * (of[class] - 1)
		if (of[class] > of[most])
			most = class
	}
	if (n > 1)
		print channel, pairs / (n * (n - 1)), most, of[most], "nine"
	split("", of)
	n = 0
}
