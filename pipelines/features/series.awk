# series.awk - how to draw layers on the scale of the image
#
# The input is nn-info's table.  For each of the LAYERS the output says by how much to enlarge it, so that an element
# is as large as the pixels from it to the next, PIXEL each, and which margin it then lacks to the size of the image.
BEGIN {
	FS = OFS = "\t"
	count = split(layers, name, " ")
	for (i = 1; i <= count; i++)
		wanted[name[i]]
	step = 1
	print "layer", "scale", "margin"
}
NR == 1 {
	for (i = 1; i <= NF; i++)
		at[$i] = i
	next
}
{
	split($(at["input"]), from, ",")
	split($(at["output"]), to, ",")
	if (NR == 2)
		side = from[3] + 0
	if ($(at["kind"]) == "maxpool")
		step *= int(from[3] / to[3])
}
$(at["layer"]) in wanted {
	print $(at["layer"]), pixel * step, pixel * (side - to[3] * step) / 2
}
