# spearman.awk - rank correlations of two columns, for each group of lines
#
#	awk -f spearman.awk TABLE
#
# Lines are group, x, y, and those of a group stand together.  Equal values have the mean of their ranks.
# A column that is all equal has no correlation: nan.
BEGIN { FS = OFS = "\t" }
NR > 1 && $1 != group { report() }
{
	group = $1
	x[++n] = $2
	y[n] = $3
}
END { report() }

function report(    i, a, b, sx, sy, sxy, middle) {
	rank(x, rx)
	rank(y, ry)
	middle = (n + 1) / 2
	sx = sy = sxy = 0
	for (i = 1; i <= n; i++) {
		a = rx[i] - middle
		b = ry[i] - middle
		sx += a * a
		sy += b * b
		sxy += a * b
	}
	print group, (sx * sy > 0 ? sprintf("%.4f", sxy / sqrt(sx * sy)) : "nan")
	n = 0
}

# r[i] is the rank of v[i]; order is sorted by Shell's method.
function rank(v, r,    i, j, k, gap, moved) {
	for (i = 1; i <= n; i++)
		order[i] = i
	for (gap = int(n / 2); gap > 0; gap = int(gap / 2.2 + 0.1))
		for (i = gap + 1; i <= n; i++) {
			moved = order[i]
			for (j = i - gap; j > 0 && v[order[j]] + 0 > v[moved] + 0; j -= gap)
				order[j + gap] = order[j]
			order[j + gap] = moved
		}
	for (i = 1; i <= n; i = j) {
		for (j = i; j <= n && v[order[j]] + 0 == v[order[i]] + 0; j++)
			;
		for (k = i; k < j; k++)
			r[order[k]] = (i + j - 1) / 2
	}
}
