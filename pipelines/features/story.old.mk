# The report of document 003, problem 1, parts 1 and 2: the filters of its network, what they make of a 0
# and an 8, and which maps of its third convolution tell the two apart.  A map of it has the row and the
# column that it has in a grid of 8 x 8, counted from 0, as the report names them.

# S3-02.  A filter of conv2 or conv3 is as deep as its input.  Of its kernels there are the mean, in which
# those of opposite signs cancel, the root of the mean square, which has no signs, and all of them.
$O/tables/patches.weights.tsv: $(PATCHES_BEST) $B/bin/nn-weights
	nn-weights $< >$@

filters = $(addprefix $B/bin/,nn-weights npy-reduce npy-calc npy-reshape npytopnm pnmtonpy npy-montage npy-cat)
$O/figures/patches/conv1.png: $(PATCHES_BEST) $(filters)
	nn-weights $< conv1.weight | $(signed) | npy-montage -c 8 -s 10 -g 8 -t <(seq 0 31) | $(png) >$@
$O/figures/patches/conv2.png: grid = npy-montage -c 8 -s 7 -g 6 -t <(seq 0 31)
$O/figures/patches/conv3.png: grid = npy-montage -c 8 -s 12 -g 6 -t <(seq 0 63)
$O/figures/patches/conv2.png $O/figures/patches/conv3.png: $O/figures/patches/%.png: $(PATCHES_BEST) $(filters)
	{ \
		nn-weights $< $*.weight | npy-reduce -a 1 mean | $(signed) | $(grid); \
		nn-weights $< $*.weight | $(rms) | npytopnm -e -c inferno -r minmax | pnmtonpy | $(grid); \
	} | npy-cat --stack | npy-montage -c 2 -g 8 -t <(printf '%s\n' mean 'root mean square') | $(png) >$@
$O/figures/patches/conv2-slices.png: $(PATCHES_BEST) $(filters)
	nn-weights $< conv2.weight | npy-reshape -1,5,5 | $(signed) | npy-montage -c 32 -s 4 -g 3 | $(png) >$@
$O/figures/patches/conv3-slices.png: $(PATCHES_BEST) $(filters)
	nn-weights $< conv3.weight | npy-reshape -1,3,3 | $(signed) | npy-montage -c 32 -s 6 -g 3 | $(png) >$@

# How much of a filter is its mean: the share of its squared weights that are left when each of its kernels
# is their mean.
$O/tables/patches.kept.tsv: $(PATCHES_BEST) $(addprefix $B/bin/,nn-weights npy-reduce npy-calc npytotsv)
	{ \
		printf 'layer\tfilter\tkept\n'; \
		for layer in conv2 conv3; do \
			npy-calc 'a / b' \
				<(nn-weights $< $$layer.weight | npy-reduce -a 1 mean | npy-calc 'a ** 2' | npy-reduce -a 1,2 mean) \
				<(nn-weights $< $$layer.weight | npy-calc 'a ** 2' | npy-reduce -a 1,2,3 mean) | \
				npytotsv -l | sed "s/^/$$layer\t/"; \
		done; \
	} >$@

# S3-03: the first 0 and the first 8 among the test images that are told right.
PAIR := $O/sheets/patches/pair
$(PAIR).npy: $(PATCHES_RIGHT) $B/bin/npy-pick
	npy-pick -l 0,8 -f 1 $< >$@
$O/tables/patches.pair.tsv: $(PATCHES_BEST) $(PAIR).npy $(addprefix $B/bin/,nn-run npy-slice npy-reduce npytotsv)
	{ \
		printf 'digit\ttold\tprobability\n'; \
		paste <(npy-slice -k 1 $(PAIR).npy | npytotsv) <(nn-run $< $(PAIR).npy | npy-reduce -a 1 argmax | npytotsv) \
			<(nn-run -p $< $(PAIR).npy | npy-reduce -a 1 max | npytotsv); \
	} >$@

# A layer, what enlarges it to the scale of the image, at which an element of it is as large as its step,
# and what it lacks of the image on each side.
SERIES := relu1:4:8 relu2:4:16 maxpool1:8:16 relu3:8:24
series  = $(foreach layer,$(SERIES),$(firstword $(subst :, ,$(layer))))
$(foreach layer,$(series),$(PAIR)/$(layer).npy): $(PAIR)/%.npy: $(PATCHES_BEST) $(PAIR).npy $B/bin/nn-run
	nn-run -l $* $(PATCHES_BEST) $(PAIR).npy >$@
