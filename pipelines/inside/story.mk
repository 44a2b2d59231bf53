# The assignment's second part (document 001, section 2) and its report (000): what the filters of the best
# network are, what its layers make of images, and which pixels its answers depend on.
inside.about   := the filters of the best network, the maps of its layers, and the pixels that it looks at
inside.answers := 001.2
inside.data    := mnist digits all
inside.cost    := 10 s, 10 s

# The report's filters of conv2, and its layers with those between them.
inside.filters = 5 10 25 31
inside.layers  = conv1 relu1 maxpool1 conv2 relu2 maxpool2
# The sides of the gray patch in pixels; the report's is the first.
inside.patches = 15 7 5
# How many images of each class are covered, to see what they are classified as then.
inside.covered = 30

# S1-09, S1-10: the filters, blue below zero and red above it.  A layer has one scale, so that its
# pictures can be compared.
$E/tables/weights.tsv: $D/mnist/models/best.safetensors
	nn-weights $< >$@
$E/sheets/conv1.npy $E/sheets/conv2.npy: $E/sheets/%.npy: $D/mnist/models/best.safetensors
	nn-weights $< $*.weight >$@
# A line for each kernel, of random ones too, and their means.
inside.kernel = npy-reshape -1,$$(($(call size,2,$1) * $(call size,1,$1)))
$E/tables/kernels-each.tsv: pipelines/inside/kernels.awk $E/sheets/conv1.npy $E/sheets/conv2.npy
	{ \
		for layer in conv1 conv2; do \
			$(call inside.kernel,$E/sheets/$$layer.npy) $E/sheets/$$layer.npy | npytotsv | sed "s/^/$$layer\t/"; \
		done; \
		for filter in $(inside.filters); do \
			npy-slice $$filter,... $E/sheets/conv2.npy | $(call inside.kernel,$E/sheets/conv2.npy) | npytotsv | \
				sed "s/^/conv2 filter $$filter\t/"; \
		done; \
		npy-random normal 10000,$$(($(call size,2,$E/sheets/conv1.npy) * $(call size,1,$E/sheets/conv1.npy))) | npytotsv | \
			sed 's/^/chance\t/'; \
	} | awk -f $< >$@
$E/tables/kernels.tsv: $E/tables/kernels-each.tsv
	{ \
		printf 'kernels\tnumber\tmean\tedge\tcenter\trest\tmostly_edge\tmostly_center\n'; \
		sed 1d $< | datamash --format %.6g -g 1 count 1 mean 2-5 sum 6,7; \
	} >$@
$E/tables/shares.tsv: $E/tables/kernels-each.tsv
	tsv-interval -g kernels edge,center $< >$@

# A kernel for each channel, the number below the first of a filter.
$E/figures/conv1.png: $E/sheets/conv1.npy
	IFS=, read -r filters channels rows columns <<<"$$(npy-info -s $<)"; \
	npy-reshape -1,$$rows,$$columns $< | $(signed) | npy-montage -c $$((8 * channels)) -s 16 -g 8 \
		-t <(seq 0 $$((filters * channels - 1)) | awk -v n=$$channels '{ print $$1 % n ? "" : $$1 / n }') | $(png) >$@
$E/figures/conv2-four.png: $E/sheets/conv2.npy
	IFS=, read -r filters channels rows columns <<<"$$(npy-info -s $<)"; \
	for filter in $(inside.filters); do \
		npy-reshape -1,$$rows,$$columns $< | $(signed) | npy-reshape $$filters,$$channels,3,$$rows,$$columns | \
			npy-slice $$filter | npy-montage -c 8 -s 10 -g 4; \
	done | npy-cat --stack | npy-montage -c 2 -g 6 -t <(printf 'filter %s\n' $(inside.filters)) | $(png) >$@
