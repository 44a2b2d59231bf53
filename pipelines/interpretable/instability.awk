# instability.awk - how much the place where a filter fires varies against landmarks of the images
#
#	awk -v strongest=100 -f instability.awk TOP LANDMARKS PEAKS
#
# TOP has the sizes of the maps and of the images; LANDMARKS, by landmarks.awk, has a line for each image.  A line of
# PEAKS is an image, a filter, the largest element of its map, and the place of this element in the map, counted row by
# row; filter by filter, from the strongest image on.
#
# The location instability (Zhang, Wu, Zhu 2018, section 4): of the images on which the filter fires strongest, the
# standard deviation of the distance from the peak to a landmark, the mean over the landmarks, divided by the diagonal
# of the image.  A line of the table is a filter:
#
#	active		the share of the images on which it fires at all
#	peak		the mean of the strongest peaks
#	class, share	the class of most of these images, and its share of them
#	entropy		that of their classes, in bits
#	instability	as above; nan in this and the four columns before it if the filter fires on fewer images
#	within		the same for the strongest images of this class only, which may be fewer
#	middle		the instability of a peak that is in the middle of each of these images
BEGIN {
	FS = OFS = "\t"
	OFMT = CONVFMT = "%.6f"
	print "filter", "active", "peak", "class", "share", "entropy", "instability", "within", "middle"
}
FNR == 1 { file++ }
file == 1 {
	if (FNR == 1) { for (i = 1; i <= NF; i++) at[i] = $i }
	else { for (i = 1; i <= NF; i++) top[at[i]] = $i }
	next
}
file == 2 {
	if (FNR == 1)
		next
	image = FNR - 2
	class[image] = $1
	for (i = 0; i < 5; i++) { y[image, i] = $(2 * i + 2); x[image, i] = $(2 * i + 3) }
	next
}
!n || $2 != filter { report(); filter = $2; n = firing = 0 }
{
	n++
	if ($3 > 0) {
		shown[++firing] = $1; peak[firing] = $3
		# The middle of the pixels that this place of the map stands for.
		py[firing] = (int($4 / top["columns"]) + 0.5) * top["image_rows"] / top["rows"] - 0.5
		px[firing] = ($4 % top["columns"] + 0.5) * top["image_columns"] / top["columns"] - 0.5
	}
}
END { report() }

# Of the images chosen[1] to chosen[m], numbers in the filter's order; with middle, of a peak there.
function spread(m, middle,    i, k, d, sum, square, variance, all) {
	all = 0
	for (k = 0; k < 5; k++) {
		sum = square = 0
		for (i = 1; i <= m; i++) {
			d = middle ? away((top["image_rows"] - 1) / 2, (top["image_columns"] - 1) / 2, shown[chosen[i]], k) : \
				away(py[chosen[i]], px[chosen[i]], shown[chosen[i]], k)
			sum += d; square += d * d
		}
		variance = square / m - (sum / m) ^ 2
		all += variance > 0 ? sqrt(variance) : 0
	}
	return all / 5 / sqrt(top["image_rows"] ^ 2 + top["image_columns"] ^ 2)
}
function away(py, px, image, k) { return sqrt((py - y[image, k]) ^ 2 + (px - x[image, k]) ^ 2) }
function report(    i, c, m, sum, most, entropy, count, instability, middle) {
	if (!n)
		return
	if (firing < strongest) {
		print filter, firing / n, "nan", "nan", "nan", "nan", "nan", "nan", "nan"
		return
	}
	split("", count)
	sum = entropy = 0
	for (i = 1; i <= strongest; i++) {
		chosen[i] = i
		sum += peak[i]
		count[class[shown[i]]]++
	}
	most = ""
	for (c in count) {
		entropy -= count[c] / strongest * log(count[c] / strongest) / log(2)
		if (most == "" || count[c] > count[most] || (count[c] == count[most] && c + 0 < most + 0))
			most = c
	}
	instability = spread(strongest, 0)
	middle = spread(strongest, 1)
	m = 0
	for (i = 1; i <= firing && m < strongest; i++)
		if (class[shown[i]] == most)
			chosen[++m] = i
	print filter, firing / n, sum / strongest, most, count[most] / strongest, (entropy > 0 ? entropy : 0), instability, spread(m, 0), middle
}
