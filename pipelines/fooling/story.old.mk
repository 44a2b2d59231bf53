# The assignment's third part (document 001, section 3): images that the best network takes for what
# they are not.  Its weights are only read.
#
# An attack is attacks/NAME.npy, images as floats, image i being meant for class i mod 10.

# How many steps there are from noise, and then once more; towards an image; and of noise on an image.
ASCENT_STEPS ?= 1500
PULL_STEPS   ?= 400
NOISE_STEPS  ?= 500

BETAS  := 0.0001 0.001 0.01 0.03 0.1
BETA   := 0.01
BOUNDS := 8 16 32 64 128 255
NOISES := least $(BOUNDS)
SHOWN  := least 32 128

# The noise that all begin with.  001 gives its mean and not its deviation: with 32, four deviations are
# within 0 ... 255.
$O/attacks/start.npy: | $B/bin/npy-random
	npy-random normal:128:32 100,28,28 >$@

# S1-15: X <- X + step * d, equations 1 and 2, and nothing else.
grown = $O/attacks/grown$1.npy $O/attacks/grown$1.log.tsv
$(call grown,): private OUTPUTS = $(call grown,)
$(call grown,) &: $(BEST) $O/attacks/start.npy $(addprefix $B/bin/,nn-ascend npy-slice)
	npy-slice :10 $O/attacks/start.npy | \
		nn-ascend -c : -n $(ASCENT_STEPS) -s 100 --log $O/attacks/grown.log.tsv $(BEST) >$O/attacks/grown.npy
$(call grown,-on): private OUTPUTS = $(call grown,-on)
$(call grown,-on) &: $(BEST) $O/attacks/grown.npy $B/bin/nn-ascend
	nn-ascend -c : -n $(ASCENT_STEPS) -s 100 --log $O/attacks/grown-on.log.tsv \
		$(BEST) $O/attacks/grown.npy >$O/attacks/grown-on.npy
$O/tables/growing.tsv: pipelines/growing.awk $O/attacks/grown.log.tsv $O/attacks/grown-on.log.tsv
	awk -f $^ >$@
$O/figures/growing.svg $O/figures/growing.png: $O/attacks/grown.log.tsv $O/attacks/grown-on.log.tsv

# The same with decay and blur (Yosinski et al., 2015), and within 0 ... 255.
$O/attacks/smooth.npy: $(BEST) $O/attacks/start.npy $(addprefix $B/bin/,nn-ascend npy-slice)
	npy-slice :10 $O/attacks/start.npy | \
		nn-ascend -c : -n $(NOISE_STEPS) -s 2000 --decay 0.002 --blur 1 --blur-every 4 --box $(BEST) >$@

# S1-16: equations 3 and 4, for each class towards the first test image of each digit: image 10 d + c
# is to look like d and to be taken for c.
$O/attacks/digits.npy: $O/data/test.npy $(addprefix $B/bin/,npy-pick npy-slice)
	npy-pick -f 1 $< | npy-slice -k 0 >$@
$O/attacks/like-%.npy $O/attacks/like-%.log.tsv: private OUTPUTS = $(addprefix $O/attacks/like-$*,.npy .log.tsv)
$O/attacks/like-%.npy $O/attacks/like-%.log.tsv: $(BEST) $O/attacks/start.npy $O/attacks/digits.npy \
		$(addprefix $B/bin/,nn-ascend npy-pick)
	npy-pick -i $$(echo {0..9}{,,,,,,,,,} | tr ' ' ,) $O/attacks/digits.npy | \
		nn-ascend -c : -n $(PULL_STEPS) -s 500 --like - --beta $* \
			--log $O/attacks/like-$*.log.tsv --log-every $(PULL_STEPS) \
			$(BEST) $O/attacks/start.npy >$O/attacks/like-$*.npy
$O/tables/betas.tsv: pipelines/betas.awk $(foreach beta,$(BETAS),$O/tables/like-$(beta).answers.tsv $O/attacks/like-$(beta).log.tsv)
	for beta in $(BETAS); do \
		awk -v beta=$$beta -f $< $O/tables/like-$$beta.answers.tsv $O/attacks/like-$$beta.log.tsv; \
	done | awk 'NR == 1 || NR % 2 == 0' >$@
# As matrices: a row for each digit that is to be seen, a column for each class.
$O/tables/like.probabilities.tsv: pipelines/matrix.awk $O/tables/like-$(BETA).answers.tsv
	sed 1d $O/tables/like-$(BETA).answers.tsv | awk -v column=3 -v format=%.3f -f $< >$@
$O/tables/like.mse.tsv: pipelines/matrix.awk $O/attacks/like-$(BETA).log.tsv
	tail -n 100 $O/attacks/like-$(BETA).log.tsv | awk -v column=8 -v format=%.0f -f $< >$@

