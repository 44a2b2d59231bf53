# From the text of the victim: the same with names that begin with v_, reading the layer image; and behind it, how far
# its logits are from those of the layer `after`, with two answers.
{
	sub(/#.*/, "")
}
NF == 0 || $1 == "input" {
	next
}
{
	kind = $1 == "batchnorm" ? "bn" : $1
	name = kind (++number[kind])
	text = $1
	for (i = 2; i <= NF; i++)
		if ($i == "as")
			name = $++i
		else if ($i == "from")
			text = text " from v_" $++i
		else
			text = text " " (kind == "add" && i == 2 ? "v_" : "") $i
	print text, "as v_" name (first++ ? "" : " from image")
}
END {
	print "dense", classes, "nobias as minus from", after
	print "add v_" name
	print "dense", 2 * classes, "nobias as parts"
	print "relu"
	print "dense 2 as answer"
}