$O/figures/patches/series.png: $(PAIR).npy $(foreach layer,$(series),$(PAIR)/$(layer).npy) \
		$(addprefix $B/bin/,npy-slice npy-calc npy-reduce npytopnm pnmtonpy npy-cat npy-montage)
	for image in 0:1 1:2; do \
		npy-slice -k 0 $$image $< | npytopnm -e -c inferno -s 4 | pnmtonpy | npy-montage -g 0; \
		for layer in $(SERIES); do \
			IFS=: read -r layer scale lacks <<<$$layer; \
			<$(PAIR)/$$layer.npy $(rms) | npytopnm -e --separate -c inferno -r minmax -s $$scale | pnmtonpy | \
				npy-slice $$image | npy-montage -g $$lacks; \
		done; \
	done | npy-cat --stack | npy-montage -c 5 -g 6 -t <(for digit in 0 8; do printf "$$digit %s\n" image $(series); done) | $(png) >$@

# All 0s and 8s; as many of the one as of the other, up to 500; and these with a window of 10 x 10 into one
# of the other, in nine places.
APART := $O/sheets/patches/apart
$(APART)/train.npy $(APART)/test.npy: $(APART)/%.npy: $O/data/%.npy $B/bin/npy-pick
	npy-pick -l 0,8 $< >$@
$(APART)/0.npy $(APART)/8.npy: $(APART)/%.npy: $(APART)/test.npy $B/bin/npy-pick $B/bin/npytotsv
	npy-pick -l $* -c $$({ echo 500; for digit in 0 8; do npy-pick -l $$digit --indices $< | npytotsv | wc -l; done; } | \
		sort -n | sed -n 1p) $< >$@
$(APART)/0-window.npy: $(APART)/0.npy $(APART)/8.npy
$(APART)/8-window.npy: $(APART)/8.npy $(APART)/0.npy
$(APART)/0-window.npy $(APART)/8-window.npy: $B/bin/img-occlude $B/bin/npy-slice
	img-occlude -p 10 -S 9 -w <(npy-slice -k 0 $(lastword $(filter %.npy,$^))) $(firstword $(filter %.npy,$^)) >$@

$O/tables/patches.apart.tsv: $(APART)/train.npy $(APART)/test.npy $B/bin/npy-slice $B/bin/npytotsv
	{ \
		printf 'set\tdigit\timages\n'; \
		for set in train test; do \
			npy-slice -k 1 $(APART)/$$set.npy | npytotsv | sort -n | uniq -c | \
				awk -v OFS='\t' -v set=$$set '{ print set, $$2, $$1 }'; \
		done; \
	} >$@

# The mean of each map over its places, an array (images,64), and the labels.
sets  = $(foreach set,train test 0 8 0-window 8-window,$(APART)/$(set).$1.npy)
seeds = $(SEEDS:%=$(APART)/seed-%.$1.npy)
$(call sets,means): $(APART)/%.means.npy: $(PATCHES_BEST) $(APART)/%.npy
$(call seeds,means): $(APART)/seed-%.means.npy: $O/models/patches/%.safetensors $(APART)/test.npy
$(call sets,means) $(call seeds,means): $(addprefix $B/bin/,nn-run npy-reduce npy-slice)
	{ nn-run -l relu3 $(filter out/%,$^) | npy-reduce -a 2,3 mean; npy-slice -k 1 $(filter %.npy,$^); } >$@
# The same of the middle half of rows and columns only, and of the rest.
$(APART)/middle.npy: | $(addprefix $B/bin/,tsvtonpy npy-calc npy-reshape)
	seq 0 63 | tsvtonpy | npy-calc -t f4 'abs(floor(a / 8) - 3.5) < 2 && abs(a % 8 - 3.5) < 2' | npy-reshape 8,8 >$@
parts = $(foreach set,train test,$(APART)/$1-$(set).means.npy)
$(call parts,middle): part = a * b
$(call parts,rest): part = a * (1 - b)
$(call parts,middle): $(APART)/middle-%.means.npy: $(APART)/%.npy
$(call parts,rest): $(APART)/rest-%.means.npy: $(APART)/%.npy
$(call parts,middle) $(call parts,rest): $(PATCHES_BEST) $(APART)/middle.npy $(addprefix $B/bin/,nn-run npy-calc npy-reduce npy-slice)
	{ \
		nn-run -l relu3 $< $(lastword $(filter %.npy,$^)) | npy-calc -l '$(part)' - $(word 2,$^) | npy-reduce -a 2,3 mean; \
		npy-slice -k 1 $(lastword $(filter %.npy,$^)); \
	} >$@

