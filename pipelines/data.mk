# Data sets: out/NAME/data/train.npy and test.npy, streams of images and labels.
#
# NAME is a folder of $(DATASETS) that holds four gzipped IDX files, as MNIST has them, or digits, which
# img-digits draws.  A folder more is a data set more; about_NAME says what it is.

DATASETS     ?= data
DATASET      ?= $(if $(wildcard $(DATASETS)/mnist/t10k-labels-idx1-ubyte.gz),mnist,digits)
TRAIN_DIGITS ?= 60000
TEST_DIGITS  ?= 10000
O            := out/$(DATASET)

# The networks that are looked into and fooled; mnist.mk and patches.mk say which they are.
BEST         := $O/models/best.safetensors
SECOND       := $O/models/second.safetensors
PATCHES_BEST := $O/models/patches.safetensors
# What they say of the test images, and those that they tell right.
BEST_RIGHT    := $(BEST:.safetensors=.right.npy)
PATCHES_TOLD  := $(PATCHES_BEST:.safetensors=.predicted.npy)
PATCHES_RIGHT := $(PATCHES_BEST:.safetensors=.right.npy)

about_mnist         := MNIST, digits that people wrote
about_fashion-mnist := Fashion-MNIST, photographs of clothes
about_digits        := digits drawn by img-digits, not by people

# The recipes of outputs are recorded, and counted as they begin.  OUTPUTS are what one makes, where
# that is more than its target.
out/%: private SHELL = pipelines/record $(step) $(or $(OUTPUTS),$@) : $^ $(filter $B/%,$|) --
step  = $(eval begun += $@)$(words $(begun))/$(STEPS)
# How many there will be, STEPS.
ifneq ($(filter figures out/%,$(MAKECMDGOALS)),)
STEPS := $(if $(STEPS),,$(shell $(MAKE) -n $(MAKEOVERRIDES) STEPS=0 $(MAKECMDGOALS) | grep -c '>out/[^ ]*$$'))
endif

# Nearly everything comes from the data, and may use any program: so all of them first.
idx-pair = { gzip -dc $< | idxtonpy; gzip -dc $(word 2,$^) | idxtonpy; } >$@

out/%/data/train.npy: $(DATASETS)/%/train-images-idx3-ubyte.gz $(DATASETS)/%/train-labels-idx1-ubyte.gz | $B/bin/idxtonpy all
	$(idx-pair)
out/%/data/test.npy: $(DATASETS)/%/t10k-images-idx3-ubyte.gz $(DATASETS)/%/t10k-labels-idx1-ubyte.gz | $B/bin/idxtonpy all
	$(idx-pair)

out/digits/data/train.npy: | $B/bin/img-digits all
	img-digits -n $(TRAIN_DIGITS) >$@
out/digits/data/test.npy: | $B/bin/img-digits all
	img-digits -n $(TEST_DIGITS) --skip $(TRAIN_DIGITS) >$@

$O/tables/data.tsv: $O/data/train.npy $O/data/test.npy $B/bin/npy-info
	cat $(filter %.npy,$^) | npy-info >$@
