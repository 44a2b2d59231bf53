# Document 002, section 8.2 and figure 26: t-SNE maps of the pixels of Fashion-MNIST and of MNIST, and of what a network
# makes of the images while it learns; and what a map cannot show, how well a linear classifier separates the classes.
embedding.about   := t-SNE maps of pixels and of the features of a network while it learns, beside linear probes
embedding.answers := 002.3
embedding.data    := fashion-mnist digits all
embedding.cost    := 12 s, 8 min

# Names.  Rows are what is laid out: the pixels of a data set are named as the set is, mnist; the features of the
# network after some steps step0, step300 ... stepend; its outputs at the end logits.  A map is named as its rows; .400 is
# the map after 400 of its steps; .all is of the training images and the test images together.

# ---- The rows ----

embedding.images = $(call scale,10000,1500)
embedding.suffix = $(call scale,,.quick)
embedding.own    = $(patsubst %$(embedding.suffix),%,$(D:out/%=%))
embedding.sets   = $(sort $(embedding.own) $(call at-hand,mnist))
# Only a full run lays out all images.
embedding.all    = $(call scale,$(embedding.sets:%=%.all))
# The steps after which the network is looked at, of those that fashion saves: the document's are 0, 300, 7,300 and
# 9,900, which is the end; 100 and 1,000 are for other figures.
embedding.steps  = $(patsubst %,step%,$(filter-out 100 1000 9900,$(saved.$D/fashion/better)) end)
embedding.course = $(embedding.own) $(embedding.steps) logits
embedding.rows   = $(sort $(embedding.sets) $(embedding.course))

$(embedding.sets:%=$E/images/%.npy): $E/images/%.npy: out/%$(embedding.suffix)/data/test.npy
	npy-slice :$(embedding.images) $< >$@
$(embedding.all:%=$E/images/%.npy): $E/images/%.all.npy: out/%$(embedding.suffix)/data/train.npy out/%$(embedding.suffix)/data/test.npy
	npy-cat -n 2 $^ >$@
# Rows and labels.
$(patsubst %,$E/rows/%.npy,$(embedding.sets) $(embedding.all)): $E/rows/%.npy: $E/images/%.npy
	shape=$$(npy-info -s $< | sed -n 1p); { npy-slice -k 0 $< | npy-reshape $${shape%%,*},-1; npy-slice -k 1 $<; } >$@
# The last layer before the outputs, of the network that fashion watches.
embedding.network = $D/fashion/models/$(firstword $(filter better/%,$(runs.$D/fashion)))
$(embedding.steps:%=$E/rows/%.npy): $E/rows/%.npy: $(embedding.network).%.safetensors $E/images/$(embedding.own).npy
	{ nn-run -l relu6 $^; npy-slice -k 1 $(word 2,$^); } >$@
$E/rows/logits.npy: $(embedding.network).stepend.safetensors $E/images/$(embedding.own).npy
	{ nn-run $^; npy-slice -k 1 $(word 2,$^); } >$@

# ---- S2-10, S2-23: the maps, with the settings of openTSNE ----

# Three times the perplexity of 30, or as many as there are.
embedding.neighbors = $$(($(call size,2,$1) > 90 ? 90 : $(call size,2,$1) - 1))
$(patsubst %,$E/neighbors/%.npy,$(embedding.rows) $(embedding.all)): $E/neighbors/%.npy: $E/rows/%.npy
	npy-knn -k $(call embedding.neighbors,$<) $< >$@

# The first steps of 750 are those of a map of fewer steps: the 400 of the document's map are saved on the way.
embedding.film = 0 50 250 300 400
$E/maps/%.npy $E/maps/%.log.tsv $(foreach step,$(embedding.film),$E/maps/%.$(step).npy): $E/neighbors/%.npy $E/rows/%.npy
	npy-tsne --init <(npy-pca -k 2 $(word 2,$^)) -l $E/maps/$*.log.tsv \
		--save-at $(subst $() ,$(,),$(embedding.film)) --save-prefix $E/maps/$*. $< >$E/maps/$*.npy

# ---- How much of the rows a map keeps ----

embedding.maps = $(embedding.rows) $(embedding.sets:%=%.400)
$(embedding.sets:%=$E/tables/trust/%.400.tsv): $E/tables/trust/%.400.tsv: $E/rows/%.npy $E/maps/%.400.npy
$(embedding.rows:%=$E/tables/trust/%.tsv): $E/tables/trust/%.tsv: $E/rows/%.npy $E/maps/%.npy
$(embedding.maps:%=$E/tables/trust/%.tsv):
	npy-trust -k 10 -l <(npy-slice -k 1 $<) $^ >$@
