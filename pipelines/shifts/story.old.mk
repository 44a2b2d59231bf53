# The report of document 003, problem 1, part 3: its network is shown digits that are not in the middle.

# How far images are moved, 3 to 14 pixels; how many, the first of the test set; and how far to
# compare what comes in at the border.
SHIFT_REACH   ?= 10
SHIFT_IMAGES  ?= 10000
SHIFT_BORDERS ?= 3 7 10

shift-reach = $$(seq -$(SHIFT_REACH) $(SHIFT_REACH))
# Of the (2 reach + 1)^2 shifts, row by row.
shift-side   = $$((2 * $(SHIFT_REACH) + 1))
shift-far    = $$((2 * $(SHIFT_REACH)))
shift-centre = $$((2 * $(SHIFT_REACH) * ($(SHIFT_REACH) + 1)))

$O/tables/shifts.right.tsv: $O/data/test.npy $(PATCHES_TOLD) $(addprefix $B/bin/,npy-slice npytotsv)
	paste <(npy-slice -k 1 $< | npytotsv) <(npytotsv $(PATCHES_TOLD)) | awk -v OFS='\t' ' \
		{ images[$$1]++; right[$$1] += $$1 == $$2 } \
		END { print "digit", "images", "right"; for (c = 0; c < 10; c++) print c, images[c] + 0, right[c] + 0 }' >$@

# S3-04: a 1 as it is, and moved by three pixels to the left and to the right.
$O/sheets/shifts/one.npy: $(PATCHES_RIGHT) $B/bin/npy-pick
	npy-pick -l 1 -c 1 $< >$@
$O/sheets/shifts/one-moved.npy: $O/sheets/shifts/one.npy $(addprefix $B/bin/,img-shift npy-cat npy-slice)
	for x in 0 -3 3; do npy-slice -k 0 $< | img-shift -x $$x; done | npy-cat >$@
$O/tables/shifts.one.tsv: $O/sheets/shifts/one-moved.npy $(PATCHES_BEST) $(addprefix $B/bin/,nn-run npy-reduce npy-slice npytotsv)
	{ \
		printf 'x\ttold\tprobability\tof_1\n'; \
		paste <(printf '%s\n' 0 -3 3) <(nn-run $(PATCHES_BEST) $< | npy-reduce -a 1 argmax | npytotsv) \
			<(nn-run -p $(PATCHES_BEST) $< | npy-reduce -a 1 max | npytotsv -p 8) \
			<(nn-run -p $(PATCHES_BEST) $< | npy-slice :,1 | npytotsv -p 8); \
	} >$@
$O/figures/shifts/one.png: $O/sheets/shifts/one-moved.npy $O/tables/shifts.one.tsv $(addprefix $B/bin/,npy-montage npytopnm)
	npy-montage -c 3 -s 6 -g 10 -t <(paste <(printf '%s\n' 'as it is' '3 left' '3 right') \
		<(sed 1d $(word 2,$^)) | awk -F '\t' '{ printf "%s: %d, %.4f\n", $$1, $$3, $$4 }') $< | $(png) >$@

# What each image is told to be after each shift, (images, shifts).  An image whose border is continued has all
# its shifts in it, and what they have in common is computed once: the place at the left and the top is the shift
# farthest to the right and down.
$O/sheets/shifts/images.npy: $O/data/test.npy $B/bin/npy-pick
	npy-pick -c $(SHIFT_IMAGES) $< >$@
# The image moved to the right, and what of it moved to the left is not in that.
continued = npy-cat -a $1 <($3 | img-shift -$2 $(SHIFT_REACH)) <($3 | img-shift -$2 -$(SHIFT_REACH) | npy-slice $4)
$O/sheets/shifts/wide.npy: $O/sheets/shifts/images.npy $(addprefix $B/bin/,img-shift npy-slice npy-cat)
	$(call continued,2,x,npy-slice -k 0 $<,...$(,)-$(shift-far):) >$@
