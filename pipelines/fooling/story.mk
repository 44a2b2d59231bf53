# The assignment's third part (document 001, section 3) and its report (000): images that the best network
# misclassifies.  Its weights are only read.
#
# An attack is attacks/NAME.npy, images as floats; the target of image i is class i mod 10.
fooling.about   := images made for the best network to misclassify: from noise, towards an image, by added noise
fooling.answers := 001.3
fooling.data    := mnist digits all
fooling.cost    := 15 s, 15 s

fooling.best   = $D/mnist/models/best.safetensors
fooling.second = $D/mnist/models/second.safetensors

# Steps from noise, and as many again; towards an image; and of noise on an image.
fooling.grow-steps  = 1500
fooling.pull-steps  = $(call scale,400,300)
fooling.noise-steps = 500

# 001 has a beta of 0.0001; the one that is shown; and the least that only draws the image.
fooling.betas  = $(call scale,0.0001 0.001 0.01 0.03 0.1,0.0001 0.01 0.1)
fooling.beta   = 0.01
fooling.bounds = 8 16 32 64 128 255
fooling.noises = least $(fooling.bounds)
fooling.shown  = least 32 128
# Test images that all noises are added to.
fooling.many   = $(call scale,1000,200)

# The noise that all begin with.  001 gives its mean and not its deviation: with 32, four deviations are
# within 0 ... 255.
$E/attacks/start.npy: $D/data/test.npy
	npy-random normal:128:32 100,$(image-shape) >$@

# S1-15: X <- X + step * d, equations 1 and 2, and nothing else.
$E/attacks/grown.npy $E/attacks/grown.log.tsv &: $(fooling.best) $E/attacks/start.npy
	npy-slice :10 $E/attacks/start.npy | \
		nn-ascend -c : -n $(fooling.grow-steps) -s 100 --log $E/attacks/grown.log.tsv $< >$E/attacks/grown.npy
$E/attacks/grown-on.npy $E/attacks/grown-on.log.tsv &: $(fooling.best) $E/attacks/grown.npy
	nn-ascend -c : -n $(fooling.grow-steps) -s 100 --log $E/attacks/grown-on.log.tsv $^ >$E/attacks/grown-on.npy
$E/tables/growing.tsv: pipelines/fooling/growing.awk $E/attacks/grown.log.tsv $E/attacks/grown-on.log.tsv
	awk -f $^ >$@
$E/figures/growing.svg $E/figures/growing.png: $E/attacks/grown.log.tsv $E/attacks/grown-on.log.tsv

# The same with decay and blur (Yosinski et al., 2015), and within 0 ... 255.
$E/attacks/smooth.npy: $(fooling.best) $E/attacks/start.npy
	npy-slice :10 $E/attacks/start.npy | \
		nn-ascend -c : -n $(fooling.noise-steps) -s 2000 --decay 0.002 --blur 1 --blur-every 4 --box $< >$@

# S1-16: equations 3 and 4, for each class towards the first test image of each class: image 10 d + c is to
# look like class d and to be classified as c.
$E/attacks/digits.npy: $D/data/test.npy
	npy-pick -f 1 $< | npy-slice -k 0 >$@
$(foreach beta,$(fooling.betas),$E/attacks/like-$(beta).npy): $E/attacks/like-%.npy: \
		$(fooling.best) $E/attacks/start.npy $E/attacks/digits.npy
	npy-pick -i $$(echo {0..9}{,,,,,,,,,} | tr ' ' ,) $E/attacks/digits.npy | \
		nn-ascend -c : -n $(fooling.pull-steps) -s 500 --like - --beta $* \
			--log $E/attacks/like-$*.log.tsv --log-every $(fooling.pull-steps) $< $(word 2,$^) >$@
