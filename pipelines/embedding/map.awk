# map.awk - the data of map.html, as JavaScript, of the first points
#
# awk -v shown=POINTS -v width=PIXELS -v height=PIXELS -f map.awk COLORS TITLES CLASSES PREDICTED POINTS ...: the tables
# of points are in the order of the titles; a coordinate becomes a whole number from 0 to 999.
function quoted(text) {
	gsub(/[\\"]/, "\\\\&", text)
	gsub(/</, "\\u003c", text)
	return "\"" text "\""
}
FNR == 1 { file++ }
file == 1 { colors = colors (FNR > 1 ? ", " : "") quoted($1); next }
file == 2 { if (FNR > 1) { sub(/^[^\t]*\t/, ""); title[FNR - 1] = $0 }; next }
file == 3 { classes = classes (FNR > 1 ? ", " : "") quoted($0); next }
FNR > shown { next }
file == 4 { predicted = predicted (FNR > 1 ? "," : "") $1; next }
{
	n = FNR
	if (file == 5)
		labels = labels (FNR > 1 ? "," : "") $3
	x[file - 4, n] = $1
	y[file - 4, n] = $2
}
END {
	print "const colors = [" colors "];"
	print "const classes = [" classes "];"
	print "const labels = [" labels "];"
	print "const predicted = [" predicted "];"
	print "const cell = { width: " width ", height: " height ", columns: " (n < 50 ? n : 50) " };"
	print "const maps = ["
	for (map = 1; map <= file - 4; map++) {
		left = right = x[map, 1]
		bottom = top = y[map, 1]
		for (i = 2; i <= n; i++) {
			if (x[map, i] < left) left = x[map, i]
			if (x[map, i] > right) right = x[map, i]
			if (y[map, i] < bottom) bottom = y[map, i]
			if (y[map, i] > top) top = y[map, i]
		}
		span = right - left > top - bottom ? right - left : top - bottom
		if (span == 0) span = 1
		printf "{ title: %s, x: [", quoted(title[map])
		for (i = 1; i <= n; i++)
			printf "%s%d", (i > 1 ? "," : ""), 500 + 960 * (x[map, i] - (left + right) / 2) / span
		printf "], y: ["
		for (i = 1; i <= n; i++)
			printf "%s%d", (i > 1 ? "," : ""), 500 - 960 * (y[map, i] - (bottom + top) / 2) / span
		print "] },"
	}
	print "];"
}
