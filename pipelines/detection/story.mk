# Document 004, section 1.3.2, reactive defenses: five detectors of adversarial images, and attacks that know them.
#
# Clean test images and those that are attacked are different images; so are those that train a detector, and those that
# set its threshold.  A file attacks/NAME.npy is a data set of attacked images, fooling/NAME.npy what of it the victim
# misclassifies, and scores/DETECTOR/NAME.npy what a detector says of these: the larger, the more adversarial.
detection.about   := detectors of adversarial images, on attacks that do not know them and on attacks that do
detection.answers := 004.5
detection.data    := mnist digits all
detection.cost    := 15 s, 25 min

# The network that is attacked, and a network that is a detector.
detection.victim  = $D/mnist/models/best.safetensors
detection.net     = $(firstword $(call models,safetensors,$1))
# Test images that stay clean; those that are attacked; of these, as many for slow attacks; training images that
# a detector learns from, clean and attacked, and those that set its threshold.
detection.clean    = $(call scale,2000,500)
detection.attacked = $(call scale,2000,100)
detection.slow     = $(call scale,200,20)
detection.fit      = $(call scale,10000,1000)
detection.validate = $(call scale,5000,300)
# The bound, 0.3 of the range, and half of it.
detection.epsilon  = 76.5
detection.pgd      = -n $(call scale,40,20) --random
# The attackers that know a network take turns, from the image itself: of 100 training images of MNIST, 93 fool victim and
# detector with 100 steps, 98 with 1,000 of a pixel; from a random place 55; with the sum of both losses none (weight 10).
detection.turns    = -n $(call scale,1000,100) $(call scale,-s 1,) -b 500
# Those that know the squeezers take all steps, to go beyond the threshold.
detection.steps    = -n $(call scale,100,20) --random --all-steps -b 500
# Those that know MagNet.  Of 24 training images of MNIST, 19 fool victim and mean change with a weight of 3 (of 0.3, 1,
# 6 and 10: 0, 5, 16 and 14; in turns, with the cross-entropy, 5 of 100); 19 fool victim and divergence in turns, with
# steps of 3 (of 1 and 6: 13 and 2).
detection.sum      = -n $(call scale,300 -s 0.5,100 -s 1) --loss margin -b 500
detection.large    = -n $(call scale,1000,100) -s 3 -b 500
# The sum of the absolute differences between the logits below which the divergence is as a rule below its threshold.
detection.near     = 2
# MagNet's temperature.
detection.T        = 10
# Which share of clean validation images may raise an alarm.
detection.rate     = 0.05

detection.detectors = fgsm pgd squeezing reconstruction divergence
detection.unaware   = fgsm-0.3 fgsm-0.15 pgd-0.3 pgd-0.15 deepfool cw
detection.aware     = to-fgsm to-pgd to-squeezing to-squeezing-0.6 to-reconstruction to-divergence
detection.attacks   = $(detection.unaware) $(detection.aware)
detection.names     = validate clean noise $(detection.attacks)

# ---- Images ----

# The images of a data set that the victim classifies correctly, or not.
detection.where = npy-pick -m <(npy-calc 'a $1 b' <(nn-run $(detection.victim) $2 | npy-reduce -a 1 argmax) <(npy-slice -k 1 $2)) $2

$E/data/clean.npy: $D/data/test.npy
	npy-slice :$$(($(call size,1,<(npy-slice -k 1 $<)) / 2)) $< | npy-slice :$(detection.clean) >$@
$E/data/originals.npy: $D/data/test.npy $(detection.victim)
	npy-slice $$(($(call size,1,<(npy-slice -k 1 $<)) / 2)): $< >$@.all; \
	$(call detection.where,==,$@.all) | npy-slice :$(detection.attacked) >$@; rm $@.all
$E/data/validate.npy: $D/data/train.npy
	npy-slice -$(detection.validate): $< >$@
$E/data/fit.npy: $D/data/train.npy $(detection.victim)
	npy-slice :-$(detection.validate) $< | npy-slice :$(detection.fit) >$@.all; $(call detection.where,==,$@.all) >$@; rm $@.all

# ---- Attacks ----

# Where a pixel is farther than the bound, there is no file.
detection.within = npy-diff --any-type -a $1 <(npy-slice -k 0 $<) <(npy-slice -k 0 $@)
detection.attack = nn-attack -e $1 $2 --log $@.tsv $(detection.victim) $< >$@; $(call detection.within,$1)

