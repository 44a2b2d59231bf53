# Document 002, section 9: noise that the network classifies as any class, and images of clothes that it misclassifies
# after a change within a bound.  The weights of the network are only read.
#
# An attack is attacks/NAME.npy, images as floats, the target of image i being class i mod classes.
fooling-fashion.about   := noise, and images changed within a bound, that the network classifies as each other class
fooling-fashion.answers := 002.5
fooling-fashion.data    := fashion-mnist digits all
fooling-fashion.cost    := 5 s, 5 min

fooling-fashion.best = $D/fashion/models/best.safetensors
# How many images of each class are changed.
fooling-fashion.images = $(call scale,10,1)
# The bounds, in gray levels of 255: the least that suffices is searched on this ladder.
fooling-fashion.bounds = $(call scale,0.5 0.7 1 1.4 2 2.8 4 5.7 8 11.3 16 22.6 32 45.3 64,1 2 4 8 16 32 64)
fooling-fashion.tries  = $(call scale,30,15)
# The sizes of a step, for some noises; that of the pairs of classes, and the most steps.
fooling-fashion.sizes = 100 300 1000 3000
fooling-fashion.size  = $(call scale,1000,3000)
fooling-fashion.steps = $(call scale,3000,150)
fooling-fashion.noises = $(call scale,10,3)
fooling-fashion.most  = $(call scale,10000,3000)
# A step goes up the logarithm of the probability of the target, which is down its loss.
fooling-fashion.up = nn-ascend --of loss -s -$1 -c

# The names of the network's classes; where the data set has fewer, numbers.
$E/tables/classes: $D/data/classes $(fooling-fashion.best)
	nn-info $(word 2,$^) | tail -n 1 | cut -f 4 | tr -d '()' | xargs seq | paste $< - | awk -F '\t' '{ print $$1 == "" ? NR - 1 : $$1 }' >$@
# Each image of the array $1 as often as there are classes.
fooling-fashion.each = npy-pick -I <(seq 0 $$(($$classes * $(call size,$2,$1) - 1)) | awk '{ print int($$1 / '$$classes') }' | tsvtonpy -t i8)
fooling-fashion.count = classes=$$(wc -l <$E/tables/classes)
# A line for each image of an attack: what is predicted, and the probability of the target, which is image number modulo
# classes; the same in 8 bits, which is how a picture is kept.
$E/tables/%.answers.tsv: pipelines/fooling-fashion/answers.awk $(fooling-fashion.best) $E/attacks/%.npy
	paste <(nn-run -p $(word 2,$^) $(word 3,$^) | npytotsv) <(npy-calc -t u1 a $(word 3,$^) | nn-run -p $(word 2,$^) | npytotsv) | awk -f $< >$@

# ---- From noise (S2-12) ----

# What noise is classified as.  Normal, as in the assignment: with 32, four deviations are within 0 to 255.
$E/attacks/noise.npy: $D/data/test.npy
	npy-random normal:128:32 1000,$(image-shape) >$@
$E/tables/noise.tsv: $(fooling-fashion.best) $E/attacks/noise.npy $E/tables/classes
	{ \
		printf 'class\tpredicted\tnoises\n'; \
		nn-run $< $(word 2,$^) | npy-reduce -a 1 argmax | npytotsv | \
			awk -v OFS='\t' 'NR == FNR { n[$$1]++; all++; next } { print $$1, n[FNR - 1] + 0, all }' - $(word 3,$^); \
	} | tsv-wilson predicted noises >$@
# The document's: from noise to class 0, with steps of several sizes, until the network gives the answer.
$(fooling-fashion.sizes:%=$E/attacks/size-%.log.tsv): $E/attacks/size-%.log.tsv: $(fooling-fashion.best) $E/attacks/noise.npy
	npy-slice :$(fooling-fashion.noises) $(word 2,$^) | $(call fooling-fashion.up,$*) 0 --box -n $(fooling-fashion.most) -u 0.5 --log $@ $< | npy-info >$@.info; rm $@.info
