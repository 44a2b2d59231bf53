# best.awk - trainings by their logs NET/SEED.log.tsv, the one that errs least on the validation images
# first, of equals that with the least loss on them.  The test images have no say.
BEGIN { FS = OFS = "\t" }
FNR == 1 {
	n = split(FILENAME, part, "/")
	run = part[n - 1] OFS substr(part[n], 1, index(part[n], ".") - 1)
	next
}
{ last[run] = $8 OFS $7 }
END {
	print "net", "seed", "val_error", "val_loss"
	fflush()
	for (run in last)
		print run, last[run] | "sort -k 3g -k 4g"
}