$E/attacks/fgsm-0.3.npy: $E/data/originals.npy $(detection.victim)
	$(call detection.attack,$(detection.epsilon))
$E/attacks/fgsm-0.15.npy: $E/data/originals.npy $(detection.victim)
	$(call detection.attack,38.25)
$E/attacks/pgd-0.3.npy: $E/data/originals.npy $(detection.victim)
	$(call detection.attack,$(detection.epsilon),$(detection.pgd))
$E/attacks/pgd-0.15.npy: $E/data/originals.npy $(detection.victim)
	$(call detection.attack,38.25,$(detection.pgd))
$E/attacks/deepfool.npy: $E/data/originals.npy $(detection.victim)
	nn-nearest --log $@.tsv $(detection.victim) $< >$@
$E/attacks/cw.npy: $E/data/originals.npy $(detection.victim)
	npy-slice :$(detection.slow) $< | \
		nn-nearest -m cw $(call scale,-n 1000 --searches 9,-n 80 --searches 4 --constant 0.1 --rate 0.05) --log $@.tsv $(detection.victim) >$@
# Of training images, for the detectors that are networks.
$E/attacks/fit-fgsm.npy: $E/data/fit.npy $(detection.victim)
	$(call detection.attack,$(detection.epsilon))
$E/attacks/fit-pgd.npy: $E/data/fit.npy $(detection.victim)
	$(call detection.attack,$(detection.epsilon),$(detection.pgd))
# Noise alone is not an attack: images that are classified as before.
$E/attacks/noise.npy: $E/data/clean.npy $(detection.victim)
	$(call detection.attack,$(detection.epsilon),-n 0 --random)

# What the attacker knows of each detector.  A network is attacked with its threshold in a bias: it then predicts class 1
# exactly where it raises an alarm.
$E/models/alarm/fgsm.safetensors: $(call detection.net,fgsm) $E/tables/thresholds.tsv
	$(detection.alarm)
$E/models/alarm/pgd.safetensors: $(call detection.net,pgd) $E/tables/thresholds.tsv
	$(detection.alarm)
detection.alarm = threshold=$$(tsv-pick -k $(basename $(@F)) threshold $(word 2,$^)); \
	nn-weights --set dense2.bias=<(nn-weights $< dense2.bias | npy-calc "a - $$threshold * (row == 1)" -) $< >$@
$E/attacks/to-fgsm.npy: $E/data/originals.npy $E/models/alarm/fgsm.safetensors $(detection.victim)
	$(call detection.attack,$(detection.epsilon),$(detection.turns) --and $(word 2,$^):0)
$E/attacks/to-pgd.npy: $E/data/originals.npy $E/models/alarm/pgd.safetensors $(detection.victim)
	$(call detection.attack,$(detection.epsilon),$(detection.turns) --and $(word 2,$^):0)
# Squeezing: the image and what the squeezers make of it are to be classified as the same wrong class, the one that is next
# for the victim.  Of the squeezers, the derivative is taken to be 1.
$E/data/next.npy: $E/data/originals.npy $(detection.victim)
	paste <(npy-slice -k 1 $< | npytotsv) <(nn-run -p $(detection.victim) $< | npytotsv) | \
		awk '{ best = $$1 == 0; for (i = 0; i < NF - 1; i++) if (i != $$1 && $$(i + 2) > $$(best + 2)) best = i; print best }' | \
		tsvtonpy -t i8 >$@
$E/attacks/to-squeezing.npy: $E/data/originals.npy $E/data/next.npy $(detection.victim)
	$(call detection.attack,$(detection.epsilon),$(detection.steps) -t $(word 2,$^) --draws 3 --through '$(detection.views)')
# A bit changes only where a pixel moves across the middle.
$E/attacks/to-squeezing-0.6.npy: $E/data/originals.npy $E/data/next.npy $(detection.victim)
	$(call detection.attack,153,$(detection.steps) -t $(word 2,$^) --draws 3 --through '$(detection.views)')
