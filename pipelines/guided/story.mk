# Document 002, section 8.3: guided backpropagation of ten channels of the last convolution, beside other ways to
# take a gradient back to the pixels; and what of it depends on what the network has learned.
guided.about   := guided backpropagation of ten channels, beside other maps, and how much it depends on the weights
guided.answers := 002.4
guided.data    := fashion-mnist digits all
guided.cost    := 8 s, 2 min

guided.best  = $D/fashion/models/best.safetensors
guided.layer = relu4
# The ways through a ReLU, nn-grad's names: deconv is what the document describes.
guided.rules = plain deconv guided
# Their names on the page.
guided.names = gradient deconvnet guided
# How many channels; the document says that its ten are random, these are drawn from seed 1.
guided.channels = 10

# Images that the network classifies correctly: the first of each class.
$E/sheets/classes.npy: $D/fashion/models/best.right.npy
	npy-pick -f 1 $< >$@

# S2-11.  How strongly each channel responds to each test image: the mean over its places.
$E/sheets/strength.npy: $(guided.best) $D/data/test.npy
	nn-run -l $(guided.layer) $^ | npy-reduce -a 2,3 mean >$@
$E/tables/silent.tsv: $E/sheets/strength.npy
	npy-reduce -a 0 max $< | npytotsv | awk -v OFS='\t' '{ silent += $$1 == 0 } END { print "channels", "silent"; print NR, silent + 0 }' >$@
# Channels that respond to some test image; the gradients of the others are zero.
$E/tables/channels.tsv: $E/sheets/strength.npy
	{ \
		printf 'channel\tmean\tzero\n'; \
		npy-reduce -a 0 max $< | npytotsv -l | awk '$$2 > 0 { print $$1 }' | tsvtonpy -t i8 | npy-pick -n $(guided.channels) | npytotsv | sort -n | \
			while read -r channel; do \
				npy-slice :,$$channel $< | npytotsv | \
					awk -v OFS='\t' -v channel=$$channel '{ sum += $$1; zero += $$1 == 0 } END { print channel, sum / NR, zero / NR }'; \
			done; \
	} >$@
# The nine test images that excite each channel most.
$E/tables/nine.tsv: $E/tables/channels.tsv $E/sheets/strength.npy $D/data/test.npy $D/data/classes
	{ \
		printf 'channel\trank\timage\tstrength\tclass\n'; \
		for channel in $$(tsv-pick channel $<); do \
			paste <(npy-slice :,$$channel $(word 2,$^) | npytotsv) <(npy-slice -k 1 $(word 3,$^) | npytotsv) | \
				awk -F '\t' -v OFS='\t' 'NR == FNR { name[NR - 1] = $$1; next } { print FNR - 1, $$1, name[$$2] }' $(word 4,$^) - | \
				sort -s -t $$'\t' -k 2,2gr | sed -n "1,9{ =; p; }" | paste - - | sed "s/^/$$channel\t/"; \
		done; \
	} >$@
# How often two of the nine are of one class, and how often two test images are.
$E/tables/alike.tsv: pipelines/guided/alike.awk $E/tables/nine.tsv
	awk -f $^ | tsv-interval -g images alike >$@
$E/tables/chance.tsv: $D/data/test.npy
	npy-slice -k 1 $< | npytotsv | sort | uniq -c | \
		awk 'BEGIN { print "chance" } { n += $$1; pairs += $$1 * ($$1 - 1) } END { print pairs / (n * (n - 1)) }' >$@

# For each channel its nine images, and after them those of the classes; and the gradient of the channel's sum
# with respect to the pixels of each, by each rule.
$E/sheets/images.npy: $E/tables/nine.tsv $D/data/test.npy $E/sheets/classes.npy
	tsv-pick channel $< | uniq | while read -r channel; do \
		npy-cat <(npy-slice -k 0 $(word 2,$^) | npy-pick -I <(tsv-pick -w channel=$$channel image $< | tsvtonpy -t i8)) \
			<(npy-slice -k 0 $(word 3,$^)); \
	done | npy-cat --stack >$@
