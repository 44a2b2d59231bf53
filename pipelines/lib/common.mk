# What every experiment has: read after each story, for the data set in $D and the experiment in $E.

experiment := $(notdir $E)

# What trained networks make of the test images; those that they classify correctly.
$E/models/%.test.tsv: $E/models/%.safetensors $D/data/test.npy
	nn-eval $^ >$@
$E/models/%.predicted.npy: $E/models/%.safetensors $D/data/test.npy
	nn-run $^ | npy-reduce -a 1 argmax >$@
# Made by one pattern for another, yet other experiments use it.
.SECONDARY: $E/models/best.predicted.npy
$E/models/%.right.npy: pipelines/lib/right.awk $D/data/test.npy $E/models/%.predicted.npy
	npy-pick -I <(paste <(npy-slice -k 1 $(word 2,$^) | npytotsv) <(npytotsv $(word 3,$^)) | awk -f $< | tsvtonpy) $(word 2,$^) >$@

# A line for each trained network: its accuracy, and how its training ended.
$E/tables/runs.tsv: $(call models,test.tsv) $(call models,log.tsv)
	{ \
		printf 'net\tseed\taccuracy\tval_loss\tval_error\tseconds\tepoch_seconds\n'; \
		for run in $(runs); do \
			paste <(sed 's,/\([^/]*\)$$,\t\1,' <<<$$run) <(tsv-pick accuracy $E/models/$$run.test.tsv) \
				<(tsv-pick --last val_loss,val_error,seconds,epoch $E/models/$$run.log.tsv | \
					awk -v OFS='\t' '{ print $$1, $$2, $$3, $$3 / ($$4 ? $$4 : 1) }'); \
		done; \
	} >$@

# What the seconds were measured on.  nproc knows OMP_NUM_THREADS; without /sys lscpu knows nothing.
$E/tables/machine.tsv: $E/tables/runs.tsv
	{ \
		printf 'threads\tprocessor\n'; \
		paste <(nproc) <(lscpu | awk '/^Model name:/ { sub(/^[^:]*: */, ""); name = $$0 } \
			END { print name ? name : "unknown" }'); \
	} >$@

# The same without the test images, for networks of which the validation images choose a few to be tested.
$E/tables/trained.tsv: $(call models,log.tsv)
	{ \
		printf 'net\tseed\tval_loss\tval_error\tseconds\n'; \
		for run in $(runs); do \
			paste <(sed 's,/\([^/]*\)$$,\t\1,' <<<$$run) <(tsv-pick --last val_loss,val_error,seconds $E/models/$$run.log.tsv); \
		done; \
	} >$@

# What a network is made of.
$E/tables/%.layers.tsv: $E/models/%.net
	nn-info $< >$@
$E/tables/%.totals.tsv: $E/models/%.net
	nn-info --totals $< >$@
$E/tables/%.parameters.tsv: pipelines/lib/parameters.awk $E/models/%.net
	nn-init $(word 2,$^) | nn-weights - | awk -f $< >$@

# Plots: NAME.svg and NAME.png by NAME.gp, of the tables that the story says.
$E/figures/%.svg: pipelines/$(experiment)/%.gp pipelines/lib/style.gp
	gnuplot -c $< svg $(filter %.tsv,$^) >$@
$E/figures/%.png: pipelines/$(experiment)/%.gp pipelines/lib/style.gp
	gnuplot -c $< png $(filter %.tsv,$^) >$@
$E/figures/%.svg: pipelines/lib/%.gp pipelines/lib/style.gp
	gnuplot -c $< svg $(filter %.tsv,$^) >$@
$E/figures/%.png: pipelines/lib/%.gp pipelines/lib/style.gp
	gnuplot -c $< png $(filter %.tsv,$^) >$@

$E/section.html: pipelines/$(experiment)/section $(wildcard pipelines/$(experiment)/reported*.tsv) pipelines/lib/page
	pipelines/lib/page $< $E >$@
