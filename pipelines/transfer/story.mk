# Document 004, section 1.5.1: do images that fool one network fool another?  The networks are those of the experiment
# attacks, two seeds of an architecture where there are two, and one without convolutions.
transfer.about   := images that fool one network are shown to others, of the same and of other architectures
transfer.answers := 004.2
transfer.data    := mnist digits all
transfer.cost    := 5 s, 5 min

# Networks EXPERIMENT/models/NET/SEED: the first two seeds of each.
transfer.of   = $(patsubst %,$1/models/%,$(wordlist 1,$3,$(filter $2/%,$(runs.$D/$1))))
transfer.runs = $(call transfer.of,attacks,softmax,1) $(call transfer.of,transfer,mlp,1) $(call transfer.of,attacks,fast,2) \
	$(call transfer.of,attacks,pa2,2) $(call transfer.of,attacks,cnn3,2)
transfer.models = $(transfer.runs:%=$D/%.safetensors)
transfer.model  = $D/$1.safetensors
# Their short names, such as fast/2.
transfer.names = $(foreach run,$(transfer.runs),$(notdir $(patsubst %/,%,$(dir $(run))))/$(notdir $(run)))

transfer.epsilon = 76.5
transfer.images  = $(call scale,2000,150)
# All steps are taken: images that stop at their first error lie just beyond one network's border.
transfer.steps   = -n $(call scale,40,10) --random --all-steps

$E/data/test.npy: $D/data/test.npy
	npy-slice :$(transfer.images) $< >$@
# The target of the targeted attacks is the class after the label.
$E/data/next.npy: $E/data/test.npy $D/data/classes
	npy-slice -k 1 $< | npy-calc -t i8 "(a + 1) % $$(wc -l <$(word 2,$^))" >$@

# ---- The images ----

transfer.within = npy-diff --any-type -a $(transfer.epsilon) $@ $(word 2,$^)
transfer.files  = $(transfer.runs:%=$E/images/$1/%.npy)
$(call transfer.files,fgsm): $E/images/fgsm/%.npy: $D/%.safetensors $E/data/test.npy
	nn-attack -e $(transfer.epsilon) --all-steps $^ >$@; $(transfer.within)
$(call transfer.files,pgd): $E/images/pgd/%.npy: $D/%.safetensors $E/data/test.npy
	nn-attack -e $(transfer.epsilon) $(transfer.steps) $^ >$@; $(transfer.within)
$(call transfer.files,targeted): $E/images/targeted/%.npy: $D/%.safetensors $E/data/test.npy $E/data/next.npy
	nn-attack -e $(transfer.epsilon) -t $(word 3,$^) $(transfer.steps) $(wordlist 1,2,$^) >$@; $(transfer.within)
# The control: each pixel goes to one end of the bound, at random.
$E/images/noise.npy: $E/data/test.npy
	{ \
		npy-random -s 1 bernoulli:0.5 $$(npy-info -s $< | sed -n 1p) | npy-calc -t f4 'clip(b + $(transfer.epsilon) * (2 * a - 1), 0, 255)' - <(npy-slice -k 0 $<); \
		npy-slice -k 1 $<; \
	} >$@; \
	npy-diff --any-type -a $(transfer.epsilon) $@ $<

# The derivatives of each network's loss by the pixels, a row of length 1 for each image; 0 where the loss is flat.
$(transfer.runs:%=$E/gradients/%.npy): $E/gradients/%.npy: $D/%.safetensors $E/data/test.npy
	nn-grad --of loss $^ | npy-reshape $(call size,1,<(npy-slice -k 1 $(word 2,$^))),-1 >$@.all; \
	npy-calc 'b > 0 ? a / b : 0' $@.all <(npy-reduce -a 1 norm $@.all) >$@; \
	rm $@.all
# An ensemble: one step along the sign of the sum of the derivatives of all networks but one, which is to be fooled.
$(call transfer.files,ensemble): $E/images/ensemble/%.npy: $E/gradients/%.npy $E/data/test.npy $(transfer.runs:%=$E/gradients/%.npy)
	for other in $(filter-out $E/gradients/$*.npy,$(transfer.runs:%=$E/gradients/%.npy)); do cat $$other; done | npy-cat --stack | npy-reduce -a 0 sum | \
		npy-reshape $$(npy-info -s $(word 2,$^) | sed -n 1p | tr -d '()') >$@.sum; \
	{ \
		npy-calc -t f4 'clip(b + $(transfer.epsilon) * sign(a), 0, 255)' $@.sum <(npy-slice -k 0 $(word 2,$^)); \
		npy-slice -k 1 $(word 2,$^); \
	} >$@; \
	rm $@.sum; \
	$(transfer.within)

# ---- What each network makes of them ----

