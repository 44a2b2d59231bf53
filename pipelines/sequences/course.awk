# course.awk - how a training ended: the errors on what was held out, and in what share of its steps the
# gradient was clipped, nan where the log does not say
#
#	awk -f course.awk log.tsv
BEGIN { FS = OFS = "\t" }
NR == 1 {
	for (i = 1; i <= NF; i++)
		at[$i] = i
	next
}
{
	error = $at["val_error"]
	# A row is about the steps since the row before.
	if ("clipped" in at) {
		clipped += $at["clipped"] * ($at["step"] - steps)
		steps = $at["step"]
	}
}
END { print error, steps ? clipped / steps : "nan" }
