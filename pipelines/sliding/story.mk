# Document 003, problem 2: a 6 is covered by a patch in every place, black or a window onto another digit.
sliding.about   := a 6 is covered in every place, by black or by a window onto another digit, and classified
sliding.answers := 003.2
sliding.data    := mnist digits
sliding.cost    := 20 s, 40 s

# How many sixes are covered, at most; and how many of each digit are seen behind windows.
sliding.sixes  = $(call scale,100,20)
sliding.digits = $(call scale,10,3)

sliding.model  = $D/patches/models/best.safetensors
sliding.right  = $D/patches/models/best.right.npy

# The report's patch, a larger one, and as large a window onto a 5: side and other options of img-occlude.
sliding.covers = patch black window
sliding.patch  = 8 -f 0
sliding.black  = 10 -f 0
sliding.window = 10 -w <(npy-slice -k 0 $E/sheets/five.npy)
sliding.width  = $(firstword $(sliding.$1))

$E/sheets/sixes.npy: $(sliding.right)
	npy-pick -l 6 -c $(sliding.sixes) $< >$@
$E/sheets/five.npy: $(sliding.right)
	npy-pick -l 5 -c 1 $< >$@
# The probabilities of the classes, (sixes, rows, columns, classes), a row and a column a place of the patch.
sliding.side   = $$(($(call size,1,$E/sheets/sixes.npy) - $(call sliding.width,$1) + 1))
$(sliding.covers:%=$E/sheets/%.probabilities.npy): $E/sheets/%.probabilities.npy: $(sliding.model) $E/sheets/sixes.npy $E/sheets/five.npy
	npy-slice -k 0 $(word 2,$^) | img-occlude -p $(sliding.$*) | nn-run -p $< | \
		npy-reshape $(call size,3,$(word 2,$^)),$(call sliding.side,$*),$(call sliding.side,$*),-1 >$@
# Of these the probability of a 6, the predicted class, and its probability.
$(sliding.covers:%=$E/sheets/%.maps.npy): %.maps.npy: %.probabilities.npy
	{ npy-slice ...,6 $<; npy-reduce -a 3 argmax $<; npy-reduce -a 3 max $<; } >$@
# Some of these arrays as columns, a line a place.
sliding.places = paste $(foreach k,$2,<(npy-slice -k $k $1 | npy-reshape -1 | npytotsv))

# The class predicted for each six without a patch.
$E/tables/uncovered.tsv: $(sliding.model) $E/sheets/sixes.npy
	nn-run $^ | npy-reduce -a 1 argmax | npytotsv -H predicted >$@
# S3-05: a line for each six; the mean over all, covers compared six by six.
$(sliding.covers:%=$E/tables/%.tsv): $E/tables/%.tsv: pipelines/sliding/sliding.awk $E/sheets/%.maps.npy
	$(call sliding.places,$(word 2,$^),0 1) | awk -v class=6 -v side=$(call size,1,$(word 2,$^)) -v patch=$(call sliding.width,$*) -f $< >$@
$E/tables/cover-runs.tsv: $(sliding.covers:%=$E/tables/%.tsv)
	{ \
		printf 'cover\timage\taccuracy\n'; \
		for cover in $(sliding.covers); do tsv-pick image,accuracy $E/tables/$$cover.tsv | sed "s/^/$$cover\t/"; done; \
	} >$@
$(patsubst %,$E/tables/%.tsv,patch-black black-window patch-window): $E/tables/%.tsv: $E/tables/cover-runs.tsv
	tsv-interval -g cover -p $(subst -,:,$*) -k image accuracy $< >$@

# Where the center of the patch is when it flips a six: for each six, for all, and whether most flips are in the
# lower left: compared with the quarter that has most of the others.
$E/tables/quarter-runs.tsv: pipelines/sliding/quarters.awk $(sliding.covers:%=$E/sheets/%.maps.npy)
	{ \
		printf 'cover\tpart\timage\tplaces\tflips\trate\n'; \
		for cover in $(sliding.covers); do \
			npy-slice -k 1 $E/sheets/$$cover.maps.npy | npy-calc 'a != 6' | npy-reshape -1 | npytotsv | \
				awk -v cover=$$cover -v side=$(call size,1,$E/sheets/$$cover.maps.npy) -f $<; \
		done | datamash -s -g 1,2,3 count 4 sum 4 mean 4; \
	} >$@
$E/tables/quarters.tsv: $E/tables/quarter-runs.tsv
	{ printf 'cover\tpart\tplaces\tflips\n'; sed 1d $< | datamash -g 1,2 sum 4 sum 5; } >$@
