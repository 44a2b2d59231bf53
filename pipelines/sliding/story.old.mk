# The report of document 003, problem 2: a 6 is covered by a patch in every place, black or a window onto
# another digit.

# How many sixes, at most; and how many of each digit behind windows.
SIXES         ?= 100
WINDOW_DIGITS ?= 10

SLIDING := $O/sheets/sliding
# The report's patch of 8 x 8, the larger one, and the window onto a 5; the places along a side.
COVERS       := patch black window
cover-patch   = -p 8 -f 0
cover-black   = -p 10 -f 0
cover-window  = -p 10 -w <(npy-slice -k 0 $(SLIDING)/five.npy)
side-patch   := 21
side-black   := 19
side-window  := 19
places-patch := 441
places-black := 361
places-window := 361

$(SLIDING)/sixes.npy: $(PATCHES_RIGHT) $B/bin/npy-pick
	npy-pick -l 6 -c $(SIXES) $< >$@
$(SLIDING)/five.npy: $(PATCHES_RIGHT) $B/bin/npy-pick
	npy-pick -l 5 -c 1 $< >$@
$(COVERS:%=$(SLIDING)/%.probabilities.npy): $(SLIDING)/%.probabilities.npy: $(SLIDING)/sixes.npy $(SLIDING)/five.npy $(PATCHES_BEST) \
		$(addprefix $B/bin/,npy-slice img-occlude nn-run)
	npy-slice -k 0 $< | img-occlude $(cover-$*) | nn-run -p $(PATCHES_BEST) >$@

# S3-05: a line for each six; what they say together, the covers being compared six by six; and where
# flips are.
$(COVERS:%=$O/tables/sliding.%.tsv): $O/tables/sliding.%.tsv: pipelines/sliding.awk $(SLIDING)/%.probabilities.npy $B/bin/npytotsv
	npytotsv $(word 2,$^) | awk -v class=6 -v side=$(side-$*) -f $< >$@
$O/tables/sliding.runs.tsv: $(COVERS:%=$O/tables/sliding.%.tsv)
	{ \
		printf 'cover\timage\taccuracy\n'; \
		for cover in $(COVERS); do sed 1d $O/tables/sliding.$$cover.tsv | cut -f 1,4 | sed "s/^/$$cover\t/"; done; \
	} >$@
$O/tables/sliding.summary.tsv: pipelines/student.awk $O/tables/sliding.runs.tsv
	awk -f $< -v a=black -v b=window $O/tables/sliding.runs.tsv >$@
$O/tables/sliding.sizes.tsv: pipelines/student.awk $O/tables/sliding.runs.tsv
	awk -f $< -v a=patch -v b=black $O/tables/sliding.runs.tsv >$@
$(COVERS:%=$O/tables/sliding.%.quadrants.tsv): $O/tables/sliding.%.quadrants.tsv: pipelines/quadrants.awk $(SLIDING)/%.probabilities.npy \
		$(addprefix $B/bin/,npy-reduce npytotsv)
	npy-reduce -a 1 argmax $(word 2,$^) | npytotsv | awk -v class=6 -v side=$(side-$*) -f $< >$@

# The mean probability at each place, and the share of sixes that are flipped there.
$(SLIDING)/mean.npy: $(SLIDING)/patch.probabilities.npy $(addprefix $B/bin/,npy-slice npy-reduce npy-calc npy-reshape)
	{ npy-slice :,6 $<; npy-reduce -a 1 argmax $< | npy-calc -t f4 'a != 6'; } | npy-reshape -1,21,21 | npy-reduce -a 0 mean >$@
$O/tables/sliding.mean.tsv: $(SLIDING)/mean.npy $B/bin/npy-info
	npy-info $< >$@

# The six that is looked at: the first that has flips, or the first of all if none has.
$O/tables/sliding.chosen.tsv: $O/tables/sliding.patch.tsv
	{ awk -F '\t' 'NR == 1 || $$5 > 0' $<; sed -n 2p $<; } | sed -n 1,2p >$@
chosen = $$(sed -n 2p $O/tables/sliding.chosen.tsv | cut -f 1)
$(SLIDING)/six.npy: $(SLIDING)/sixes.npy $O/tables/sliding.chosen.tsv $(addprefix $B/bin/,npy-pick npy-slice)
	npy-pick -i $(chosen) $< | npy-slice -k 0 >$@
