# Document 003, problem 1, parts 1 and 2: the filters of its network, the feature maps of a 0 and an 8, and which
# maps of the third convolution distinguish the two digits.  A map has the row and the column that it has in a grid
# with eight maps in a row, counted from 0, as the report names them.
features.about   := filters and feature maps, and which maps distinguish a 0 from an 8
features.answers := 003.1a
features.data    := mnist digits
features.cost    := 5 s, 10 s

features.model = $D/patches/models/best.safetensors

# S3-02.  A filter of conv2 or conv3 is as deep as its input.  Three pictures: the mean of its kernels, in which
# those of opposite signs cancel; the root of their mean square, which has no signs; and all kernels.
$E/tables/weights.tsv: $(features.model)
	nn-weights $< >$@
$E/figures/conv1.png: $(features.model)
	nn-weights $< conv1.weight | $(signed) | \
		npy-montage -c 8 -s 10 -g 8 -t <(nn-weights $< conv1.bias | npytotsv -l | cut -f 1) | $(png) >$@
$E/figures/conv2.png $E/figures/conv3.png: $E/figures/%.png: $(features.model)
	IFS=, read -r filters depth rows columns < <(nn-weights $< $*.weight | npy-info -s); \
	grid() { npy-montage -c 8 -s $$((36 / rows)) -g 6 -t <(seq 0 $$((filters - 1))); }; \
	{ \
		nn-weights $< $*.weight | npy-reduce -a 1 mean | $(signed) | grid; \
		nn-weights $< $*.weight | $(rms) | npytopnm -e -c inferno -r minmax | pnmtonpy | grid; \
	} | npy-cat --stack | npy-montage -c 2 -g 8 -t <(printf '%s\n' mean 'root mean square') | $(png) >$@
$E/figures/conv2-slices.png $E/figures/conv3-slices.png: $E/figures/%-slices.png: $(features.model)
	IFS=, read -r filters depth rows columns < <(nn-weights $< $*.weight | npy-info -s); \
	nn-weights $< $*.weight | npy-reshape -1,$$rows,$$columns | $(signed) | npy-montage -c $$depth -s $$((20 / rows)) -g 3 | $(png) >$@

# The share of a filter's squared weights that remains when each of its kernels is their mean.
$E/tables/kept.tsv: $(features.model)
	{ \
		printf 'layer\tfilter\tkept\n'; \
		for layer in conv2 conv3; do \
			npy-calc 'a / b' \
				<(nn-weights $< $$layer.weight | npy-reduce -a 1 mean | npy-calc 'a ** 2' | npy-reduce -a 1,2 mean) \
				<(nn-weights $< $$layer.weight | npy-calc 'a ** 2' | npy-reduce -a 1,2,3 mean) | \
				npytotsv -l | sed "s/^/$$layer\t/"; \
		done; \
	} >$@
$E/tables/kept-summary.tsv: $E/tables/kept.tsv
	tsv-interval -g layer kept $< >$@

# S3-03: the first 0 and the first 8 among the test images that the network classifies correctly, layer by layer.
$E/sheets/pair.npy: $D/patches/models/best.right.npy
	npy-pick -l 0,8 -f 1 $< >$@
$E/tables/pair.tsv: $(features.model) $E/sheets/pair.npy
	{ \
		printf 'digit\tpredicted\tprobability\n'; \
		paste <(npy-slice -k 1 $(word 2,$^) | npytotsv) <(nn-run $^ | npy-reduce -a 1 argmax | npytotsv) \
			<(nn-run -p $^ | npy-reduce -a 1 max | npytotsv); \
	} >$@
features.layers = relu1 relu2 maxpool1 relu3
features.series = $(features.layers:%=$E/sheets/pair/%.npy)
$(features.series): $E/sheets/pair/%.npy: $(features.model) $E/sheets/pair.npy
	nn-run -l $* $^ >$@
# Each layer on the scale of the image, 4 pixels each, in the middle of as much room as the image takes.
$E/tables/series.tsv: pipelines/features/series.awk $D/patches/tables/patches.layers.tsv
	awk -v layers='$(features.layers)' -v pixel=4 -f $^ >$@
