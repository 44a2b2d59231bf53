# matrix.awk - a column of a hundred lines as a matrix of ten rows, the digits shown, and ten columns, the targets
BEGIN { FS = OFS = "\t"; print "shown", 0, 1, 2, 3, 4, 5, 6, 7, 8, 9 }
{
	line = (NR % 10 == 1 ? int(NR / 10) : line) OFS sprintf(format, $column)
	if (NR % 10 == 0)
		print line
}
