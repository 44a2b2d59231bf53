# mean.awk - of tsv-interval's table of points NAME@STEP a line for each point: the means, and the error's interval
BEGIN { FS = "\t"; OFS = "\t"; print "name", "step", "seconds", "val_loss", "val_error", "low", "high" }
NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
{
	point = $at["point"]
	if (!(point in seen)) {
		seen[point]
		order[++points] = point
	}
	mean[point, $at["quantity"]] = $at["mean"]
	low[point] = $at["low"]
	high[point] = $at["high"]
}
END {
	for (i = 1; i <= points; i++) {
		point = order[i]
		match(point, /@[^@]*$/)
		print substr(point, 1, RSTART - 1), substr(point, RSTART + 1), mean[point, "seconds"], mean[point, "val_loss"], \
			mean[point, "val_error"], low[point], high[point]
	}
}