$(guided.rules:%=$E/sheets/channels.%.npy): $E/sheets/channels.%.npy: $(guided.best) $E/sheets/images.npy $E/tables/channels.tsv
	i=0; \
	for channel in $$(tsv-pick channel $(word 3,$^)); do \
		npy-slice $$i $(word 2,$^) | nn-grad -r $* -l $(guided.layer):$$channel $<; \
		i=$$((i + 1)); \
	done | npy-cat --stack >$@

# Whether the patterns excite the channel: what it gains, in percent, when a pattern is added to an image of the nine
# with a root of the mean square of 8 gray levels.  A pattern of normal random numbers is a fourth.
guided.added = 8
guided.nine  = npy-slice :,:9 $1 | npy-reshape -1,$$((c * h * w))
$E/sheets/channels.random.npy: $E/sheets/images.npy
	npy-random normal $$(npy-info -s $<) >$@
$E/tables/gains.tsv: $E/sheets/images.npy $E/tables/nine.tsv $(guided.best) $D/data/shape \
		$(patsubst %,$E/sheets/channels.%.npy,$(guided.rules) random)
	$(read-shape); \
	{ \
		printf 'map\tchannel\timage\tgain\n'; \
		for map in $(guided.rules) random; do \
			npy-calc "c ? a + $(guided.added) * b / c : a" <($(call guided.nine,$<)) <($(call guided.nine,$E/sheets/channels.$$map.npy)) \
				<($(call guided.nine,$E/sheets/channels.$$map.npy) | npy-reduce -a 1 norm | npy-calc "a / sqrt($$((c * h * w)))") | \
				npy-reshape -1,$(image-shape) | nn-run -l $(guided.layer) $(word 3,$^) | npy-reduce -a 2,3 mean | npytotsv | \
				paste <(tsv-pick channel,image,strength $(word 2,$^)) - | \
				awk -v OFS='\t' -v map=$$map '{ print map, $$1, $$2, ($$3 ? 100 * ($$(4 + $$1) / $$3 - 1) : "nan") }'; \
		done; \
	} >$@
$E/tables/gain.tsv: $E/tables/gains.tsv
	{ sed -n 1p $<; sed 1d $< | datamash --narm -g 1,2 first 3 mean 4; } | tsv-interval -g map gain >$@

# Maps for a class: those of the three rules, of the logit of the true class, and Grad-CAM (Selvaraju and others 2017),
# the layer's maps, each weighted by the mean of its gradient, of whose sum the positive part counts.  A map is an
# array of rows and columns of the images; those of channels are added, and an element of Grad-CAM is repeated for all
# pixels that it stands for.  Maps are (4,images,rows,columns).
guided.maps    = $(guided.rules) cam
guided.plane   = npy-reshape -1,$$c,$$h,$$w | npy-reduce -a 1 sum
guided.enlarge = npy-calc 'a + 0 * b' <(npy-reshape -1,$$rows,1,$$columns,1) <(seq $$((down * across)) | tsvtonpy | npy-reshape 1,1,$$down,1,$$across) | \
	npy-reshape -1,$$((rows * down)),$$((columns * across)) | npy-slice :,:$$h,:$$w
guided.make = $(read-shape); \
	IFS=, read -r images channels rows columns <<<"$$(nn-run -l $(guided.layer) $(guided.best) $(word 2,$^) | npy-info -s)"; \
	down=$$(((h + rows - 1) / rows)) across=$$(((w + columns - 1) / columns)); \
	{ \
		for rule in $(guided.rules); do \
			$1 | nn-grad -c label -r $$rule - $(word 2,$^) | $(guided.plane); \
		done; \
		$1 | nn-grad -c label --at $(guided.layer) - $(word 2,$^) | npy-reduce -a 2,3 mean | \
			npy-calc 'a * b' <($1 | nn-run -l $(guided.layer) - $(word 2,$^)) - | npy-reduce -a 1 sum | npy-calc 'relu(a)' | $(guided.enlarge); \
	} | npy-cat --stack

