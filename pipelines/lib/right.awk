# right.awk - the indices of the images that are classified correctly, and after them that of the first image
# of each class of which none is
#
# A line of input is an image: its class, and the class predicted.
$1 == $2 { right[$1]; print NR - 1 }
!($1 in first) { first[$1] = NR - 1 }
END {
	for (class in first)
		if (!(class in right))
			print first[class]
}
