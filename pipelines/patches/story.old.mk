# The report of document 003, problem 1: its network, patches, is trained as it says, and once more as
# well as batch norm, an average of the weights and a schedule do it.

PATCHES_NETS  := patches patches-bn
PATCHES_RUNS  := $(call runs,$(PATCHES_NETS))
PATCHES_FIRST := $(firstword $(PATCHES_RUNS))
$(foreach net,$(PATCHES_NETS),$(call in-turn,$(call runs,$(net))))

# S3-01.  The batch and the epochs, which the report does not give, were chosen by the validation images.
$O/models/patches/%: private train = -o momentum --lr 0.01 --batch 64
$O/models/patches/%: private epochs = 20

# The other one sees the training images in nine places each, nothing coming in at the border, and as many
# images as in twelve epochs of them.
MOVED_STEPS ?= $(if $(EPOCHS),,5160)
$O/models/patches-bn/%: private train = -o adamw --lr 0.003 --weight-decay 0.05 --schedule onecycle --average 0.999 --validate-every 430 \
	$(MOVED_STEPS:%=--steps %)
$O/models/patches-bn/%: private epochs = 1
$O/models/patches-bn/%: private data = $O/data/moved.npy
$O/models/patches-bn/%: private validation = --validation $O/data/held.npy
$(foreach suffix,safetensors log.tsv,$(SEEDS:%=$O/models/patches-bn/%.$(suffix))): $O/data/moved.npy $O/data/held.npy
$O/data/moved.npy: $O/data/train.npy $(addprefix $B/bin/,npy-slice img-shift npy-cat)
	for y in -2 0 2; do \
		for x in -2 0 2; do \
			npy-slice :-$(HOLDOUT) $< | img-shift -x $$x -y $$y --border zero; \
		done; \
	done | npy-cat -n 2 >$@
$O/data/held.npy: $O/data/train.npy $B/bin/npy-slice
	npy-slice -$(HOLDOUT): $< >$@

$O/tables/patches.runs.tsv: pipelines/runs.awk $(foreach suffix,log test,$(PATCHES_RUNS:%=$O/models/%.$(suffix).tsv))
	awk -f $^ >$@
$O/tables/patches.summary.tsv: pipelines/student.awk $O/tables/patches.runs.tsv
	awk -f $< -v a=patches -v b=patches-bn $O/tables/patches.runs.tsv >$@

# What is looked into and fooled: the plain one that errs least.
$(PATCHES_NETS:%=$O/tables/%.best.tsv): $O/tables/%.best.tsv: pipelines/best.awk $(SEEDS:%=$O/models/$$*/%.log.tsv)
	awk -f $^ >$@
$(PATCHES_BEST): private OUTPUTS = $@
$(PATCHES_BEST): $O/tables/patches.best.tsv $(patsubst %,$O/models/%.safetensors,$(filter patches/%,$(PATCHES_RUNS)))
	$(call first-of,$<) >$@

$O/figures/patches/batchnorm.svg $O/figures/patches/batchnorm.png: $(PATCHES_RUNS:%=$O/models/%.log.tsv)

$O/index.html: $(patsubst %,$O/tables/patches.%.tsv,runs summary layers totals parameters) $(PATCHES_NETS:%=$O/tables/%.best.tsv) \
	$O/figures/patches/batchnorm.svg $O/figures/patches/batchnorm.png
