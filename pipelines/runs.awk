# runs.awk - what trainings came to, a line each, of their NET/SEED.log.tsv and NET/SEED.test.tsv
BEGIN { FS = OFS = "\t"; print "net", "seed", "accuracy", "val_loss", "val_error", "seconds", "epoch_seconds" }
FNR == 1 {
	n = split(FILENAME, part, "/")
	run = part[n - 1] OFS substr(part[n], 1, index(part[n], ".") - 1)
	if (!(run in last))
		order[++runs] = run
	tested = FILENAME ~ /\.test\.tsv$/
	next
}
tested { accuracy[run] = $4 }
!tested { last[run] = $7 OFS $8 OFS $4 OFS $4 / ($2 ? $2 : 1) }
END {
	for (i = 1; i <= runs; i++)
		print order[i], accuracy[order[i]], last[order[i]]
}