# What depends on what was learned (Adebayo and others 2018): layers are drawn anew, from the top down, and all above
# stay drawn.  0 layers is the trained network.  Its seeds are none that a network was trained from.
guided.layers = dense3 dense2 dense1 conv4 conv3 conv2 conv1
guided.depths = 1 2 3 4 5 6 7
guided.seeds  = $(call scale,1001 1002 1003 1004 1005,1001 1002 1003)
guided.images = $(call scale,10,2)
guided.drawn  = nn-info -n $< | nn-init -s $1 --from $< --fresh "$$(echo $(wordlist 1,$2,$(guided.layers)) | tr ' ' ,)"
$E/sheets/sanity.npy: $D/fashion/models/best.right.npy
	npy-pick -f $(guided.images) $< >$@
$E/maps/0.npy: $(guided.best) $E/sheets/sanity.npy $D/data/shape
	$(call guided.make,cat $<) >$@
define guided.cascade
$E/maps/$1.$2.npy: $(guided.best) $E/sheets/sanity.npy $D/data/shape
	$$(call guided.make,$$(call guided.drawn,$2,$1)) >$$@
endef
$(foreach seed,$(guided.seeds),$(foreach depth,$(guided.depths),$(eval $(call guided.cascade,$(depth),$(seed)))))

# Guided backpropagation of the channels, of the images of the classes, by the same networks.  A channel does not depend
# on the layers above it: the first depth that changes it draws its own convolution.
guided.depths-below = 4 5 6 7
guided.drawn-channels = $(call scale,10,3)
define guided.cascade-channels
$E/maps/channels.$1.$2.npy: $(guided.best) $E/sheets/classes.npy $E/tables/channels.tsv
	for channel in $$$$(tsv-pick channel $$(word 3,$$^) | sed -n 1,$(guided.drawn-channels)p); do \
		$$(call guided.drawn,$2,$1) | nn-grad -r guided -l $(guided.layer):$$$$channel - $$(word 2,$$^); \
	done | npy-cat --stack >$$@
endef
$(foreach seed,$(guided.seeds),$(foreach depth,$(guided.depths-below),$(eval $(call guided.cascade-channels,$(depth),$(seed)))))

# Spearman's rank correlation of the magnitudes of two arrays of maps, for each image.
guided.size  = $$((h * w))
guided.ranks = npy-reshape -1,$(guided.size) | npy-calc 'abs(a)' | npy-rank -r | npy-calc "a - ($(guided.size) + 1) / 2"
guided.agree = $(call cosine,$1 | $(guided.ranks),$2 | $(guided.ranks))
# Of each image the maps of drawn networks with those of the trained one.
$E/tables/sanity.tsv: $D/data/shape $E/maps/0.npy $E/sheets/channels.guided.npy \
		$(foreach seed,$(guided.seeds),$(guided.depths:%=$E/maps/%.$(seed).npy) $(guided.depths-below:%=$E/maps/channels.%.$(seed).npy))
	$(read-shape); images=$(call size,3,$(word 2,$^)); \
	{ \
		printf 'map\tlayers\tseed\timage\tcorrelation\n'; \
		for seed in $(guided.seeds); do \
			for depth in $(guided.depths); do \
				$(call guided.agree,cat $(word 2,$^),cat $E/maps/$$depth.$$seed.npy) | npy-reshape -1,$$images | npytotsv -l | \
					awk -v OFS='\t' -v depth=$$depth -v seed=$$seed -v maps='$(guided.maps)' \
						'BEGIN { split(maps, map, " ") } { print map[$$1 + 1], depth, seed, $$2, $$3 }'; \
			done; \
			for depth in $(guided.depths-below); do \
				$(call guided.agree,npy-slice :$(guided.drawn-channels)$(,)9: $(word 3,$^) | $(guided.plane),cat $E/maps/channels.$$depth.$$seed.npy | $(guided.plane)) | \
					npytotsv -l | sed "s/^/channels\t$$depth\t$$seed\t/"; \
			done; \
		done; \
	} >$@