# S1-17: equations 5 to 7.  The noise for class c is made on the digit c + 1, and that for 9 on the 0,
# within a bound; the least has none, and stops where the class has a probability of 0.99.
$O/attacks/originals.npy: $O/attacks/digits.npy $B/bin/npy-pick
	npy-pick -i 1:10,0 $< >$@
$O/attacks/noise-least.npy: stop = -s 100 --until 0.99
$O/attacks/noise-%.npy: stop = -s 500 --bound $*
$(NOISES:%=$O/attacks/noise-%.npy): $O/attacks/noise-%.npy: $(BEST) $O/attacks/originals.npy $B/bin/nn-ascend
	nn-ascend --noise -c : -n $(NOISE_STEPS) $(stop) $(BEST) $O/attacks/originals.npy >$@
$O/attacks/noisy-%.npy: $O/attacks/originals.npy $O/attacks/noise-%.npy $B/bin/npy-calc
	npy-calc 'a + b' $(filter %.npy,$^) >$@

# Their range, of which the pictures have the larger end.
$O/tables/noises.tsv: $(NOISES:%=$O/attacks/noise-%.npy) $B/bin/npy-info
	paste <(printf '%s\n' bound $(NOISES)) <(cat $(filter %.npy,$^) | npy-info) >$@

# S1-18: each of ten test images with each noise, image 10 i + c; and likewise many.
$O/attacks/fixed.npy: $O/data/test.npy $B/bin/npy-pick
	npy-pick -n 10 $< >$@
$O/attacks/many.npy: $O/data/test.npy $B/bin/npy-pick
	npy-pick -c 1000 $< >$@
all-noises = npy-calc 'a + b' <(npy-slice -k 0 $< | npy-reshape -1,1,28,28) <(npy-reshape 1,10,28,28 $(word 2,$^)) | \
	npy-reshape -1,28,28
$O/attacks/fixed-%.npy: $O/attacks/fixed.npy $O/attacks/noise-%.npy $(addprefix $B/bin/,npy-calc npy-reshape npy-slice)
	$(all-noises) >$@
$O/tables/many-%.tsv: $O/attacks/many.npy $O/attacks/noise-%.npy $(BEST) \
		$(addprefix $B/bin/,npy-calc npy-reshape npy-slice nn-run npy-reduce npytotsv)
	paste <(npy-slice -k 1 $< | npytotsv -H true) \
		<($(all-noises) | nn-run $(BEST) | npy-reduce -a 1 argmax | npy-reshape -1,10 | npytotsv -H 0,1,2,3,4,5,6,7,8,9) >$@
$O/tables/fixed-%.tsv: $O/attacks/fixed.npy $O/tables/fixed-%.answers.tsv $(addprefix $B/bin/,npy-slice npytotsv)
	paste <(npy-slice -k 1 $< | npytotsv -H true) \
		<(echo {0..9} | tr ' ' '\t'; sed 1d $(word 2,$^) | cut -f 2 | paste - - - - - - - - - -) >$@
$O/tables/carry.tsv: pipelines/carry.awk $(foreach noise,$(NOISES),$(patsubst %,$O/tables/%.tsv,\
		noisy-$(noise).answers fixed-$(noise).answers fixed-$(noise) many-$(noise)))
	for noise in $(NOISES); do \
		awk -v bound=$$noise -f $< $O/tables/{noisy-$$noise.answers,fixed-$$noise.answers,fixed-$$noise,many-$$noise}.tsv; \
	done | awk 'NR == 1 || NR % 2 == 0' >$@
$O/figures/carry.svg $O/figures/carry.png: $O/tables/carry.tsv

# What the network says of the images of an attack, of what 8-bit pixels leave of them, and what the
# second network says.
$O/tables/%.answers.tsv: pipelines/answers.awk $O/attacks/%.npy $(BEST) $(SECOND) \
		$(addprefix $B/bin/,nn-run npy-calc npy-cat npytotsv)
	{ \
		nn-run -p $(BEST) $(word 2,$^); \
		npy-calc -t u1 a $(word 2,$^) | nn-run -p $(BEST); \
		nn-run -p $(SECOND) $(word 2,$^); \
	} | npy-cat -a 1 | npytotsv | awk -f $< >$@

# Pictures.  Captions: the target and its probability, or what is predicted.
answer = <(sed 1d $1 | awk '{ printf "%d: %.3f\n", $$1, $$3 }')
arrow  = <(sed 1d $1 | awk '{ print "→ " $$2 }')
# What fails is marked: where another class than the target is predicted.
failed = <(sed 1d $1 | awk '{ print $$1 != $$2 }' | tsvtonpy)
sheet  = $(addprefix $B/bin/,npy-calc npy-cat npy-montage npy-pick npy-random npy-reshape npytopnm pnmtonpy tsvtonpy)