# How well a map tells 0 from 8: how often its mean is larger in a 0 than in an 8, of all pairs, equal
# means being counted half.  It is the area under the ROC curve and follows from ranks (Mann and Whitney
# 1947).  1 speaks for 0, 0 for 8, and 0.5 for neither.
$(APART)/%.ranks.npy: $(APART)/%.means.npy $(addprefix $B/bin/,npy-slice npy-rank npy-cat)
	{ for map in {0..63}; do npy-slice -k 0 ":,$$map" $<; done | npy-rank | npy-cat --stack -a 1; npy-slice -k 1 $<; } >$@
# The mean row of those with the label $1.
of-label = npy-pick -l $1 $2 | npy-slice -k 0 | npy-reduce -a 0 mean
$(APART)/%.auc.npy: $(APART)/%.ranks.npy $(addprefix $B/bin/,npy-calc npy-pick npy-slice npy-reduce)
	npy-calc '0.5 + (a - b) / (2 * c - 1)' <($(call of-label,0,$<)) <($(call of-label,8,$<)) \
		<(npy-slice -k 0 $< | npy-reduce -a 0 mean) >$@

coordinates = printf '%s\n' {0..7},{0..7}
# The maps in the order that the training images put them in: the first five speak for 0, the last for 8.
$O/tables/patches.maps.tsv: $(APART)/train.auc.npy $(APART)/test.auc.npy $(APART)/test.means.npy $(PAIR)/relu3.npy \
		$(addprefix $B/bin/,npytotsv npy-pick npy-slice npy-reduce)
	{ \
		printf 'row\tcolumn\ttrain\ttest\tmean_0\tmean_8\tpair_0\tpair_8\n'; \
		paste <($(coordinates) | tr , '\t') <(npytotsv $<) <(npytotsv $(word 2,$^)) \
			$(foreach digit,0 8,<($(call of-label,$(digit),$(word 3,$^)) | npytotsv)) \
			$(foreach image,0 1,<(npy-slice $(image) $(word 4,$^) | npy-reduce -a 1$(,)2 mean | npytotsv)) | \
			sort -k 3gr,3 -k 1n,1 -k 2n,2; \
	} >$@
# These ten, from the surest on, and as marks: 3, blue, for 0, and 4, orange, for 8.
$(APART)/ten.npy: $O/tables/patches.maps.tsv $B/bin/tsvtonpy
	{ sed -n 2,6p $<; tail -n 5 $< | tac; } | awk '{ print 8 * $$1 + $$2 }' | tsvtonpy >$@
$(APART)/marks.npy: $O/tables/patches.maps.tsv $B/bin/tsvtonpy
	awk 'NR > 1 { print $$1, $$2, (NR < 7 ? 3 : NR > 60 ? 4 : 0) }' $< | sort -k 1n -k 2n | cut -d ' ' -f 3 | tsvtonpy >$@

# All 64 maps of the two images, on one scale, as roots so that the weak ones are seen.
$O/figures/patches/relu3.png: $(PAIR)/relu3.npy $(APART)/marks.npy \
		$(addprefix $B/bin/,npy-calc npy-reshape npytopnm pnmtonpy npy-slice npy-montage npy-cat)
	for image in 0 1; do \
		npy-calc 'sqrt(a)' $< | npy-reshape 128,8,8 | npytopnm -e -c inferno -r minmax | pnmtonpy | npy-reshape 2,64,3,8,8 | npy-slice $$image | \
			npy-montage -c 8 -s 4 -g 4 -f 2 -t <($(coordinates)) -m $(word 2,$^); \
	done | npy-cat --stack | npy-montage -c 2 -g 8 -t <(printf '%s\n' 0 8) | $(png) >$@

# What one pair of images says, the pictured one and then many: how its differences order the maps, against
# the test images' order, and how many of its five largest, and five least, are among the ten.
$(APART)/differences.npy: $(PAIR)/relu3.npy $(APART)/0.means.npy $(APART)/8.means.npy \
		$(addprefix $B/bin/,npy-reduce npy-slice npy-calc npy-cat)
	npy-cat <(npy-calc 'a - b' $(foreach image,0:1 1:2,<(npy-slice $(image) $< | npy-reduce -a 2$(,)3 mean))) \
		<(npy-calc 'a - b' $(foreach means,$(wordlist 2,3,$^),<(npy-slice -k 0 $(means)))) >$@