$E/tables/sizes.tsv: $(fooling-fashion.sizes:%=$E/attacks/size-%.log.tsv)
	{ \
		printf 'size\timage\tsteps\n'; \
		for size in $(fooling-fashion.sizes); do \
			sed 1d $E/attacks/size-$$size.log.tsv | awk -v OFS='\t' -v size=$$size '{ seen[$$2] } $$4 == $$3 && !($$2 in done) { done[$$2] = $$1 } \
				END { for (i = 0; i in seen; i++) print size, i, i in done ? done[i] : "nan" }'; \
		done; \
	} | tsv-interval -g size steps >$@
# Noise for each class, and from the noise of each class to each other.
$E/attacks/start.npy: $(fooling-fashion.best) $E/attacks/noise.npy $E/tables/classes
	$(fooling-fashion.count); \
	npy-slice :$$classes $(word 2,$^) | $(call fooling-fashion.up,$(fooling-fashion.size)) : --box -n $(fooling-fashion.most) -u 0.8 $< >$@
$E/attacks/pairs.npy $E/attacks/pairs.log.tsv &: $(fooling-fashion.best) $E/attacks/start.npy $E/tables/classes
	$(fooling-fashion.count); \
	$(call fooling-fashion.each,$(word 2,$^),3) $(word 2,$^) | \
		$(call fooling-fashion.up,$(fooling-fashion.size)) : --box -n $(fooling-fashion.steps) -u 0.8 --log $E/attacks/pairs.log.tsv $< >$E/attacks/pairs.npy
# The first step before which the target is predicted, how far the image has moved in gray levels when its probability
# is 0.8, and whether the file that was written is classified so.
$E/tables/pairs.tsv: pipelines/fooling-fashion/pairs.awk $E/attacks/pairs.log.tsv $E/tables/pairs.answers.tsv
	awk -v size=$(fooling-fashion.size) -f $^ >$@
$E/tables/steps.tsv: $E/tables/pairs.tsv $E/tables/classes
	$(fooling-fashion.count); { paste -s $(word 2,$^); tsv-pick first $< | sed 's/nan/0/' | paste $$(yes - | head -n $$classes); } >$@
$E/figures/steps.svg $E/figures/steps.png: $E/tables/steps.tsv

# ---- Images of the data set (S2-13) ----

$E/attacks/images.npy: $D/fashion/models/best.right.npy
	npy-pick -f $(fooling-fashion.images) $< >$@
$E/attacks/each.npy: $E/attacks/images.npy $E/tables/classes
	$(fooling-fashion.count); $(call fooling-fashion.each,<(npy-slice -k 1 $<),1) $< >$@
# Every image towards every class within each bound, as in the document's reference until the probability is 0.8.  A
# step so large moves almost every pixel from one end of the bound to the other where the gradient has another sign.
fooling-fashion.within = $(fooling-fashion.bounds:%=$E/attacks/within-%.npy)
$(fooling-fashion.within): $E/attacks/within-%.npy: $(fooling-fashion.best) $E/attacks/each.npy
	npy-slice -k 0 $(word 2,$^) | \
		$(call fooling-fashion.up,$$(awk 'BEGIN { print 1000 * $* }')) : --box --bound $* -n $(fooling-fashion.tries) -u 0.8 $< >$@
# The reference itself (Geitgey 2017), of an image in -1 to 1: gradients of the probability, times 0.1, a change of at
# most 0.01, until the probability is 0.8.  In pixels that is 0.1 * 127.5^2 and 1.275.
$E/attacks/recipe.npy: $(fooling-fashion.best) $E/attacks/images.npy $E/tables/classes
	$(fooling-fashion.count); \
	npy-pick -f 1 $(word 2,$^) | npy-slice -k 0 >$@.first; \
	$(call fooling-fashion.each,$@.first,3) $@.first | \
		nn-ascend --of probability -s 1625.625 -c : --box --bound 1.275 -n $(call scale,1000,50) -u 0.8 $< >$@; \
	rm $@.first
