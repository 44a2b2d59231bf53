# Document 004, sections 1.3.2 and 3: networks are trained, and attacked by six methods; a 7 becomes a 2.
# The networks are the victims of the document's other parts, too: $E/models/NET/SEED.safetensors.
attacks.about   := six attacks on four networks: errors, distances, times, and a 7 that becomes a 2
attacks.answers := 004.1
attacks.data    := mnist digits all
attacks.cost    := 15 s, 15 min

# How to train, runs.tsv, is that of the experiment mnist.  The first seed of each network is attacked.
attacks.nets  := softmax pa2 cnn3 fast
attacks.first = $(foreach net,$(attacks.nets),$(firstword $(call runs,$(net))))
# The network of the document's figure 5.
attacks.model = $(firstword $(call models,$1,cnn3))

# The bound of the demonstration, 0.3 of the range; the bounds of the curves, as shares of the range.
attacks.epsilon = 76.5
attacks.shares  = $(call scale,0.02 0.05 0.1 0.15 0.2 0.25 0.3 0.4,0.1 0.25 0.3)
# Images for one step, for many, and those of each class whose nearest errors are sought.
attacks.images  = $(call scale,10000,200)
attacks.some    = $(call scale,1000,60)
attacks.each    = $(call scale,10,1)

$E/data/test.npy: $D/data/test.npy
	npy-slice :$(attacks.images) $< >$@
$E/data/some.npy: $D/data/test.npy
	npy-slice :$(attacks.some) $< >$@
$E/data/each.npy: $D/data/test.npy
	npy-pick -f $(attacks.each) $< >$@

# ---- Error and confidence against the bound ----

# The attacks within the bound $e.  Kurakin's BIM takes steps of one gray level, min(e + 4, 1.25 e) of them.
attacks.by.fgsm           =
attacks.by.fgsm-predicted = --of predicted
attacks.by.bim            = $(call scale,-s 1 -n $$(awk "BEGIN { n = $$e + 4 < 1.25 * $$e ? $$e + 4 : 1.25 * $$e; print int(n + 0.5) }"),-n 10)
attacks.by.pgd            = -n $(call scale,40,10) --random
attacks.by.noise          = -n 0 --random
attacks.one  := fgsm fgsm-predicted noise
attacks.many := bim pgd
# All steps are taken: an image that stopped at its first error would not tell how confident an error can be.  Where
# a pixel is farther than the bound, there is no table.
attacks.curve = \
	for share in $(attacks.shares); do \
		e=$$(awk "BEGIN { print 255 * $$share }"); \
		nn-attack -e $$e $(attacks.by.$1) $2 $^ >$@.npy; \
		npy-diff --any-type -a $$e $@.npy $(word 2,$^); \
		paste <(printf '%s\t%s\t%s\n' $(firstword $(subst /, ,$*)) $1 $$share) <(nn-eval $< $@.npy | tsv-pick images,correct) \
			<(paste <(npy-slice -k 1 $@.npy | npytotsv) <(nn-run -p $< $@.npy | npytotsv) | awk -f pipelines/attacks/confidence.awk); \
	done >$@; \
	rm $@.npy
$(attacks.first:%=$E/curves/fgsm/%.tsv): $E/curves/fgsm/%.tsv: $E/models/%.safetensors $E/data/test.npy
	$(call attacks.curve,fgsm)
$(attacks.first:%=$E/curves/fgsm-predicted/%.tsv): $E/curves/fgsm-predicted/%.tsv: $E/models/%.safetensors $E/data/test.npy
	$(call attacks.curve,fgsm-predicted)
$(attacks.first:%=$E/curves/noise/%.tsv): $E/curves/noise/%.tsv: $E/models/%.safetensors $E/data/test.npy
	$(call attacks.curve,noise)
$(attacks.first:%=$E/curves/bim/%.tsv): $E/curves/bim/%.tsv: $E/models/%.safetensors $E/data/some.npy
	$(call attacks.curve,bim,--all-steps)