$E/figures/conv2.png: $E/sheets/conv2.npy
	IFS=, read -r filters channels rows columns <<<"$$(npy-info -s $<)"; \
	npy-reshape -1,$$rows,$$columns $< | $(signed) | npy-montage -c $$channels -s 5 -g 4 | $(png) >$@

# S1-11: what the layers make of the first test images of 0, 4, 5 and 7, the report's classes.
$E/sheets/four.npy: $D/data/test.npy
	npy-pick -l 0,4,5,7 -f 1 $< >$@
$(inside.layers:%=$E/sheets/four/%.npy): $E/sheets/four/%.npy: $D/mnist/models/best.safetensors $E/sheets/four.npy
	nn-run -l $* $^ >$@
$E/tables/activations.tsv: $(inside.layers:%=$E/sheets/four/%.npy)
	paste <(printf '%s\n' layer $(inside.layers)) <(cat $^ | npy-info) >$@
$(patsubst %,$E/figures/four-%.png,conv1 relu1 conv2 relu2): $E/figures/four-%.png: $E/sheets/four/%.npy $E/sheets/four.npy
	IFS=, read -r images maps rows columns <<<"$$(npy-info -s $<)"; \
	case $* in conv*) look='-c diverging -r symmetric' ;; *) look='-c inferno -r minmax' ;; esac; \
	for image in $$(seq 0 $$((images - 1))); do \
		npy-reshape -1,$$rows,$$columns $< | npytopnm -e $$look | pnmtonpy | \
			npy-reshape $$images,$$maps,3,$$rows,$$columns | npy-slice $$image | \
			npy-montage -c 8 -s $$((2 * $(call size,1,$(word 2,$^)) / columns)) -g 3; \
	done | npy-cat --stack | npy-montage -c 2 -g 10 -t <(npy-slice -k 1 $(word 2,$^) | npytotsv) | $(png) >$@

# The factor that makes the array $$maps as large as the image times $1, or a little larger; then it is cut.
inside.fit   = ($1 * $2 + $(call size,$3,$$maps) - 1) / $(call size,$3,$$maps)
inside.scale = $$(printf '%s\n' $$(($(call inside.fit,$1,h,2))) $$(($(call inside.fit,$1,w,1))) | datamash max 1)
# Layer by layer: how strong the response is at each place, over all channels.
$E/figures/layers.png: $E/sheets/four.npy $D/data/shape $(inside.layers:%=$E/sheets/four/%.npy)
	$(read-shape); \
	{ \
		npy-slice -k 0 $< | npy-reshape -1,$$c,$$h,$$w | $(rms) | npytopnm -e -c inferno -s 4 | pnmtonpy; \
		for layer in $(inside.layers); do \
			maps=$E/sheets/four/$$layer.npy; \
			<$$maps $(rms) | npytopnm -e --separate -c inferno -r minmax -s $(call inside.scale,4) | pnmtonpy | \
				npy-slice :,:,:$$((4 * h)),:$$((4 * w)); \
		done; \
	} | npy-cat --stack -a 1 | npy-reshape -1,3,$$((4 * h)),$$((4 * w)) | npy-montage -c 7 -g 6 \
		-t <(for class in $$(npy-slice -k 1 $< | npytotsv); do printf "$$class %s\n" image $(inside.layers); done) | $(png) >$@

# Which filters are silent: the share of zeros among what a filter gives, over all places of all test images.
$E/tables/zeros.tsv: $D/mnist/models/best.safetensors $D/data/test.npy
	{ \
		printf 'layer\tfilter\tzeros\n'; \
		for layer in relu1 relu2; do \
			nn-run -l $$layer $^ | npy-calc 'a == 0' | npy-reduce -a 0,2,3 mean | npytotsv -l | sed "s/^/$$layer\t/"; \
		done; \
	} >$@