# A line for each image, target and bound; of those the least bounds.
$E/tables/tries.tsv: $E/attacks/each.npy $(fooling-fashion.bounds:%=$E/tables/within-%.answers.tsv) $E/tables/classes
	$(fooling-fashion.count); \
	{ \
		printf 'bound\timage\ttrue\ttarget\tpredicted\tprobability\tpredicted_8bit\tprobability_8bit\n'; \
		for bound in $(fooling-fashion.bounds); do \
			paste <(npy-slice -k 1 $< | npytotsv) <(sed 1d $E/tables/within-$$bound.answers.tsv) | \
				awk -v OFS='\t' -v bound=$$bound -v n=$$classes '{ print bound, int((NR - 1) / n), $$0 }'; \
		done; \
	} >$@
$E/tables/least.tsv: pipelines/fooling-fashion/least.awk $E/tables/tries.tsv
	awk -f $^ >$@
# The least bound towards any class, for each image.
$E/tables/untargeted.tsv: $E/tables/least.tsv
	{ printf 'image\ttrue\tleast\tleast_8bit\n'; sed '1d; s/nan/inf/g' $< | datamash -g 1,2 min 4 min 5; } >$@
# How many images are misclassified, and how many pairs of image and target are classified as the target, at each bound.
$E/tables/bounds.tsv: $E/tables/tries.tsv
	sed 1d $< | awk -v OFS='\t' '$$3 != $$4 { \
			key = $$1 OFS $$2; if (!(key in seen)) { seen[key]; images[$$1]++ } if (!($$1 in pairs)) order[++n] = $$1; \
			pairs[$$1]++; hit[$$1] += $$5 == $$4; hit8[$$1] += $$7 == $$4; \
			if ($$5 != $$3 && !(key in wrong)) { wrong[key]; any[$$1]++ } if ($$7 != $$3 && !(key in wrong8)) { wrong8[key]; any8[$$1]++ } \
		} END { print "bound", "images", "wrong", "wrong_8bit", "pairs", "hit", "hit_8bit"; \
			for (i = 1; i <= n; i++) { b = order[i]; print b, images[b], any[b] + 0, any8[b] + 0, pairs[b], hit[b], hit8[b] } }' | \
		tsv-wilson wrong images >$@
$E/figures/bounds.svg $E/figures/bounds.png: $E/tables/bounds.tsv
# The median least bound of each class towards each target.
$E/tables/medians.tsv: $E/tables/least.tsv $E/tables/classes
	$(fooling-fashion.count); \
	{ \
		paste -s $(word 2,$^); \
		tsv-pick true,target,least $< | sed 's/nan/inf/' | sort -n -k 1,1 -k 2,2 | datamash -g 1,2 median 3 | \
			awk -v n=$$classes '{ m[$$1, $$2] = $$3 } END { for (i = 0; i < n; i++) for (j = 0; j < n; j++) \
				printf "%s%s", i == j || !((i, j) in m) || m[i, j] == "inf" ? 0 : m[i, j], j < n - 1 ? "\t" : "\n" }'; \
	} >$@
$E/figures/medians.svg $E/figures/medians.png: $E/tables/medians.tsv

# ---- Pictures ----

# Noise and class 0; and noise that is classified as each class.
fooling-fashion.label = awk -F '\t' 'NR == FNR { name[NR - 1] = $$1; next } FNR > 1 { printf "%s %.2f\n", name[$$2], $$3 }' $E/tables/classes
$E/figures/noise.png: $E/attacks/start.npy $E/attacks/noise.npy $E/tables/start.answers.tsv $E/tables/noise.answers.tsv $E/tables/classes $D/data/shape
	$(read-shape); $(fooling-fashion.count); \
	npy-cat <(npy-slice :$$classes $(word 2,$^) | $(rgb)) <(<$< $(rgb)) | npy-montage -c $$classes -s 2 -g 6 \
		-t <($(fooling-fashion.name) $(word 4,$^) | sed -n "1,$${classes}p"; $(fooling-fashion.label) $(word 3,$^)) | $(png) >$@