detection.views = case $$DRAW in 0) cat ;; 1) npy-calc -t f4 "$(detection.bit)" ;; *) img-median ;; esac
# For the two scores of MagNet, written as networks: N x N numbers with X on the diagonal; the same as N filters of 1 x 1;
# and the weights of two answers to 2 N numbers, of which the first is larger, with a bias of 10, while their sum is
# below LIMIT.
detection.arrays = \
	diagonal() { awk -v n=$$1 -v x=$$2 'BEGIN { for (i = 0; i < n; i++) for (j = 0; j < n; j++) print x * (i == j) }' | tsvtonpy | npy-reshape $$1,$$1; }; \
	filters() { diagonal $$1 $$2 | npy-reshape $$1,$$1,1,1; }; \
	answer() { awk -v n=$$1 -v limit=$$2 'BEGIN { for (i = 0; i < 4 * n; i++) print i < 2 * n ? -10 / limit : 0 }' | tsvtonpy | npy-reshape 2,-1; };

# The mean change of a pixel by the autoencoder A is a network, too: x - A(x), of which the positive and the negative parts go to
# channels of their own, whose means are added up.  It answers "clean", class 0, below the threshold.
$E/models/reconstruction.net: $E/models/autoencoder.net $D/data/shape
	$(read-shape); \
	{ \
		sed -n '/^input/p' $<; echo "conv $$c 1x1 nobias as image"; sed '/^#/d; /^input/d' $<; \
		printf '%s\n' "conv $$c 1x1 nobias as minus" 'add image' "conv $$((2 * c)) 1x1 nobias as parts" relu "avgpool $${h}x$$w" 'dense 2 as answer'; \
	} >$@
$E/models/reconstruction.safetensors: $E/models/reconstruction.net $E/models/autoencoder.safetensors $E/tables/thresholds.tsv
	IFS=x read -r c _ <$D/data/shape; threshold=$$(tsv-pick -k reconstruction threshold $(word 3,$^)); \
	$(detection.arrays) \
	sets=(); \
	for i in 1 2 3; do for part in weight bias; do \
		nn-weights $(word 2,$^) conv$$i.$$part >$@.$$i.$$part; \
		sets+=(--set conv$$((i + 1)).$$part=$@.$$i.$$part); \
	done; done; \
	nn-init $< | nn-weights "$${sets[@]}" --set image.weight=<(filters $$c 1) --set minus.weight=<(filters $$c -1) \
		--set parts.weight=<(npy-cat <(filters $$c 1) <(filters $$c -1)) \
		--set answer.weight=<(answer $$c $$(awk "BEGIN { printf \"%.9g\", $$threshold * $$c }")) --set answer.bias=<(printf '10\n0\n' | tsvtonpy | npy-reshape 2) - >$@; \
	rm $@.[123].*
$E/attacks/to-reconstruction.npy: $E/data/originals.npy $E/models/reconstruction.safetensors $(detection.victim)
	$(call detection.attack,$(detection.epsilon),$(detection.sum) --and $(word 2,$^):0:3)

# In place of the divergence, how far the logits of the image and of what the autoencoder A makes of it are apart: the
# network of both, the victim once more, and the sum of the absolute differences.
$E/models/joined.safetensors: $E/models/autoencoder.safetensors $(detection.victim)
	nn-join $^ >$@
$E/models/divergence.net: pipelines/detection/divergence.awk $E/models/joined.safetensors $(detection.victim) $D/data/shape
	IFS=x read -r c _ <$(word 4,$^); \
	{ \
		nn-info -n $(word 2,$^) | sed "1a conv $$c 1x1 nobias as image"; \
		nn-info -n $(word 3,$^) | awk -v after=$$(nn-info -n $(word 2,$^) | sed -n '$$s/.* as //p') \
			-v classes=$$(nn-info $(word 3,$^) | tail -n 1 | cut -f 4 | tr -d '()') -f $<; \
	} >$@
$E/models/divergence.safetensors: $E/models/divergence.net $E/models/joined.safetensors $(detection.victim)
	$(detection.arrays) \
	sets=(); \
	for tensor in $$(nn-weights $(word 3,$^) | sed 1d | cut -f 1); do \
		nn-weights $(word 3,$^) $$tensor >$@.$$tensor; \
		sets+=(--set v_$$tensor=$@.$$tensor); \
	done; \
	IFS=x read -r c _ <$D/data/shape; n=$$(sed -n 's/^dense \(.*\) nobias as minus.*/\1/p' $<); \
	nn-init --from $(word 2,$^) --skip-mismatch $< | nn-weights "$${sets[@]}" --set image.weight=<(filters $$c 1) \
		--set minus.weight=<(diagonal $$n -1) --set parts.weight=<(npy-cat <(diagonal $$n 1) <(diagonal $$n -1)) \
		--set answer.weight=<(answer $$n $(detection.near)) --set answer.bias=<(printf '10\n0\n' | tsvtonpy | npy-reshape 2) - >$@; \
	rm $@.*