$E/figures/series.png: $E/sheets/pair.npy $E/tables/series.tsv $(features.series)
	for image in 0:1 1:2; do \
		npy-slice -k 0 $$image $< | npytopnm -e -c inferno -s 4 | pnmtonpy | npy-montage -g 0; \
		while read -r layer scale margin; do \
			<$E/sheets/pair/$$layer.npy $(rms) | npytopnm -e --separate -c inferno -r minmax -s $$scale | pnmtonpy | \
				npy-slice $$image | npy-montage -g $$margin; \
		done < <(tsv-pick layer,scale,margin $(word 2,$^)); \
	done | npy-cat --stack | \
		npy-montage -c 5 -g 6 -t <(for digit in 0 8; do printf "$$digit %s\n" image $(features.layers); done) | $(png) >$@

# All 0s and 8s; as many of the one as of the other, up to 500; and these with a window into one of the other, in
# nine places: what it covers is what the other digit has there.
$E/sheets/train.npy $E/sheets/test.npy: $E/sheets/%.npy: $D/data/%.npy
	npy-pick -l 0,8 $< >$@
$E/tables/apart.tsv: $E/sheets/train.npy $E/sheets/test.npy
	{ \
		printf 'set\tdigit\timages\n'; \
		for set in train test; do \
			for digit in 0 8; do \
				printf '%s\t%s\t%s\n' $$set $$digit $$(npy-pick -l $$digit --indices $E/sheets/$$set.npy | npy-info -s); \
			done; \
		done; \
	} >$@
$E/sheets/0.npy $E/sheets/8.npy: $E/sheets/%.npy: $E/sheets/test.npy $E/tables/apart.tsv
	npy-pick -l $* -c $$({ echo 500; tsv-pick -w set=test images $(word 2,$^); } | sort -n | sed -n 1p) $< >$@
features.window = 10
features.places = above_left above above_right left middle right below_left below below_right
features.step   = $$((($(call size,1,$<) - $(features.window)) / 2))
$E/sheets/0-window.npy: $E/sheets/0.npy $E/sheets/8.npy
$E/sheets/8-window.npy: $E/sheets/8.npy $E/sheets/0.npy
$E/sheets/0-window.npy $E/sheets/8-window.npy:
	img-occlude -p $(features.window) -S $(features.step) -w <(npy-slice -k 0 $(word 2,$^)) $< >$@

# The mean of each map over its places, an array (images,maps), and the labels.
features.seeds = $(patsubst patches/%,%,$(filter patches/%,$(runs.$D/patches)))
features.means = $(patsubst %,$E/sheets/%.means.npy,train test 0 8 0-window 8-window)
features.other = $(features.seeds:%=$E/sheets/seed-%.means.npy)
$(features.means): $E/sheets/%.means.npy: $(features.model) $E/sheets/%.npy
$(features.other): $E/sheets/seed-%.means.npy: $D/patches/models/patches/%.safetensors $E/sheets/test.npy
$(features.means) $(features.other):
	{ nn-run -l relu3 $^ | npy-reduce -a 2,3 mean; npy-slice -k 1 $(word 2,$^); } >$@
# The same over the middle half of the rows and columns only, and over the rest.
$E/sheets/middle.npy: $E/sheets/pair/relu3.npy
	side=$(call size,1,$<); \
	seq 0 $$((side * side - 1)) | tsvtonpy | \
		npy-calc -t f4 "abs(floor(a / $$side) - ($$side - 1) / 2) < $$side / 4 && abs(a % $$side - ($$side - 1) / 2) < $$side / 4" | \
		npy-reshape $$side,$$side >$@
features.part = { nn-run -l relu3 $< $(word 2,$^) | npy-calc -l '$1' - $(word 3,$^) | npy-reduce -a 2$(,)3 mean; npy-slice -k 1 $(word 2,$^); }
$E/sheets/middle-train.means.npy $E/sheets/middle-test.means.npy: $E/sheets/middle-%.means.npy: $(features.model) $E/sheets/%.npy $E/sheets/middle.npy
	$(call features.part,a * b) >$@
$E/sheets/rest-test.means.npy: $E/sheets/rest-%.means.npy: $(features.model) $E/sheets/%.npy $E/sheets/middle.npy
	$(call features.part,a * (1 - b)) >$@

# How well a map distinguishes a 0 from an 8: in how many of all pairs its mean is larger in the 0, equal means
# counted half.  It is the area under the ROC curve and follows from ranks (Mann and Whitney 1947).  1 speaks for
# 0, 0 for 8, and 0.5 for neither.
features.ranked = $(patsubst %,$E/sheets/%.ranks.npy,train test middle-train middle-test rest-test $(features.seeds:%=seed-%))
$(features.ranked): %.ranks.npy: %.means.npy
	{ \
		for map in $$(seq 0 $$(($(call size,1,$<) - 1))); do npy-slice -k 0 ":,$$map" $<; done | npy-rank | npy-cat --stack -a 1; \
		npy-slice -k 1 $<; \
	} >$@