# Of the images whose target is another class than the one shown: how many fool the networks, how near they
# are to the image, and how many the second network classifies as the class shown.
$E/tables/betas.tsv: $(foreach beta,$(fooling.betas),$E/tables/like-$(beta).answers.tsv)
	{ \
		printf 'beta\timages\tfooled\tprobability\tmse\tfooled_8bit\tsecond_fooled\tsecond_sees\n'; \
		for beta in $(fooling.betas); do \
			paste <(sed 1d $E/tables/like-$$beta.answers.tsv) <(tail -n 100 $E/attacks/like-$$beta.log.tsv | cut -f 8) | \
				awk -v OFS='\t' -v beta=$$beta '{ shown = int((NR - 1) / 10) } \
					$$1 != shown { print beta, $$2 == $$1, $$3, $$8, $$4 == $$1, $$6 == $$1, $$6 == shown }'; \
		done | datamash -g 1 count 1 sum 2 mean 3 mean 4 sum 5 sum 6 sum 7; \
	} >$@

# S1-17: equations 5 to 7.  The noise for class c is made on the image of class c + 1, and that for 9 on the
# image of 0, within a bound; the least has none, and stops where the class has a probability of 0.99.
$E/attacks/originals.npy: $E/attacks/digits.npy
	npy-pick -i 1:10,0 $< >$@
$(foreach noise,$(fooling.noises),$E/attacks/noise-$(noise).npy): $E/attacks/noise-%.npy: $(fooling.best) $E/attacks/originals.npy
	nn-ascend --noise -c : -n $(fooling.noise-steps) $(if $(filter least,$*),-s 100 --until 0.99,-s 500 --bound $*) $^ >$@
$(foreach noise,$(fooling.noises),$E/attacks/noisy-$(noise).npy): $E/attacks/noisy-%.npy: $E/attacks/originals.npy $E/attacks/noise-%.npy
	npy-calc 'a + b' $^ >$@

# The noises' range: the pictures' colors end at the larger of its two ends.
$E/tables/noises.tsv: $(foreach noise,$(fooling.noises),$E/attacks/noise-$(noise).npy)
	paste <(printf '%s\n' bound $(fooling.noises)) <(cat $^ | npy-info) >$@

# S1-18: each of ten test images with each noise, image 10 i + c; and likewise many.
$E/attacks/fixed.npy: $D/data/test.npy
	npy-pick -n 10 $< >$@
$E/attacks/many.npy: $D/data/test.npy
	npy-pick -c $(fooling.many) $< >$@
fooling.with-noises = npy-calc 'a + b' <(npy-slice -k 0 $1 | npy-reshape -1,1,$(image-shape)) <(npy-reshape 1,10,$(image-shape) $2) | \
	npy-reshape -1,$(image-shape)
$(foreach noise,$(fooling.noises),$E/attacks/fixed-$(noise).npy): $E/attacks/fixed-%.npy: $E/attacks/fixed.npy $E/attacks/noise-%.npy
	$(call fooling.with-noises,$<,$(word 2,$^)) >$@
$E/tables/fixed-%.tsv: $E/attacks/fixed.npy $E/answers/fixed-%.npy
	paste <(npy-slice -k 1 $< | npytotsv -H true) \
		<(npy-slice :,0 $(word 2,$^) | npy-reduce -a 1 argmax | npy-reshape -1,10 | npytotsv -H 0,1,2,3,4,5,6,7,8,9) >$@

# Whether image and noise, of an array (images,10,...) of predictions, are classified as the noise's class.
# An image of this class itself does not count: of ten noises nine remain for each image.
fooling.turned = npy-calc '(a == c) && (b != c)' - <(npy-slice -k 1 $1) <(seq 0 9 | tsvtonpy | npy-reshape 1,10)
$E/attacks/many-%.npy: $E/attacks/many.npy $E/attacks/noise-%.npy $(fooling.best)
	$(call fooling.with-noises,$<,$(word 2,$^)) | nn-run $(word 3,$^) | npy-reduce -a 1 argmax | npy-reshape -1,10 | \
		$(call fooling.turned,$<) >$@
