# Document 002, section 12: the best network for the data set that two cores can train, among them the document's best,
# VGG-like with batch norm and augmentation.  The validation images choose; the chosen one is the answer.
best.about   := the most accurate of VGG-like and residual networks that two cores can train, and their mean
best.answers := 002.6
best.data    := fashion-mnist digits all
best.cost    := 6 s, 195 min

# The full scale on two AVX-512 cores is 24 passes over 55,000 images, 1.3 million: vgg trains on about 1,300 a second,
# resnet9 on 1,050 and resnet20 on 1,950, so two seeds of vgg and of resnet9 and one of resnet20 take 87 minutes.
# resnet9-long is the one of these with the fewest validation errors, and as many passes as fit into two hours: 115.
best.holdout = $(or $(HOLDOUT),$(call scale,5000,1000))

# S2-24.  A network's vote: for each image the mean of its probabilities for the image and for its mirror image.
best.vote  = npy-calc '(a + b) / 2' <(nn-run -p $^) <(img-augment flip $(word 2,$^) | nn-run -p $<)
best.votes = $(patsubst %,$E/votes/$1/%.npy,$(call runs))
# The images that no network trained on choose.
$E/data/held.npy: $D/data/train.npy
	npy-slice -$(best.holdout): $< >$@
$E/data/test.npy: $D/data/test.npy
	cat $< >$@
$(call best.votes,held): $E/votes/held/%.npy: $E/models/%.safetensors $E/data/held.npy
	$(best.vote) >$@
$(call best.votes,test): $E/votes/test/%.npy: $E/models/%.safetensors $E/data/test.npy
	$(best.vote) >$@
best.networks = $(sort $(patsubst %/,%,$(dir $(call runs))))
# All networks together: the mean of their votes.
best.all   = $E/votes/$1/all/-.npy
$(call best.all,held): $(call best.votes,held) | all
	npy-cat --stack $^ | npy-reduce -a 0 mean >$@
$(call best.all,test): $(call best.votes,test) | all
	npy-cat --stack $^ | npy-reduce -a 0 mean >$@

# The accuracy of each vote.
$E/tables/held.tsv $E/tables/test.tsv: $E/tables/%.tsv: $E/data/%.npy $(call best.votes,held) $(call best.votes,test) \
		$E/votes/held/all/-.npy $E/votes/test/all/-.npy
	{ \
		printf 'net\tseed\timages\tcorrect\n'; \
		for run in $(runs) all/-; do \
			paste <(tr / '\t' <<<$$run) <(npy-slice -k 1 $< | npy-info --shape) \
				<(npy-calc 'a == b' <(npy-reduce -a 1 argmax $(@:$E/tables/%.tsv=$E/votes/%)/$$run.npy) <(npy-slice -k 1 $<) | \
					npy-reduce sum | npytotsv); \
		done; \
	} | tsv-wilson correct images >$@
# The best on the held images first, of equals the one that stands first.
$E/tables/best.tsv: $E/tables/held.tsv
	{ sed -u 1q; sort -s -t $$'\t' -k 4,4nr; } <$< >$@
$E/votes/best.npy: $E/tables/best.tsv $(call best.votes,test) $E/votes/test/all/-.npy
	cat $E/votes/test/$(call line,2,$<).npy >$@

# How the networks were trained, one by one: the means of their accuracies without mirror images.
$E/tables/summary.tsv: $E/tables/runs.tsv
	tsv-interval -g net accuracy,val_error,seconds $< >$@
$E/figures/course.svg $E/figures/course.png: $(call models,log.tsv)

# Where the best errs.
$E/sheets/predicted.npy: $E/data/test.npy $E/votes/best.npy
	cat $< <(npy-reduce -a 1 argmax $(word 2,$^)) >$@
$E/data/names: $D/data/classes $E/votes/best.npy
	$(call output-names,$<,$(call size,1,$(word 2,$^))) >$@
$E/tables/confusion.tsv: $E/sheets/predicted.npy $E/data/names
	{ npy-slice -k 1 $<; npy-slice -k 2 $<; } | npy-confusion -c $$(wc -l <$(word 2,$^)) | npytotsv -H "$$(paste -s -d , $(word 2,$^))" >$@
$E/figures/confusion.svg $E/figures/confusion.png: $E/tables/confusion.tsv
$E/tables/recall.tsv: $E/tables/confusion.tsv $E/data/names
	{ \
		printf 'class\timages\tcorrect\n'; \
		sed 1d $< | awk -F '\t' -v OFS='\t' '{ n = 0; for (i = 1; i <= NF; i++) n += $$i; print n, $$NR }' | paste $(word 2,$^) -; \
	} | tsv-wilson correct images >$@
$E/sheets/wrong.npy: $E/sheets/predicted.npy
	npy-pick -m <(npy-calc 'b != c' $<) $< | npy-slice :40 >$@
$E/figures/wrong.png: $E/sheets/wrong.npy $E/data/names
	{ $(call mistakes,$<); } >$@

$E/section.html: $(patsubst %,$E/tables/%.tsv,runs summary held test best recall confusion $(addsuffix .totals,$(best.networks))) \
	$E/figures/wrong.png $(foreach plot,course confusion,$E/figures/$(plot).svg $E/figures/$(plot).png)