$E/tables/silent.tsv: $E/tables/zeros.tsv
	{ \
		printf 'layer\tfilters\tdead\tzero_at_nine_in_ten\tleast\tmean\tmost\n'; \
		sed 1d $< | awk -v OFS='\t' '{ print $$1, $$3, ($$3 == 1), ($$3 > 0.9) }' | datamash -g 1 count 1 sum 3,4 min 2 mean 2 max 2; \
	} >$@
$E/tables/sparse.tsv: $E/tables/zeros.tsv
	tsv-interval -g layer zeros $< >$@

# S1-12, S1-13: a gray patch, centered on every pixel in turn.  Where it stays inside the image is the
# middle of such a map: 14 x 14 of 28 x 28 for the report's patch of 15.
#
# The first of each class that is classified correctly, if there is one, and ten at random.
$E/sheets/twenty.npy: $D/mnist/models/best.right.npy $D/data/test.npy
	{ npy-pick -f 1 $<; npy-pick -n 10 -s 2 $(word 2,$^); } | npy-cat -n 2 >$@
$E/sheets/twenty.probabilities.npy: $D/mnist/models/best.safetensors $E/sheets/twenty.npy
	nn-run -p $^ >$@

inside.occlusions = $(inside.patches:%=$E/sheets/occlusion/%.$1.npy)
# Of ten columns that of the class which the labels of $1 say; $2 is a 1 for each axis before the columns.
inside.true-class = npy-calc 'a * (b == c)' - <(npy-slice -k 1 $1) <(seq 0 9 | tsvtonpy | npy-reshape $2,10) | npy-reduce -a -1 sum

$(call inside.occlusions,probabilities): $E/sheets/occlusion/%.probabilities.npy: $D/mnist/models/best.safetensors $E/sheets/twenty.npy
	img-occlude -c -p $* $(word 2,$^) | nn-run -p $< >$@
$(call inside.occlusions,true): $E/sheets/occlusion/%.true.npy: $E/sheets/occlusion/%.probabilities.npy $E/sheets/twenty.npy $D/data/shape
	$(read-shape); \
	npy-reshape -1,$$((h * w)),10 $< | $(call inside.true-class,$(word 2,$^),1$(,)1) | npy-reshape -1,$$h,$$w >$@
$(call inside.occlusions,classes): $E/sheets/occlusion/%.classes.npy: $E/sheets/occlusion/%.probabilities.npy $D/data/shape
	$(read-shape); npy-reduce -a 1 argmax $< | npy-reshape -1,$$h,$$w >$@
# How much of the ink, the brightness of all pixels, is under the patch.
$(call inside.occlusions,ink): $E/sheets/occlusion/%.ink.npy: $E/sheets/twenty.npy $D/data/shape
	$(read-shape); \
	npy-slice -k 0 $< | img-occlude -c -p $* -f 0 | npy-reshape -1,$$h,$$w,$$((c * h * w)) | npy-reduce -a 3 sum | \
		npy-calc 'b? 1 - a / b : 0' - <(npy-slice -k 0 $< | npy-reshape -1,$$((c * h * w)) | npy-reduce -a 1 sum) >$@

# In color: the image, the image with the patch where it costs most, the probability, the class, and
# the probability over the image.
$(call inside.occlusions,panel-image): $E/sheets/occlusion/%.panel-image.npy: $E/sheets/twenty.npy $D/data/shape
	$(read-shape); npy-slice -k 0 $< | $(rgb) >$@
$(call inside.occlusions,panel-covered): $E/sheets/occlusion/%.panel-covered.npy: $E/sheets/twenty.npy $E/sheets/occlusion/%.true.npy $D/data/shape
	$(read-shape); \
	npy-slice -k 0 $< | img-occlude -c -p $* | \
		npy-pick -I <(npy-reduce -a 1,2 argmin $(word 2,$^) | npy-calc -t i8 "$$((h * w)) * row + a") | $(rgb) >$@
$(call inside.occlusions,panel-true): $E/sheets/occlusion/%.panel-true.npy: $E/sheets/occlusion/%.true.npy
	npytopnm -e -c viridis -r 0:1 $< | pnmtonpy >$@
