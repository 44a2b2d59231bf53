# Whether `name` has the highest of all values, or the `end` is lowest: whether its interval lies apart from all
# others.  Columns: name, value, low, high.
BEGIN { FS = "\t" }
{ low[$1] = $3; high[$1] = $4 }
END {
	if (!(name in low)) {
		print "undecided"
		exit
	}
	first = 1
	for (other in low) {
		if (other == name)
			continue
		if (end == "highest" ? low[name] <= high[other] : high[name] >= low[other])
			first = 0
		if (end == "highest" ? low[other] > high[name] : high[other] < low[name])
			beaten = 1
	}
	print (first ? "holds" : beaten ? "does not hold" : "undecided")
}