fooling-fashion.name = awk -F '\t' 'NR == FNR { name[NR - 1] = $$1; next } FNR > 1 { print name[$$2] }' $E/tables/classes
# Of the first image of each class: the image, its least change to any other class, magnified, and the result in 8 bits
# with the class predicted and its probability.  The images of all bounds are one array.
$E/attacks/nearest.npy: $E/tables/least.tsv $E/attacks/each.npy $E/tables/classes $(fooling-fashion.within)
	$(fooling-fashion.count); \
	awk -v classes=$$classes -v all=$(call size,1,<(npy-slice -k 1 $(word 2,$^))) -v bounds='$(fooling-fashion.bounds)' -f pipelines/fooling-fashion/nearest.awk $< | tsvtonpy -t i8 >$@.rows; \
	{ \
		npy-pick -I <(npy-slice :,0 $@.rows) $(word 2,$^) | npy-slice -k 0 | npy-calc -t f4 a; \
		npy-cat $(fooling-fashion.within) | npy-pick -I <(npy-slice :,1 $@.rows); \
	} >$@; \
	rm $@.rows
$E/tables/nearest.tsv: $(fooling-fashion.best) $E/attacks/nearest.npy $E/tables/classes
	{ \
		printf 'shown\tpredicted\tprobability\tchange\n'; \
		paste <(npy-slice -k 0 $(word 2,$^) | nn-run $< | npy-reduce -a 1 argmax | npytotsv) \
			<(npy-slice -k 1 $(word 2,$^) | npy-calc -t u1 a | nn-run $< | npy-reduce -a 1 argmax | npytotsv) \
			<(npy-slice -k 1 $(word 2,$^) | npy-calc -t u1 a | nn-run -p $< | npy-reduce -a 1 max | npytotsv) \
			<(npy-calc 'abs(a - b)' $(word 2,$^) | npy-reshape -1,$$(($$(echo $(image-shape) | tr , '*'))) | npy-reduce -a 1 max | npytotsv); \
	} >$@
$E/figures/nearest.png: $E/attacks/nearest.npy $E/tables/nearest.tsv $E/tables/classes $D/data/shape
	$(read-shape); \
	{ \
		npy-slice -k 0 $< | $(rgb); \
		npy-calc 'a - b' <(npy-slice -k 1 $<) <(npy-slice -k 0 $<) | npy-reshape -1,$$c,$$h,$$w | npy-reduce -a 1 mean | \
			npytopnm -e --separate -c diverging -r symmetric | pnmtonpy; \
		npy-slice -k 1 $< | $(rgb); \
	} | npy-cat | npy-montage -c $(call size,1,<(npy-slice -k 0 $< | npy-reshape -1,$$((c * h * w)) | npy-reduce -a 1 sum)) -s 2 -g 6 -t <( \
		awk -F '\t' 'NR == FNR { name[NR - 1] = $$1; next } FNR > 1 { shown = shown name[$$1] "\n"; change = change sprintf("± %.3g\n", $$4); \
			now = now sprintf("%s %.2f\n", name[$$2], $$3) } END { printf "%s", shown change now }' $(word 3,$^) $(word 2,$^)) | $(png) >$@

$E/section.html: $(patsubst %,$E/tables/%.tsv,noise sizes pairs pairs.answers start.answers recipe.answers least untargeted bounds nearest medians) \
	$(patsubst %,$E/figures/%.png,noise nearest) \
	$(foreach plot,steps bounds medians,$E/figures/$(plot).svg $E/figures/$(plot).png)