$O/sheets/shifts/continued.npy: $O/sheets/shifts/wide.npy $(addprefix $B/bin/,img-shift npy-slice npy-cat)
	$(call continued,1,y,cat $<,:$(,)-$(shift-far):) >$@
$O/sheets/shifts/told.npy: $O/sheets/shifts/continued.npy $(PATCHES_BEST) $(addprefix $B/bin/,nn-slide npy-reduce npy-calc npy-slice npy-reshape)
	nn-slide $(PATCHES_BEST) $< | npy-reduce -a 3 argmax | npy-calc -t u1 a | npy-slice :,::-1,::-1 | \
		npy-reshape -1,$$(($(shift-side) ** 2)) >$@

# The accuracy after each shift, and over all that are equally far.
$O/tables/shifts.tsv: $O/sheets/shifts/told.npy $O/sheets/shifts/images.npy $(addprefix $B/bin/,npy-calc npy-reduce npy-slice npytotsv)
	npy-calc 'a == b' $< <(npy-slice -k 1 $(word 2,$^)) | npy-reduce -a 0 mean | npytotsv | \
		awk -v OFS='\t' -v reach=$(SHIFT_REACH) -v side=$(shift-side) ' \
			BEGIN { print "x", "y", "accuracy" } \
			{ print (NR - 1) % side - reach, int((NR - 1) / side) - reach, $$1 }' >$@
$O/tables/shifts.rings.tsv: pipelines/rings.awk $O/tables/shifts.tsv
	awk -f $^ >$@
$O/figures/shifts/accuracy.svg $O/figures/shifts/accuracy.png: $O/tables/shifts.tsv

# How far each image goes before it is told to be something else, and what that says of each digit.
$O/sheets/shifts/least.npy: $O/sheets/shifts/told.npy $(addprefix $B/bin/,npy-calc npy-slice npy-reduce npy-reshape tsvtonpy)
	npy-calc 'a != b ? c : inf' $< <(npy-slice :,$(shift-centre) $<) \
		<(for y in $(shift-reach); do for x in $(shift-reach); do echo $$((x * x + y * y)); done; done | tsvtonpy | npy-reshape 1,-1) | \
		npy-reduce -a 1 min | npy-calc 'sqrt(a)' >$@
$O/tables/shifts.digits.tsv: pipelines/shifts.awk $O/sheets/shifts/images.npy $O/sheets/shifts/told.npy $O/sheets/shifts/least.npy \
		$(addprefix $B/bin/,npy-slice npytotsv)
	paste <(npy-slice -k 1 $(word 2,$^) | npytotsv) \
		$(foreach x,0 -3 3,<(npy-slice :$(,)$$(($(shift-centre) + $(x))) $(word 3,$^) | npytotsv)) \
		<(npytotsv $(word 4,$^)) | sort -g -k 5,5 | awk -f $< >$@

# What comes in at the border, moved along rows and columns.
$O/tables/shifts.borders.tsv: $O/tables/shifts.tsv $O/sheets/shifts/images.npy $(PATCHES_BEST) $(addprefix $B/bin/,img-shift nn-eval)
	{ \
		printf 'x\ty\tnearest\tzero\twrap\n'; \
		for by in $(SHIFT_BORDERS); do \
			for shift in "-$$by 0" "$$by 0" "0 -$$by" "0 $$by"; do \
				read -r x y <<<"$$shift"; \
				printf '%s\t%s\t%s' $$x $$y $$(awk -v x=$$x -v y=$$y '$$1 == x && $$2 == y { print $$3 }' $<); \
				for border in zero wrap; do \
					printf '\t%s' $$(img-shift -x $$x -y $$y -b $$border $(word 2,$^) | nn-eval $(PATCHES_BEST) | sed -n 2p | cut -f 4); \
				done; \
				echo; \
			done; \
		done; \
	} >$@

$O/index.html: $(patsubst %,$O/tables/shifts%.tsv,.right .one .digits .rings .borders) $O/tables/shifts.tsv \
	$(patsubst %,$O/figures/shifts/%,one.png accuracy.svg accuracy.png)
