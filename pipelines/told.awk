# told.awk - which images are told right, their indices, and after them that of the first image of each class
# of which none is
#
# A line of input is an image: its class, and what it is told to be.
$1 == $2 { right[$1]; print NR - 1 }
!($1 in first) { first[$1] = NR - 1 }
END {
	for (class in first)
		if (!(class in right))
			print first[class]
}
