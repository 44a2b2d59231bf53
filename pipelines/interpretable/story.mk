# Document 004, section 1.3.1: filters of the top convolution that are each to find one part.  A layer behind the ReLU of
# the last convolution keeps of each map what is around its peak, and the training adds a loss of each filter (Zhang, Wu
# and Zhu, "Interpretable convolutional neural networks", 2018); see nn-train(1), --template-weight.  The network is that
# of the document's figure 5.
interpretable.about   := filters that are each to find one part, by template losses, beside ordinary ones
interpretable.answers := 004.8
interpretable.data    := mnist digits all
interpretable.cost    := 12 s, 25 min

# Single trainings as below decided on the losses' definition; errors and instability are those of the last 5,000 images
# of the training data, on which no network is trained:
#
#	weight	maps scaled		filters of classes
#	-				-		0.70 %	0.081	an ordinary network
#	0.1	no			no		89.40 %	0.125	the maps grow, nothing else is learned
#	0.1	no			yes		0.66 %	0.073
#	0.01	to fit by 4		no		1.28 %	0.099
#	0.03	to fit by 10		yes		0.80 %	0.067
#	0.03	to fit by 4		yes		0.70 %	0.058
#	0.03	to fit by 2		yes		0.66 %	0.053
#
# The digits are moved: the losses ask each filter to fire at all places of the map equally often, at one place of each
# image; centered digits hardly allow that.
#
# S4-01.  The networks template-WEIGHT of runs.tsv differ in the weight of the losses.  The last images of the training
# data, on which no network is trained, choose one: models/interpretable/SEED.safetensors.
interpretable.points    = 0.1
interpretable.strongest = $(call scale,100,30)
interpretable.seeds     = $(patsubst ordinary/%,%,$(call runs,ordinary))
interpretable.both      = $(foreach net,ordinary interpretable,$(interpretable.seeds:%=$(net)/%))
interpretable.holdout   = $(or $(HOLDOUT),$(call scale,5000,500))

$E/data/holdout.npy: $D/data/train.npy
	npy-slice -$(interpretable.holdout): $< >$@
$E/data/test.npy: $D/data/test.npy
	npy-slice :$(call scale,10000,600) $< >$@
# A filter that fires at one place of every image seems to find a part as long as the images are centered.  These are
# moved as far as those of the training.
$E/data/shifted.npy: $E/data/test.npy
	img-augment 'shift -4:4 -4:4' $< >$@

# The sizes of the maps and of the images, and the receptive field.
$E/tables/top.tsv: $E/models/ordinary.net
	nn-info $< | tsv-pick -k relu3 output,field | tr -d '()' | tr 'x,' '\t\t' | \
		paste - <(nn-info $< | tsv-pick -l -k conv1 input | tr -d '()' | tr , '\t') | \
		sed '1i channels\trows\tcolumns\tfield_rows\tfield_columns\timage_channels\timage_rows\timage_columns' >$@
$(patsubst %,$E/tables/%.landmarks.tsv,holdout test shifted): $E/tables/%.landmarks.tsv: pipelines/interpretable/landmarks.awk $E/data/%.npy $D/data/shape
	$(read-shape); \
	paste <(npy-slice -k 1 $(word 2,$^) | npytotsv) \
		<(npy-slice -k 0 $(word 2,$^) | npy-reshape -1,$$c,$$h,$$w | npy-reduce -a 1 mean | npy-reshape -1,$$((h * w)) | npytotsv) | \
		awk -v rows=$$h -v columns=$$w -f $< >$@

# Where each filter of the network $1 fires strongest on each of the images $2, filter by filter, from the strongest
# image on: image, filter, peak, place.  The layer template keeps a peak as it is, so relu3 has the peaks of both kinds.
interpretable.peaks = paste <(nn-run -l relu3 $1 $2 | npy-reduce -a 2$(,)3 max | npytotsv -l) \
	<(nn-run -l relu3 $1 $2 | npy-reduce -a 2$(,)3 argmax | npytotsv -l | cut -f 3) | sort -k 2n,2 -k 3gr,3 -k 1n,1
interpretable.measured = $(call interpretable.peaks,$(word 2,$^),$(word 3,$^)) | \
	awk -v strongest=$(interpretable.strongest) -f $< $(wordlist 4,5,$^) - >$@
