# Whether what was computed agrees with what was printed: lines of part, quantity, printed, computed; a
# column more says so, and computed comes before printed.
#
# Numbers agree that are less than 1 in the last printed place apart: some were rounded, some cut off.
# They also agree within 1e-13: a loss of 3 is rounded to 4e-16, differences of losses over 2e-4 are some
# 1e-12 wrong, and a hundredth of that is in what was computed after a step along them.
BEGIN { FS = OFS = "\t" }
NR == 1 { print $1, $2, $4, $3, "agrees"; next }
{
	places = index($3, ".") ? length($3) - index($3, ".") : 0
	apart = $4 - $3
	if (apart < 0)
		apart = -apart
	print $1, $2, $4, $3, apart < 10 ^ -places || apart < 1e-13 ? "yes" : "no"
}
