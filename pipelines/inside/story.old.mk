# The assignment's second part (document 001, section 2): what the filters of the best network are, what
# its layers make of images, and what it looks at.

# S1-09, S1-10: the filters, blue below zero and red above it.  A layer has one scale, so that its
# pictures can be compared.
$O/tables/weights.tsv: $(BEST) $B/bin/nn-weights
	nn-weights $< >$@
$O/tables/kernels.tsv: pipelines/kernels.awk $(BEST) $(addprefix $B/bin/,nn-weights npy-slice npy-reshape npytotsv npy-random)
	{ \
		nn-weights $(BEST) conv1.weight | npy-reshape -1,9 | npytotsv | sed 's/^/conv1\t/'; \
		nn-weights $(BEST) conv2.weight | npy-reshape -1,9 | npytotsv | sed 's/^/conv2\t/'; \
		for filter in 5 10 25 31; do \
			nn-weights $(BEST) conv2.weight | npy-slice $$filter,... | npy-reshape -1,9 | npytotsv | \
				sed "s/^/conv2 filter $$filter\t/"; \
		done; \
		npy-random normal 10000,9 | npytotsv | sed 's/^/chance\t/'; \
	} | awk -f $< >$@

$O/figures/conv1.png: $(BEST) $(addprefix $B/bin/,nn-weights npytopnm pnmtonpy npy-montage)
	nn-weights $< conv1.weight | $(signed) | npy-montage -c 8 -s 16 -g 8 -t <(seq 0 31) | $(png) >$@
$O/figures/conv2-four.png: $(BEST) $(addprefix $B/bin/,nn-weights npy-reshape npytopnm pnmtonpy npy-slice npy-montage npy-cat)
	for filter in 5 10 25 31; do \
		nn-weights $< conv2.weight | npy-reshape 1024,3,3 | $(signed) | \
			npy-reshape 32,32,3,3,3 | npy-slice $$filter | npy-montage -c 8 -s 10 -g 4; \
	done | npy-cat --stack | npy-montage -c 2 -g 6 -t <(printf 'filter %s\n' 5 10 25 31) | $(png) >$@
$O/figures/conv2.png: $(BEST) $(addprefix $B/bin/,nn-weights npy-reshape npytopnm pnmtonpy npy-montage)
	nn-weights $< conv2.weight | npy-reshape 1024,3,3 | $(signed) | npy-montage -c 32 -s 5 -g 4 | $(png) >$@

# S1-11: what the layers make of the first test images of 0, 4, 5 and 7.
$O/sheets/four.npy: $O/data/test.npy $B/bin/npy-pick
	npy-pick -l 0,4,5,7 -f 1 $< >$@

# A layer's side in pixels, and what enlarges it to the side of all others.
LAYERS := conv1 relu1 maxpool1 conv2 relu2 maxpool2
$(foreach layer,$(LAYERS),$O/figures/four-$(layer).png): look = -c inferno -r minmax
$(foreach layer,conv1 conv2,$O/figures/four-$(layer).png): look = -c diverging -r symmetric
$(foreach layer,conv1 relu1,$O/figures/four-$(layer).png): side = 28
$(foreach layer,conv2 relu2,$O/figures/four-$(layer).png): side = 14

$(foreach layer,$(LAYERS),$O/sheets/four/$(layer).npy): $O/sheets/four/%.npy: $(BEST) $O/sheets/four.npy $B/bin/nn-run
	nn-run -l $* $(BEST) $O/sheets/four.npy >$@
$O/tables/activations.tsv: $(foreach layer,$(LAYERS),$O/sheets/four/$(layer).npy) $B/bin/npy-info
	paste <(printf '%s\n' layer $(LAYERS)) <(cat $(filter %.npy,$^) | npy-info) >$@
$(foreach layer,conv1 relu1 conv2 relu2,$O/figures/four-$(layer).png): $O/figures/four-%.png: $O/sheets/four/%.npy \
		$(addprefix $B/bin/,npy-reshape npytopnm pnmtonpy npy-slice npy-montage npy-cat)
	for image in 0 1 2 3; do \
		npy-reshape 128,$(side),$(side) $< | npytopnm -e $(look) | pnmtonpy | \
			npy-reshape 4,32,3,$(side),$(side) | npy-slice $$image | npy-montage -c 8 -s $$((56 / $(side))) -g 3; \
	done | npy-cat --stack | npy-montage -c 2 -g 10 -t <(printf '%s\n' 0 4 5 7) | $(png) >$@