# KL is the map's own; that of SET.400 stands in the log of SET.
$E/tables/kept.tsv: $(embedding.maps:%=$E/tables/trust/%.tsv) $(embedding.rows:%=$E/maps/%.log.tsv)
	{ \
		printf 'map\tkl\trecall\ttrustworthiness\tcontinuity\n'; \
		for map in $(embedding.maps); do \
			paste <(echo $$map) <(tsv-pick --last $$([[ $$map = *.400 ]] && echo -w step=400) kl $E/maps/$${map%.400}.log.tsv) \
				<(tsv-pick recall,trustworthiness,continuity $E/tables/trust/$$map.tsv); \
		done; \
	} >$@

# Of each image 1 if most of its ten nearest points, whose numbers the pipe $1 gives, have its label, in the stream $2, else 0.
embedding.vote = $1 | npy-reshape -1 | npy-pick -I - <(npy-slice -k 1 $2) | npy-reshape -1,10 | npy-reduce -a 1 mode | \
	npy-calc 'a == b' - <(npy-slice -k 1 $2)
$(embedding.sets:%=$E/right/%.400.npy): $E/right/%.400.npy: $E/rows/%.npy $E/maps/%.400.npy
$(patsubst %,$E/right/%.npy,$(embedding.rows) $(embedding.all)): $E/right/%.npy: $E/rows/%.npy $E/maps/%.npy
$(patsubst %,$E/right/%.npy,$(embedding.maps) $(embedding.all)):
	$(call embedding.vote,npy-knn -k 10 $(word 2,$^) | npy-slice -k 0,$<) >$@

# ---- How well a linear classifier separates the classes ----

# A probe is fitted on the images with even numbers and measured on the others.  Its penalty is the best of these when
# half of the even ones fit and the others measure.  The root of the mean square of all numbers of the rows is made 1.
embedding.penalties = 0.01 0.1 1 10 100 1000 10000
embedding.scale  = scale=$$(npy-slice -k 0 $< | npy-calc 'a * a' | npy-reduce mean | npy-calc 'max(sqrt(a), 1e-30)' | npytotsv)
embedding.scaled = npy-slice -k 0 $1 $< | npy-calc "a / $$scale"
embedding.fit    = { $(call embedding.scaled,$1); npy-slice -k 1 $1 $<; } | npy-ridge -p $2
embedding.probed = $(call embedding.scaled,$1) | npy-matmul -b - <(npy-slice -k 0 $2) | npy-calc 'a + b' - <(npy-slice -k 1 None $2) | \
	npy-reduce -a 1 argmax | npy-calc 'a == b' - <(npy-slice -k 1 $1 $<)

$(embedding.rows:%=$E/tables/penalties/%.tsv): $E/tables/penalties/%.tsv: $E/rows/%.npy
	$(embedding.scale); mkdir -p $E/probes; \
	{ \
		printf 'penalty\taccuracy\n'; \
		for penalty in $(embedding.penalties); do \
			$(call embedding.fit,::4,$$penalty) >$E/probes/$*.$$penalty.npy; \
			paste <(echo $$penalty) <($(call embedding.probed,2::4,$E/probes/$*.$$penalty.npy) | npy-reduce mean | npytotsv); \
		done; \
	} >$@
$(embedding.rows:%=$E/probes/%.npy): $E/probes/%.npy: $E/rows/%.npy $E/tables/penalties/%.tsv
	$(embedding.scale); \
	$(call embedding.fit,::2,$$(sed 1d $(word 2,$^) | sort -s -t $$'\t' -k 2$(,)2gr | sed -n '1s/\t.*//p')) >$@
$(embedding.rows:%=$E/right/%.probe.npy): $E/right/%.probe.npy: $E/rows/%.npy $E/probes/%.npy
	$(embedding.scale); $(call embedding.probed,1::2,$(word 2,$^)) >$@

# ---- The tables ----

# By the ten nearest rows, by the ten nearest points of a map, and by the probe.
$E/tables/accuracy.tsv: $(patsubst %,$E/right/%.npy,$(embedding.maps) $(embedding.rows:%=%.probe)) $(embedding.rows:%=$E/tables/trust/%.tsv)
	{ \
		printf 'by\tmap\timages\tcorrect\n'; \
		for rows in $(embedding.rows); do \
			tsv-pick rows_accuracy $E/tables/trust/$$rows.tsv | \
				awk -v OFS='\t' -v rows=$$rows -v images=$(call size,1,$E/right/$$rows.npy) '{ print "rows", rows, images, sprintf("%.0f", $$1 * images) }'; \
		done; \
		for map in $(embedding.maps); do \
			paste <(printf 'map\t%s\n' $$map) <(echo $(call size,1,$E/right/$$map.npy)) <(npy-reduce sum $E/right/$$map.npy | npytotsv); \
		done; \
		for rows in $(embedding.rows); do \
			paste <(printf 'probe\t%s\n' $$rows) <(echo $(call size,1,$E/right/$$rows.probe.npy)) <(npy-reduce sum $E/right/$$rows.probe.npy | npytotsv); \
		done; \
	} | tsv-wilson correct images >$@