$(call inside.occlusions,panel-classes): $E/sheets/occlusion/%.panel-classes.npy: $E/sheets/occlusion/%.classes.npy
	npytopnm -e -c categorical $< | pnmtonpy >$@
$(call inside.occlusions,panel-overlay): $E/sheets/occlusion/%.panel-overlay.npy: $E/sheets/occlusion/%.panel-true.npy $E/sheets/occlusion/%.panel-image.npy
	npy-calc -t u1 '0.6 * a + 0.4 * b' $^ >$@

# Ten columns of classes, ten of random images below, and the legend of classes.
inside.panels = image covered true classes overlay
$(inside.patches:%=$E/figures/occlusion-%.png): $E/figures/occlusion-%.png: $E/tables/occlusion-%.tsv $D/data/shape \
		$(foreach panel,$(inside.panels),$E/sheets/occlusion/%.panel-$(panel).npy)
	$(read-shape); \
	{ \
		for images in :-10 -10:; do \
			for panel in $(inside.panels); do \
				npy-slice $$images $E/sheets/occlusion/$*.panel-$$panel.npy; \
			done; \
		done; \
		seq 0 9 | tsvtonpy | npy-reshape 10,1,1 | npytopnm -e -c categorical -s $$((h > w ? h : w)) | pnmtonpy | npy-slice :,:,:$$h,:$$w; \
	} | npy-cat | npy-montage -c 10 -s 2 -g 6 -t <( \
		for images in 'head -n -10' 'tail -n 10'; do \
			tsv-pick true,predicted,worst_class,low,high,share $< | $$images | awk -F '\t' ' \
				{ image = image $$1 " → " $$2 "\n"; covered = covered "→ " $$3 "\n" } \
				{ true = true sprintf("%.2f–%.2f\n", $$4, $$5); flips = flips sprintf("%.0f %%\n", 100 * $$6) } \
				{ overlay = overlay "\n" } \
				END { printf "%s", image covered true flips overlay }'; \
		done; \
		seq 0 9) | $(png) >$@

# A line for each image; the means over the images; and how many images have a place that changes the class.
$(inside.patches:%=$E/tables/occlusion-%.tsv): $E/tables/occlusion-%.tsv: pipelines/inside/occlusion.awk $E/sheets/twenty.npy \
		$E/sheets/twenty.probabilities.npy $D/data/shape $(foreach kind,true classes ink,$E/sheets/occlusion/%.$(kind).npy)
	$(read-shape); \
	awk -v patch=$* -v rows=$$h -v columns=$$w -f $< \
		<(paste <(npy-slice -k 1 $(word 2,$^) | npytotsv) <(npy-reduce -a 1 argmax $(word 3,$^) | npytotsv) \
			<(<$(word 3,$^) $(call inside.true-class,$(word 2,$^),1) | npytotsv)) \
		<(paste $(foreach kind,true classes ink,<(npy-reshape -1 $E/sheets/occlusion/$*.$(kind).npy | npytotsv))) >$@
$E/tables/occlusion.tsv: $(inside.patches:%=$E/tables/occlusion-%.tsv)
	{ \
		printf 'patch\tshare\tlost_ink\tlost_background\tcorrelation\n'; \
		for patch in $(inside.patches); do \
			tsv-pick share,lost_ink,lost_background,correlation $E/tables/occlusion-$$patch.tsv | sed "s/^/$$patch\t/"; \
		done; \
	} | tsv-interval -g patch share,lost_ink,lost_background,correlation >$@
$E/tables/flipped.tsv: $(inside.patches:%=$E/tables/occlusion-%.tsv)
	{ \
		printf 'patch\tflipped\timages\n'; \
		for patch in $(inside.patches); do \
			tsv-pick flips $E/tables/occlusion-$$patch.tsv | \
				awk -v OFS='\t' -v patch=$$patch '{ flipped += $$1 > 0 } END { print patch, flipped, NR }'; \
		done; \
	} | tsv-wilson flipped images >$@
