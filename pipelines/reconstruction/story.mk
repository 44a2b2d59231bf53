# Document 004, section 1.3.2, reactive defenses: images are reconstructed before the network sees them, by an
# autoencoder that removes noise, by a median, and by one bit; attacked by who does not know that, and by who does.
#
# A file attacks/NAME.npy is a data set of attacked images, reformed/REFORMER/NAME.npy what a reformer makes of it.
reconstruction.about   := images are reconstructed before a network sees them, for attacks that know it and that do not
reconstruction.answers := 004.6
reconstruction.data    := mnist digits all
reconstruction.cost    := 12 s, 12 min

# The network that is attacked.
reconstruction.victim  = $D/mnist/models/best.safetensors
# Test images, all of them clean, and the first that the victim classifies correctly attacked; of these, as many for the
# slow attack.
reconstruction.images   = $(call scale,2000,100)
reconstruction.slow     = $(call scale,200,20)
# Training images that nothing learns from.
reconstruction.holdout  = $(call scale,5000,300)
# The bound, 0.3 of the range.
reconstruction.epsilon  = 76.5
reconstruction.steps    = $(call scale,100,20)
reconstruction.pgd      = -n $(reconstruction.steps) --random
reconstruction.length   = $(call scale,--epochs 100 --batch 256 --lr 0.01,--steps $(or $(STEPS),400) --batch 32 --lr 0.1) --schedule onecycle

reconstruction.reformers = none autoencoder median bit
reconstruction.unaware   = fgsm-0.15 fgsm-0.3 pgd-0.15 pgd-0.3 pgd-0.3-all cw
# The attacks that know a reformer: through the network that autoencoder and victim make together, and with the
# derivative of the reformer taken to be 1.
reconstruction.aware     = joined through-autoencoder through-median through-bit through-bit-0.6
reconstruction.attacks   = $(reconstruction.unaware) $(reconstruction.aware)
reconstruction.names     = clean $(reconstruction.attacks)

# ---- The reformers ----

# MagNet's autoencoder with the channels of the images.
$E/models/autoencoder.net: pipelines/nets/magnet-1.net $D/data/shape
	$(call autoencoder,$<) >$@
$E/models/autoencoder.safetensors: $E/models/autoencoder.net $D/data/train.npy
	$(call remove-noise,$<,$(word 2,$^),$(reconstruction.holdout),$(reconstruction.length))
$E/models/joined.safetensors: $E/models/autoencoder.safetensors $(reconstruction.victim)
	nn-join $^ >$@
# A filter of images.
reconstruction.none        = cat
reconstruction.autoencoder = nn-run -q --pixels $E/models/autoencoder.safetensors
reconstruction.median      = img-median -q
reconstruction.bit         = npy-calc -t f4 "255 * (a > 127.5)"

# ---- Attacks ----

$E/data/clean.npy: $D/data/test.npy
	npy-slice :$$((5 * $(reconstruction.images))) $< >$@
$E/data/originals.npy: $D/data/test.npy $(reconstruction.victim)
	npy-pick -m <(npy-calc 'a == b' <(nn-run $(word 2,$^) $< | npy-reduce -a 1 argmax) <(npy-slice -k 1 $<)) $< | \
		npy-slice :$(reconstruction.images) >$@

# Where a pixel is farther than the bound, there is no file.
reconstruction.within = npy-diff --any-type -a $1 <(npy-slice -k 0 $<) <(npy-slice -k 0 $@)
reconstruction.attack = nn-attack -e $1 $2 --log $@.tsv $(word 2,$^) $< >$@; $(call reconstruction.within,$1)

$E/attacks/clean.npy: $E/data/clean.npy
	cat $< >$@
$E/attacks/fgsm-0.15.npy: $E/data/originals.npy $(reconstruction.victim)
	$(call reconstruction.attack,38.25)
$E/attacks/fgsm-0.3.npy: $E/data/originals.npy $(reconstruction.victim)
	$(call reconstruction.attack,$(reconstruction.epsilon))
$E/attacks/pgd-0.15.npy: $E/data/originals.npy $(reconstruction.victim)
	$(call reconstruction.attack,38.25,$(reconstruction.pgd))
$E/attacks/pgd-0.3.npy: $E/data/originals.npy $(reconstruction.victim)
	$(call reconstruction.attack,$(reconstruction.epsilon),$(reconstruction.pgd))
# An attack stops as soon as it succeeds, just beyond the border; this one takes all steps.
$E/attacks/pgd-0.3-all.npy: $E/data/originals.npy $(reconstruction.victim)
	$(call reconstruction.attack,$(reconstruction.epsilon),$(reconstruction.pgd) --all-steps)
$E/attacks/cw.npy: $E/data/originals.npy $(reconstruction.victim)
	npy-slice :$(reconstruction.slow) $< | \
		nn-nearest -m cw $(call scale,-n 1000 --searches 9,-n 80 --searches 4 --constant 0.1 --rate 0.05) --log $@.tsv $(word 2,$^) >$@
$E/attacks/joined.npy: $E/data/originals.npy $E/models/joined.safetensors
	$(call reconstruction.attack,$(reconstruction.epsilon),$(reconstruction.pgd))
