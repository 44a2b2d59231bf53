# Pieces of pipes that several stories use.  Who uses one names the programs in it among its prerequisites.

, := ,

# An array of pixels, as a recipe ends.
png = npytopnm | pnmtopng
# Numbers of either sign as pictures, blue below zero and red above it, on one scale.
signed = npytopnm -e -c diverging -r symmetric | pnmtonpy
# The root of the mean square over the second axis: over channels, how strong something is at each place.
rms = npy-calc 'a ** 2' | npy-reduce -a 1 mean | npy-calc 'sqrt(a)'

# Of the data set $1 what the model $2 tells right, and of each class the first such, or the first where
# there is none.
right = npy-pick -m <(nn-run $2 $1 | npy-reduce -a 1 argmax | npy-calc 'a == b' - <(npy-slice -k 1 $1)) $1
first-right = { $(right); cat $1; } | npy-cat -n 2 | npy-pick -f 1

# Spearman's correlation of each row of $1 with that of $2, files of shape (N,M): nan where a row is all equal.
spearman = npy-calc '(a - b ** 2) / (c * d)' <(npy-calc 'a * b' <(npy-rank -r $1) <(npy-rank -r $2) | npy-reduce -a 1 mean) \
	<(npy-rank -r $1 | npy-reduce -a 1 mean) <(npy-rank -r $1 | npy-reduce -a 1 std) <(npy-rank -r $2 | npy-reduce -a 1 std)