# Their means over the images, and intervals about other random weights.
$E/tables/cascade.tsv: $E/tables/sanity.tsv
	{ \
		printf 'map layers\tseed\tcorrelation\n'; \
		sed 1d $< | datamash --narm -s -g 1,2,3 mean 5 | sed 's/\t/ /'; \
	} | tsv-interval -g 'map layers' correlation >$@
# The guided gradients of one channel with those of the next, of the same images, and the mean for each channel.
$E/tables/others.tsv: $E/sheets/channels.guided.npy $E/sheets/classes.npy $D/data/shape
	$(read-shape); \
	{ \
		printf 'with\tchannel\tcorrelation\n'; \
		$(call guided.agree,npy-slice :$(,)9: $< | $(guided.plane),npy-slice :$(,)9: $< | npy-pick -i 1:$(,)0 | $(guided.plane)) | \
			npy-reshape -1,$(call size,1,<(npy-slice -k 1 $(word 2,$^))) | npytotsv -l | datamash --narm -g 1 mean 3 | sed 's/^/next\t/'; \
	} | tsv-interval -g with correlation >$@
# Of each image, the maps of the trained network with each other, and with the image.
$E/maps/beside.npy: $E/sheets/sanity.npy $E/maps/0.npy $D/data/shape
	$(read-shape); npy-cat <(npy-slice -k 0 $< | $(guided.plane) | npy-reshape 1,-1,$$h,$$w) $(word 2,$^) >$@
$E/tables/pairs.tsv: $E/maps/beside.npy $D/data/shape
	$(read-shape); \
	maps=(image $(guided.maps)); \
	{ \
		printf 'pair\timage\tcorrelation\n'; \
		for i in "$${!maps[@]}"; do \
			for ((j = 0; j < i; j++)); do \
				$(call guided.agree,npy-slice $$i $<,npy-slice $$j $<) | npytotsv -l | sed "s/^/$${maps[i]} $${maps[j]}\t/"; \
			done; \
		done; \
	} | tsv-interval -g pair correlation >$@
$E/figures/cascade.svg $E/figures/cascade.png: $E/tables/cascade.tsv

# Pictures.  Each gradient has a scale of its own: blue below zero, white at zero, red above it.
guided.signed = $(guided.plane) | npytopnm -e --separate -c diverging -r symmetric | pnmtonpy
guided.heat   = npytopnm -e --separate -c inferno -r minmax | pnmtonpy
# The images of the classes, and a row for each channel.
$E/figures/channels.png: $E/sheets/channels.guided.npy $E/sheets/classes.npy $E/tables/channels.tsv $D/data/classes $D/data/shape
	$(read-shape); columns=$(call size,1,<(npy-slice -k 1 $(word 2,$^))); \
	{ npy-slice -k 0 $(word 2,$^) | $(rgb); npy-slice :,9: $< | $(guided.signed); } | npy-cat | \
		npy-montage -c $$columns -s 2 -g 6 -t <( \
			sed -n "$$(npy-slice -k 1 $(word 2,$^) | npytotsv | awk '{ print $$1 + 1 "p" }')" $(word 4,$^); \
			for channel in $$(tsv-pick channel $(word 3,$^)); do echo "channel $$channel"; seq $$((columns - 1)) | sed 's/.*//'; done) | $(png) >$@
# For each channel the image that excites it most, and the gradient of the channel by each rule.
$E/figures/rules.png: $E/sheets/images.npy $E/tables/channels.tsv $D/data/shape $(guided.rules:%=$E/sheets/channels.%.npy)
	$(read-shape); \
	{ \
		npy-slice :,0 $< | $(rgb); \
		for rule in $(guided.rules); do npy-slice :,0 $E/sheets/channels.$$rule.npy | $(guided.signed); done; \
	} | npy-cat | npy-montage -c $(guided.channels) -s 2 -g 6 -t <(tsv-pick channel $(word 2,$^) | sed 's/^/channel /'; \
		for name in $(guided.names); do echo $$name; seq $$(($(guided.channels) - 1)) | sed 's/.*//'; done) | $(png) >$@
