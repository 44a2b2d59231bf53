# Pieces of pipes that several stories use.

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

# The run NET/SEED that line $1 of the table $2 begins with.
line = $$(sed -n $1p $2 | cut -f 1,2 | tr '\t' /)
# A table of net, seed, val_error and val_loss, the least error first, of equals the least loss.
least-first = { sed -u 1q; sort -t $$'\t' -k 3,3g -k 4,4g; }
# One size of an array, by its number from the end: the side of images is $(call size,1,FILE).
size = $$(npy-info -s $2 | sed -n 1p | tr , '\n' | tail -n $1 | sed -n 1p)

# The beginning of a recipe that needs the images' channels, rows and columns; and images in color then.
read-shape = IFS=x read -r c h w <$D/data/shape
rgb = npy-reshape -1,$$c,$$h,$$w | npy-calc -t u1 'a + b' - <(printf '0\t0\t0\n' | tsvtonpy)
# The text of an autoencoder, $1, for the data set's images: its last convolution makes as many channels as they have.
autoencoder = $(read-shape); sed -E "s/^(input +)[0-9x]+/\1$$c"x"$$h"x"$$w/; s/^(conv +)1 /\1$$c /" $1
# Train the autoencoder $1, for as long as the options $4 say, to remove noise from the images of $2 but the last $3.
remove-noise = clean() { npy-slice -k 0 $2 | npy-slice :-$3; }; \
	cat <(clean) <(clean) | nn-train --loss mse --augment 'noise 25.5' $4 --log $(@:.safetensors=.log.tsv) <(nn-init $1) >$@
# The shape of one image, such as 28,28 or 3,32,32.
image-shape = $$(npy-info -s $D/data/test.npy | sed -n '1s/^[0-9]*,//p')

# A name for each of the $2 outputs of a network: those of the classes, in the file $1, and numbers beyond them.
output-names = { cat $1; seq $$(wc -l <$1) $$(($2 - 1)); }
# With them in $E/data/names, the names of the classes whose numbers the pipe $1 writes, several on a line joined by
# arrows.
named-labels = <($1 | awk -F '\t' ' \
	NR == FNR { name[NR - 1] = $$0; next } \
	{ for (i = 1; i <= NF; i++) printf "%s%s", name[$$i], i < NF ? " → " : "\n" }' $E/data/names -)
# Images of a stream that ends in labels and predicted classes, as 'Shirt → Coat'; a white pixel if there is none.
mistakes = if [ "$$(npy-info -s $1 | sed -n '1s/,.*//p')" = 0 ]; then \
		pbmmake -white 1 1 | pnmtopng; \
	else \
		npy-slice -k 0 $1 | npy-montage -c 8 -s 2 -g 6 \
			-t $(call named-labels,paste <(npy-slice -k 1 $1 | npytotsv) <(npy-slice -k 2 $1 | npytotsv)) | $(png); \
	fi