$(patsubst %,$E/tables/%-lower-left.tsv,patch window): $E/tables/%-lower-left.tsv: $E/tables/quarters.tsv $E/tables/quarter-runs.tsv
	other=$$(tsv-pick -w cover=$* flips,part $< | grep -v -e lower-left -e middle | sort -n | tail -n 1 | cut -f 2); \
	tsv-pick -H -w cover=$* part,image,rate $(word 2,$^) | tsv-interval -g part -p $$other:lower-left -k image rate >$@

# The mean probability at each place, and the share of sixes that are flipped there.
$E/sheets/mean.npy: $E/sheets/patch.maps.npy
	{ npy-slice -k 0 $<; npy-slice -k 1 $< | npy-calc -t f4 'a != 6'; } | npy-reduce -a 0 mean >$@
$E/tables/mean.tsv: $E/sheets/mean.npy
	npy-info $< >$@

# The six that is looked at: the first that has flips, or the first of all if none has.
$E/tables/chosen.tsv: $E/tables/patch.tsv
	{ awk -F '\t' 'NR == 1 || $$5 > 0' $<; sed -n 2p $<; } | sed -n 1,2p >$@
sliding.chosen = $$(tsv-pick image $E/tables/chosen.tsv)
$E/sheets/six.npy: $E/sheets/sixes.npy $E/tables/chosen.tsv
	npy-pick -i $(sliding.chosen) $< | npy-slice -k 0 >$@
$(sliding.covers:%=$E/sheets/six.%.npy): $E/sheets/six.%.npy: $E/sheets/%.maps.npy $E/tables/chosen.tsv
	npy-slice $(sliding.chosen) $< >$@

# The images of the places that a table lists, under a cover.
sliding.listed = img-occlude -p $(sliding.$1) $E/sheets/six.npy | npy-pick -I <(tsv-pick place $2 | tsvtonpy)

# S3-06: four telling places.
$E/tables/cases.tsv: pipelines/sliding/cases.awk $E/sheets/six.npy $E/sheets/six.patch.npy
	$(call sliding.places,$(word 3,$^),0 1 2) | \
		paste - <(img-occlude -p $(sliding.patch) $(word 2,$^) | npy-reduce -a 1,2 sum | npy-calc '1 - a / b' - <(npy-reduce sum $(word 2,$^)) | npytotsv) | \
		awk -v class=6 -v side=$(call size,1,$(word 3,$^)) -f $< >$@
$E/figures/cases.png: $E/tables/cases.tsv $E/sheets/six.npy
	$(call sliding.listed,patch,$<) | npy-montage -c 4 -s 5 -g 10 \
		-t <(tsv-pick predicted,probability $< | awk '{ printf "→ %d, %.4f\n", $$1, $$2 }') | $(png) >$@

# S3-07: a digit $3 beside two maps of a cover $1 of the chosen six: the probability of 6, dark 0 and light 1,
# and the predicted class; $2 names the digit.
sliding.panel  = npy-montage -c 1 -s $1 -g 6 -t <(echo '$2') | npytopnm
sliding.panels = pnmcat -leftright -white <($3 | $(call sliding.panel,6,$2)) \
	<(npy-slice -k 0 None $E/sheets/six.$1.npy | npytopnm -e -c viridis -r 0:1 | pnmtonpy | $(call sliding.panel,8,P(6))) \
	<(npy-slice -k 1 None $E/sheets/six.$1.npy | npytopnm -e -c categorical | pnmtonpy | $(call sliding.panel,8,predicted))
sliding.legend = seq 0 9 | tsvtonpy | npy-reshape 10,1,1 | npytopnm -e -c categorical -s 28 | pnmtonpy | \
	npy-montage -c 10 -g 6 -t <(seq 0 9) | npytopnm

$E/figures/maps.png: $E/sheets/six.npy $E/sheets/six.patch.npy
	pnmcat -topbottom -white <($(call sliding.panels,patch,the six,cat $<)) <($(sliding.legend)) | pnmtopng >$@
$E/figures/windows-six.png: $E/sheets/six.npy $E/sheets/five.npy $E/sheets/six.black.npy $E/sheets/six.window.npy
	pnmcat -topbottom -white <($(call sliding.panels,black,the six,cat $<)) \
		<($(call sliding.panels,window,the five,npy-slice -k 0 $(word 2,$^))) <($(sliding.legend)) | pnmtopng >$@
$E/figures/sixes.png: $E/sheets/sixes.npy $E/sheets/mean.npy
	pnmcat -leftright -white <(npy-slice -k 0 $< | npy-reduce -k -a 0 mean | $(call sliding.panel,6,mean six)) \
		<(npy-slice -k 0 None $(word 2,$^) | npytopnm -e -c viridis -r 0:1 | pnmtonpy | $(call sliding.panel,8,mean P(6))) \
		<(npy-slice -k 1 None $(word 2,$^) | npytopnm -e -c inferno -r minmax | pnmtonpy | $(call sliding.panel,8,flipped)) | pnmtopng >$@

