# Document 002, sections 5 to 7 and 10.2: one choice after the other is changed in the report's network, and for each
# value of it the learning rate is tuned.
sweeps.about   := initialization, optimizer, activation, augmentation and more, each value with its own learning rate
sweeps.answers := 002.2
sweeps.data    := fashion-mnist digits all
sweeps.cost    := 40 s, 75 min

# S2-06, S2-07, S2-08, S2-16 to S2-20.  runs.tsv has the networks, each trained at several rates as RUN/RATE.
# sweeps.tsv says which of them are compared, the arms of a sweep: a RUN, with the rate that the validation images
# choose, or RUN/RATE.  The names of arms have no commas and no colons.  To compare more, add lines to both.
sweeps.list := pipelines/sweeps/sweeps.tsv
sweeps.all  := $(shell sed 1d $(sweeps.list) | cut -f 1 | uniq)

# The report's rate, which it used for all.
sweeps.reported = 0.0001

# Most numbers are of short trainings: the last images of these validate.
sweeps.images = $(call scale,23000,2400)
$E/data/train.npy: $D/data/train.npy
	npy-slice :$(sweeps.images) $< >$@
# Augmentation is against overfitting: fewer images, which are trained on more often, and the same for validation.
sweeps.holdout = $(or $(HOLDOUT),$(call scale,3000,400))
sweeps.few     = $(call scale,4000,500)
$E/data/few.npy: $E/data/train.npy
	{ npy-slice :-$(sweeps.holdout) $< | npy-slice :$(sweeps.few); npy-slice -$(sweeps.holdout): $<; } | npy-cat -n 2 >$@

# The validation images choose: of each run the rate with the least mean error over the seeds.
$E/tables/arms.tsv: pipelines/sweeps/arms.awk $(sweeps.list) $E/tables/trained.tsv
	awk -v reported=$(sweeps.reported) -f $^ >$@

# The arms, and nothing else, classify the test images.
$E/tables/tested.tsv: $E/tables/arms.tsv $E/tables/trained.tsv $D/data/test.npy $(call models,safetensors)
	{ \
		printf 'net\tseed\terror\n'; \
		for net in $$(tsv-pick net $< | sort -u); do \
			for seed in $$(tsv-pick -w net=$$net seed $(word 2,$^)); do \
				nn-eval $E/models/$$net/$$seed.safetensors $D/data/test.npy | tsv-pick accuracy | \
					awk -v OFS='\t' -v net=$$net -v seed=$$seed '{ print net, seed, 1 - $$1 }'; \
			done; \
		done; \
	} >$@

# For each sweep: the course of its trainings; its means over the seeds; and the score of each training.
$(sweeps.all:%=$E/curves/%.tsv): $E/curves/%.tsv: $E/tables/arms.tsv $E/tables/trained.tsv $(call models,log.tsv)
	{ \
		printf 'name\tseed\tstep\tseconds\tval_loss\tval_error\n'; \
		while IFS=$$'\t' read -r name net; do \
			for seed in $$(tsv-pick -w net=$$net seed $(word 2,$^)); do \
				tsv-pick step,seconds,val_loss,val_error $E/models/$$net/$$seed.log.tsv | \
					awk -v OFS='\t' -v name="$$name" -v seed=$$seed '$$4 != "nan" { print name, seed, $$0 }'; \
			done; \
		done < <(tsv-pick -w sweep=$* name,net $<); \
	} >$@
$(sweeps.all:%=$E/curves/%.mean.tsv): $E/curves/%.mean.tsv: pipelines/sweeps/mean.awk $E/curves/%.tsv
	awk -F '\t' -v OFS='\t' '{ print $$1 "@" $$3, $$0 }' $(word 2,$^) | sed '1s/^[^\t]*/point/' | \
		tsv-interval -g point seconds,val_loss,val_error | awk -f $< >$@
$(sweeps.all:%=$E/scores/%.tsv): $E/scores/%.tsv: pipelines/sweeps/scores.awk $E/tables/arms.tsv $E/tables/trained.tsv \
		$E/tables/tested.tsv $E/curves/%.tsv
	awk -v sweep=$* -f $^ >$@

sweeps.scores = error,val_error,val_loss,reported_rate,course,course_seconds,rises,seconds
$(sweeps.all:%=$E/tables/%.means.tsv): $E/tables/%.means.tsv: $E/scores/%.tsv
	tsv-interval -g name $(sweeps.scores) $< >$@
# Every arm against every other, B - A from the same seeds: 95 % intervals of one comparison, and such that all
# comparisons of one arm with the others are within theirs with 95 % (Bonferroni).
$(sweeps.all:%=$E/tables/%.pairs.tsv): $E/tables/%.pairs.tsv: $E/scores/%.tsv
	mapfile -t names < <(tsv-pick name $< | uniq); \
	n=$${#names[@]}; \
	{ \
		printf 'a\tb\tquantity\truns\tmean\tlow\thigh\tlow_all\thigh_all\n'; \
		for ((i = 0; i < n; i++)); do \
			for ((j = 0; j < n; j++)); do \
				if [ $$i != $$j ]; then \
					compare() { tsv-interval "$$@" -p "$${names[i]}:$${names[j]}" -g name -k seed $(sweeps.scores) $<; }; \
					paste <(compare | tsv-pick -w name=difference quantity,runs,mean,low,high) \
						<(compare -c $$(awk "BEGIN { print 1 - 0.05 / ($$n - 1) }") | tsv-pick -w name=difference low,high) | \
						sed "s/^/$${names[i]}\t$${names[j]}\t/"; \
				fi; \
			done; \
		done; \
	} >$@

# How many different filters and neurons the layers have, where all began with zeros, and with Xavier's weights.
sweeps.first = $(firstword $(call models,safetensors,$1/%))
$E/tables/symmetry.tsv: $(call sweeps.first,zeros) $(call sweeps.first,base)
	distinct() { nn-weights $$1 $$2.weight | npy-reshape $$3,-1 | npytotsv | sort -u | wc -l; }; \
	{ \
		printf 'layer\tneurons\tfrom zeros\tfrom Xavier\n'; \
		nn-info $< | awk -F '\t' '$$2 == "conv" || $$2 == "dense" { split($$4, size, /[(),]/); print $$1, size[2] }' | \
			while read -r layer neurons; do \
				printf '%s\t%s\t%s\t%s\n' $$layer $$neurons $$(distinct $< $$layer $$neurons) \
					$$(distinct $(word 2,$^) $$layer $$neurons); \
			done; \
	} >$@

sweeps.figures = $(sweeps.all:%=$E/figures/%.svg)
$(sweeps.figures): $E/figures/%.svg: pipelines/sweeps/sweep.gp pipelines/lib/style.gp $E/curves/%.tsv $E/curves/%.mean.tsv $E/tables/%.means.tsv
	gnuplot -c $< svg $(filter %.tsv,$^) >$@

$E/section.html: $(patsubst %,$E/tables/%.tsv,arms trained tested symmetry base.totals kernel-5.totals kernel-7.totals) \
	$(foreach sweep,$(sweeps.all),$E/tables/$(sweep).means.tsv $E/tables/$(sweep).pairs.tsv) $(sweeps.figures)