$(COVERS:%=$(SLIDING)/six.%.npy): $(SLIDING)/six.%.npy: $(SLIDING)/%.probabilities.npy $O/tables/sliding.chosen.tsv $(addprefix $B/bin/,npy-reshape npy-slice)
	npy-reshape -1,$(places-$*),10 $< | npy-slice $(chosen) >$@

# S3-06: four telling places.
$O/tables/sliding.cases.tsv: pipelines/cases.awk $(SLIDING)/six.npy $(SLIDING)/six.patch.npy \
		$(addprefix $B/bin/,img-occlude npy-reduce npy-calc npytotsv)
	paste <(npytotsv $(word 3,$^)) <(img-occlude $(cover-patch) $(word 2,$^) | npy-reduce -a 1,2 sum | \
		npy-calc '1 - a / b' - <(npy-reduce sum $(word 2,$^)) | npytotsv) | awk -v class=6 -v side=21 -f $< >$@
$O/figures/sliding/cases.png: $(SLIDING)/six.npy $O/tables/sliding.cases.tsv $(addprefix $B/bin/,img-occlude npy-pick npy-montage npytopnm tsvtonpy)
	img-occlude $(cover-patch) $< | npy-pick -I <(sed 1d $(word 2,$^) | awk -F '\t' '{ print 21 * $$2 + $$3 }' | tsvtonpy) | \
		npy-montage -c 4 -s 5 -g 10 -t <(sed 1d $(word 2,$^) | awk -F '\t' '{ printf "→ %d, %.4f\n", $$6, $$7 }') | $(png) >$@

# S3-07: a digit $3 beside what each place of a cover $1 makes of the chosen six: the probability of 6, dark
# 0 and light 1, and the class told; $2 names the digit.
panel  = npy-montage -c 1 -s $1 -g 6 -t <(echo '$2') | npytopnm
panels = pnmcat -leftright -white <(npy-reshape 1,28,28 $3 | $(call panel,6,$2)) \
	<(npy-slice :,6 $(SLIDING)/six.$1.npy | npy-reshape 1,$(side-$1),$(side-$1) | npytopnm -e -c viridis -r 0:1 | pnmtonpy | $(call panel,8,P(6))) \
	<(npy-reduce -a 1 argmax $(SLIDING)/six.$1.npy | npy-reshape 1,$(side-$1),$(side-$1) | npytopnm -e -c categorical | pnmtonpy | $(call panel,8,told))
legend = seq 0 9 | tsvtonpy | npy-reshape 10,1,1 | npytopnm -e -c categorical -s 28 | pnmtonpy | npy-montage -c 10 -g 6 -t <(seq 0 9) | npytopnm
PANELS_NEED := $(addprefix $B/bin/,npy-reshape npy-montage npytopnm pnmtonpy npy-slice npy-reduce tsvtonpy)

$O/figures/sliding/maps.png: $(SLIDING)/six.npy $(SLIDING)/six.patch.npy $(PANELS_NEED)
	pnmcat -topbottom -white <($(call panels,patch,the six,$<)) <($(legend)) | pnmtopng >$@
$O/figures/sliding/windows-six.png: $(SLIDING)/six.npy $(SLIDING)/five.npy $(SLIDING)/six.black.npy $(SLIDING)/six.window.npy $(PANELS_NEED)
	pnmcat -topbottom -white <($(call panels,black,the six,$<)) \
		<($(call panels,window,the five,<(npy-slice -k 0 $(word 2,$^)))) <($(legend)) | pnmtopng >$@
$O/figures/sliding/sixes.png: $(SLIDING)/sixes.npy $(SLIDING)/mean.npy $(PANELS_NEED)
	pnmcat -leftright -white <(npy-slice -k 0 $< | npy-reduce -a 0 mean | npy-reshape 1,28,28 | $(call panel,6,mean six)) \
		<(npy-slice -k 0 $(word 2,$^) | npy-reshape 1,21,21 | npytopnm -e -c viridis -r 0:1 | pnmtonpy | $(call panel,8,mean P(6))) \
		<(npy-slice -k 1 $(word 2,$^) | npy-reshape 1,21,21 | npytopnm -e -c inferno -r minmax | pnmtonpy | $(call panel,8,flipped)) | pnmtopng >$@

