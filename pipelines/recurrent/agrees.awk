# agrees.awk - whether a computed number agrees with the printed one
#
# A line of input is part, quantity, printed and computed; of output part, quantity, computed, printed, and yes or no.
# Numbers agree that are less than 1 in the last printed place apart: the report rounds some and cuts others off.
# They also agree within 1e-13: a loss of 3 is rounded to 4e-16, differences of losses over 2e-4 have an error of
# about 1e-12, and a step with the rate 0.01 has a hundredth of that.
BEGIN { FS = OFS = "\t" }
NR == 1 { print $1, $2, $4, $3, "agrees"; next }
{
	places = index($3, ".") ? length($3) - index($3, ".") : 0
	apart = $4 - $3
	if (apart < 0)
		apart = -apart
	print $1, $2, $4, $3, apart < 10 ^ -places || apart < 1e-13 ? "yes" : "no"
}