# Of the same images: how much more are right later than earlier, and by features than by pixels.
embedding.pairs = $(join $(addsuffix :,$(wordlist 1,$(words $(embedding.steps)),$(embedding.own) $(embedding.steps))),$(embedding.steps)) \
	step0:stepend $(embedding.own):stepend
$E/tables/pairs.tsv: $(patsubst %,$E/right/%.npy,$(embedding.course) $(embedding.course:%=%.probe))
	{ \
		printf 'by\tpair\tmean\tlow\thigh\n'; \
		for pair in $(embedding.pairs); do for by in map probe; do \
			right=($$(printf "$E/right/%s$$([ $$by = map ] || echo .$$by).npy " $${pair/:/ })); \
			npy-calc 'b - a' "$${right[@]}" | npytotsv -H right | tsv-interval right | tsv-pick mean,low,high | sed "s/^/$$by\t$$pair\t/"; \
		done; done; \
	} >$@
# What sets and rows are called in pictures and tables.
embedding.name = $(or $(firstword $(subst $(,), ,$(about_$1))),$1)
$E/tables/sets.tsv: | all
	{ printf 'set\tname\n'; $(foreach set,$(embedding.sets),printf '%s\t%s\n' $(set) '$(call embedding.name,$(set))';) } >$@
$E/tables/titles.tsv: $(embedding.network).log.tsv
	{ \
		printf 'rows\ttitle\n'; \
		printf '%s\n' $(embedding.course) | awk -v OFS='\t' -v end=$$(tsv-pick --last step $<) ' \
			NR == 1 { print $$1, "pixels"; next } \
			/^step/ { print $$1, "training step " ($$1 == "stepend" ? end : substr($$1, 5)); next } \
			{ print $$1, $$1 ", training step " end }' | sed -E 's/\b([0-9]+)([0-9]{3})\b/\1,\2/'; \
		$(foreach set,$(filter-out $(embedding.own),$(embedding.sets)),printf '%s\tpixels of %s\n' $(set) '$(call embedding.name,$(set))';) \
	} >$@

# All images together: the seconds, and how many have most of their ten neighbors' label among rows and on the map.
$E/tables/whole.tsv: $(foreach set,$(embedding.all),$E/rows/$(set).npy $E/neighbors/$(set).npy $E/maps/$(set).log.tsv $E/right/$(set).npy) | all
	{ \
		printf 'set\timages\tneighbors\tmap\tkl\trows_accuracy\tcorrect\n'; \
		$(foreach set,$(embedding.all),$(call embedding.whole,$(set))) \
	} | tsv-wilson correct images >$@
embedding.whole = paste <(echo $(1:.all=)) <(echo $(call size,1,$E/right/$1.npy)) \
	<(awk -F '\t' -v output=$E/neighbors/$1.npy '$$1 == output { s = $$2 } END { print s }' $E/record/seconds.tsv) \
	<(tsv-pick --last seconds,kl $E/maps/$1.log.tsv) \
	<($(call embedding.vote,npy-slice -k 0 :$(,):10 $E/neighbors/$1.npy,$E/rows/$1.npy) | npy-reduce mean | npytotsv) \
	<(npy-reduce sum $E/right/$1.npy | npytotsv);

# ---- The pictures ----

# A line for each point, its place and the number of its class; and where the class is named.
$(foreach step,$(embedding.film),$(eval $(embedding.sets:%=$E/points/%.$(step).tsv): $E/points/%.$(step).tsv: $E/rows/%.npy $E/maps/%.$(step).npy))
$(patsubst %,$E/points/%.tsv,$(embedding.rows) $(embedding.all)): $E/points/%.tsv: $E/rows/%.npy $E/maps/%.npy
embedding.points = $(embedding.rows) $(embedding.all) $(foreach step,$(embedding.film),$(embedding.sets:%=%.$(step)))
$(embedding.points:%=$E/points/%.tsv):
	paste <(npytotsv $(word 2,$^)) <(npy-slice -k 1 $< | npytotsv) >$@
$(embedding.points:%=$E/points/%.names.tsv): $E/points/%.names.tsv: pipelines/embedding/names.awk $E/points/%.tsv
	awk -f $< <(datamash -s -g 3 median 1,2 <$(word 2,$^)) $(word 2,$^) | sort -t $$'\t' -k 3,3n >$@