$(attacks.first:%=$E/curves/pgd/%.tsv): $E/curves/pgd/%.tsv: $E/models/%.safetensors $E/data/some.npy
	$(call attacks.curve,pgd,--all-steps)
# What the networks make of the images as they are.
$(attacks.first:%=$E/curves/none/%.tsv): $E/curves/none/%.tsv: $E/models/%.safetensors $E/data/test.npy
	paste <(printf '%s\tnone\t0\n' $(firstword $(subst /, ,$*))) <(nn-eval $^ | tsv-pick images,correct) \
		<(paste <(npy-slice -k 1 $(word 2,$^) | npytotsv) <(nn-run -p $^ | npytotsv) | awk -f pipelines/attacks/confidence.awk) >$@
$E/tables/curves.tsv: $(foreach kind,none $(attacks.one) $(attacks.many),$(attacks.first:%=$E/curves/$(kind)/%.tsv))
	{ \
		printf 'net\tattack\tshare\timages\twrong\tconfidence\tconfidence_all\n'; \
		cat $^ | awk -F '\t' -v OFS='\t' '{ $$5 = $$4 - $$5 } 1'; \
	} | tsv-wilson wrong images >$@
$E/figures/curves.svg $E/figures/curves.png: $E/tables/curves.tsv

# ---- Six methods, on the same images ----

attacks.methods := fgsm bim pgd ladder deepfool cw lbfgs
attacks.files = $(attacks.first:%=$E/nearest/$1/%.npy)
# The recipe writes the images, a log, and the seconds.  In a quick run C&W and L-BFGS take few steps.  The rate for so few
# steps of C&W is that of held-out training images: with 0.03 the median change of each network is longer by half or
# more, with 0.3 it is about the same.
attacks.timed = began=$$EPOCHREALTIME; $1 >$@; awk "BEGIN { print $$EPOCHREALTIME - $$began }" >$@.seconds
attacks.bounded = e=$(attacks.epsilon); \
	$(call attacks.timed,nn-attack -e $$e $(attacks.by.$1) --log $@.tsv $^); \
	npy-diff --any-type -a $$e $@ $(word 2,$^)
attacks.nearest = $(call attacks.timed,nn-nearest -m $1 --log $@.tsv $^)
attacks.cw    = $(call scale,-n 1000,-n 100 --rate 0.1 --constant 1 --searches 3)
attacks.lbfgs = $(call scale,,-n 60 --constant 1 --searches 3)
$(call attacks.files,fgsm): $E/nearest/fgsm/%.npy: $E/models/%.safetensors $E/data/each.npy
	$(call attacks.bounded,fgsm)
$(call attacks.files,bim): $E/nearest/bim/%.npy: $E/models/%.safetensors $E/data/each.npy
	$(call attacks.bounded,bim)
$(call attacks.files,pgd): $E/nearest/pgd/%.npy: $E/models/%.safetensors $E/data/each.npy
	$(call attacks.bounded,pgd)
$(call attacks.files,deepfool): $E/nearest/deepfool/%.npy: $E/models/%.safetensors $E/data/each.npy
	$(call attacks.nearest,deepfool)
$(call attacks.files,cw): $E/nearest/cw/%.npy: $E/models/%.safetensors $E/data/each.npy
	$(call attacks.nearest,cw $(attacks.cw))
$(call attacks.files,lbfgs): $E/nearest/lbfgs/%.npy: $E/models/%.safetensors $E/data/each.npy
	$(call attacks.nearest,lbfgs $(attacks.lbfgs))
# The least bound within which PGD succeeds, of a ladder: the images of the first rung that is found, of rungs that are
# written one after the other; the first are those as they were.
attacks.rungs = $(call scale,0.01 0.02 0.03 0.04 0.05 0.06 0.07 0.08 0.09 0.1 0.11 0.12 0.13 0.14 0.15 0.16 0.17 0.18 0.19 0.2 \
	0.22 0.24 0.26 0.28 0.3 0.35 0.4 0.5,0.02 0.05 0.08 0.12 0.16 0.2 0.25 0.3 0.4)