$E/attacks/through-autoencoder.npy: $E/data/originals.npy $(reconstruction.victim) $E/models/autoencoder.safetensors
	$(call reconstruction.attack,$(reconstruction.epsilon),$(reconstruction.pgd) --through '$(reconstruction.autoencoder)')
$E/attacks/through-median.npy: $E/data/originals.npy $(reconstruction.victim)
	$(call reconstruction.attack,$(reconstruction.epsilon),$(reconstruction.pgd) --through '$(reconstruction.median)')
$E/attacks/through-bit.npy: $E/data/originals.npy $(reconstruction.victim)
	$(call reconstruction.attack,$(reconstruction.epsilon),$(reconstruction.pgd) --through '$(reconstruction.bit)')
# A bit changes only where a pixel moves across the middle.
$E/attacks/through-bit-0.6.npy: $E/data/originals.npy $(reconstruction.victim)
	$(call reconstruction.attack,153,$(reconstruction.pgd) --through '$(reconstruction.bit)')

# ---- Results ----

# What the reformers make of the images; and what the victim makes of that.
define reconstruction.reform
$(reconstruction.names:%=$E/reformed/$1/%.npy): $E/reformed/$1/%.npy: $E/attacks/%.npy $(if $(filter autoencoder,$1),$E/models/autoencoder.safetensors)
	npy-slice -k 0 $$< | $$(reconstruction.$1) >$$@; npy-slice -k 1 $$< >>$$@
endef
$(foreach reformer,$(reconstruction.reformers),$(eval $(call reconstruction.reform,$(reformer))))
$E/tables/accuracy.tsv: $(foreach reformer,$(reconstruction.reformers),$(reconstruction.names:%=$E/reformed/$(reformer)/%.npy)) $(reconstruction.victim)
	{ \
		printf 'attack\treformer\timages\tcorrect\n'; \
		for attack in $(reconstruction.names); do for reformer in $(reconstruction.reformers); do \
			paste <(printf '%s\t%s\n' $$attack $$reformer) \
				<(nn-eval $(reconstruction.victim) $E/reformed/$$reformer/$$attack.npy | tsv-pick images,correct); \
		done; done; \
	} | tsv-wilson correct images >$@
# Of the images that fool the victim alone, those that do not after a reformer.
reconstruction.wrong = nn-run $(reconstruction.victim) $1 | npy-reduce -a 1 argmax | npy-calc 'a != b' - <(npy-slice -k 1 $1) | npytotsv
$E/tables/restored.tsv: $(foreach reformer,$(reconstruction.reformers),$(reconstruction.unaware:%=$E/reformed/$(reformer)/%.npy)) $(reconstruction.victim)
	{ \
		printf 'attack\treformer\tfooling\trestored\n'; \
		for attack in $(reconstruction.unaware); do for reformer in $(filter-out none,$(reconstruction.reformers)); do \
			paste <($(call reconstruction.wrong,$E/reformed/none/$$attack.npy)) <($(call reconstruction.wrong,$E/reformed/$$reformer/$$attack.npy)) | \
				awk -v OFS='\t' -v name="$$attack"$$'\t'"$$reformer" '$$1 { n++; k += !$$2 } END { print name, n + 0, k + 0 }'; \
		done; done; \
	} >$@.each; \
	{ \
		cat $@.each; \
		for reformer in $(filter-out none,$(reconstruction.reformers)); do \
			awk -F '\t' -v OFS='\t' -v reformer=$$reformer '$$2 == reformer { n += $$3; k += $$4 } END { print "all", reformer, n, k }' $@.each; \
		done; \
	} | tsv-wilson restored fooling >$@; rm $@.each

# The first image of each class: as it is, attacked, reformed, with the class that the victim predicts.
reconstruction.rows = $(foreach images,originals pgd-0.3 joined,none/$(images) autoencoder/$(images))
$E/sheets/some.npy: $E/data/originals.npy
	npy-pick -f 1 --indices $< >$@
$E/reformed/none/originals.npy: $E/data/originals.npy
	cat $< >$@
$E/reformed/autoencoder/originals.npy: $E/data/originals.npy $E/models/autoencoder.safetensors
	npy-slice -k 0 $< | $(reconstruction.autoencoder) >$@; npy-slice -k 1 $< >>$@
$E/figures/reformed.png: $E/sheets/some.npy $(reconstruction.rows:%=$E/reformed/%.npy) $(reconstruction.victim) $D/data/shape
	$(read-shape); \
	each() { for row in $(reconstruction.rows); do $$@ $E/reformed/$$row.npy; done; }; \
	images() { npy-pick -I $< $$1 | npy-slice -k 0 | npy-calc -t u1 a | $(rgb); }; \
	classes() { npy-pick -I $< $$1 | nn-run $(reconstruction.victim) | npy-reduce -a 1 argmax | npytotsv; }; \
	each images | npy-cat | npy-montage -c $(call size,1,$<) -s 2 -g 4 -t <(each classes) | $(png) >$@
$E/figures/accuracy.svg $E/figures/accuracy.png: $E/tables/accuracy.tsv

$E/section.html: $(patsubst %,$E/tables/%.tsv,accuracy restored) $E/figures/reformed.png $E/figures/accuracy.svg $E/figures/accuracy.png