$E/tables/carry.tsv: $E/attacks/fixed.npy $(foreach noise,$(fooling.noises),$E/answers/noisy-$(noise).npy $E/answers/fixed-$(noise).npy $E/attacks/many-$(noise).npy)
	{ \
		printf 'bound\town\town_8bit\town_second\tpairs\tfixed\tfixed_8bit\tfixed_second\tmany_pairs\tmany\n'; \
		for noise in $(fooling.noises); do \
			{ \
				echo $$noise; \
				npy-reduce -a 2 argmax $E/answers/noisy-$$noise.npy | npy-calc 'a == row' | npy-reduce -a 0 sum | npytotsv; \
				echo 90; \
				npy-reduce -a 2 argmax $E/answers/fixed-$$noise.npy | npy-reshape -1,10,3 | $(call fooling.turned,$<) | \
					npy-reduce -a 0,1 sum | npytotsv; \
				echo $$((9 * $(call size,2,$E/attacks/many-$$noise.npy))); \
				npy-reduce sum $E/attacks/many-$$noise.npy | npytotsv; \
			} | paste -s; \
		done; \
	} >$@
# The share of the nine noises that turn an image, for each of the many, and its mean over the images.
$E/tables/many.tsv: $(foreach noise,$(fooling.noises),$E/attacks/many-$(noise).npy)
	{ \
		printf 'bound\timage\tshare\n'; \
		for noise in $(fooling.noises); do \
			npy-reduce -a 1 sum $E/attacks/many-$$noise.npy | npy-calc 'a / 9' | npytotsv | awk -v OFS='\t' '{ print "'$$noise'", NR, $$1 }'; \
		done; \
	} >$@
$E/tables/many.summary.tsv: $E/tables/many.tsv
	tsv-interval -g bound share $< >$@
$E/figures/carry.svg $E/figures/carry.png: $E/tables/carry.tsv

# Probabilities (images,3,10): the network's of the images of an attack, its of what 8-bit pixels leave of
# them, and the second network's.
fooling.attacks = grown grown-on smooth $(fooling.betas:%=like-%) $(foreach noise,$(fooling.noises),noisy-$(noise) fixed-$(noise))
$(foreach attack,$(fooling.attacks),$E/answers/$(attack).npy): $E/answers/%.npy: $E/attacks/%.npy $(fooling.best) $(fooling.second)
	npy-cat --stack -a 1 <(nn-run -p $(word 2,$^) $<) <(npy-calc -t u1 a $< | nn-run -p $(word 2,$^)) <(nn-run -p $(word 3,$^) $<) >$@
# The class that is predicted, and the probability of the target.
$E/tables/%.answers.tsv: $E/answers/%.npy
	{ \
		printf 'target\tpredicted\tprobability\tpredicted_8bit\tprobability_8bit\tpredicted_second\tprobability_second\n'; \
		paste <(npy-reduce -a 2 argmax $< | npytotsv) \
			<(npy-calc -l 'a * (b == row % 10)' $< <(seq 0 9 | tsvtonpy) | npy-reduce -a 2 max | npytotsv) | \
			awk -v OFS='\t' '{ print (NR - 1) % 10, $$1, $$4, $$2, $$5, $$3, $$6 }'; \
	} >$@

# Pictures.  Captions: the target and its probability, or what is predicted.
fooling.target = <(sed 1d $1 | awk '{ printf "%d: %.3f\n", $$1, $$3 }')
fooling.arrow  = <(sed 1d $1 | awk '{ print "→ " $$2 }')
# Marked is what fails: where another class than the target is predicted.
fooling.failed = <(sed 1d $1 | awk '{ print $$1 != $$2 }' | tsvtonpy)

$E/figures/grown.png: $E/attacks/grown.npy $E/attacks/grown-on.npy $E/tables/grown.answers.tsv $E/tables/grown-on.answers.tsv
	npy-cat $(wordlist 1,2,$^) | npy-calc -t u1 a | npy-montage -c 10 -s 2 -g 6 \
		-t <(cat $(call fooling.target,$(word 3,$^)) $(call fooling.target,$(word 4,$^))) | $(png) >$@
$E/figures/smooth.png: $E/attacks/smooth.npy $E/tables/smooth.answers.tsv
	npytopnm -e --separate -r minmax $< | pnmtonpy | npy-montage -c 10 -s 2 -g 6 \
		-t $(call fooling.target,$(word 2,$^)) | $(png) >$@
