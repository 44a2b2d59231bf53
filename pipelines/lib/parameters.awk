# parameters.awk - of nn-weights' table: how many weights and biases each layer has
#
# Batch norm's running statistics are no parameters: training does not change them by gradients.
BEGIN { FS = OFS = "\t"; print "layer", "weights", "biases", "parameters" }
NR > 1 && $1 !~ /\.running_/ {
	split($1, name, ".")
	gsub(/[()]/, "", $2)
	elements = 1
	for (i = split($2, size, ","); i > 0; i--)
		if (size[i] != "")
			elements *= size[i]
	if (!(name[1] in total))
		order[++layers] = name[1]
	total[name[1]] += elements
	part[name[1], name[2]] = elements
}
END {
	for (i = 1; i <= layers; i++)
		print order[i], part[order[i], "weight"] + 0, part[order[i], "bias"] + 0, total[order[i]]
}