$E/attacks/to-divergence.npy: $E/data/originals.npy $E/models/divergence.safetensors $(detection.victim)
	$(call detection.attack,$(detection.epsilon),$(detection.large) --and $(word 2,$^):0)

$E/fooling/clean.npy $E/fooling/validate.npy: $E/fooling/%.npy: $E/data/%.npy
	cat $< >$@
$E/fooling/noise.npy: $E/attacks/noise.npy $(detection.victim)
	$(call detection.where,==,$<) >$@
$(patsubst %,$E/fooling/%.npy,fit-fgsm fit-pgd $(detection.attacks)): $E/fooling/%.npy: $E/attacks/%.npy $(detection.victim)
	$(call detection.where,!=,$<) >$@

# ---- Detectors ----

# Two networks that tell images, class 0, from attacked images that fool the victim, class 1; runs.tsv trains them.
# With labels that are not smoothed, their probabilities are 1 to any float, and have no derivative to attack.
$E/data/fgsm.npy $E/data/pgd.npy: $E/data/%.npy: $E/data/fit.npy $E/fooling/fit-%.npy
	npy-cat <(npy-slice -k 0 $<) <(npy-slice -k 0 $(word 2,$^)) >$@; \
	npy-cat <(npy-slice -k 1 $< | npy-calc -t i8 '0 * a') <(npy-slice -k 1 $(word 2,$^) | npy-calc -t i8 '0 * a + 1') >>$@
$(patsubst %,$E/scores/fgsm/%.npy,$(detection.names)): $E/scores/fgsm/%.npy: $(call detection.net,fgsm) $E/fooling/%.npy
	$(detection.margin)
$(patsubst %,$E/scores/pgd/%.npy,$(detection.names)): $E/scores/pgd/%.npy: $(call detection.net,pgd) $E/fooling/%.npy
	$(detection.margin)
# The logarithm of how much more probable class 1 is.
detection.margin = nn-run $^ | npy-calc 'a - b' <(nn-run $^ | npy-slice :,1) <(nn-run $^ | npy-slice :,0) >$@

# Feature squeezing: the largest change of the probabilities, summed over the classes, if the image is squeezed.
detection.bit = 255 * (a > 127.5)
detection.change = npy-calc 'abs(a - b)' <(nn-run -p $1 $2) <(npy-slice -k 0 $2 | $3 | nn-run -p $1) | npy-reduce -a 1 sum
$(patsubst %,$E/scores/squeezing/%.npy,$(detection.names)): $E/scores/squeezing/%.npy: $(detection.victim) $E/fooling/%.npy
	npy-calc 'max(a, b)' <($(call detection.change,$<,$(word 2,$^),npy-calc '$(detection.bit)')) \
		<($(call detection.change,$<,$(word 2,$^),img-median)) >$@

# MagNet: an autoencoder that removes noise, the mean change of a pixel, and the Jensen-Shannon divergence of the
# probabilities before and after it.
detection.length = $(call scale,--epochs 100 --batch 256 --lr 0.01,--steps $(or $(STEPS),300) --batch 32 --lr 0.1) --schedule onecycle
$E/models/autoencoder.net: pipelines/nets/magnet-2.net $D/data/shape
	$(call autoencoder,$<) >$@
$E/models/autoencoder.safetensors: $E/models/autoencoder.net $D/data/train.npy
	$(call remove-noise,$<,$(word 2,$^),$(detection.validate),$(detection.length))
$(patsubst %,$E/scores/reconstruction/%.npy,$(detection.names)): $E/scores/reconstruction/%.npy: $E/models/autoencoder.safetensors $E/fooling/%.npy
	count=$(call size,1,<(npy-slice -k 1 $(word 2,$^))); \
	npy-calc 'abs(a - b) / 255' <(npy-slice -k 0 $(word 2,$^)) <(nn-run --pixels $^) | \
		if [ $$count = 0 ]; then npy-slice ...,0,0; else npy-reshape $$count,-1; fi | npy-reduce -a 1 mean >$@