# The mean row of those with the label $1.
features.of = npy-pick -l $1 $2 | npy-slice -k 0 | npy-reduce -a 0 mean
$(features.ranked:.ranks.npy=.auc.npy): %.auc.npy: %.ranks.npy
	npy-calc '0.5 + (a - b) / (2 * c - 1)' <($(call features.of,0,$<)) <($(call features.of,8,$<)) \
		<(npy-slice -k 0 $< | npy-reduce -a 0 mean) >$@

# The row and the column of as many maps as there are lines of input.
features.grid = awk '{ print int((NR - 1) / 8) "\t" (NR - 1) % 8 }'
features.names = npytotsv $E/sheets/test.auc.npy | $(features.grid) | tr '\t' ,
# The maps in the order of the training images: the first five speak for 0, the last five for 8.
$E/tables/maps.tsv: $E/sheets/train.auc.npy $E/sheets/test.auc.npy $E/sheets/test.means.npy $E/sheets/pair/relu3.npy
	{ \
		printf 'row\tcolumn\ttrain\ttest\tmean_0\tmean_8\tpair_0\tpair_8\n'; \
		paste <(npytotsv $< | $(features.grid)) <(npytotsv $<) <(npytotsv $(word 2,$^)) \
			$(foreach digit,0 8,<($(call features.of,$(digit),$(word 3,$^)) | npytotsv)) \
			$(foreach image,0 1,<(npy-slice $(image) $(word 4,$^) | npy-reduce -a 1$(,)2 mean | npytotsv)) | \
			sort -k 3gr,3 -k 1n,1 -k 2n,2; \
	} >$@
# These ten, from the surest on; and as marks: 3, blue, for 0, and 4, orange, for 8.
$E/sheets/ten.npy: $E/tables/maps.tsv
	{ sed -n 2,6p $<; tail -n 5 $< | tac; } | awk '{ print 8 * $$1 + $$2 }' | tsvtonpy >$@
$E/sheets/marks.npy: $E/tables/maps.tsv
	sed 1d $< | awk -v maps="$$(sed 1d $< | wc -l)" '{ print 8 * $$1 + $$2, (NR <= 5 ? 3 : NR > maps - 5 ? 4 : 0) }' | \
		sort -n | cut -d ' ' -f 2 | tsvtonpy >$@

# All maps of the two images, on one scale, as roots so that the weak ones are seen.
$E/figures/relu3.png: $E/sheets/pair/relu3.npy $E/sheets/marks.npy $E/sheets/test.auc.npy
	rows=$(call size,2,$<) columns=$(call size,1,$<); \
	for image in 0 1; do \
		npy-calc 'sqrt(a)' $< | npy-reshape -1,$$rows,$$columns | npytopnm -e -c inferno -r minmax | pnmtonpy | \
			npy-reshape 2,-1,3,$$rows,$$columns | npy-slice $$image | \
			npy-montage -c 8 -s 4 -g 4 -f 2 -t <($(features.names)) -m $(word 2,$^); \
	done | npy-cat --stack | npy-montage -c 2 -g 8 -t <(printf '%s\n' 0 8) | $(png) >$@

# What one pair of images shows, the first line being the pictured pair: the correlation of the order of the maps by
# its differences with their order by the test images, and how many of the five largest differences, and of the five
# least, are among the ten.
$E/sheets/differences.npy: $E/sheets/pair/relu3.npy $E/sheets/0.means.npy $E/sheets/8.means.npy
	npy-cat <(npy-calc 'a - b' $(foreach image,0:1 1:2,<(npy-slice $(image) $< | npy-reduce -a 2$(,)3 mean))) \
		<(npy-calc 'a - b' $(foreach means,$(wordlist 2,3,$^),<(npy-slice -k 0 $(means)))) >$@