# A line for each attack, network that it was made on, network that is asked, and image.
transfer.kinds := fgsm pgd targeted ensemble
transfer.predicted = npy-reduce -a 1 argmax | npytotsv
$E/tables/answers.tsv: $E/data/test.npy $E/data/next.npy $E/images/noise.npy $(transfer.models) $(foreach kind,$(transfer.kinds),$(call transfer.files,$(kind)))
	{ \
		printf 'attack\ton\tasked\timage\tlabel\ttarget\tbefore\tafter\n'; \
		paste <(npy-slice -k 1 $< | npytotsv) <(npytotsv $(word 2,$^)) >$@.labels; \
		for asked in $(transfer.runs); do \
			model=$D/$$asked.safetensors; \
			paste $@.labels <(nn-run $$model $< | $(transfer.predicted)) >$@.before; \
			{ \
				echo "noise - $E/images/noise.npy"; \
				echo "ensemble others $E/images/ensemble/$$asked.npy"; \
				for kind in fgsm pgd targeted; do for on in $(transfer.runs); do echo "$$kind $$on $E/images/$$kind/$$on.npy"; done; done; \
			} >$@.files; \
			cut -d ' ' -f 3 $@.files | xargs npy-cat -n 2 | nn-run $$model | $(transfer.predicted) | \
				awk -v OFS='\t' -v asked=$$asked -f pipelines/transfer/answers.awk $@.files $@.before -; \
		done; \
	} >$@; \
	rm $@.labels $@.before $@.files
# Of the images that both networks classify correctly, how many the asked one then misclassifies, and how many become the
# target: an attack leaves alone what its own network misclassifies.
$E/tables/matrix.tsv: pipelines/transfer/matrix.awk $E/tables/answers.tsv
	awk -f $^ $(word 2,$^) | tsv-wilson wrong images >$@
# For each image, the share of pairs of networks of other architectures for which the second is fooled: images are drawn
# at random, networks are not.
$E/tables/images.tsv: pipelines/transfer/images.awk $E/tables/answers.tsv
	awk -f $^ $(word 2,$^) >$@
$E/tables/summary.tsv: $E/tables/images.tsv
	{ \
		tsv-interval -g attack other,same,target $<; \
		for attack in fgsm pgd ensemble; do \
			tsv-interval -g attack -p noise:$$attack -k image other $< | awk -F '\t' -v OFS='\t' -v attack=$$attack '$$2 == "difference" { $$2 = attack " - noise"; print }'; \
		done; \
	} >$@

# ---- Similarity of the derivatives ----

# The mean over the images of the cosine of two networks' derivatives, beside the errors of the second on the images of
# the first; and the correlation of the ranks.
$E/tables/cosines.tsv: $(transfer.runs:%=$E/gradients/%.npy) $E/tables/matrix.tsv
	{ \
		printf 'on\tasked\tkind\tcosine\tfgsm\tpgd\n'; \
		for on in $(transfer.runs); do for asked in $(transfer.runs); do \
			[ $$on != $$asked ] || continue; \
			printf '%s\t%s\t%s\n' "$$(npy-calc 'a * b' $E/gradients/$$on.npy $E/gradients/$$asked.npy | npy-reduce -a 1 sum | npy-reduce mean | npytotsv)" $$on $$asked; \
		done; done | awk -v OFS='\t' -f pipelines/transfer/cosines.awk $E/tables/matrix.tsv -; \
	} >$@
transfer.ranks = tsv-pick $1 $@.known | tsvtonpy | npy-reshape 1,-1 | npy-rank -r | npy-calc "a - $$middle"
$E/tables/correlations.tsv: $E/tables/cosines.tsv
	grep -v nan $< >$@.known; \
	middle=$$(awk 'END { print NR / 2 }' $@.known); \
	{ \
		printf 'attack\tpairs\tcorrelation\n'; \
		for attack in fgsm pgd; do \
			printf '%s\t%s\t%s\n' $$attack $$(sed 1d $@.known | wc -l) \
				"$$($(call cosine,$(call transfer.ranks,cosine),$(call transfer.ranks,$$attack)) | npytotsv -p 6)"; \
		done; \
	} >$@; \
	rm $@.known

# ---- Pictures ----

transfer.table = { printf '%s\n' $(transfer.names) | paste -s; \
	for on in $(transfer.names); do for asked in $(transfer.names); do \
		tsv-pick -w attack=$*,on=$$on,asked=$$asked $(if $(filter targeted,$*),images$(,)hits,images$(,)wrong) $<; \
	done | awk '{ print $$1 ? 100 * $$2 / $$1 : 0 }' | paste -s; done; }
$E/tables/fgsm.tsv $E/tables/pgd.tsv $E/tables/targeted.tsv: $E/tables/%.tsv: $E/tables/matrix.tsv
	$(transfer.table) >$@
$(foreach kind,fgsm pgd targeted,$E/figures/$(kind).svg $E/figures/$(kind).png): $E/figures/%: pipelines/transfer/matrix.gp pipelines/lib/style.gp \
		$(foreach kind,fgsm pgd targeted,$E/tables/$(kind).tsv)
	gnuplot -c $< $(patsubst .%,%,$(suffix $@)) $E/tables/$(basename $*).tsv >$@
$E/figures/cosines.svg $E/figures/cosines.png: $E/tables/cosines.tsv

$E/section.html: $(patsubst %,$E/tables/%.tsv,runs matrix summary cosines correlations fgsm pgd targeted) \
	$(foreach plot,fgsm pgd targeted cosines,$E/figures/$(plot).svg $E/figures/$(plot).png)
