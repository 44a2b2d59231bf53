# ladder.awk - of the logs of nn-attack, a file for each rung of a ladder of bounds: for each image the row of the first
# rung where it is found, among the rows of all rungs one after the other, before which are those of the images as they
# were; and how many derivatives were taken until then
BEGIN { FS = OFS = "\t"; print "image", "row", "gradients" }
FNR == 1 {
	rung++
	for (i = 1; i <= NF; i++)
		at[$i] = i
	next
}
{
	image = $(at["image"])
	if (rung == 1)
		images++
	if (!(image in row))
		gradients[image] += $(at["gradients"])
	if (!(image in row) && $(at["status"]) == "found")
		row[image] = rung
}
END {
	for (i = 0; i < images; i++)
		print i, row[i] * images + i, gradients[i]
}
