# Document 003, problem 1, part 3: its network classifies digits that are not in the middle of the image.
shifts.about   := digits are moved off the middle of the image, and classified
shifts.answers := 003.1b
shifts.data    := mnist digits
shifts.cost    := 5 s, 1 min

# How far images are moved in each direction, in pixels: 3 or more, and half an image at most.
shifts.reach   = $(call scale,10,7)
# How many test images are moved, the first; and the distances at which borders are compared, within the reach.
shifts.images  = $(call scale,10000,500)
shifts.borders = $(call scale,3 7 10,3 7)

shifts.model   = $D/patches/models/best.safetensors
shifts.range   = $$(seq -$(shifts.reach) $(shifts.reach))
shifts.side    = $$((2 * $(shifts.reach) + 1))
# Along an axis of a map of shifts: the image as it is, and moved by three pixels.
shifts.still   = $(shifts.reach)
shifts.left    = $$(($(shifts.reach) - 3))
shifts.right   = $$(($(shifts.reach) + 3))

# S3-04: a 1 as it is, and moved by three pixels to the left and to the right; and every 1 among the images.
$E/sheets/one.npy: $D/patches/models/best.right.npy
	npy-pick -l 1 -c 1 $< >$@
$E/sheets/ones.npy: $E/sheets/images.npy
	npy-pick -l 1 $< >$@
$E/sheets/one-moved.npy $E/sheets/ones-moved.npy: %-moved.npy: %.npy
	for x in 0 -3 3; do npy-slice -k 0 $< | img-shift -x $$x; done | npy-cat >$@
$E/sheets/one.probabilities.npy $E/sheets/ones.probabilities.npy: %.probabilities.npy: $(shifts.model) %-moved.npy
	nn-run -p $^ >$@
$E/tables/one.tsv: $E/sheets/one.probabilities.npy
	{ \
		printf 'x\tpredicted\tprobability\tof_1\n'; \
		paste <(printf '%s\n' 0 -3 3) <(npy-reduce -a 1 argmax $< | npytotsv) \
			<(npy-reduce -a 1 max $< | npytotsv -p 8) <(npy-slice :,1 $< | npytotsv -p 8); \
	} >$@
$E/figures/one.png: $E/sheets/one-moved.npy $E/tables/one.tsv
	npy-montage -c 3 -s 6 -g 10 -t <(paste <(printf '%s\n' 'as it is' '3 left' '3 right') \
		<(tsv-pick predicted,probability $(word 2,$^)) | awk -F '\t' '{ printf "%s: %d, %.4f\n", $$1, $$2, $$3 }') $< | $(png) >$@

# For each 1 whether it is classified correctly, and its probability.
$E/tables/ones.tsv: $E/sheets/ones.npy $E/sheets/ones.probabilities.npy
	{ \
		printf 'side\timage\tright\tprobability\n'; \
		paste <(for side in still left right; do seq $$(npy-slice -k 1 $< | npy-info -s) | sed "s/^/$$side\t/"; done) \
			<(npy-reduce -a 1 argmax $(word 2,$^) | npy-calc 'a == 1' | npytotsv) <(npy-slice :,1 $(word 2,$^) | npytotsv); \
	} >$@
# How many are, and whether one side costs more of the probability than the other.
$E/tables/moved.tsv: $E/tables/ones.tsv
	{ printf 'side\tones\tright\n'; sed 1d $< | datamash -g 1 count 2 sum 3; } | tsv-wilson right ones >$@
$E/tables/sides.tsv: $E/tables/ones.tsv
	tsv-interval -g side -p left:right -k image probability $< >$@

# The class predicted for each image after each shift, (images, y, x).  An image whose border is continued has
# all its shifts in it, and what they have in common is computed once: its place at the left and the top is the
# shift farthest to the right and down.
$E/sheets/images.npy: $D/data/test.npy
	npy-pick -c $(shifts.images) $< >$@
# The image moved to the right or down, and what of it moved back is not in that.
shifts.continued = npy-cat -a $1 <($3 | img-shift -$2 $(shifts.reach)) <($3 | img-shift -$2 -$(shifts.reach) | npy-slice $4)
$E/sheets/wide.npy: $E/sheets/images.npy
	$(call shifts.continued,2,x,npy-slice -k 0 $<,...$(,)$$((-2 * $(shifts.reach))):) >$@
$E/sheets/continued.npy: $E/sheets/wide.npy
	$(call shifts.continued,1,y,cat $<,:$(,)$$((-2 * $(shifts.reach))):) >$@
$E/sheets/predicted.npy: $(shifts.model) $E/sheets/continued.npy
	nn-slide $^ | npy-reduce -a 3 argmax | npy-calc -t u1 a | npy-slice :,::-1,::-1 >$@
$E/sheets/right.npy: $E/sheets/predicted.npy $E/sheets/images.npy
	npy-calc 'a == b' $< <(npy-slice -k 1 $(word 2,$^)) >$@