$(patsubst %,$E/scores/divergence/%.npy,$(detection.names)): $E/scores/divergence/%.npy: $(detection.victim) $E/models/autoencoder.safetensors $E/fooling/%.npy
	soft() { \
		npy-calc 'exp((a - b) / $(detection.T))' $$1 <(npy-reduce -a 1 max $$1) >$$1.exp; \
		npy-calc 'a / b' $$1.exp <(npy-reduce -a 1 sum $$1.exp) >$$1.soft; \
	}; \
	nn-run $< $(word 3,$^) >$@.before; nn-run --pixels $(wordlist 2,3,$^) | nn-run $< >$@.after; \
	soft $@.before; soft $@.after; \
	npy-calc '(a * log(2 * a / (a + b)) + b * log(2 * b / (a + b))) / 2' $@.before.soft $@.after.soft | npy-reduce -a 1 sum >$@; \
	rm $@.before* $@.after*

# ---- Results ----

# The threshold is the smallest score that no more than a share of the clean validation images exceeds.
$E/tables/thresholds.tsv: $(foreach detector,$(detection.detectors),$E/scores/$(detector)/validate.npy)
	{ \
		printf 'detector\timages\trate\tthreshold\n'; \
		for detector in $(detection.detectors); do \
			npytotsv $E/scores/$$detector/validate.npy | sort -g | awk -v OFS='\t' -v detector=$$detector \
				'{ score[NR] = $$1 } END { print detector, NR, $(detection.rate), score[NR - int($(detection.rate) * NR)] }'; \
		done; \
	} >$@
# How many of an array of scores exceed the threshold of a detector.
detection.alarms = npytotsv $E/scores/$1/$2.npy | \
	awk -v above=$$(tsv-pick -k $1 threshold $E/tables/thresholds.tsv) '$$1 > above { n++ } END { print n + 0 }'
# Clean images, and images with noise that are classified as before, that raise an alarm.
$E/tables/false.tsv: $E/tables/thresholds.tsv $(foreach detector,$(detection.detectors),$(patsubst %,$E/scores/$(detector)/%.npy,clean noise))
	{ \
		printf 'images\tdetector\tnumber\talarms\n'; \
		for images in clean noise; do for detector in $(detection.detectors); do \
			paste <(printf '%s\t%s\n' $$images $$detector) <(npytotsv $E/scores/$$detector/$$images.npy | wc -l) \
				<($(call detection.alarms,$$detector,$$images)); \
		done; done; \
	} | tsv-wilson alarms number >$@
# The images attacked, all of them classified correctly before; those that fool the victim; of these, how many raise an alarm.
$E/tables/detected.tsv: $E/tables/thresholds.tsv $(foreach attack,$(detection.attacks),$E/attacks/$(attack).npy \
		$(foreach detector,$(detection.detectors),$E/scores/$(detector)/$(attack).npy))
	{ \
		printf 'attack\tdetector\tattacked\tfooling\tdetected\n'; \
		for attack in $(detection.attacks); do for detector in $(detection.detectors); do \
			paste <(printf '%s\t%s\n' $$attack $$detector) <(npy-slice -k 1 $E/attacks/$$attack.npy | npytotsv | wc -l) \
				<(npytotsv $E/scores/$$detector/$$attack.npy | wc -l) <($(call detection.alarms,$$detector,$$attack)); \
		done; done; \
	} | tsv-wilson detected fooling >$@
# Those that fool both.
$E/tables/evaded.tsv: $E/tables/detected.tsv
	cut -f 1-5 $< | awk -v OFS='\t' '{ print $$0, NR == 1 ? "evading" : $$4 - $$5 }' | tsv-wilson evading attacked >$@
# All attacks that do not know the detector together.
$E/tables/unaware.tsv: $E/tables/detected.tsv
	{ \
		printf 'detector\tfooling\tdetected\n'; \
		for detector in $(detection.detectors); do \
			tsv-pick -w detector=$$detector attack,fooling,detected $< | awk -F '\t' -v OFS='\t' -v detector=$$detector \
				-v attacks=' $(detection.unaware) ' 'index(attacks, " " $$1 " ") { n += $$2; k += $$3 } END { print detector, n, k }'; \
		done; \
	} | tsv-wilson detected fooling >$@