# S3-08: five places where the window flips the six, or nearly does, and the same places under black.
$E/tables/examples.tsv: pipelines/sliding/examples.awk $E/sheets/six.window.npy $E/sheets/six.black.npy
	paste <($(call sliding.places,$(word 2,$^),1 2)) <($(call sliding.places,$(word 3,$^),1 2)) | \
		awk -v class=6 -v side=$(call size,1,$(word 2,$^)) -v most=5 -f $< >$@
$E/figures/examples.png: $E/tables/examples.tsv $E/sheets/six.npy $E/sheets/five.npy
	{ $(call sliding.listed,black,$<); $(call sliding.listed,window,$<); } | npy-cat | npy-montage -c 5 -s 4 -g 10 \
		-t <(for column in black window; do tsv-pick $$column $<; done | sed 's/^/→ /') | $(png) >$@

# Each digit behind windows onto each other one, and onto others of its own class: the k-th of the one with the
# k-th of the other.  One process classifies the places of all pairs.
$E/sheets/digits.npy: $(sliding.right)
	npy-pick -f $(sliding.digits) $< >$@
$E/tables/pairs.tsv: pipelines/sliding/pairs.awk $E/sheets/digits.npy
	npy-slice -k 1 $(word 2,$^) | npytotsv | awk -f $< >$@
sliding.of     = npy-pick -I <(tsv-pick $1 $E/tables/pairs.tsv | tsvtonpy) $E/sheets/digits.npy | npy-slice -k $2
sliding.class  = nn-run $(sliding.model) | npy-reduce -a 1 argmax | npy-calc -t u1 a
$E/sheets/windows.predicted.npy: $E/sheets/digits.npy $E/tables/pairs.tsv $(sliding.model)
	$(call sliding.of,image,0) | img-occlude -p $(call sliding.width,window) -w <($(call sliding.of,other,0)) | $(sliding.class) | \
		npy-reshape $$(tsv-pick image $(word 2,$^) | wc -l),-1 >$@
$E/sheets/blacks.predicted.npy: $E/sheets/digits.npy $(sliding.model)
	npy-slice -k 0 $< | img-occlude -p $(sliding.black) | $(sliding.class) | npy-reshape $(call size,3,$<),-1 >$@
# How many places are flipped, and how many of them to the class that the window shows: for each pair, and for
# each digit with each; and whether a 5 flips a 6 in more places than the digit does that flips it in most.
$E/tables/window-runs.tsv: $E/sheets/digits.npy $E/tables/pairs.tsv $E/sheets/windows.predicted.npy $E/sheets/blacks.predicted.npy
	{ \
		printf 'digit\tshown\timage\tflips\tto_shown\tplaces\n'; \
		{ \
			paste <($(call sliding.of,image,1) | npytotsv) <($(call sliding.of,other,1) | npytotsv) <(tsv-pick image $(word 2,$^)) \
				<(npy-calc 'a != b' $(word 3,$^) <($(call sliding.of,image,1)) | npy-reduce -a 1 sum | npytotsv) \
				<(npy-calc 'a == b && b != c' $(word 3,$^) <($(call sliding.of,other,1)) <($(call sliding.of,image,1)) | npy-reduce -a 1 sum | npytotsv); \
			npy-calc 'a != b' $(word 4,$^) <(npy-slice -k 1 $<) | npy-reduce -a 1 sum | npytotsv | \
				paste <(npy-slice -k 1 $< | npytotsv) - | awk -v OFS='\t' '{ print $$1, "black", NR - 1, $$2, 0 }'; \
		} | sed "s/$$/\t$(call size,1,$(word 3,$^))/"; \
	} >$@
$E/tables/windows.tsv: $E/tables/window-runs.tsv
	{ printf 'digit\tshown\tpairs\tplaces\tflips\tto_shown\n'; sed 1d $< | datamash -s -g 1,2 count 3 sum 6 sum 4 sum 5; } >$@
$E/tables/six-five.tsv: $E/tables/windows.tsv $E/tables/window-runs.tsv
	other=$$(tsv-pick -w digit=6 flips,shown $< | awk '$$2 ~ /^[0-9]$$/ && $$2 != 5 && $$2 != 6' | sort -k 1,1nr -k 2,2n | sed -n '1s/.*\t//p'); \
	tsv-pick -H -w digit=6 shown,image,flips $(word 2,$^) | tsv-interval -g shown -p $$other:5 -k image flips >$@
$E/figures/windows.svg $E/figures/windows.png: $E/tables/windows.tsv

$E/section.html: $(patsubst %,$E/tables/%.tsv,$(sliding.covers) uncovered cover-runs patch-black black-window patch-window quarters \
		patch-lower-left window-lower-left mean chosen cases examples windows six-five) \
	$(patsubst %,$E/figures/%,cases.png maps.png windows-six.png sixes.png examples.png windows.svg windows.png)