# What the report's patch costs on the ink and on the background of the same images.
$E/tables/ink.tsv: $E/tables/occlusion-$(firstword $(inside.patches)).tsv
	{ \
		printf 'under\timage\tlost\n'; \
		tsv-pick image,lost_background $< | sed 's/^/background\t/'; \
		tsv-pick image,lost_ink $< | sed 's/^/ink\t/'; \
	} | tsv-interval -g under -p background:ink -k image lost >$@

# What covered images are classified as: some of each class that are classified correctly, covered by the
# report's patch in all places inside the image, 196 of 28 x 28.
$E/sheets/right.npy: $D/mnist/models/best.right.npy
	npy-pick -f $(inside.covered) $< >$@
$E/sheets/covered.npy: $D/mnist/models/best.safetensors $E/sheets/right.npy $D/data/shape
	$(read-shape); patch=$(firstword $(inside.patches)); \
	img-occlude -p $$patch $(word 2,$^) | nn-run $< | npy-reduce -a 1 argmax | \
		npy-reshape -1,$$((h - patch + 1)),$$((w - patch + 1)) >$@
$E/tables/covered.tsv: $E/sheets/covered.npy $E/sheets/right.npy
	{ \
		npy-slice -k 1 $(word 2,$^) | npy-calc -t i8 'a + 0 * b' - $< | npy-reshape -1; \
		npy-reshape -1 $<; \
	} | npy-confusion -c 10 | npytotsv -H 0,1,2,3,4,5,6,7,8,9 >$@
# The classes of the covered images of class $1.
inside.covered-of = { cat $<; npy-slice -k 1 $(word 2,$^); } | npy-pick -l $1 | npy-slice -k 0
# The report's 3: the share of places at which an image is classified as each class, a mean over the images.
$E/tables/three.tsv: $E/sheets/covered.npy $E/sheets/right.npy
	{ \
		printf 'image\tclass\tshare\n'; \
		$(call inside.covered-of,3) | npy-calc 'a == b' - <(seq 0 9 | tsvtonpy | npy-reshape 1,1,1,10) | npy-reduce -a 1,2 mean | npytotsv -l; \
	} | tsv-interval -g class share >$@
# The report's 9, which fails where the middle left or an upper corner is covered: the share of places that
# misclassify it, in the lower right quarter and in the other three.  A nan is no image, and keeps both quarters
# in the table where there is no 9.
$E/tables/nine.tsv: $E/sheets/covered.npy $E/sheets/right.npy
	{ \
		printf 'quarter\timage\tfailed\nlower right\t-\tnan\nothers\t-\tnan\n'; \
		$(call inside.covered-of,9) | npy-calc 'a != 9' | npytotsv -l | awk -v OFS='\t' \
			-v row=$$(($(call size,2,$<) / 2)) -v column=$$(($(call size,1,$<) / 2)) \
			'{ print ($$2 >= row && $$3 >= column ? "lower right" : "others"), $$1, $$4 }' | datamash -s -g 1,2 mean 3; \
	} | tsv-interval -g quarter -p 'lower right:others' -k image failed >$@

# How far the maps have the shape of the image: the correlation, over the places, of the strength of a layer's
# response with the brightness of the image there, block by block where the maps are smaller.
#
# The images that the pipe $1 gives, cut into as many blocks as $2 rows and $3 columns, and of each block $4.
inside.blocks = $1 | npy-reshape -1,$$c,$$h,$$w | npy-slice :,:,:$$(($2 * (h / $2))),:$$(($3 * (w / $3))) | \
	npy-reshape -1,$$c,$2,$$((h / $2)),$3,$$((w / $3)) | npy-reduce -a 1,3,5 $4 | npy-reshape -1,$$(($2 * $3))