# The nine images of each channel, and beside them its guided gradients.
$E/figures/nine.png: $E/sheets/images.npy $E/sheets/channels.guided.npy $E/tables/channels.tsv $D/data/shape
	$(read-shape); \
	for i in $$(seq 0 $$(($(guided.channels) - 1))); do \
		npy-slice $$i,:9 $< | $(rgb) | npy-montage -c 3; \
		npy-slice $$i,:9 $(word 2,$^) | $(guided.signed) | npy-montage -c 3; \
	done | npy-cat --stack | npy-montage -c 4 -s 2 -g 6 -t <(tsv-pick channel $(word 3,$^) | sed 's/.*/channel &\nguided/') | $(png) >$@
# The maps for the true class of an image of each class, Grad-CAM over the image.
$E/sheets/first.npy: $E/sheets/sanity.npy
	npy-pick -f 1 --indices $< >$@
$E/figures/classes.png: $E/sheets/first.npy $E/maps/0.npy $E/sheets/sanity.npy $D/data/classes $D/data/shape
	$(read-shape); columns=$(call size,1,$<); \
	{ \
		npy-pick -I $< $(word 3,$^) | npy-slice -k 0 | $(rgb); \
		for i in 0 1 2; do npy-slice $$i $(word 2,$^) | npy-pick -I $< | npy-reshape -1,1,$$h,$$w | npytopnm -e --separate -c diverging -r symmetric | pnmtonpy; done; \
		npy-calc -t u1 '0.5 * a + 0.5 * b' <(npy-slice 3 $(word 2,$^) | npy-pick -I $< | $(guided.heat)) <(npy-pick -I $< $(word 3,$^) | npy-slice -k 0 | $(rgb)); \
	} | npy-cat | npy-montage -c $$columns -s 2 -g 6 -t <( \
		sed -n "$$(npy-pick -I $< $(word 3,$^) | npy-slice -k 1 | npytotsv | awk '{ print $$1 + 1 "p" }')" $(word 4,$^); \
		for map in $(guided.names) Grad-CAM; do echo $$map; seq $$((columns - 1)) | sed 's/.*//'; done) | $(png) >$@
# The maps of two images, and of a channel, while more and more layers are drawn.
guided.shown = $E/maps/0.npy $(guided.depths:%=$E/maps/%.$(firstword $(guided.seeds)).npy)
$E/figures/drawn.png: $E/sheets/channels.guided.npy $E/tables/channels.tsv $(guided.shown) $D/data/shape \
		$(guided.depths-below:%=$E/maps/channels.%.$(firstword $(guided.seeds)).npy)
	$(read-shape); \
	{ \
		for image in 0 -1; do \
			for i in 0 1 2; do \
				for maps in $(guided.shown); do npy-slice $$i,$$image,None $$maps | npytopnm -c diverging -r symmetric; done; \
			done; \
			for maps in $(guided.shown); do npy-slice 3,$$image,None $$maps | npytopnm -c inferno -r minmax; done; \
		done; \
		for i in 1 2 3 4; do npy-slice 0,-1,None $< | $(guided.plane) | npytopnm -c diverging -r symmetric; done; \
		for depth in $(guided.depths-below); do \
			npy-slice 0,-1,None $E/maps/channels.$$depth.$(firstword $(guided.seeds)).npy | $(guided.plane) | npytopnm -c diverging -r symmetric; \
		done; \
	} | pnmtonpy | npy-montage -c 8 -s 2 -g 6 -t <( \
		for map in $(guided.names) Grad-CAM $(guided.names) Grad-CAM "channel $$(tsv-pick channel $(word 2,$^) | sed -n 1p)"; do \
			printf '%s\n' "$$map" $(guided.layers); \
		done) | $(png) >$@

$E/section.html: $(patsubst %,$E/tables/%.tsv,silent channels nine alike chance gain cascade others pairs) \
	$(patsubst %,$E/figures/%.png,channels rules nine classes drawn) $E/figures/cascade.svg $E/figures/cascade.png
