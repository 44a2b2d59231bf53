# Document 004, section 1.3.2, proactive defenses: networks that are trained on adversarial examples, and attacked with
# more steps and from more starts than they have been trained against.
adversarial-training.about   := a network is trained on adversarial examples of four kinds, and attacked with many steps
adversarial-training.answers := 004.4
adversarial-training.data    := mnist digits all
adversarial-training.cost    := 15 s, 100 min

# The bound, 0.3 of the range.
adversarial-training.epsilon = 76.5
# The attack of the field's tables: 50 steps of 0.01 from 10 starts (Wong, Rice, Kolter, "Fast is better than free", 2020).
adversarial-training.many    = -n $(call scale,50,20) -s $(call scale,2.55,6.375) --random --restarts $(call scale,10,2)
adversarial-training.images  = $(call scale,10000,100)
# The bounds of the curves, as shares of the range, and their attack.
adversarial-training.shares  = $(call scale,0.05 0.1 0.15 0.2 0.25 0.3 0.35 0.4 0.45 0.5,0.15 0.3 0.45)
adversarial-training.curve   = -n 20 --random
adversarial-training.nets    = plain fgsm fgsm-rs pgd trades $(call scale,trades-pa2 trades-smallcnn,)
adversarial-training.first   = $(foreach net,$(adversarial-training.nets),$(firstword $(call runs,$(net))))

# With one step from a drawn place some networks learn to fool the step.  How fgsm-rs trains was chosen by the errors in
# percent of five networks each on 5,000 held-out training images under 10 steps (one was not trained):
#
#	init	rate	steps in which the bound grows
#	he	0.005	0	9.9	99.9	13.1	100.0	100.0
#	he	0.005	550	11.5	9.4	12.0	9.6	100.0
#	he	0.005	1100	14.4	10.8	9.3	7.9	57.1
#	he	0.002	1100	19.9	21.4	30.6	-	88.4
#	pytorch	0.005	1100	8.6	12.5	71.5	12.5	8.8
#	he	0.01	1100	9.5	12.5	8.8	11.9	7.6

$E/data/test.npy: $D/data/test.npy
	npy-slice :$(adversarial-training.images) $< >$@

# One step, and many.  Where a pixel is farther than the bound, there is no file.
adversarial-training.within = npy-diff --any-type -a $1 $@ $(word 2,$^)
$(patsubst %,$E/attacks/fgsm/%.npy,$(call runs)): $E/attacks/fgsm/%.npy: $E/models/%.safetensors $E/data/test.npy
	nn-attack -e $(adversarial-training.epsilon) --log $@.tsv $^ >$@; $(call adversarial-training.within,$(adversarial-training.epsilon))
$(patsubst %,$E/attacks/many/%.npy,$(call runs)): $E/attacks/many/%.npy: $E/models/%.safetensors $E/data/test.npy
	nn-attack -e $(adversarial-training.epsilon) $(adversarial-training.many) --log $@.tsv $^ >$@; \
	$(call adversarial-training.within,$(adversarial-training.epsilon))

# What each network makes of the files.
$E/tables/attacked.tsv: $(foreach attack,fgsm many,$(patsubst %,$E/attacks/$(attack)/%.npy,$(call runs))) $E/tables/runs.tsv
	{ \
		printf 'net\tseed\tclean\tfgsm\tmany\tseconds\n'; \
		for run in $(runs); do \
			accuracy() { nn-eval $E/models/$$run.safetensors $$1 | tsv-pick accuracy; }; \
			paste <(tr / '\t' <<<$$run) <(accuracy $E/data/test.npy) <(accuracy $E/attacks/fgsm/$$run.npy) \
				<(accuracy $E/attacks/many/$$run.npy) <(tsv-pick -w net=$${run%/*},seed=$${run#*/} seconds $E/tables/runs.tsv); \
		done; \
	} >$@
$E/tables/summary.tsv: $E/tables/attacked.tsv
	tsv-interval -g net clean,fgsm,many,seconds $< >$@

