# Pieces of pipes that several stories use.  Who uses one names the programs in it among its prerequisites.

, := ,

# An array of pixels, as a recipe ends.
png = npytopnm | pnmtopng
# Numbers of either sign as pictures, blue below zero and red above it, on one scale.
signed = npytopnm -e -c diverging -r symmetric | pnmtonpy
# The root of the mean square over the second axis: over channels, how strong something is at each place.
rms = npy-calc 'a ** 2' | npy-reduce -a 1 mean | npy-calc 'sqrt(a)'

# The cosine of the angle between each row that the pipe $1 gives and that of $2, arrays (N,M): of ranks less
# their mean it is Spearman's correlation.  nan where a row is zero.
cosine = npy-calc 'a / (b * c)' <(npy-calc 'a * b' <($1) <($2) | npy-reduce -a 1 sum) \
	<($1 | npy-reduce -a 1 norm) <($2 | npy-reduce -a 1 norm)