$(call attacks.files,ladder): $E/nearest/ladder/%.npy: $E/models/%.safetensors $E/data/each.npy
	climb() { \
		cat $(word 2,$^) >$@.all; \
		for rung in $(attacks.rungs); do \
			e=$$(awk "BEGIN { print 255 * $$rung }"); \
			nn-attack -e $$e $(attacks.by.pgd) --log $@.$$rung.tsv $^ >$@.rung; \
			npy-diff --any-type -a $$e $@.rung $(word 2,$^); \
			cat $@.rung >>$@.all; \
		done; \
		awk -f pipelines/attacks/ladder.awk $(attacks.rungs:%=$@.%.tsv) >$@.tsv; \
		npy-cat -n 2 $@.all | npy-pick -I <(tsv-pick row $@.tsv | tsvtonpy -t i8); \
		rm $@.all $@.rung $(attacks.rungs:%=$@.%.tsv); \
	}; \
	$(call attacks.timed,climb)

# A line for each network, method and image: what the network makes of the image, of the file, and of it in 8 bits; how
# far the image is changed; how many derivatives that took.
attacks.predicted = npy-reduce -a 1 argmax | npytotsv
$E/tables/tries.tsv: $E/data/each.npy $(foreach method,$(attacks.methods),$(call attacks.files,$(method)))
	{ \
		printf 'net\tmethod\timage\tlabel\tbefore\tafter\tafter_8bit\tlinf\tl2\tgradients\n'; \
		for run in $(attacks.first); do \
			model=$E/models/$$run.safetensors; \
			nn-run $$model $< | $(attacks.predicted) | paste <(npy-slice -k 1 $< | npytotsv) - >$@.before; \
			for method in $(attacks.methods); do \
				file=$E/nearest/$$method/$$run.npy; \
				change() { npy-calc 'abs(a - b)' <(npy-slice -k 0 $$file) <(npy-slice -k 0 $<) | npy-reshape $(call size,1,<(npy-slice -k 1 $<)),-1; }; \
				paste $@.before <(nn-run $$model $$file | $(attacks.predicted)) <(npy-calc -k -t u1 a $$file | nn-run $$model | $(attacks.predicted)) \
					<(change | npy-reduce -a 1 max | npytotsv) <(change | npy-reduce -a 1 norm | npytotsv) <(tsv-pick gradients $$file.tsv) | \
					awk -v OFS='\t' -v net=$${run%/*} -v method=$$method '{ print net, method, NR - 1, $$0 }'; \
			done; \
		done; \
	} >$@; \
	rm $@.before
# For each network and method, and for the nearest image of all methods: how many are found, and how far they are.
$E/tables/seconds.tsv: $(foreach method,$(attacks.methods),$(call attacks.files,$(method)))
	{ \
		printf 'net\tmethod\tseconds\n'; \
		for run in $(attacks.first); do for method in $(attacks.methods); do \
			paste <(printf '%s\t%s\n' $${run%/*} $$method) $E/nearest/$$method/$$run.npy.seconds; \
		done; done; \
	} >$@
$E/tables/methods.tsv: pipelines/attacks/methods.awk $E/tables/seconds.tsv $E/tables/tries.tsv $D/data/shape
	awk -v pixels=$$(($$(tr x '*' <$D/data/shape))) -f $(wordlist 1,3,$^) | \
		tsv-wilson found images >$@
# What the methods cost, derivatives for an image, on the document's network.
$E/tables/costs.tsv: $E/tables/tries.tsv
	tsv-pick -H -w net=cnn3 method,gradients $< | tsv-interval -g method gradients >$@
# For each class, the nearest images of all methods for the document's network.
$E/tables/classes.tsv: pipelines/attacks/classes.awk $E/tables/tries.tsv
	awk -v net=cnn3 -f $^ >$@

# ---- The demonstration: a 7 becomes a 2 (S4-08) ----

# The document's classes; where the data set has fewer, others.
$E/tables/pair.tsv: $D/data/classes
	{ printf 'from\tto\n'; awk 'END { print (NR > 7 ? 7 : NR - 1) "\t" (NR > 3 ? 2 : 0) }' $<; } >$@
attacks.pair = read -r from to < <(sed -n 2p $E/tables/pair.tsv)
# The first test image of the class that the network classifies correctly.
$E/demonstration/image.npy: $(call attacks.model,right.npy) $E/tables/pair.tsv
	$(attacks.pair); npy-pick -l $$from -c 1 $< >$@
attacks.aimed := fgsm pgd cw lbfgs
attacks.aim = $(attacks.pair); e=$(attacks.epsilon); nn-attack -e $$e -t $$to $(attacks.by.$1) $(wordlist 1,2,$^) >$@; \
	npy-diff --any-type -a $$e $@ $(word 2,$^)
$E/demonstration/fgsm.npy: $(call attacks.model,safetensors) $E/demonstration/image.npy $E/tables/pair.tsv
	$(call attacks.aim,fgsm)
$E/demonstration/pgd.npy: $(call attacks.model,safetensors) $E/demonstration/image.npy $E/tables/pair.tsv
	$(call attacks.aim,pgd)
$E/demonstration/cw.npy: $(call attacks.model,safetensors) $E/demonstration/image.npy $E/tables/pair.tsv
	$(attacks.pair); nn-nearest -m cw -t $$to $(attacks.cw) $(wordlist 1,2,$^) >$@
$E/demonstration/lbfgs.npy: $(call attacks.model,safetensors) $E/demonstration/image.npy $E/tables/pair.tsv
	$(attacks.pair); nn-nearest -m lbfgs -t $$to $(attacks.lbfgs) $(wordlist 1,2,$^) >$@
$E/tables/demonstration.tsv: $(call attacks.model,safetensors) $E/demonstration/image.npy $(attacks.aimed:%=$E/demonstration/%.npy)
	{ \
		printf 'method\tnormal\tadversarial\tin_8bit\tprobability\tlinf\tl2\n'; \
		change() { npy-calc 'abs(a - b)' <(npy-slice -k 0 $$file) <(npy-slice -k 0 $(word 2,$^)); }; \
		for method in $(attacks.aimed); do \
			file=$E/demonstration/$$method.npy; \
			paste <(echo $$method) <(nn-run $(wordlist 1,2,$^) | $(attacks.predicted)) <(nn-run $< $$file | $(attacks.predicted)) \
				<(npy-calc -k -t u1 a $$file | nn-run $< | $(attacks.predicted)) <(nn-run -p $< $$file | npy-reduce -a 1 max | npytotsv) \
				<(change | npy-reduce max | npytotsv) <(change | npy-reduce norm | npytotsv); \
		done; \
	} >$@
# How often that works: all test images towards the class, and away from their own.
$E/demonstration/to-fgsm.npy: $(call attacks.model,safetensors) $E/data/test.npy $E/tables/pair.tsv
	$(call attacks.aim,fgsm)
$E/demonstration/to-pgd.npy: $(call attacks.model,safetensors) $E/data/test.npy $E/tables/pair.tsv
	$(call attacks.aim,pgd)
$E/demonstration/away-fgsm.npy: $(call attacks.model,safetensors) $E/data/test.npy
	nn-attack -e $(attacks.epsilon) $^ >$@; npy-diff --any-type -a $(attacks.epsilon) $@ $(word 2,$^)
$E/tables/rates.tsv: $(call attacks.model,safetensors) $E/data/test.npy $(patsubst %,$E/demonstration/%.npy,to-fgsm to-pgd away-fgsm) $E/tables/pair.tsv
	$(attacks.pair); \
	{ \
		printf 'attack\tof\timages\thits\n'; \
		for attack in to-fgsm to-pgd away-fgsm; do \
			paste <(npy-slice -k 1 $(word 2,$^) | npytotsv) <(nn-run $(wordlist 1,2,$^) | $(attacks.predicted)) \
				<(nn-run $< $E/demonstration/$$attack.npy | $(attacks.predicted)) | \
				awk -v OFS='\t' -v attack=$$attack -v from=$$from -v to=$$to '$$1 != $$2 || $$1 == to { next } \
					{ n++; hits += $$3 == to } $$1 == from { m++; some += $$3 == to } \
					END { print attack, "from", m + 0, some + 0; print attack, "any", n + 0, hits + 0 }'; \
		done; \
	} | tsv-wilson hits images >$@

# ---- Pictures: the image, the change on its own scale, and the result ----

$E/tables/names: $D/data/classes $(call attacks.model,safetensors)
	nn-info $(word 2,$^) | tail -n 1 | cut -f 4 | tr -d '()' | xargs seq | paste $< - | awk -F '\t' '{ print $$1 == "" ? NR - 1 : $$1 }' >$@
attacks.named = $(attacks.predicted) | awk -F '\t' 'NR == FNR { name[NR - 1] = $$0; next } { print name[$$1] }' $E/tables/names -
# The columns $1, files of one image each, of $@.before and $@.after.
attacks.sheet = $(read-shape); \
	change() { npy-calc 'a - b' <(npy-slice -k 0 $@.after) <(npy-slice -k 0 $@.before); }; \
	{ \
		npy-slice -k 0 $@.before | $(rgb); \
		change | npy-reshape -1,$$c,$$h,$$w | npy-reduce -a 1 mean | npytopnm -e --separate -c diverging -r symmetric | pnmtonpy; \
		npy-slice -k 0 $@.after | $(rgb); \
	} | npy-cat | npy-montage -c $(words $1) -s 3 -g 8 -t <( \
		nn-run $< $@.before | $(attacks.named); \
		change | npy-calc 'abs(a)' | npy-reshape -1,$$((c * h * w)) | npy-reduce -a 1 max | npytotsv | paste <(printf '%s\n' $1) - | awk '{ printf "%s ± %.0f\n", $$1, $$2 }'; \
		nn-run $< $@.after | $(attacks.named)) | $(png) >$@; \
	rm $@.after $@.before
attacks.shown = $(attacks.methods:%=$E/nearest/%/$(firstword $(call runs,cnn3)).npy)
$E/figures/attacks.png: $(call attacks.model,safetensors) $E/data/each.npy $E/tables/pair.tsv $E/tables/names $D/data/shape $(attacks.shown)
	$(attacks.pair); \
	for file in $(attacks.shown); do npy-pick -l $$from -c 1 $$file; done | npy-cat -n 2 >$@.after; \
	for file in $(attacks.shown); do npy-pick -l $$from -c 1 $(word 2,$^); done | npy-cat -n 2 >$@.before; \
	$(call attacks.sheet,$(attacks.methods))
$E/figures/demonstration.png: $(call attacks.model,safetensors) $E/demonstration/image.npy $E/tables/names $D/data/shape $(attacks.aimed:%=$E/demonstration/%.npy)
	npy-cat -n 2 $(attacks.aimed:%=$E/demonstration/%.npy) >$@.after; \
	for method in $(attacks.aimed); do cat $(word 2,$^); done | npy-cat -n 2 >$@.before; \
	$(call attacks.sheet,$(attacks.aimed))

$E/section.html: $(patsubst %,$E/tables/%.tsv,runs machine curves tries methods costs classes pair demonstration rates) $E/tables/names \
	$(patsubst %,$E/figures/%.png,attacks demonstration) $E/figures/curves.svg $E/figures/curves.png