# The same of rows $1 of maps, beside a row $2.
features.ranks = npy-rank -r | npy-calc "a - ($$maps + 1) / 2"
features.agreement = maps=$(call size,1,$2); paste <($(call cosine,<$1 $(features.ranks),npy-calc -l '0 * a + b' $1 $2 | $(features.ranks)) | npytotsv) \
	<(npy-rank -r $1 | npy-calc -l "(a > $$maps - 5) * (b == 3)" - $E/sheets/marks.npy | npy-reduce -a 1 sum | npytotsv) \
	<(npy-rank -r $1 | npy-calc -l '(a < 6) * (b == 4)' - $E/sheets/marks.npy | npy-reduce -a 1 sum | npytotsv)
$E/tables/pairs.tsv: $E/sheets/differences.npy $E/sheets/test.auc.npy $E/sheets/marks.npy
	{ printf 'pair\tcorrelation\tfor_0\tfor_8\n'; $(call features.agreement,$<,$(word 2,$^)) | awk -v OFS='\t' '{ print NR - 1, $$0 }'; } >$@
$E/tables/pairs-summary.tsv: $E/tables/pairs.tsv
	sed 2d $< | tsv-interval correlation,for_0,for_8 >$@

# What the same places say in networks from other seeds, the report's four among them.
$E/sheets/seeds.npy: $(features.seeds:%=$E/sheets/seed-%.auc.npy)
	npy-cat --stack $^ >$@
$E/tables/seeds.tsv: $E/sheets/seeds.npy $E/sheets/test.auc.npy $E/sheets/marks.npy
	{ \
		printf 'seed\tcorrelation\tfor_0\tfor_8\tat_0\tat_8\tmost\tleast\tmap_6_0\tmap_5_0\tmap_1_1\tmap_5_2\n'; \
		paste <(printf '%s\n' $(features.seeds)) <($(call features.agreement,$<,$(word 2,$^))) \
			$(foreach mark,3 4,<(npy-calc -l 'a * (b == $(mark)) / 5' $< $(word 3,$^) | npy-reduce -a 1 sum | npytotsv)) \
			$(foreach end,max min,<(npy-reduce -a 1 $(end) $< | npytotsv)) \
			$(foreach map,6*8+0 5*8+0 1*8+1 5*8+2,<(npy-slice ":,$$(($(map)))" $< | npytotsv)); \
	} >$@

# Where in a map the difference is: the mean maps of all 0s and of all 8s, their variances, and the difference in
# standard deviations (Cohen 1988).
features.moments = $(foreach moment,mean var,$E/sheets/0.$(moment).npy $E/sheets/8.$(moment).npy)
$E/sheets/0.mean.npy $E/sheets/8.mean.npy: $E/sheets/%.mean.npy: $(features.model) $E/sheets/test.npy
	npy-pick -l $* $(word 2,$^) | nn-run -l relu3 $< | npy-reduce -a 0 mean >$@
$E/sheets/0.var.npy $E/sheets/8.var.npy: $E/sheets/%.var.npy: $(features.model) $E/sheets/test.npy
	npy-pick -l $* $(word 2,$^) | nn-run -l relu3 $< | npy-reduce -a 0 var >$@
$E/sheets/cohen.npy: $(features.moments)
	npy-calc 'c + d > 0? (a - b) / sqrt((c + d) / 2) : 0' $^ >$@
$E/figures/apart.png: $E/sheets/cohen.npy $E/sheets/marks.npy $E/sheets/test.auc.npy
	<$< $(signed) | npy-montage -c 8 -s 7 -g 6 -f 2 -t <($(features.names)) -m $(word 2,$^) | $(png) >$@

# What a window into an image of the other digit does, from the upper left to the lower right place: to the
# predictions, all images being counted, and to the maps.
features.predicted = $(patsubst %,$E/sheets/%.predicted.npy,0 0-window 8 8-window)
$(features.predicted): %.predicted.npy: $(features.model) %.npy
	nn-run $^ | npy-reduce -a 1 argmax >$@
# How many images of $1 are classified as $2, without a window and with one in each place.
features.as = <({ npy-calc 'a == $2' $E/sheets/$1.predicted.npy | npy-reduce -k sum; \
	npy-calc 'a == $2' $E/sheets/$1-window.predicted.npy | npy-reshape -1,9 | npy-reduce -a 0 sum; } | npy-cat | npytotsv)