# The rows of an array less their means.
inside.centered = npy-calc 'a - b' $1 <(npy-reduce -a 1 mean $1)
$E/sheets/shape/relu1.strength.npy $E/sheets/shape/relu2.strength.npy: $E/sheets/shape/%.strength.npy: $D/mnist/models/best.safetensors $E/sheets/right.npy
	nn-run -l $* $^ | $(rms) >$@
$E/sheets/shape/relu1.image.npy $E/sheets/shape/relu2.image.npy: $E/sheets/shape/%.image.npy: $E/sheets/right.npy $E/sheets/shape/%.strength.npy $D/data/shape
	$(read-shape); rows=$(call size,2,$(word 2,$^)) columns=$(call size,1,$(word 2,$^)); \
	$(call inside.blocks,npy-slice -k 0 $<,$$rows,$$columns,mean) >$@
$E/tables/shape.tsv: $(foreach layer,relu1 relu2,$E/sheets/shape/$(layer).image.npy $E/sheets/shape/$(layer).strength.npy)
	{ \
		printf 'layer\timage\tcorrelation\n'; \
		for layer in relu1 relu2; do \
			image=$E/sheets/shape/$$layer.image.npy strength=$E/sheets/shape/$$layer.strength.npy; \
			flat=$$(npy-info -s $$image); \
			$(call cosine,$(call inside.centered,$$image),npy-reshape $$flat $$strength | npy-calc 'a - b' - <(npy-reduce -a 1$(,)2 mean $$strength)) | \
				npytotsv -l | sed "s/^/$$layer\t/"; \
		done; \
	} | tsv-interval -g layer -p relu1:relu2 -k image correlation >$@

# What gradients say of the first ten images, asked of the logit of the true class, in turn of the best
# network, of another that learned the same, and of one that has learned nothing.
inside.models = best second untrained
inside.maps   = occlusion saliency input integrated smooth guided cam
inside.asked  = $(inside.models:%=$E/sheets/maps/%.$1.npy)

$E/models/untrained.safetensors: $D/mnist/models/best.safetensors
	nn-info -n $< | nn-init -s 1 >$@
$E/sheets/ten.npy: $E/sheets/twenty.npy
	npy-slice :10 $< >$@
$(inside.maps:%=$E/sheets/maps/best.%.npy): $D/mnist/models/best.safetensors $E/sheets/ten.npy $D/data/shape
$(inside.maps:%=$E/sheets/maps/second.%.npy): $D/mnist/models/second.safetensors $E/sheets/ten.npy $D/data/shape
$(inside.maps:%=$E/sheets/maps/untrained.%.npy): $E/models/untrained.safetensors $E/sheets/ten.npy $D/data/shape
inside.images = npy-slice -k 0 $E/sheets/ten.npy
# Gradients of several channels become a map (10,rows,columns): their sum, or another operation.
inside.map    = npy-reshape 10,-1,$$h,$$w | npy-reduce -a 1 $(or $1,sum)
# The gradients of 64 variants of each image, (10,64,pixels), and their mean.
inside.mean64 = { npy-reshape 640,$$c,$$h,$$w; npy-slice -k 1 $E/sheets/ten.npy | npy-calc -t i8 'a + 0 * b' - <(seq 64 | tsvtonpy | npy-reshape 1,64) | npy-reshape -1; } | \
	nn-grad -c label $< | npy-reshape 10,64,-1 | npy-reduce -a 1 mean

# What the logit loses by a gray patch of 7 x 7.
$(call inside.asked,occlusion):
	$(read-shape); \
	$(inside.images) | img-occlude -c -p 7 | nn-run $< | npy-reshape 10,$$((h * w)),10 | \
		$(call inside.true-class,$E/sheets/ten.npy,1$(,)1) | npy-reshape 10,$$h,$$w | \
		npy-calc 'b - a' - <($(inside.images) | nn-run $< | $(call inside.true-class,$E/sheets/ten.npy,1)) >$@
