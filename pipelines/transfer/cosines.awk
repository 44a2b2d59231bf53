# cosines.awk - of the matrix and of lines of a cosine and two networks: each pair of networks with its cosine, and the share
# of images that were made on the first and fool the second
BEGIN { FS = "\t" }
NR == FNR {
	share[$1, $2, $3] = $7
	next
}
{
	on = short($2)
	asked = short($3)
	print on, asked, net(on) == net(asked) ? "same" : "other", $1, share["fgsm", on, asked], share["pgd", on, asked]
}
function short(run) {
	sub(/^.*\/models\//, "", run)
	return run
}
function net(run) {
	sub(/\/[^\/]*$/, "", run)
	return run
}