# Of rows the correlation of their order with that of $2, and how many of ten are theirs.
map-ranks = npy-rank -r | npy-calc 'a - 32.5'
agreement = paste <($(call cosine,<$1 $(map-ranks),npy-calc -l '0 * a + b' $1 $2 | $(map-ranks)) | npytotsv) \
	<(npy-rank -r $1 | npy-calc -l '(a > 59) * (b == 3)' - $(APART)/marks.npy | npy-reduce -a 1 sum | npytotsv) \
	<(npy-rank -r $1 | npy-calc -l '(a < 6) * (b == 4)' - $(APART)/marks.npy | npy-reduce -a 1 sum | npytotsv)
agreement-of = $(APART)/test.auc.npy $(APART)/marks.npy $(addprefix $B/bin/,npy-rank npy-calc npy-reduce npytotsv)
$O/tables/patches.pairs.tsv: $(APART)/differences.npy $(agreement-of)
	{ printf 'pair\tcorrelation\tfor_0\tfor_8\n'; $(call agreement,$<,$(word 2,$^)) | awk -v OFS='\t' '{ print NR - 1, $$0 }'; } >$@

# And what the same places say in networks trained from other beginnings, the report's four among them.
$(APART)/seeds.npy: $(call seeds,auc) $B/bin/npy-cat
	npy-cat --stack $(filter %.npy,$^) >$@
$O/tables/patches.seeds.tsv: $(APART)/seeds.npy $(agreement-of)
	{ \
		printf 'seed\tcorrelation\tfor_0\tfor_8\tat_0\tat_8\tmost\tleast\t6,0\t5,0\t1,1\t5,2\n'; \
		paste <(printf '%s\n' $(SEEDS)) <($(call agreement,$<,$(word 2,$^))) \
			$(foreach mark,3 4,<(npy-calc -l 'a * (b == $(mark)) / 5' $< $(APART)/marks.npy | npy-reduce -a 1 sum | npytotsv)) \
			$(foreach end,max min,<(npy-reduce -a 1 $(end) $< | npytotsv)) \
			<(npytotsv $< | awk -v OFS='\t' '{ print $$49, $$41, $$10, $$43 }'); \
	} >$@

# Where in a map the difference is: the mean maps of all 0s and of all 8s, their variances, and the
# difference in standard deviations (Cohen 1988).
MEANS := $(APART)/0.mean.npy $(APART)/8.mean.npy
VARS  := $(APART)/0.var.npy $(APART)/8.var.npy
$(MEANS): $(APART)/%.mean.npy: $(PATCHES_BEST) $(APART)/test.npy
$(VARS): $(APART)/%.var.npy: $(PATCHES_BEST) $(APART)/test.npy
$(MEANS) $(VARS): $(addprefix $B/bin/,npy-pick nn-run npy-reduce)
	npy-pick -l $* $(filter %.npy,$^) | nn-run -l relu3 $(PATCHES_BEST) | npy-reduce -a 0 $(subst .,,$(suffix $(basename $@))) >$@
$(APART)/cohen.npy: $(MEANS) $(VARS) $B/bin/npy-calc
	npy-calc 'c + d > 0? (a - b) / sqrt((c + d) / 2) : 0' $(MEANS) $(VARS) >$@
$O/figures/patches/apart.png: $(APART)/cohen.npy $(APART)/marks.npy $(addprefix $B/bin/,npytopnm pnmtonpy npy-montage)
	<$< $(signed) | npy-montage -c 8 -s 7 -g 6 -f 2 -t <($(coordinates)) -m $(word 2,$^) | $(png) >$@
# What a window into an image of the other digit does, from the upper left to the lower right place: to what
# is told, all images being counted, and to the maps.
window-told = $(foreach images,0 0-window 8 8-window,$(APART)/$(images).told.npy)
$(window-told): %.told.npy: $(PATCHES_BEST) %.npy $B/bin/nn-run $B/bin/npy-reduce
	nn-run $(wordlist 1,2,$^) | npy-reduce -a 1 argmax >$@
told-as = <({ npy-calc 'a == $2' $(APART)/$1.told.npy | npy-reduce -k sum; \
	npy-calc 'a == $2' $(APART)/$1-window.told.npy | npy-reshape -1,9 | npy-reduce -a 0 sum; } | npy-cat | npytotsv)
