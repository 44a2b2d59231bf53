# answers.awk - a table of answers: of a list of files, a line each, of the labels, targets and predictions for the images as
# they were, and of the predictions for the images of all files, one file after the other
FNR == 1 { part++ }
part == 1 {
	split($0, word, " ")
	attack[FNR - 1] = word[1]
	on[FNR - 1] = short(word[2])
	next
}
part == 2 {
	image[n++] = $1 OFS $2 OFS $3
	next
}
{
	file = int((FNR - 1) / n)
	i = (FNR - 1) % n
	print attack[file], on[file], short(asked), i, image[i], $1
}
# EXPERIMENT/models/NET/SEED as NET/SEED
function short(run) {
	sub(/^.*\/models\//, "", run)
	return run
}
