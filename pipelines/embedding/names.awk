# names.awk - where to write the name of a class on a map: at one of its points
#
# The first file has a line for each class: its number and the medians of its coordinates; the second the points: the
# coordinates and the class.  Prints a line for each class: the coordinates of its point next to the medians, its number.
BEGIN { FS = OFS = "\t" }
NR == FNR { x[$1] = $2; y[$1] = $3; next }
{
	d = ($1 - x[$3]) ^ 2 + ($2 - y[$3]) ^ 2
	if (!($3 in best) || d < best[$3]) {
		best[$3] = d
		place[$3] = $1 OFS $2
	}
}
END { for (class in place) print place[class], class }