# Layer by layer: how strong the response is at each place, over all channels.
$O/figures/layers.png: $O/sheets/four.npy $(foreach layer,$(LAYERS),$O/sheets/four/$(layer).npy) \
		$(addprefix $B/bin/,npy-slice npy-calc npy-reduce npytopnm pnmtonpy npy-cat npy-reshape npy-montage)
	{ \
		npy-slice -k 0 $< | npytopnm -e -c inferno -s 4 | pnmtonpy; \
		for layer in conv1:4 relu1:4 maxpool1:8 conv2:8 relu2:8 maxpool2:16; do \
			<$O/sheets/four/$${layer%:*}.npy $(rms) | npytopnm -e --separate -c inferno -r minmax -s $${layer#*:} | pnmtonpy; \
		done; \
	} | npy-cat --stack -a 1 | npy-reshape 28,3,112,112 | npy-montage -c 7 -g 6 \
		-t <(for digit in 0 4 5 7; do printf "$$digit %s\n" image $(LAYERS); done) | $(png) >$@

# Which filters are silent: the share of zeros among what a filter gives, over all places of all test images.
$O/tables/zeros.tsv: $(BEST) $O/data/test.npy $(addprefix $B/bin/,nn-run npy-calc npy-reduce npytotsv)
	{ \
		printf 'layer\tfilter\tzeros\n'; \
		for layer in relu1 relu2; do \
			nn-run -l $$layer $(BEST) $O/data/test.npy | npy-calc 'a == 0' | npy-reduce -a 0,2,3 mean | \
				npytotsv -l | sed "s/^/$$layer\t/"; \
		done; \
	} >$@

# S1-12, S1-13: a grey patch, centred on every pixel in turn.  Where it stays inside the image is the
# middle of such a map: 14 x 14 of 28 x 28 for the report's patch of 15.
PATCHES := 15 7 5

# The first of each digit that is told right, if there is one, and ten at random.
$O/sheets/twenty.npy: $(BEST_RIGHT) $O/data/test.npy $B/bin/npy-pick $B/bin/npy-cat
	{ npy-pick -f 1 $<; npy-pick -n 10 -s 2 $(word 2,$^); } | npy-cat -n 2 >$@
$O/sheets/twenty.probabilities.npy: $(BEST) $O/sheets/twenty.npy $B/bin/nn-run
	nn-run -p $(BEST) $O/sheets/twenty.npy >$@

occlusions = $(foreach patch,$(PATCHES),$O/sheets/occlusion/$(patch).$1.npy)
$(call occlusions,probabilities): $O/sheets/occlusion/%.probabilities.npy: $(BEST) $O/sheets/twenty.npy $(addprefix $B/bin/,img-occlude nn-run)
	img-occlude -c -p $* $O/sheets/twenty.npy | nn-run -p $(BEST) >$@
# Of ten columns that of the class which the labels of $1 say; $2 is a 1 for each axis before the columns.
true-class = npy-calc 'a * (b == c)' - <(npy-slice -k 1 $1) <(seq 0 9 | tsvtonpy | npy-reshape $2,10) | npy-reduce -a -1 sum
$(call occlusions,true): %.true.npy: %.probabilities.npy $O/sheets/twenty.npy $(addprefix $B/bin/,npy-slice npy-reshape npy-calc npy-reduce tsvtonpy)
	npy-reshape -1,784,10 $< | $(call true-class,$O/sheets/twenty.npy,1$(,)1) | npy-reshape -1,28,28 >$@
$(call occlusions,classes): %.classes.npy: %.probabilities.npy $(addprefix $B/bin/,npy-reduce npy-reshape)
	npy-reduce -a 1 argmax $< | npy-reshape -1,28,28 >$@
# How much of the ink is under the patch.
$(call occlusions,ink): $O/sheets/occlusion/%.ink.npy: $O/sheets/twenty.npy $(addprefix $B/bin/,npy-slice img-occlude npy-reduce npy-reshape npy-calc)
	npy-slice -k 0 $< | img-occlude -c -p $* -f 0 | npy-reduce -a 1,2 sum | npy-reshape -1,28,28 | \
		npy-calc '1 - a / b' - <(npy-slice -k 0 $< | npy-reduce -a 1,2 sum) >$@

# In colour: the image, the image with the patch where it costs most, the probability, the class, and
# the probability over the image.
rgb = npy-reshape -1,1,28,28 | npy-calc -t u1 'a + b' - <(printf '0\t0\t0\n' | tsvtonpy)

$(call occlusions,panel-image): $O/sheets/twenty.npy $(addprefix $B/bin/,npy-slice npy-reshape npy-calc tsvtonpy)
	npy-slice -k 0 $< | $(rgb) >$@
$(call occlusions,panel-covered): $O/sheets/occlusion/%.panel-covered.npy: $O/sheets/twenty.npy $O/sheets/occlusion/%.true.npy \
		$(addprefix $B/bin/,npy-slice img-occlude npy-pick npy-reshape npy-reduce npy-calc tsvtonpy)
	npy-slice -k 0 $< | img-occlude -c -p $* | \
		npy-pick -I <(npy-reduce -a 1,2 argmin $(word 2,$^) | npy-calc -t i8 '784 * row + a') | $(rgb) >$@
$(call occlusions,panel-true): %.panel-true.npy: %.true.npy $(addprefix $B/bin/,npytopnm pnmtonpy)
	npytopnm -e -c viridis -r 0:1 $< | pnmtonpy >$@
$(call occlusions,panel-classes): %.panel-classes.npy: %.classes.npy $(addprefix $B/bin/,npytopnm pnmtonpy)
	npytopnm -e -c categorical $< | pnmtonpy >$@
$(call occlusions,panel-overlay): %.panel-overlay.npy: %.panel-true.npy %.panel-image.npy $B/bin/npy-calc
	npy-calc -t u1 '0.6 * a + 0.4 * b' $(wordlist 1,2,$^) >$@

# Ten columns of digits, ten of random ones below, and the legend of classes.
PANELS := image covered true classes overlay
$(PATCHES:%=$O/figures/occlusion-%.png): $O/figures/occlusion-%.png: $O/tables/occlusion-%.tsv \
		$(foreach panel,$(PANELS),$O/sheets/occlusion/%.panel-$(panel).npy) \
		$(addprefix $B/bin/,npy-slice tsvtonpy npy-reshape npytopnm pnmtonpy npy-cat npy-montage)
	{ \
		for images in 0:10 10:20; do \
			for panel in $(PANELS); do \
				npy-slice $$images $O/sheets/occlusion/$*.panel-$$panel.npy; \
			done; \
		done; \
		seq 0 9 | tsvtonpy | npy-reshape 10,1,1 | npytopnm -e -c categorical -s 28 | pnmtonpy; \
	} | npy-cat | npy-montage -c 10 -s 2 -g 6 -t <( \
		for lines in 2,11p 12,21p; do \
			sed -n $$lines $< | awk -F '\t' ' \
				{ image = image $$2 " → " $$3 "\n"; covered = covered "→ " $$9 "\n" } \
				{ true = true sprintf("%.2f–%.2f\n", $$11, $$12); flips = flips sprintf("%.0f %%\n", 100 * $$6 / $$5) } \
				{ overlay = overlay "\n" } \
				END { printf "%s", image covered true flips overlay }'; \
		done; \
		seq 0 9) | $(png) >$@

# A line for each image, and one for each patch.
$(PATCHES:%=$O/tables/occlusion-%.tsv): $O/tables/occlusion-%.tsv: pipelines/occlusion.awk $O/sheets/twenty.npy $O/sheets/twenty.probabilities.npy \
		$(foreach kind,true classes ink,$O/sheets/occlusion/%.$(kind).npy) $(addprefix $B/bin/,npy-slice npy-reduce npy-reshape npytotsv)
	awk -v patch=$* -f $< \
		<(paste <(npy-slice -k 1 $O/sheets/twenty.npy | npytotsv) <(npytotsv $O/sheets/twenty.probabilities.npy)) \
		<(paste $(foreach kind,true classes ink,<(npy-reshape -1 $O/sheets/occlusion/$*.$(kind).npy | npytotsv))) >$@
$O/tables/occlusion.tsv: pipelines/occlusion-mean.awk $(PATCHES:%=$O/tables/occlusion-%.tsv)
	awk -f $^ >$@

# What covered digits are taken for: up to thirty of each digit that are told right, covered by the report's
# patch in all 196 places.
$O/sheets/right.npy: $(BEST_RIGHT) $B/bin/npy-pick
	npy-pick -f 30 $< >$@
$O/tables/covered.tsv: $(BEST) $O/sheets/right.npy $(addprefix $B/bin/,img-occlude nn-run npy-reduce npy-slice npy-confusion npytotsv)
	{ \
		img-occlude $O/sheets/right.npy | npy-slice -k 1; \
		img-occlude $O/sheets/right.npy | nn-run $< | npy-reduce -a 1 argmax; \
	} | npy-confusion -c 10 | npytotsv -H 0,1,2,3,4,5,6,7,8,9 >$@

# What gradients say of the first ten images, asked of the logit of the true class, in turn of the best
# network, of another that learned the same, and of one that has learned nothing.
ASKED := best second untrained
MAPS  := occlusion saliency input integrated smooth guided cam
TEN   := $O/sheets/ten.npy
maps   = $(foreach model,$(ASKED),$O/sheets/maps/$(model).$1.npy): $O/sheets/maps/%.$1.npy: $O/models/%.safetensors $(TEN)

$O/models/untrained.safetensors: private OUTPUTS = $@
$O/models/untrained.safetensors: $(BEST) $(addprefix $B/bin/,nn-info nn-init)
	nn-info -n $< | nn-init -s 1 >$@
$(TEN): $O/sheets/twenty.npy $B/bin/npy-slice
	npy-slice 0:10 $< >$@
images = npy-slice -k 0 $(TEN)
# Every label $1 times.
labels = npy-slice -k 1 $(TEN) | npy-calc -t i8 'a + 0 * b' - <(seq $1 | tsvtonpy | npy-reshape 1,$1) | npy-reshape -1

# What the logit loses by a grey patch of 7 x 7.
$(call maps,occlusion) $(addprefix $B/bin/,npy-slice img-occlude nn-run npy-reshape npy-calc npy-reduce tsvtonpy)
	$(images) | img-occlude -c -p 7 | nn-run $< | npy-reshape 10,784,10 | $(call true-class,$(TEN),1$(,)1) | npy-reshape 10,28,28 | \
		npy-calc 'b - a' - <($(images) | nn-run $< | $(call true-class,$(TEN),1)) >$@
# Simonyan, Vedaldi and Zisserman 2014.
$(call maps,saliency) $(addprefix $B/bin/,nn-grad npy-calc)
	nn-grad -c label $< $(TEN) | npy-calc 'abs(a)' >$@
$(call maps,input) $(addprefix $B/bin/,nn-grad npy-calc npy-slice)
	nn-grad -c label $< $(TEN) | npy-calc 'a * b' - <($(images)) >$@
# Sundararajan, Taly and Yan 2017: the mean gradient on the way from black to the image, times the image.
$(call maps,integrated) $(addprefix $B/bin/,nn-grad npy-calc npy-slice npy-reduce npy-reshape tsvtonpy)
	{ \
		$(images) | npy-reshape 10,1,28,28 | \
			npy-calc 'a * (b - 0.5) / 64' - <(seq 64 | tsvtonpy | npy-reshape 1,64) | npy-reshape 640,28,28; \
		$(call labels,64); \
	} | nn-grad -c label $< | npy-reshape 10,64,28,28 | npy-reduce -a 1 mean | npy-calc 'a * b' - <($(images)) >$@
# Smilkov and others 2017: the mean gradient about the image, with noise of 15 % of the range.
$(call maps,smooth) $(addprefix $B/bin/,nn-grad npy-calc npy-slice npy-reduce npy-reshape npy-random tsvtonpy)
	{ \
		$(images) | npy-reshape 10,1,28,28 | npy-calc 'a + b' - <(npy-random normal:0:38 1,64,28,28) | npy-reshape 640,28,28; \
		$(call labels,64); \
	} | nn-grad -c label $< | npy-reshape 10,64,28,28 | npy-reduce -a 1 mean >$@
# Springenberg and others 2015.
$(call maps,guided) $B/bin/nn-grad
	nn-grad -c label -r guided $< $(TEN) >$@
# Selvaraju and others 2017, of the last ReLU before the dense layers.
$(call maps,cam) $(addprefix $B/bin/,nn-grad nn-run npy-calc npy-reduce)
	nn-grad -c label --at relu2 $< $(TEN) | npy-reduce -a 2,3 mean | npy-calc 'a * b' <(nn-run -l relu2 $< $(TEN)) - | \
		npy-reduce -a 1 sum | npy-calc 'relu(a)' >$@

# Each map from its least to its largest value, or from blue through white at zero to red.
$(foreach model,best untrained,$O/figures/maps-$(model).png): $O/figures/maps-%.png: $(TEN) $(foreach map,$(MAPS),$O/sheets/maps/%.$(map).npy) \
		$(addprefix $B/bin/,npy-slice npytotsv npy-calc npy-reshape tsvtonpy npytopnm pnmtonpy npy-cat npy-montage)
	{ \
		$(images) | $(rgb); \
		for map in $(MAPS); do \
			case $$map in \
			saliency) look='-c inferno -r minmax' ;; \
			cam) look='-c inferno -r minmax -s 2' ;; \
			*) look='-c diverging -r symmetric' ;; \
			esac; \
			npytopnm -e --separate $$look $O/sheets/maps/$*.$$map.npy | pnmtonpy; \
		done; \
	} | npy-cat | npy-montage -c 10 -s 2 -g 6 -t <( \
		npy-slice -k 1 $< | npytotsv; \
		for map in $(MAPS:cam=Grad-CAM); do printf "$${map/#input/× input}\n\n\n\n\n\n\n\n\n\n"; done) | $(png) >$@