$E/figures/like.png: $E/attacks/digits.npy $E/attacks/like-$(fooling.beta).npy $E/tables/like-$(fooling.beta).answers.tsv
	npy-cat -a 1 <(npy-reshape 10,1,$(image-shape) $<) <(npy-calc -t u1 a $(word 2,$^) | npy-reshape 10,10,$(image-shape)) | \
		npy-reshape -1,$(image-shape) | npy-montage -c 11 -s 2 -g 4 -f 1 \
			-t <(sed 1d $(word 3,$^) | awk '{ if (NR % 10 == 1) print int(NR / 10); print "→ " $$2 }') \
			-m <(sed 1d $(word 3,$^) | awk '{ if (NR % 10 == 1) print 0; print $$1 != $$2 }' | tsvtonpy) | \
		$(png) >$@
# Class c towards the image of class c + 1, a row for each beta.
fooling.towards = for beta in $(fooling.betas); do sed -n '12~11p; 11h; $${ g; p }' $E/tables/like-$$beta.answers.tsv; done
$E/figures/betas.png: $(foreach beta,$(fooling.betas),$E/attacks/like-$(beta).npy $E/tables/like-$(beta).answers.tsv)
	for beta in $(fooling.betas); do npy-pick -i 10:99:11,9 $E/attacks/like-$$beta.npy; done | npy-cat | npy-calc -t u1 a | \
		npy-montage -c 10 -s 2 -g 4 -f 1 -t <($(fooling.towards) | awk '{ print "→ " $$2 }') \
			-m <($(fooling.towards) | awk '{ print $$1 != $$2 }' | tsvtonpy) | $(png) >$@
# Image, noise and their sum, in rows.  Noise on gray images is drawn blue and red; noise on color images has
# a sign in each channel, and is drawn as colors about gray.
$(foreach noise,$(fooling.shown),$E/sheets/noise-$(noise).npy): $E/sheets/noise-%.npy: $E/attacks/noise-%.npy
	npytopnm -e -r symmetric $$([[ $(image-shape) == *,*,* ]] || echo -c diverging) $< | pnmtonpy >$@
fooling.colored = npy-calc -t u1 'a + 0 * b' <(npy-reshape 10,-1,$(call size,2,$1),$(call size,1,$1) $1) $2
$(foreach noise,$(fooling.shown),$E/figures/noise-$(noise).png): $E/figures/noise-%.png: $E/sheets/noise-%.npy $E/attacks/originals.npy \
		$E/attacks/noisy-%.npy $E/tables/noisy-%.answers.tsv
	npy-cat <($(call fooling.colored,$(word 2,$^),$<)) $< <($(call fooling.colored,$(word 3,$^),$<)) | \
		npy-montage -c 10 -s 2 -g 6 -t <(printf '%s\n' {1..9} 0; printf '%.0s\n' {0..9}; cat $(call fooling.target,$(word 4,$^))) | $(png) >$@
# Test image and noise, marked where another class than the noise's is predicted.
$(foreach noise,$(fooling.shown),$E/figures/fixed-$(noise).png): $E/figures/fixed-%.png: $E/attacks/fixed-%.npy $E/tables/fixed-%.answers.tsv
	npy-calc -t u1 a $< | npy-montage -c 10 -s 2 -g 4 -f 1 \
		-t $(call fooling.arrow,$(word 2,$^)) -m $(call fooling.failed,$(word 2,$^)) | $(png) >$@

$E/section.html: $(patsubst %,$E/tables/%.tsv,growing grown.answers grown-on.answers smooth.answers betas noises carry many.summary \
		like-$(fooling.beta).answers $(foreach noise,$(fooling.shown),noisy-$(noise).answers fixed-$(noise))) \
	$(patsubst %,$E/figures/%.png,grown smooth like betas $(foreach noise,$(fooling.shown),noise-$(noise) fixed-$(noise))) \
	$(foreach plot,growing carry,$E/figures/$(plot).svg $E/figures/$(plot).png)