$(patsubst %,$E/filters/holdout/%.tsv,$(call runs)): $E/filters/holdout/%.tsv: \
		pipelines/interpretable/instability.awk $E/models/%.safetensors $E/data/holdout.npy $E/tables/top.tsv $E/tables/holdout.landmarks.tsv
	$(interpretable.measured)
$(patsubst %,$E/filters/test/%.tsv,$(interpretable.both)): $E/filters/test/%.tsv: \
		pipelines/interpretable/instability.awk $E/models/%.safetensors $E/data/test.npy $E/tables/top.tsv $E/tables/test.landmarks.tsv
	$(interpretable.measured)
$(patsubst %,$E/filters/shifted/%.tsv,$(interpretable.both)): $E/filters/shifted/%.tsv: \
		pipelines/interpretable/instability.awk $E/models/%.safetensors $E/data/shifted.npy $E/tables/top.tsv $E/tables/shifted.landmarks.tsv
	$(interpretable.measured)

# The means over the filters of the table $1 of the columns $2; how many filters are measured, and how many there are.
interpretable.means = tsv-interval $2 $1 | tsv-pick mean | paste -s
interpretable.alive = paste <(tsv-interval instability $1 | tsv-pick runs) <(sed 1d $1 | wc -l)
$E/tables/ladder.tsv: $E/tables/trained.tsv $(patsubst %,$E/filters/holdout/%.tsv,$(call runs))
	{ \
		printf 'net\tseed\tval_error\tinstability\tentropy\talive\tfilters\n'; \
		while IFS=$$'\t' read -r net seed error; do \
			filters=$E/filters/holdout/$$net/$$seed.tsv; \
			paste <(printf '%s\t%s\t%s\n' $$net $$seed $$error) <($(call interpretable.means,$$filters,instability$(,)entropy)) \
				<($(call interpretable.alive,$$filters)); \
		done < <(tsv-pick net,seed,val_error $<); \
	} >$@
$E/tables/ladder-summary.tsv: $E/tables/ladder.tsv
	tsv-interval -g net val_error,instability,entropy,alive $< >$@
$E/tables/chosen.tsv: pipelines/interpretable/choose.awk $E/tables/ladder-summary.tsv
	awk -v points=$(interpretable.points) -f $^ >$@
$(interpretable.seeds:%=$E/models/interpretable/%.safetensors): $E/models/interpretable/%.safetensors: $E/tables/chosen.tsv $(call models,safetensors)
	cat $E/models/$$(tsv-pick net $<)/$*.safetensors >$@
$E/tables/interpretable.layers.tsv: $(firstword $(interpretable.seeds:%=$E/models/interpretable/%.safetensors))
	nn-info $< >$@

# The test images, seen by the ordinary networks and the chosen ones alone.
$E/tables/compared.tsv: $(foreach set,test shifted,$(patsubst %,$E/filters/$(set)/%.tsv,$(interpretable.both))) \
		$(patsubst %,$E/models/%.test.tsv,$(interpretable.both)) $E/tables/ladder.tsv
	{ \
		printf 'net\tseed\taccuracy\tinstability\twithin\tmiddle\tentropy\tshare\tactive\tshifted\tshifted_middle\talive\tfilters\n'; \
		for run in $(interpretable.both); do \
			paste <(tr / '\t' <<<$$run) <(tsv-pick accuracy $E/models/$$run.test.tsv) \
				<($(call interpretable.means,$E/filters/test/$$run.tsv,instability$(,)within$(,)middle$(,)entropy$(,)share$(,)active)) \
				<($(call interpretable.means,$E/filters/shifted/$$run.tsv,instability$(,)middle)) \
				<($(call interpretable.alive,$E/filters/test/$$run.tsv)); \
		done; \
	} >$@
$E/tables/summary.tsv: $E/tables/compared.tsv
	tsv-interval -g net -p ordinary:interpretable -k seed accuracy,instability,within,middle,entropy,share,active,shifted,shifted_middle,alive $< >$@

$E/figures/ladder.svg $E/figures/ladder.png: $E/tables/ladder-summary.tsv
interpretable.first = $(firstword $(interpretable.seeds))
$E/figures/filters.svg $E/figures/filters.png: $E/filters/test/ordinary/$(interpretable.first).tsv $E/filters/test/interpretable/$(interpretable.first).tsv

# ---- The pictures, of the first seed ----