$O/figures/grown.png: $O/attacks/grown.npy $O/attacks/grown-on.npy $O/tables/grown.answers.tsv $O/tables/grown-on.answers.tsv $(sheet)
	npy-cat $(wordlist 1,2,$^) | npy-calc -t u1 a | npy-montage -c 10 -s 2 -g 6 \
		-t <(cat $(call answer,$(word 3,$^)) $(call answer,$(word 4,$^))) | $(png) >$@
$O/figures/smooth.png: $O/attacks/smooth.npy $O/tables/smooth.answers.tsv $(sheet)
	npytopnm -e --separate -r minmax $< | pnmtonpy | npy-montage -c 10 -s 2 -g 6 \
		-t $(call answer,$(word 2,$^)) | $(png) >$@
$O/figures/like.png: $O/attacks/digits.npy $O/attacks/like-$(BETA).npy $O/tables/like-$(BETA).answers.tsv $(sheet)
	npy-cat -a 1 <(npy-reshape 10,1,28,28 $<) <(npy-calc -t u1 a $(word 2,$^) | npy-reshape 10,10,28,28) | \
		npy-reshape -1,28,28 | npy-montage -c 11 -s 2 -g 4 -f 1 \
			-t <(sed 1d $(word 3,$^) | awk '{ if (NR % 10 == 1) print int(NR / 10); print "→ " $$2 }') \
			-m <(sed 1d $(word 3,$^) | awk '{ if (NR % 10 == 1) print 0; print $$1 != $$2 }' | tsvtonpy) | \
		$(png) >$@
# Class c towards the digit c + 1, a row for each beta.
towards = for beta in $(BETAS); do sed -n '12~11p; 11h; $${ g; p }' $O/tables/like-$$beta.answers.tsv; done
$O/figures/betas.png: $(BETAS:%=$O/attacks/like-%.npy) $(BETAS:%=$O/tables/like-%.answers.tsv) $(sheet)
	for beta in $(BETAS); do npy-pick -i 10:99:11,9 $O/attacks/like-$$beta.npy; done | npy-cat | npy-calc -t u1 a | \
		npy-montage -c 10 -s 2 -g 4 -f 1 -t <($(towards) | awk '{ print "→ " $$2 }') \
			-m <($(towards) | awk '{ print $$1 != $$2 }' | tsvtonpy) | $(png) >$@
# Image, noise and their sum, in rows; grey has the colours of the noise once it has three channels.
coloured = npy-calc -t u1 'a + b' <(npy-reshape 10,1,28,28 $1) <(npy-random bernoulli:0 10,3,28,28)
$(SHOWN:%=$O/figures/noise-%.png): $O/figures/noise-%.png: $O/attacks/originals.npy $O/attacks/noise-%.npy \
		$O/attacks/noisy-%.npy $O/tables/noisy-%.answers.tsv $(sheet)
	npytopnm -e -c diverging -r symmetric $(word 2,$^) | pnmtonpy | \
		npy-cat <($(call coloured,$<)) - <($(call coloured,$(word 3,$^))) | \
		npy-montage -c 10 -s 2 -g 6 -t <(printf '%s\n' {1..9} 0; printf '%.0s\n' {0..9}; cat $(call answer,$(word 4,$^))) | $(png) >$@
# Test image and noise, marked where the noise's class is not what is seen.
$(SHOWN:%=$O/figures/fixed-%.png): $O/figures/fixed-%.png: $O/attacks/fixed-%.npy $O/tables/fixed-%.answers.tsv $(sheet)
	npy-calc -t u1 a $< | npy-montage -c 10 -s 2 -g 4 -f 1 \
		-t $(call arrow,$(word 2,$^)) -m $(call failed,$(word 2,$^)) | $(png) >$@

# Nothing of this changed the network, as nothing in inside.mk did.
$O/tables/unchanged.tsv: $(patsubst %,$O/attacks/%.npy,grown grown-on smooth $(BETAS:%=like-%) $(NOISES:%=noise-%))

$O/index.html: $(patsubst %,$O/tables/%.tsv,growing grown.answers grown-on.answers smooth.answers betas noises \
		like.probabilities like.mse carry $(foreach noise,$(SHOWN),noisy-$(noise).answers fixed-$(noise))) \
	$(patsubst %,$O/figures/%.png,grown smooth like betas $(foreach noise,$(SHOWN),noise-$(noise) fixed-$(noise))) \
	$(foreach plot,growing carry,$O/figures/$(plot).svg $O/figures/$(plot).png)