# Simonyan, Vedaldi and Zisserman 2014.
$(call inside.asked,saliency):
	$(read-shape); nn-grad -c label $< $E/sheets/ten.npy | npy-calc 'abs(a)' | $(call inside.map,max) >$@
$(call inside.asked,input):
	$(read-shape); nn-grad -c label $< $E/sheets/ten.npy | npy-calc 'a * b' - <($(inside.images)) | $(inside.map) >$@
# Sundararajan, Taly and Yan 2017: the mean gradient on the way from black to the image, times the image.
$(call inside.asked,integrated):
	$(read-shape); \
	$(inside.images) | npy-reshape 10,1,-1 | npy-calc 'a * (b - 0.5) / 64' - <(seq 64 | tsvtonpy | npy-reshape 1,64) | \
		$(inside.mean64) | npy-calc 'a * b' - <($(inside.images) | npy-reshape 10,-1) | $(inside.map) >$@
# Smilkov and others 2017: the mean gradient about the image, with noise of 15 % of the range.
$(call inside.asked,smooth):
	$(read-shape); \
	$(inside.images) | npy-reshape 10,1,-1 | npy-calc 'a + b' - <(npy-random normal:0:38 1,64,$$((c * h * w))) | \
		$(inside.mean64) | $(inside.map) >$@
# Springenberg and others 2015.
$(call inside.asked,guided):
	$(read-shape); nn-grad -c label -r guided $< $E/sheets/ten.npy | $(inside.map) >$@
# Selvaraju and others 2017, of the last ReLU before the dense layers.
$(call inside.asked,cam):
	nn-grad -c label --at relu2 $< $E/sheets/ten.npy | npy-reduce -a 2,3 mean | \
		npy-calc 'a * b' <(nn-run -l relu2 $< $E/sheets/ten.npy) - | npy-reduce -a 1 sum | npy-calc 'relu(a)' >$@

# Each map from its least to its largest value, or from blue through white at zero to red.
$E/figures/maps-best.png $E/figures/maps-untrained.png: $E/figures/maps-%.png: $E/sheets/ten.npy $D/data/shape $(foreach map,$(inside.maps),$E/sheets/maps/%.$(map).npy)
	$(read-shape); \
	{ \
		$(inside.images) | $(rgb); \
		for map in $(inside.maps); do \
			maps=$E/sheets/maps/$*.$$map.npy; \
			case $$map in saliency | cam) look='-c inferno -r minmax' ;; *) look='-c diverging -r symmetric' ;; esac; \
			npytopnm -e --separate $$look -s $(call inside.scale,1) $$maps | pnmtonpy | npy-slice :,:,:$$h,:$$w; \
		done; \
	} | npy-cat | npy-montage -c 10 -s 2 -g 6 -t <( \
		npy-slice -k 1 $< | npytotsv; \
		for map in $(inside.maps:cam=Grad-CAM); do printf "$${map/#input/× input}\n\n\n\n\n\n\n\n\n\n"; done) | $(png) >$@

# Integrated gradients should add up to what the logit gains from black to the image.
$E/tables/completeness.tsv: $E/sheets/maps/best.integrated.npy $D/mnist/models/best.safetensors $E/sheets/ten.npy
	{ \
		printf 'class\tsum\tgain\tresidual\n'; \
		paste <(npy-slice -k 1 $(word 3,$^) | npytotsv) <(npy-reduce -a 1,2 sum $< | npytotsv) \
			<(nn-run $(word 2,$^) $(word 3,$^) | $(call inside.true-class,$(word 3,$^),1) | npytotsv) \
			<($(inside.images) | npy-calc '0 * a' | nn-run $(word 2,$^) | $(call inside.true-class,$(word 3,$^),1) | npytotsv) | \
			awk -v OFS='\t' '{ print $$1, $$2, $$3 - $$4, $$2 - ($$3 - $$4) }'; \
	} >$@