# S3-08: five places where the window flips the six, or nearly does, and what a black patch there does.
$O/tables/sliding.examples.tsv: pipelines/examples.awk $(SLIDING)/six.window.npy $(SLIDING)/six.black.npy $B/bin/npytotsv
	paste <(npytotsv $(word 2,$^)) <(npytotsv $(word 3,$^)) | awk -v class=6 -v side=19 -v most=5 -f $< >$@
examples = img-occlude $(cover-$1) $(SLIDING)/six.npy | \
	npy-pick -I <(sed 1d $O/tables/sliding.examples.tsv | awk -F '\t' '{ print 19 * $$1 + $$2 }' | tsvtonpy)
$O/figures/sliding/examples.png: $(SLIDING)/six.npy $(SLIDING)/five.npy $O/tables/sliding.examples.tsv \
		$(addprefix $B/bin/,img-occlude npy-pick npy-slice npy-cat npy-montage npytopnm tsvtonpy)
	{ $(call examples,black); $(call examples,window); } | npy-cat | npy-montage -c 5 -s 4 -g 10 \
		-t <(for column in 3 5; do sed 1d $(word 3,$^) | cut -f $$column; done | sed 's/^/→ /') | $(png) >$@

# Every digit behind a window onto every other, and onto others of its own class: the k-th of the one with
# the k-th of the other.
$(SLIDING)/digits.npy: $(PATCHES_RIGHT) $B/bin/npy-pick
	npy-pick -f $(WINDOW_DIGITS) $< >$@
$O/tables/sliding.pairs.tsv: pipelines/pairs.awk $(SLIDING)/digits.npy $(addprefix $B/bin/,npy-slice npytotsv)
	npy-slice -k 1 $(word 2,$^) | npytotsv | awk -f $< >$@
of-pairs = npy-pick -I <(cut -f $1 $O/tables/sliding.pairs.tsv | tsvtonpy -H) $(SLIDING)/digits.npy | npy-slice -k $2
told-at  = nn-run $(PATCHES_BEST) | npy-reduce -a 1 argmax | npy-calc -t u1 a | npy-reshape -1,361
$(SLIDING)/windows.told.npy: $(SLIDING)/digits.npy $O/tables/sliding.pairs.tsv $(PATCHES_BEST) \
		$(addprefix $B/bin/,npy-pick npy-slice img-occlude nn-run npy-reduce npy-calc npy-reshape tsvtonpy)
	$(call of-pairs,1,0) | img-occlude -p 10 -w <($(call of-pairs,2,0)) | $(told-at) >$@
$(SLIDING)/blacks.told.npy: $(SLIDING)/digits.npy $(PATCHES_BEST) $(addprefix $B/bin/,npy-slice img-occlude nn-run npy-reduce npy-calc npy-reshape)
	npy-slice -k 0 $< | img-occlude $(cover-black) | $(told-at) >$@
# For each pair how many places are flipped, and how many to the class that the window shows.
$O/tables/sliding.windows.tsv: pipelines/windows.awk $(SLIDING)/digits.npy $O/tables/sliding.pairs.tsv $(SLIDING)/windows.told.npy $(SLIDING)/blacks.told.npy \
		$(addprefix $B/bin/,npy-pick npy-slice npy-calc npy-reduce npytotsv tsvtonpy)
	{ \
		paste <($(call of-pairs,1,1) | npytotsv) <($(call of-pairs,2,1) | npytotsv) \
			<(npy-calc 'a != b' $(word 4,$^) <($(call of-pairs,1,1)) | npy-reduce -a 1 sum | npytotsv) \
			<(npy-calc 'a == b && b != c' $(word 4,$^) <($(call of-pairs,2,1)) <($(call of-pairs,1,1)) | npy-reduce -a 1 sum | npytotsv); \
		paste <(npy-slice -k 1 $(word 2,$^) | npytotsv | sed 's/$$/\tblack/') \
			<(npy-calc 'a != b' $(word 5,$^) <(npy-slice -k 1 $(word 2,$^)) | npy-reduce -a 1 sum | npytotsv | sed 's/$$/\t0/'); \
	} | awk -v places=361 -f $< >$@
$O/figures/sliding/windows.svg $O/figures/sliding/windows.png: $O/tables/sliding.windows.tsv

$O/index.html: $(patsubst %,$O/tables/sliding.%.tsv,$(COVERS) $(COVERS:%=%.quadrants) runs summary sizes mean chosen cases examples windows) \
	$(patsubst %,$O/figures/sliding/%,cases.png maps.png windows-six.png sixes.png examples.png windows.svg windows.png)