# How the accuracy falls with the bound, for the first network of each kind.
adversarial-training.points = $(foreach run,$(adversarial-training.first),$(adversarial-training.shares:%=$E/attacks/curve/$(run)/%.npy))
$(adversarial-training.points): $E/data/test.npy $(adversarial-training.first:%=$E/models/%.safetensors)
	nn-attack -e $$(awk 'BEGIN { print 255 * $(basename $(@F)) }') $(adversarial-training.curve) \
		$(@:$E/attacks/curve/%/$(@F)=$E/models/%.safetensors) $< >$@
$E/tables/curve.tsv: $(adversarial-training.points) $E/data/test.npy
	{ \
		printf 'net\tshare\timages\tcorrect\n'; \
		for run in $(adversarial-training.first); do for share in 0 $(adversarial-training.shares); do \
			file=$E/attacks/curve/$$run/$$share.npy; [ $$share != 0 ] || file=$E/data/test.npy; \
			paste <(printf '%s\t%s\n' $${run%/*} $$share) <(nn-eval $E/models/$$run.safetensors $$file | tsv-pick images,correct); \
		done; done; \
	} | tsv-wilson correct images >$@
$E/figures/curve.svg $E/figures/curve.png: $E/tables/curve.tsv

# The courses of the trainings of the first seed.
$E/figures/course.svg $E/figures/course.png: $(filter %/$(notdir $(firstword $(call runs,plain))).log.tsv,$(call models,log.tsv))

# An image of each class, the gradient of its loss by the pixels in each network, and what many steps make of it.
$E/sheets/some.npy: $E/data/test.npy
	npy-pick -f 1 $< >$@
$(adversarial-training.first:%=$E/sheets/gradient/%.npy): $E/sheets/gradient/%.npy: $E/models/%.safetensors $E/sheets/some.npy
	nn-grad -c label --of loss $^ >$@
$(adversarial-training.first:%=$E/sheets/attacked/%.npy): $E/sheets/attacked/%.npy: $E/models/%.safetensors $E/sheets/some.npy
	nn-attack -e $(adversarial-training.epsilon) $(adversarial-training.many) $^ | npy-slice -k 0 >$@
adversarial-training.sheet = npy-montage -c $$(npy-info -s $E/sheets/some.npy | sed -n '1s/,.*//p') -s 2 -g 4
$E/figures/gradients.png: $E/sheets/some.npy $(adversarial-training.first:%=$E/sheets/gradient/%.npy) $D/data/shape
	$(read-shape); \
	{ \
		npy-slice -k 0 $< | $(rgb); \
		for run in $(adversarial-training.first); do \
			npy-reshape -1,$$c,$$h,$$w $E/sheets/gradient/$$run.npy | npy-reduce -a 1 mean | \
				npytopnm -e --separate -c diverging -r symmetric | pnmtonpy; \
		done; \
	} | npy-cat | $(adversarial-training.sheet) | $(png) >$@
$E/figures/attacked.png: $E/sheets/some.npy $(adversarial-training.first:%=$E/sheets/attacked/%.npy) $(adversarial-training.first:%=$E/models/%.safetensors)
	{ \
		npy-slice -k 0 $< | npy-calc -t u1 a; \
		for run in $(adversarial-training.first); do npy-calc -t u1 a $E/sheets/attacked/$$run.npy; done; \
	} | npy-cat | $(adversarial-training.sheet) -t <( \
		npy-slice -k 1 $< | npytotsv; \
		for run in $(adversarial-training.first); do \
			nn-run $E/models/$$run.safetensors $E/sheets/attacked/$$run.npy | npy-reduce -a 1 argmax | npytotsv; \
		done) | $(png) >$@

$E/section.html: $(patsubst %,$E/tables/%.tsv,runs machine attacked summary curve plain.totals) $E/figures/gradients.png $E/figures/attacked.png \
	$(foreach plot,curve course,$E/figures/$(plot).svg $E/figures/$(plot).png)