# Maps explain what was learned only if they change where nothing was (Adebayo and others 2018): rank
# correlations of their magnitudes with those of the best network, of each image, over all its pixels and
# over those with ink.  A pixel that counts is a 1 in a mask (10,pixels), of the size of saliency maps or of
# Grad-CAM's.
inside.masks = $E/sheets/masks/$1.saliency.npy $E/sheets/masks/$1.cam.npy
$(call inside.masks,ink): $E/sheets/masks/ink.%.npy: $E/sheets/ten.npy $E/sheets/maps/best.%.npy $D/data/shape
	$(read-shape); rows=$(call size,2,$(word 2,$^)) columns=$(call size,1,$(word 2,$^)); \
	$(call inside.blocks,$(inside.images),$$rows,$$columns,max) | npy-calc 'a > 0' >$@
$(call inside.masks,all): $E/sheets/masks/all.%.npy: $E/sheets/masks/ink.%.npy
	npy-calc 'a == a' $< >$@
# The ranks of the map $1 among the pixels that count less their mean, and zero for the others: these,
# which are less than all magnitudes, are first ranked below.
inside.ranks = npy-reshape 10,-1 $1 | npy-calc 'b? abs(a) : -1' - $$mask | npy-rank -r | \
	npy-calc "b * (a - $$pixels - 0.5 + c / 2)" - $$mask <(npy-reduce -a 1 sum $$mask)
$E/tables/sanity.tsv: $(call inside.masks,ink) $(call inside.masks,all) $(foreach map,$(inside.maps),$(call inside.asked,$(map)))
	{ \
		printf 'map\tmodel\tpixels\timage\tcorrelation\n'; \
		for map in $(inside.maps); do \
			[ $$map = cam ] && size=cam || size=saliency; \
			for model in second untrained; do \
				for which in all ink; do \
					mask=$E/sheets/masks/$$which.$$size.npy; \
					pixels=$(call size,1,$$mask); \
					$(call cosine,$(call inside.ranks,$E/sheets/maps/best.$$map.npy),$(call inside.ranks,$E/sheets/maps/$$model.$$map.npy)) | \
						npytotsv -l | sed "s/^/$$map\t$$model\t$$which\t/"; \
				done; \
			done; \
		done; \
	} >$@
# Their means over the images that have one.
$E/tables/agreement.tsv: $E/tables/sanity.tsv
	{ printf 'map\tmodel\tpixels\tcorrelation\n'; sed 1d $< | datamash --narm -R 4 -g 1,2,3 mean 5; } >$@

# The network is loaded and never changed: the digest of its file when its training ended, and after all this.
inside.shown = $(patsubst %,$E/tables/%.tsv,weights kernels shares activations silent sparse shape occlusion flipped ink covered three nine \
		$(inside.patches:%=occlusion-%) completeness agreement) \
	$(patsubst %,$E/figures/%.png,conv1 conv2-four conv2 four-conv1 four-relu1 four-conv2 four-relu2 layers \
		$(inside.patches:%=occlusion-%) maps-best maps-untrained)
$E/tables/unchanged.tsv: $D/mnist/tables/best.tsv $D/mnist/models/best.safetensors $(inside.shown)
	run=$(call line,2,$<); \
	{ \
		printf 'when\tSHA-256\n'; \
		sed -n "s,^\([0-9a-f]*\)  $D/mnist/models/$$run.safetensors\$$,after training\t\1,p" $D/mnist/record/models/$$run.safetensors; \
		sha256sum <$(word 2,$^) | sed 's/^\([0-9a-f]*\).*/after all this\t\1/'; \
	} >$@

$E/section.html: $(inside.shown) $E/tables/unchanged.tsv $D/mnist/tables/best.tsv $D/mnist/tables/pa2.layers.tsv