# Integrated gradients should add up to what the logit gains from black to the image.
$O/tables/completeness.tsv: $O/sheets/maps/best.integrated.npy $(BEST) $(TEN) $(addprefix $B/bin/,nn-run npy-slice npy-calc npy-reduce npy-reshape npytotsv tsvtonpy)
	{ \
		printf 'digit\tsum\tgain\tresidual\n'; \
		paste <(npy-slice -k 1 $(TEN) | npytotsv) <(npy-reduce -a 1,2 sum $< | npytotsv) \
			<(nn-run $(BEST) $(TEN) | $(call true-class,$(TEN),1) | npytotsv) \
			<($(images) | npy-calc '0 * a' | nn-run $(BEST) | $(call true-class,$(TEN),1) | npytotsv) | \
			awk -v OFS='\t' '{ print $$1, $$2, $$3 - $$4, $$2 - ($$3 - $$4) }'; \
	} >$@
# Maps explain what was learned only if they change where nothing was (Adebayo and others 2018): rank
# correlations of their magnitudes with those of the best network, of each image, over all its pixels and
# over those with ink.  A pixel that counts is a 1 in a mask (10,pixels).
pixels = $(foreach side,28 14,$(foreach which,all ink,$O/sheets/maps/$(which)-$(side).npy))
$O/sheets/maps/ink-%.npy: $(TEN) $(addprefix $B/bin/,npy-slice npy-reshape npy-reduce npy-calc)
	$(images) | npy-reshape 10,$*,$$((28 / $*)),$*,$$((28 / $*)) | npy-reduce -a 2,4 max | npy-calc 'a > 0' | npy-reshape 10,-1 >$@