# The area under the curve, with DeLong's interval, clean test images against those that fool; nan where there are none.
$E/tables/auc.tsv: $(foreach detector,$(detection.detectors),$(patsubst %,$E/scores/$(detector)/%.npy,clean $(detection.attacks)))
	{ \
		printf 'attack\tdetector\tclean\tfooling\tauc\tlow\thigh\n'; \
		for attack in $(detection.attacks); do for detector in $(detection.detectors); do \
			clean=$$(npytotsv $E/scores/$$detector/clean.npy | wc -l); fooling=$$(npytotsv $E/scores/$$detector/$$attack.npy | wc -l); \
			paste <(printf '%s\t%s\t%s\t%s\n' $$attack $$detector $$clean $$fooling) <(if [ $$fooling = 0 ]; then \
					printf 'nan\tnan\tnan\n'; \
				else \
					$(call detection.scored,$$detector,$$attack) | npy-roc --auc | tsv-pick auc,low,high; \
				fi); \
		done; done; \
	} >$@
detection.scored = { npy-cat $E/scores/$1/clean.npy $E/scores/$1/$2.npy; \
	npy-cat <(npy-calc 'a != a' $E/scores/$1/clean.npy) <(npy-calc 'a == a' $E/scores/$1/$2.npy); }
# What the networks decide by themselves, of clean test images and of those that fool.
$E/tables/accuracy.tsv: $E/fooling/clean.npy $(foreach attack,$(detection.attacks),$E/fooling/$(attack).npy) $(call detection.net,fgsm) $(call detection.net,pgd)
	{ \
		printf 'attack\tdetector\timages\tcorrect\n'; \
		for attack in $(detection.attacks); do for detector in fgsm pgd; do \
			paste <(printf '%s\t%s\n' $$attack $$detector) \
				<({ npy-cat <(npy-slice -k 0 $<) <(npy-slice -k 0 $E/fooling/$$attack.npy); \
					npy-cat <(npy-slice -k 1 $< | npy-calc '0 * a') <(npy-slice -k 1 $E/fooling/$$attack.npy | npy-calc '0 * a + 1'); } | \
					nn-eval $$(if [ $$detector = fgsm ]; then echo $(call detection.net,fgsm); else echo $(call detection.net,pgd); fi) | tsv-pick images,correct); \
		done; done; \
	} | tsv-wilson correct images >$@

# The curves: of PGD, and of the attack that knows the detector.
$E/tables/roc.tsv: $(foreach detector,$(detection.detectors),$(patsubst %,$E/scores/$(detector)/%.npy,clean $(detection.attacks)))
	{ \
		printf 'knows\tdetector\tfpr\ttpr\n'; \
		for detector in $(detection.detectors); do for attack in pgd-0.3 to-$$detector; do \
			[ $$(npytotsv $E/scores/$$detector/$$attack.npy | wc -l) = 0 ] || \
				$(call detection.scored,$$detector,$$attack) | npy-roc | tsv-pick fpr,tpr | \
					sed "s/^/$$([ $$attack = pgd-0.3 ] && echo no || echo yes)\t$$detector\t/"; \
		done; done; \
	} >$@
$E/figures/roc.svg $E/figures/roc.png: $E/tables/roc.tsv

# The first image of each class, and what the attacks make of it, with the class that the victim predicts.
detection.rows = pgd-0.3 $(detection.aware)
$E/sheets/some.npy: $E/data/originals.npy
	npy-pick -f 1 --indices $< >$@
$E/figures/attacked.png: $E/sheets/some.npy $E/data/originals.npy $(foreach row,$(detection.rows),$E/attacks/$(row).npy) $(detection.victim) $D/data/shape
	$(read-shape); \
	each() { for file in $(wordlist 2,$(words $(detection.rows) first),$^) $(word $(words $(detection.rows) first second),$^); do $$@ $$file; done; }; \
	images() { npy-pick -I $< $$1 | npy-slice -k 0 | $(rgb); }; \
	classes() { npy-pick -I $< $$1 | nn-run $(detection.victim) | npy-reduce -a 1 argmax | npytotsv; }; \
	each images | npy-cat | npy-montage -c $(call size,1,$<) -s 2 -g 4 -t <(each classes) | $(png) >$@

$E/section.html: $(patsubst %,$E/tables/%.tsv,thresholds false detected evaded unaware auc accuracy) \
	$E/figures/roc.svg $E/figures/roc.png $E/figures/attacked.png $(call models,log.tsv)