# What stands side by side in a figure: points, classes and title of each panel.
embedding.panel = printf '%s\t%s\t%s\n' $E/points/$1.tsv out/$2$(embedding.suffix)/data/classes $3
$E/panels/steps.tsv: $E/tables/titles.tsv
	for rows in $(embedding.course); do $(call embedding.panel,$$rows,$(embedding.own),"$$(tsv-pick -k $$rows title $<)"); done >$@
# The document's 400 steps, and all.
$E/panels/sets.tsv: | all
	{ $(foreach set,$(embedding.sets),$(call embedding.panel,$(set).400,$(set),'$(call embedding.name,$(set)): 400 steps of t-SNE'); \
		$(call embedding.panel,$(set),$(set),'$(call embedding.name,$(set)): 750 steps of t-SNE');) } >$@
# The course of a map.
$(embedding.sets:%=$E/panels/course-%.tsv): $E/panels/course-%.tsv: | all
	{ $(foreach step,$(embedding.film),$(call embedding.panel,$*.$(step),$*,'$(step) steps of t-SNE');) $(call embedding.panel,$*,$*,'750 steps of t-SNE'); } >$@
$(embedding.all:%=$E/panels/%.tsv): $E/panels/%.all.tsv: | all
	$(call embedding.panel,$*.all,$*,'$(call embedding.name,$*)') >$@
embedding.panels = steps sets $(embedding.sets:%=course-%) $(embedding.all)
$(embedding.panels:%=$E/figures/%.png): $E/figures/%.png: pipelines/embedding/maps.gp $E/panels/%.tsv pipelines/embedding/colors pipelines/lib/style.gp \
		$(embedding.sets:%=out/%$(embedding.suffix)/data/classes)
	gnuplot -c $< png $(word 2,$^) >$@
# The points of each.
embedding.needs = $(foreach map,$1,$E/points/$(map).tsv $E/points/$(map).names.tsv)
$E/figures/steps.png: $(call embedding.needs,$(embedding.course))
$E/figures/sets.png: $(call embedding.needs,$(embedding.sets) $(embedding.sets:%=%.400))
$(foreach set,$(embedding.sets),$(eval $E/figures/course-$(set).png: $(call embedding.needs,$(set) $(embedding.film:%=$(set).%))))
$(foreach set,$(embedding.all),$(eval $E/figures/$(set).png: $(call embedding.needs,$(set))))

# The images laid out by a map: in each cell of a square grid the image next to the middle, or nothing.
embedding.side   = $(call scale,40,30)
embedding.sheets = $(embedding.own) stepend
$(embedding.sheets:%=$E/figures/sheet-%.png): $E/figures/sheet-%.png: pipelines/embedding/sheet.awk $E/points/%.tsv $E/images/$(embedding.own).npy
	npy-pick -I <(awk -v side=$(embedding.side) -f $< $(word 2,$^) | tsvtonpy) \
		<(npy-cat <(npy-slice -k 0 $(word 3,$^)) <(npy-slice -k 0 :1 $(word 3,$^) | npy-calc -t u1 '0 * a + 255')) | \
		npy-montage -c $(embedding.side) -g 1 | $(png) >$@

$E/tables/shown.tsv: $E/images/$(embedding.own).npy
	npy-slice -k 1 :$(embedding.shown) $< | npy-info -s | sed '1i images' >$@
# A page in which a pointer shows the image behind each point, of the first images, for all maps of the network.
embedding.shown = $(call scale,2000,1000)
$E/map.html: pipelines/embedding/map.html pipelines/embedding/map.awk pipelines/embedding/colors $E/tables/titles.tsv $E/images/$(embedding.own).npy \
		$D/data/classes $E/rows/logits.npy $(embedding.course:%=$E/points/%.tsv)
	images() { npy-slice -k 0 :$(embedding.shown) $E/images/$(embedding.own).npy; }; \
	{ \
		awk -v shown=$(embedding.shown) -v width=$$(images | npy-info -s | sed 's/.*,//') -v height=$$(images | npy-info -s | awk -F , '{ print $$(NF - 1) }') \
			-f $(wordlist 2,4,$^) $(word 6,$^) <(npy-slice -k 0 $E/rows/logits.npy | npy-reduce -a 1 argmax | npytotsv) $(embedding.course:%=$E/points/%.tsv); \
		printf 'const sprite = "data:image/png;base64,%s";\n' "$$(images | npy-montage -c 50 -g 0 | $(png) | base64 -w 0)"; \
	} | sed -e '/^\/\* data \*\/$$/{ r /dev/stdin' -e 'd; }' $< >$@

$E/section.html: $(patsubst %,$E/tables/%.tsv,kept accuracy pairs sets titles shown $(if $(embedding.all),whole)) $(embedding.network).log.tsv $(if $(embedding.all),$E/tables/machine.tsv) \
	$(patsubst %,$E/figures/%.png,$(embedding.panels) $(embedding.sheets:%=sheet-%)) $E/map.html