$O/sheets/maps/all-%.npy: $O/sheets/maps/ink-%.npy $B/bin/npy-calc
	npy-calc 'a == a' $< >$@
# The ranks of the map $1 among the pixels that count less their mean, and zero for the others: these,
# which are less than all magnitudes, are first ranked below.
ranks = npy-reshape 10,-1 $1 | npy-calc 'b? abs(a) : -1' - $$mask | npy-rank -r | \
	npy-calc "b * (a - $$side ** 2 - 0.5 + c / 2)" - $$mask <(npy-reduce -a 1 sum $$mask)
$O/tables/sanity.tsv: $(pixels) $(foreach map,$(MAPS),$(ASKED:%=$O/sheets/maps/%.$(map).npy)) \
		$(addprefix $B/bin/,npy-reshape npy-calc npy-rank npy-reduce npytotsv)
	{ \
		printf 'map\tmodel\tpixels\timage\tcorrelation\n'; \
		for map in $(MAPS); do \
			[ $$map = cam ] && side=14 || side=28; \
			for model in second untrained; do \
				for which in all ink; do \
					mask=$O/sheets/maps/$$which-$$side.npy; \
					$(call cosine,$(call ranks,$O/sheets/maps/best.$$map.npy),$(call ranks,$O/sheets/maps/$$model.$$map.npy)) | \
						npytotsv -l | sed "s/^/$$map\t$$model\t$$which\t/"; \
				done; \
			done; \
		done; \
	} >$@

# The network is loaded and never changed: what it was when its training ended, and is when all is done
# with it.
INSIDE := $(patsubst %,$O/tables/%.tsv,best weights kernels activations zeros occlusion $(PATCHES:%=occlusion-%) covered completeness sanity) \
	$(patsubst %,$O/figures/%.png,conv1 conv2-four conv2 $(foreach layer,conv1 relu1 conv2 relu2,four-$(layer)) layers \
		$(PATCHES:%=occlusion-%) maps-best maps-untrained)

$O/tables/unchanged.tsv: $(BEST) $(INSIDE)
	trained=$O/models/$$(sed -n 2p $O/tables/best.tsv | cut -f 1,2 | tr '\t' /).safetensors; \
	{ \
		printf 'when\tSHA-256\n'; \
		sed -n "s,^\([0-9a-f]*\)  $$trained\$$,after training\t\1,p" $O/record/$${trained#$O/}; \
		sha256sum <$< | sed 's/^\([0-9a-f]*\).*/after all this\t\1/'; \
	} >$@

$O/index.html: $(INSIDE) $O/tables/unchanged.tsv