# The shifts row by row, as x and y; the accuracy after each, and over all that are equally far.
$E/sheets/shifts.npy: | all
	for y in $(shifts.range); do for x in $(shifts.range); do printf '%s\t%s\n' $$x $$y; done; done | tsvtonpy >$@
$E/tables/accuracy.tsv: $E/sheets/shifts.npy $E/sheets/right.npy
	{ \
		printf 'x\ty\taccuracy\tdistance\n'; \
		paste <(npytotsv $<) <(npy-reduce -a 0 mean $(word 2,$^) | npy-reshape -1 | npytotsv) \
			<(npy-calc 'abs(a)' $< | npy-reduce -a 1 max | npytotsv); \
	} >$@
$E/tables/rings.tsv: $E/tables/accuracy.tsv
	{ \
		printf 'distance\tshifts\tmean\tleast\tx\ty\tmost\n'; \
		sed 1d $< | sort -s -k 4,4n -k 3,3g | datamash -g 4 count 4 mean 3 first 3 first 1 first 2 last 3; \
	} >$@
$E/figures/accuracy.svg $E/figures/accuracy.png: $E/tables/accuracy.tsv
# What three pixels cost: for each image whether it is classified correctly as it is, and after how large a share of
# the shifts by three pixels, those of 7 x 7 that are not of 5 x 5.
shifts.span  = $$(($(shifts.reach) - $1)):$$(($(shifts.reach) + $1 + 1))
shifts.box   = npy-slice :$(,)$(call shifts.span,$1)$(,)$(call shifts.span,$1) $< | npy-reduce -a 1,2 sum
shifts.lines = npytotsv | awk -v OFS='\t' '{ print $1, NR, $$1 }'
$E/tables/images.tsv: $E/sheets/right.npy
	{ \
		printf 'distance\timage\taccuracy\n'; \
		$(call shifts.box,0) | $(call shifts.lines,0); \
		npy-calc '(a - b) / (7 ** 2 - 5 ** 2)' <($(call shifts.box,3)) <($(call shifts.box,2)) | $(call shifts.lines,3); \
	} >$@
$E/tables/three.tsv: $E/tables/images.tsv
	tsv-interval -g distance -p 0:3 -k image accuracy $< >$@

# How many pixels each image goes, the shortest way, before it is misclassified: 0 if it is as it is, inf if
# no shift does it.
$E/sheets/least.npy: $E/sheets/right.npy $E/sheets/shifts.npy
	npy-calc 'a ? inf : b' $< <(npy-reduce -a 1 norm $(word 2,$^) | npy-reshape 1,$(shifts.side),$(shifts.side)) | \
		npy-reduce -a 1,2 min >$@
# The same for each digit: shortest and median are over the images that are classified correctly as they are.
$E/tables/digits.tsv: $E/sheets/images.npy $E/sheets/right.npy $E/sheets/least.npy
	{ \
		printf 'digit\timages\tright\tright_3_left\tright_3_right\tshortest\tmedian\tnever\n'; \
		paste <(npy-slice -k 1 $< | npytotsv) \
			$(foreach x,still left right,<(npy-slice :$(,)$(shifts.still)$(,)$(shifts.$x) $(word 2,$^) | npytotsv)) \
			<(npy-calc 'a ? a : nan' $(word 3,$^) | npytotsv) <(npy-calc 'a == inf' $(word 3,$^) | npytotsv) | \
			datamash -s --narm -g 1 count 1 sum 2 sum 3 sum 4 min 5 median 5 sum 6 | sed 's/-inf/nan/'; \
	} >$@

# The accuracy by what comes in at the border, moved along rows and columns.  One process classifies all.
shifts.moves = $(foreach by,$(shifts.borders),-$(by)$(,)0 $(by)$(,)0 0$(,)-$(by) 0$(,)$(by))
$E/tables/borders.tsv: $(shifts.model) $E/sheets/images.npy $E/tables/accuracy.tsv
	{ \
		printf 'x\ty\tnearest\tzero\twrap\n'; \
		for move in $(shifts.moves); do \
			for border in zero wrap; do \
				npy-slice -k 0 $(word 2,$^) | img-shift -x $${move%,*} -y $${move#*,} -b $$border; \
			done; \
		done | npy-cat | nn-run $< | npy-reduce -a 1 argmax | npy-reshape $(words $(shifts.moves)),2,-1 | \
			npy-calc -l 'a == b' - <(npy-slice -k 1 $(word 2,$^)) | npy-reduce -a 2 mean | npytotsv | \
			paste <(printf '%s\n' $(shifts.moves) | tr , '\t') \
				<(for move in $(shifts.moves); do tsv-pick -w x=$${move%,*},y=$${move#*,} accuracy $(word 3,$^); done) -; \
	} >$@

$E/section.html: $(patsubst %,$E/tables/%.tsv,one sides moved three digits rings borders) \
	$(patsubst %,$E/figures/%,one.png accuracy.svg accuracy.png)