$E/tables/window.tsv: $E/sheets/0.npy $E/sheets/8.npy $(features.predicted)
	step=$(features.step) images=$(call size,1,$(word 3,$^)); \
	differ() { \
		npy-calc '(a - b) ** 2' <(npy-slice -k 0 "$$1" $<) <(npy-slice -k 0 "$$1" $(word 2,$^)) | npy-reduce sum | npytotsv; \
	}; \
	all=$$(differ :); \
	{ \
		printf 'place\trow\tcolumn\timages\tdifference\t0_predicted_0\t0_predicted_8\t8_predicted_8\t8_predicted_0\n'; \
		paste <(printf '%s\n' none $(features.places)) \
			<(printf 'none\tnone\t%s\t0\n' $$images; \
				for row in 0 $$step $$((2 * step)); do \
					for column in 0 $$step $$((2 * step)); do \
						differ ":,$$row:$$((row + $(features.window))),$$column:$$((column + $(features.window)))" | \
							awk -v OFS='\t' -v at="$$row $$column $$images" -v all=$$all '{ print at, $$1 / all }' | tr ' ' '\t'; \
					done; \
				done) \
			$(call features.as,0,0) $(call features.as,0,8) $(call features.as,8,8) $(call features.as,8,0); \
	} >$@
$E/figures/window.png: $(patsubst %,$E/sheets/%.npy,0-window 8-window 0-window.predicted 8-window.predicted)
	npy-cat $(foreach images,$(wordlist 1,2,$^),<(npy-slice -k 0 0:9 $(images))) | npy-montage -c 9 -s 2 -g 6 -f 1 \
		-t <($(foreach predicted,$(wordlist 3,4,$^),npy-slice 0:9 $(predicted) | npytotsv | sed 's/^/→ /';)) | $(png) >$@

# How much of the difference between the mean 0 and the mean 8 a window takes away from a map's mean, of the 0s and
# the 8s together: an array (9,maps), and a table of the ten.
features.mean = npy-slice -k 0 $E/sheets/$1.means.npy | npy-reduce -a 0 mean
features.window-mean = npy-slice -k 0 $E/sheets/$1-window.means.npy | npy-reshape -1,9,$(call size,1,$<) | npy-reduce -a 0 mean
$E/sheets/closed.npy: $(patsubst %,$E/sheets/%.means.npy,0 0-window 8 8-window)
	npy-calc -l '(a - b - c + d) / (2 * (a - c))' <($(call features.mean,0)) <($(call features.window-mean,0)) \
		<($(call features.mean,8)) <($(call features.window-mean,8)) >$@
$E/tables/closed.tsv: $E/sheets/closed.npy $E/sheets/ten.npy
	{ \
		printf 'row\tcolumn\t%s\n' "$$(printf '%s\n' $(features.places) | paste -s)"; \
		paste <(npytotsv $(word 2,$^) | awk -v OFS='\t' '{ print int($$1 / 8), $$1 % 8 }') \
			<(for place in {0..8}; do npy-slice $$place $<; done | npy-cat --stack -a 1 | npy-pick -I $(word 2,$^) | npytotsv); \
	} >$@

# A line a map: the share of its squared differences that is in the middle, and how well it distinguishes the two
# digits by its middle, in the order of the training images, and by the rest.
$E/tables/middle.tsv: $E/sheets/cohen.npy $E/sheets/middle.npy $(patsubst %,$E/sheets/%.auc.npy,middle-train middle-test rest-test)
	{ \
		printf 'row\tcolumn\tshare\ttrain\tmiddle\trest\n'; \
		paste <(npytotsv $(word 3,$^) | $(features.grid)) \
			<(npy-calc 'a / b' <(npy-calc -l 'a ** 2 * b' $(wordlist 1,2,$^) | npy-reduce -a 1,2 sum) \
				<(npy-calc 'a ** 2' $< | npy-reduce -a 1,2 sum) | npytotsv) \
			$(foreach auc,$(wordlist 3,5,$^),<(npytotsv $(auc))) | sort -k 4gr,4 -k 1n,1 -k 2n,2; \
	} >$@
# The same share of all maps together.
$E/tables/share.tsv: $E/sheets/cohen.npy $E/sheets/middle.npy
	npy-calc 'a / b' <(npy-calc -l 'a ** 2 * b' $^ | npy-reduce sum) <(npy-calc 'a ** 2' $< | npy-reduce sum) | npytotsv -H share >$@

$E/section.html: $D/patches/tables/best.tsv $D/patches/tables/patches.layers.tsv \
	$(patsubst %,$E/tables/%.tsv,weights kept-summary pair apart maps pairs pairs-summary seeds window middle share closed) \
	$(patsubst %,$E/figures/%.png,conv1 conv2 conv3 conv2-slices conv3-slices series relu3 apart window)
