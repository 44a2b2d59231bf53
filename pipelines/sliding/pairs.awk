# pairs.awk - pairs of images, each class with each: the indices of both
#
# A line of input is the class of an image.  The k-th of a class goes with the k-th of the other, beginning
# again where that has fewer, and with the next of its own.
{ at[$1, n[$1]++] = NR - 1 }
END {
	OFS = "\t"
	print "image", "other"
	for (a = 0; a < 10; a++)
		for (b = 0; b < 10; b++)
			for (k = 0; k < n[a] && n[b] > (a == b); k++)
				print at[a, k], at[b, (k + (a == b)) % n[b]]
}