# The filters with the largest peaks; and of each the nine images on which it fires strongest.
interpretable.rows = 6
$(foreach net,ordinary interpretable,$E/tables/$(net).strongest.tsv): $E/tables/%.strongest.tsv: $E/filters/test/%/$(interpretable.first).tsv
	{ sed -u 1q; grep -v nan | sort -t $$'\t' -k 3gr,3 -k 1n,1 | sed -n '1,$(interpretable.rows)p'; } <$< >$@
$(foreach net,ordinary interpretable,$E/sheets/$(net).tsv): $E/sheets/%.tsv: \
		$E/models/%/$(interpretable.first).safetensors $E/data/test.npy $E/tables/%.strongest.tsv
	$(call interpretable.peaks,$<,$(word 2,$^)) | awk 'n[$$2]++ < 9' | \
		awk -F '\t' -v OFS='\t' 'NR == FNR { if (FNR > 1) order[$$1] = FNR; next } $$2 in order { print order[$$2], $$0 }' $(word 3,$^) - | \
		sort -k 1n,1 -k 4gr,4 | cut -f 2- | sed '1i image\tfilter\tpeak\tplace' >$@
# Outside the receptive field of the peak an image is pale; the place of the peak is red.
$(foreach net,ordinary interpretable,$E/figures/images-$(net).png): $E/figures/images-%.png: \
		$E/sheets/%.tsv $E/data/test.npy $E/tables/top.tsv $D/data/shape
	$(read-shape); \
	IFS=$$'\t' read -r rows columns high wide < <(tsv-pick rows,columns,field_rows,field_columns $(word 3,$^)); \
	picked() { npy-pick -I <(tsv-pick image $< | tsvtonpy -t i8) $(word 2,$^); }; \
	places() { tsv-pick place $< | awk -v n=$$columns "{ print $$1 }" | tsvtonpy; }; \
	at() { seq 0 $$(($$1 - 1)) | tsvtonpy | npy-reshape $$2; }; \
	npy-calc -t u1 "abs(b - d) <= $$h / $$rows / 2 && abs(c - e) <= $$w / $$columns / 2 ? (f == 0 ? 255 : a / 2) : \
			abs(b - d) < $$high / 2 && abs(c - e) < $$wide / 2 ? a : 150 + a / 3" \
		<(picked | npy-slice -k 0 | $(rgb)) \
		<(at $$h 1,1,$$h,1) <(at $$w 1,1,1,$$w) \
		<(places "(int(\$$1 / n) + 0.5) * $$h / $$rows - 0.5") <(places "(\$$1 % n + 0.5) * $$w / $$columns - 0.5") \
		<(at 3 1,3,1,1) | \
		npy-montage -c 9 -s 2 -g 4 -t <(picked | npy-slice -k 1 | npytotsv) | $(png) >$@
# What the strongest filters make of the first image of each class: in an interpretable network, what the mask leaves.
$E/sheets/classes.npy: $E/data/test.npy
	npy-pick -f 1 $< >$@
$E/figures/maps.png: $E/sheets/classes.npy $(foreach net,ordinary interpretable,$E/models/$(net)/$(interpretable.first).safetensors \
		$E/tables/$(net).strongest.tsv) $D/data/shape $E/tables/top.tsv
	$(read-shape); \
	scale=$$((h / $$(tsv-pick rows $(word 7,$^)))); \
	maps() { \
		for filter in $$(tsv-pick filter $$3 | sed -n 1,4p); do \
			nn-run -l $$1 $$2 $< | npy-slice ":,$$filter" | npytopnm -e -c inferno -r minmax -s $$scale | pnmtonpy; \
		done; \
	}; \
	{ npy-slice -k 0 $< | $(rgb); maps relu3 $(wordlist 2,3,$^); maps template1 $(wordlist 4,5,$^); } | npy-cat | \
		npy-montage -c $(call size,1,<(npy-slice -k 1 $<)) -s 2 -g 4 | $(png) >$@

$E/section.html: $(patsubst %,$E/tables/%.tsv,trained top ordinary.layers interpretable.layers ladder ladder-summary chosen compared summary \
		ordinary.strongest interpretable.strongest) $(foreach plot,ladder filters,$E/figures/$(plot).svg $E/figures/$(plot).png) \
	$(patsubst %,$E/figures/%.png,images-ordinary images-interpretable maps)
