# landmarks.awk - five landmarks of each image: where its brightness balances, and its ends above, below, left and right
#
#	awk -v rows=28 -v columns=28 -f landmarks.awk
#
# A line of input is an image: its class and the brightness of its pixels, row by row.  Ink is what has at least half
# the brightness of the brightest pixel.  An end is the outermost row or column with ink, and on it the mean place of
# its ink.  A line of the table is an image: its class and five pairs, the row and the column of a landmark, in pixels.
# All landmarks of an image without any light are in its middle.
BEGIN {
	FS = OFS = "\t"
	OFMT = CONVFMT = "%.6f"
	print "class", "center_y", "center_x", "top_y", "top_x", "bottom_y", "bottom_x", "left_y", "left_x", "right_y", "right_x"
}
{
	split("", in_row); split("", in_column); split("", sum_x); split("", sum_y)
	most = all = y_sum = x_sum = 0
	for (i = 2; i <= NF; i++)
		if ($i > most)
			most = $i
	if (most <= 0) {
		y = (rows - 1) / 2; x = (columns - 1) / 2
		print $1, y, x, y, x, y, x, y, x, y, x
		next
	}
	for (i = 2; i <= NF; i++) {
		if ($i <= 0)
			continue
		y = int((i - 2) / columns); x = (i - 2) % columns
		all += $i; y_sum += $i * y; x_sum += $i * x
		if (2 * $i >= most) {
			in_row[y]++; sum_x[y] += x
			in_column[x]++; sum_y[x] += y
		}
	}
	for (top = 0; !(top in in_row); top++);
	for (bottom = rows - 1; !(bottom in in_row); bottom--);
	for (left = 0; !(left in in_column); left++);
	for (right = columns - 1; !(right in in_column); right--);
	print $1, y_sum / all, x_sum / all, top, sum_x[top] / in_row[top], bottom, sum_x[bottom] / in_row[bottom], \
		sum_y[left] / in_column[left], left, sum_y[right] / in_column[right], right
}
