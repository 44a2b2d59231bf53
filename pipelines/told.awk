# told.awk - which images of a class are told right: the indices of the first, at most `most`; that of the first
# image of the class if there is none
#
#	awk -v class=6 -v most=100 -f told.awk TABLE	TABLE has a line for each image: its class, what it is told to be
$1 == class {
	if (first == "")
		first = NR - 1
	if ($2 == class && n < most) {
		n++
		print NR - 1
	}
}
END { if (!n) print first }