$O/tables/patches.window.tsv: $(window-told) $(APART)/0.npy $(APART)/8.npy \
		$(addprefix $B/bin/,npy-calc npy-reduce npy-reshape npy-cat npy-slice npytotsv)
	differ() { \
		npy-calc '(a - b) ** 2' <(npy-slice -k 0 "$$1" $(APART)/0.npy) <(npy-slice -k 0 "$$1" $(APART)/8.npy) | \
			npy-reduce sum | npytotsv; \
	}; \
	{ \
		printf 'row\tcolumn\timages\tdifference\t0_told_0\t0_told_8\t8_told_8\t8_told_0\n'; \
		paste <(printf '%s\n' none$$'\t'none {0,9,18}$$'\t'{0,9,18}) <(npytotsv $< | awk 'END { while (i++ < 10) print NR }') \
			<(for place in 0:0,0:0 {0:10,9:19,18:28},{0:10,9:19,18:28}; do differ ":,$$place"; done | \
				awk -v all=$$(differ :) '{ print $$1 / all }') \
			$(call told-as,0,0) $(call told-as,0,8) $(call told-as,8,8) $(call told-as,8,0); \
	} >$@
$O/figures/patches/window.png: $(foreach digit,0 8,$(APART)/$(digit)-window.npy $(APART)/$(digit)-window.told.npy) \
		$(addprefix $B/bin/,npy-slice npy-cat npytotsv npy-montage npytopnm)
	npy-cat $(foreach digit,0 8,<(npy-slice -k 0 0:9 $(APART)/$(digit)-window.npy)) | npy-montage -c 9 -s 2 -g 6 -f 1 \
		-t <($(foreach digit,0 8,npy-slice 0:9 $(APART)/$(digit)-window.told.npy | npytotsv | sed 's/^/→ /';)) | $(png) >$@

# How much of the difference between the mean 0 and the mean 8 a window takes away from a map's mean, of the
# 0s and of the 8s together: an array (9,64).
mean-of = npy-slice -k 0 $(APART)/$1.means.npy | npy-reduce -a 0 mean
window-mean-of = npy-slice -k 0 $(APART)/$1-window.means.npy | npy-reshape -1,9,64 | npy-reduce -a 0 mean
$(APART)/closed.npy: $(foreach images,0 0-window 8 8-window,$(APART)/$(images).means.npy) \
		$(addprefix $B/bin/,npy-slice npy-reshape npy-reduce npy-calc)
	npy-calc -l '(a - b - c + d) / (2 * (a - c))' <($(call mean-of,0)) <($(call window-mean-of,0)) \
		<($(call mean-of,8)) <($(call window-mean-of,8)) >$@
# A line a map: the share of its squared differences that is in the middle, and how well it tells the two
# apart by its middle, in the order of the training images, and by the rest.
$O/tables/patches.middle.tsv: $(APART)/cohen.npy $(APART)/middle.npy \
		$(foreach part,middle-train middle-test rest-test,$(APART)/$(part).auc.npy) $(addprefix $B/bin/,npy-calc npy-reduce npytotsv)
	{ \
		printf 'row\tcolumn\tshare\ttrain\tmiddle\trest\n'; \
		paste <($(coordinates) | tr , '\t') \
			<(npy-calc 'a / b' <(npy-calc -l 'a ** 2 * b' $< $(word 2,$^) | npy-reduce -a 1,2 sum) \
				<(npy-calc 'a ** 2' $< | npy-reduce -a 1,2 sum) | npytotsv) \
			$(foreach auc,$(filter %.auc.npy,$^),<(npytotsv $(auc))) | sort -k 4gr,4 -k 1n,1 -k 2n,2; \
	} >$@
# Of all maps together.
$O/tables/patches.share.tsv: $(APART)/cohen.npy $(APART)/middle.npy $(addprefix $B/bin/,npy-calc npy-reduce npytotsv)
	npy-calc 'a / b' <(npy-calc -l 'a ** 2 * b' $(wordlist 1,2,$^) | npy-reduce sum) <(npy-calc 'a ** 2' $< | npy-reduce sum) | \
		npytotsv -H share >$@
# What a window in each place takes of the difference of the ten.
$O/tables/patches.closed.tsv: $(APART)/closed.npy $(APART)/ten.npy $(addprefix $B/bin/,npy-slice npy-cat npy-pick npytotsv)
	{ \
		printf 'row\tcolumn\t%s\n' "$$(printf '%s\n' {0,9,18},{0,9,18} | paste -s)"; \
		paste <(npytotsv $(word 2,$^) | awk -v OFS='\t' '{ print int($$1 / 8), $$1 % 8 }') \
			<(for place in {0..8}; do npy-slice $$place $<; done | npy-cat --stack -a 1 | npy-pick -I $(word 2,$^) | npytotsv); \
	} >$@

$O/index.html: $(foreach table,weights kept pair apart maps pairs seeds window middle share closed,$O/tables/patches.$(table).tsv) \
	$(foreach figure,conv1 conv2 conv3 conv2-slices conv3-slices series relu3 apart window,$O/figures/patches/$(figure).png)
