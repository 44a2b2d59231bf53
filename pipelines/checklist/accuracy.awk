# accuracy.awk - how many images each defense classifies correctly under each attack
#
# An input DEFENSE.tsv has a column for each attack, and in each line 1 where the image is classified correctly.  Under
# all-attacks, an image counts if it is classified correctly under every attack within the bound.
BEGIN {
	FS = OFS = "\t"
	print "defense", "attack", "images", "correct"
}
FNR == 1 {
	finish()
	defense = FILENAME
	gsub(/.*\/|\.tsv$/, "", defense)
	columns = NF
	images = all = 0
	for (i = 1; i <= NF; i++) {
		attack[i] = $i
		correct[i] = 0
	}
	next
}
{
	images++
	every = 1
	for (i = 1; i <= columns; i++) {
		correct[i] += $i
		if (!$i && attack[i] !~ /^within-/)
			every = 0
	}
	all += every
}
END { finish() }
function finish() {
	if (defense == "")
		return
	for (i = 1; i <= columns; i++)
		print defense, attack[i], images, correct[i]
	print defense, "all-attacks", images, all
}
